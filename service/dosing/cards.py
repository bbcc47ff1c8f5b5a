"""Cards of CDS Hooks (https://cds-hooks.hl7.org/2.0/#card-attributes): the verdict, and alerts of draft orders."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from service.alerts.alert import Alert
from service.alerts.observation import ALERTS, message
from service.conformance.heading import address
from service.dosing.check import Check, Verdict
from service.dosing.reasons import Reason
from service.rules import BY_ID
from service.rules.rule import Severity
from service.rules.wording import clock_time, show

LONGEST = 139
INDICATORS: Mapping[Verdict, str] = {"give": "info", "measure-first": "warning", "hold": "critical"}
OF_ALERTS: Mapping[Severity, str] = {
    "info": "info",
    "low": "info",
    "moderate": "warning",
    "high": "warning",
    "critical": "critical",
}
SUMMARIES: Mapping[Verdict, str] = {
    "give": "The next dose of {drug} may be given, as far as is known here",
    "measure-first": "Before the next dose of {drug}",
    "hold": "Hold {drug}",
}
LABEL = "Clonidine Watch"
FOOT = "Decision support, not a medical device. Judged at {at} from what is known to Clonidine Watch."
_OF_A_SLOT = frozenset({"not-due", "no-dose-ordered"})
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")
Card = dict[str, Any]
Ids = Callable[[], str]


class Place(NamedTuple):
    """The FHIR base of this service, and whether what is judged is kept there, so that links lead to it."""

    base: str
    kept: bool


def viewed(found: Check, place: Place, new_id: Ids) -> list[Card]:
    """The card of a patient on clonidine whose record is opened."""
    return [_verdict(found, found.verdict, found.reasons, place, new_id)]


def signing(found: Check, alerts: Iterable[Alert], watched: bool, place: Place, new_id: Ids) -> list[Card]:
    """The cards of draft orders: what holds a dose now, if one of a watched drug is ordered, and each alert once.

    That a dose is not due yet is nothing to whoever orders it.
    """
    raised = sorted(alerts, key=lambda alert: [*OF_ALERTS].index(alert.severity), reverse=True)
    told = {alert.rule for alert in raised}
    left = [one for one in found.reasons if one.rule not in told and one.code not in _OF_A_SLOT]
    verdict: Verdict = max((one.verdict for one in left), key=[*INDICATORS].index, default="give")
    shown = watched and verdict != "give"
    first = [_verdict(found, verdict, left, place, new_id)] if shown else []
    return first + [_alert(alert, place, new_id) for alert in raised]


def _verdict(found: Check, verdict: Verdict, why: Iterable[Reason], place: Place, new_id: Ids) -> Card:
    decisive = [one for one in why if one.verdict == verdict]
    drug = found.dose.order.drug if found.dose else "clonidine"
    said = SUMMARIES[verdict].format(drug=drug)
    first = f"{said}: {_sentence(decisive[0].text)}" if decisive and verdict != "give" else f"{said}."
    more = f" (and {len(decisive) - 1} more)" if len(decisive) > 1 else ""
    topic = {"system": address("CodeSystem", "dose-check-verdict"), "code": verdict}
    return {
        "uuid": new_id(),
        "summary": _cut(first, LONGEST - len(more)) + more,
        "indicator": INDICATORS[verdict],
        "detail": "\n".join([*_detail(found, why)]),
        "source": _source(place.base, {**topic, "display": verdict.replace("-", " ").capitalize()}),
        **({"links": [*_links(found, why, place)]} if place.kept else {}),
    }


def _detail(found: Check, why: Iterable[Reason]) -> Iterator[str]:
    for reason in why:
        yield f"- {_plain(reason.text)}"
    for one in found.readings:
        values = (f"{name.replace('_', ' ')} {show(getattr(one.reading, name))}" for name in one.quantities)
        yield f"- {clock_time(one.reading.at)}: {', '.join(values)}"
    dose = found.dose
    if dose:
        amount = "" if dose.mg is None else f" {show(dose.mg)} mg"
        yield f"- Next dose: {dose.order.drug}{amount}, {clock_time(dose.at) if dose.at else 'as needed'}"
    yield f"\n{FOOT.format(at=clock_time(found.at))}"


def _links(found: Check, why: Iterable[Reason], place: Place) -> Iterator[dict[str, str]]:
    yield _link("What holds the next dose, as FHIR", f"{place.base}/{found.patient}/$dose-check")
    alerts = (source for one in why if one.code == "open-alert" for source in one.sources)
    for source in dict.fromkeys(alerts):
        yield _link("The open alert, as FHIR", f"{place.base}/{source}")


def _alert(alert: Alert, place: Place, new_id: Ids) -> Card:
    title = BY_ID[alert.rule].title
    return {
        "uuid": new_id(),
        "summary": _cut(f"{title}: {_sentence(message(alert))}", LONGEST),
        "indicator": OF_ALERTS[alert.severity],
        "detail": _plain(message(alert)),
        "source": _source(place.base, {"system": ALERTS, "code": alert.rule, "display": title}),
    }


def _source(base: str, topic: Mapping[str, str]) -> dict[str, Any]:
    return {"label": LABEL, "url": f"{base.removesuffix('/fhir')}/", "topic": {**topic}}


def _link(label: str, url: str) -> dict[str, str]:
    return {"label": label, "url": url, "type": "absolute"}


def _sentence(text: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=[.:])\s", text, maxsplit=1)[0]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: names of medicines are as they were sent."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
