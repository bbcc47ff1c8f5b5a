"""The required bindings of FHIR R4: which codes an element may hold.

The library's models hold only the codes that the short description of an element lists
(`Observation.status` ends there with `+`), and none for `Quantity.comparator` and some others; so the value
sets of the types served and of every data type stand here in full.
Source: https://hl7.org/fhir/R4/terminologies-valuesets.html.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from models.fhir.names import ALL_TYPES


class Binding(NamedTuple):
    """A value set by name with its codes; `system` is set where the bound element is a CodeableConcept.

    `pattern` stands for sets too large to list (media types); `codes` is then empty.
    """

    name: str
    codes: frozenset[str]
    system: str = ""
    pattern: re.Pattern[str] | None = None

    def holds(self, code: str) -> bool:
        return bool(self.pattern.fullmatch(code)) if self.pattern else code in self.codes

    @property
    def advice(self) -> str:
        if self.pattern:
            return "a media type such as text/plain"
        listed = sorted(self.codes)
        return "one of " + ", ".join(listed[:16]) + (", …" if len(listed) > 16 else "")


TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9*][A-Za-z0-9!#$&^_.+-]*(\s*;.*)?")
CURRENCIES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN
    BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD
    FKP GBP GEL GGP GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS IMP INR IQD IRR ISK JEP JMD JOD
    JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR
    MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLL SOS SPL SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TVD TWD
    TZS UAH UGX USD USN UYI UYU UZS VEF VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT
    XSU XTS XUA XXX YER ZAR ZMW ZWD ZWL
"""
INTENT = "proposal plan order original-order reflex-order filler-order instance-order option"

VALUE_SETS: dict[str, str] = {
    "observation-status": "registered preliminary final amended corrected cancelled entered-in-error unknown",
    "medicationrequest-status": ("active on-hold cancelled completed entered-in-error stopped draft unknown"),
    "medicationrequest-intent": INTENT,
    "request-priority": "routine urgent asap stat",
    "medication-admin-status": "in-progress not-done on-hold completed entered-in-error stopped unknown",
    "medication-status": "active inactive entered-in-error",
    "administrative-gender": "male female other unknown",
    "link-type": "replaced-by replaces refer seealso",
    "condition-clinical": "active recurrence relapse inactive remission resolved",
    "condition-ver-status": "unconfirmed provisional differential confirmed refuted entered-in-error",
    "bundle-type": (
        "document message transaction transaction-response batch batch-response history searchset collection"
    ),
    "search-entry-mode": "match include outcome",
    "http-verb": "GET HEAD POST PUT DELETE PATCH",
    "allergyintolerance-clinical": "active inactive resolved",
    "allergyintolerance-verification": "unconfirmed confirmed refuted entered-in-error",
    "allergy-intolerance-type": "allergy intolerance",
    "allergy-intolerance-category": "food medication environment biologic",
    "allergy-intolerance-criticality": "low high unable-to-assess",
    "reaction-event-severity": "mild moderate severe",
    "goal-status": "proposed planned accepted active on-hold completed cancelled entered-in-error rejected",
    "udi-entry-type": "barcode rfid manual card self-reported unknown",
    "device-status": "active inactive entered-in-error unknown",
    "device-nametype": (
        "udi-label-name user-friendly-name patient-reported-name manufacturer-name model-name other"
    ),
    "task-status": (
        "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed"
        " entered-in-error"
    ),
    "task-intent": "unknown " + INTENT,
    "provenance-entity-role": "derivation revision quotation source removal",
    "subscription-status": "requested active error off",
    "subscription-channel-type": "rest-hook websocket email sms message",
    "narrative-status": "generated extensions additional empty",
    "identifier-use": "usual official temp secondary old",
    "units-of-time": "s min h d wk mo a",
    "days-of-week": "mon tue wed thu fri sat sun",
    "event-timing": (
        "MORN MORN.early MORN.late NOON AFT AFT.early AFT.late EVE EVE.early EVE.late NIGHT PHS"
        " HS WAKE C CM CD CV AC ACM ACD ACV PC PCM PCD PCV"
    ),
    "quantity-comparator": "< <= >= >",
    "name-use": "usual official temp nickname anonymous old maiden",
    "contact-point-system": "phone fax email pager url sms other",
    "contact-point-use": "home work temp old mobile",
    "address-use": "home work temp old billing",
    "address-type": "postal physical both",
    "currencies": CURRENCIES,
    "contributor-type": "author editor reviewer endorser",
    "all-types": " ".join(ALL_TYPES),
    "sort-direction": "ascending descending",
    "operation-parameter-use": "in out",
    "related-artifact-type": (
        "documentation justification citation predecessor successor derived-from depends-on composed-of"
    ),
    "trigger-type": (
        "named-event periodic data-changed data-added data-modified data-removed data-accessed"
        " data-access-ended"
    ),
}

