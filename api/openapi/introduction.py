"""What stands above the operations in the pages."""

from collections.abc import Mapping

TAGS: Mapping[str, str] = {
    "Bundles": "Several resources in one request.",
    "Consumers": "Polls whose position the service keeps, and how far each is behind.",
    "Rules": "What the rules say, without keeping anything.",
    "CDS Hooks": "Cards for the record system of a hospital: may the next dose be given, what would an order raise?",
    "Tokens": "Under AUTH=smart: who proves who it is gets a token.",
    "Service": "What this server does, whether it is well.",
}
"""The groups of operations beside those of the resource types."""

INTRODUCTION = """\
Clonidine Watch keeps blood-pressure and heart-rate readings of patients on clonidine for opioid withdrawal, and
raises **alert Observations** when something leaves the safe range. It is decision support, not a medical device.

**Try it:** open *Observation*, then *Create an Observation*, choose the example *A low panel*, press *Execute*: the
answer is 201 and its `Link` header names the alert. Then *Search and poll Observation* with `category` = `alert`
shows it, and the link `monitor` at the end of the Bundle gives whatever comes later.

**Formats.** FHIR R4 (4.0.1), JSON, UTF-8. Send `application/fhir+json` or `application/json`; ask for either, or for
`*/*`. Anything else is refused with 406 or 415.

**What was sent is what is returned.** Digits (`84.00`), time zones, fractions of seconds and extensions come back as
they were; only `id`, `meta.versionId` and `meta.lastUpdated` are put in.

**Kept or nothing.** A 2xx leaves only after the resource and every alert that it raises are durable.

**Alerts** are Observations of category `alert`; `code` is the rule, `valueCodeableConcept` the severity (critical,
high, moderate, low, info), `meta.tag` the phase (`new`, `escalated` and `reminder` are those to page somebody for;
`continuing` and `late` are not), `derivedFrom` the readings, `note` what to do. Clients cannot write them.

**Permissions.** Under `AUTH=smart` a request brings a bearer token, and its scopes say what it may do:
`system/Observation.rs?category=alert` reads and finds alerts, and nothing else. What a token does not reach is
answered as if it were not there; what it lacks a scope for, with 403 and the scope.

**Refusals** are OperationOutcomes: `expression` names the element, `details.coding` the rule, `details.text` says
what to do about it. A method that an address does not serve is answered 405 with the methods that it does.
"""