BOUND: dict[str, str] = {
    "Observation.status": "observation-status",
    "MedicationRequest.status": "medicationrequest-status",
    "MedicationRequest.intent": "medicationrequest-intent",
    "MedicationRequest.priority": "request-priority",
    "MedicationAdministration.status": "medication-admin-status",
    "Medication.status": "medication-status",
    "Patient.gender": "administrative-gender",
    "PatientContact.gender": "administrative-gender",
    "PatientLink.type": "link-type",
    "Condition.clinicalStatus": "condition-clinical",
    "Condition.verificationStatus": "condition-ver-status",
    "Bundle.type": "bundle-type",
    "BundleEntrySearch.mode": "search-entry-mode",
    "BundleEntryRequest.method": "http-verb",
    "AllergyIntolerance.clinicalStatus": "allergyintolerance-clinical",
    "AllergyIntolerance.verificationStatus": "allergyintolerance-verification",
    "AllergyIntolerance.type": "allergy-intolerance-type",
    "AllergyIntolerance.category": "allergy-intolerance-category",
    "AllergyIntolerance.criticality": "allergy-intolerance-criticality",
    "AllergyIntoleranceReaction.severity": "reaction-event-severity",
    "Goal.lifecycleStatus": "goal-status",
    "DeviceUdiCarrier.entryType": "udi-entry-type",
    "Device.status": "device-status",
    "DeviceDeviceName.type": "device-nametype",
    "Task.status": "task-status",
    "Task.intent": "task-intent",
    "Task.priority": "request-priority",
    "ProvenanceEntity.role": "provenance-entity-role",
    "Subscription.status": "subscription-status",
    "SubscriptionChannel.type": "subscription-channel-type",
    "SubscriptionChannel.payload": "mimetypes",
    "Narrative.status": "narrative-status",
    "Identifier.use": "identifier-use",
    "TimingRepeat.durationUnit": "units-of-time",
    "TimingRepeat.periodUnit": "units-of-time",
    "TimingRepeat.dayOfWeek": "days-of-week",
    "TimingRepeat.when": "event-timing",
    "Quantity.comparator": "quantity-comparator",
    "Duration.comparator": "quantity-comparator",
    "Age.comparator": "quantity-comparator",
    "Count.comparator": "quantity-comparator",
    "Distance.comparator": "quantity-comparator",
    "HumanName.use": "name-use",
    "ContactPoint.system": "contact-point-system",
    "ContactPoint.use": "contact-point-use",
    "Address.use": "address-use",
    "Address.type": "address-type",
    "Attachment.contentType": "mimetypes",
    "Signature.targetFormat": "mimetypes",
    "Signature.sigFormat": "mimetypes",
    "Money.currency": "currencies",
    "Contributor.type": "contributor-type",
    "DataRequirement.type": "all-types",
    "ParameterDefinition.type": "all-types",
    "DataRequirementSort.direction": "sort-direction",
    "ParameterDefinition.use": "operation-parameter-use",
    "RelatedArtifact.type": "related-artifact-type",
    "TriggerDefinition.type": "trigger-type",
}

NOT_REQUIRED = frozenset({"Expression.language"})
"""Elements whose listed codes are an extensible binding."""

CONCEPTS = frozenset(
    {
        "condition-clinical",
        "condition-ver-status",
        "allergyintolerance-clinical",
        "allergyintolerance-verification",
    }
)
"""Value sets bound to a CodeableConcept; their code system has the value set's name."""


def _named(name: str) -> Binding:
    if name == "mimetypes":
        return Binding(name, frozenset(), pattern=MEDIA_TYPE)
    return Binding(name, frozenset(VALUE_SETS[name].split()), TERMINOLOGY + name if name in CONCEPTS else "")


def binding(type_name: str, key: str, listed: Sequence[str]) -> Binding | None:
    """The required binding of an element, from the tables above or from the codes that the library lists.

    A list that ends in `+` or in words is an excerpt and binds nothing.
    """
    place = f"{type_name}.{key}"
    if place in BOUND:
        return _named(BOUND[place])
    if place in NOT_REQUIRED or not listed or "+" in listed:
        return None
    return Binding(place, frozenset(listed))
