"""Diagnoses, allergies and the date of birth out of Condition, AllergyIntolerance and Patient."""

from collections.abc import Container
from datetime import datetime
from typing import Any

from models.problem import Problem
from service.record import moments
from service.record.codes import codings
from service.record.drugs import Recognised, recognise
from service.record.facts import Allergy, Condition, Person
from service.record.orders import by_text

_WITHDRAWN = frozenset({"refuted", "entered-in-error"})
"""Of verificationStatus. What is unconfirmed, provisional or differential counts: it is a reason to look."""
_CEASED = frozenset({"inactive", "remission", "resolved"})
"""Of clinicalStatus, https://hl7.org/fhir/R4/valueset-condition-clinical.html"""


def condition(resource: dict[str, Any], source: str, recorded: datetime) -> Condition | None:
    """The diagnosis of a Condition; None where it has no code, or was refuted or entered in error."""
    named = tuple(dict.fromkeys(codings(resource.get("code"))))
    if not named or _says(resource, "verificationStatus", _WITHDRAWN):
        return None
    abated, ceased = _abated(resource), _says(resource, "clinicalStatus", _CEASED)
    gone = ceased or any(name.startswith("abatement") for name in resource)
    return Condition(
        source=source,
        at=_onset(resource, recorded),
        recorded=recorded,
        codes=named,
        dated=bool(_began(resource)),
        abated=abated,
        ended=recorded if gone and abated is None else None,
    )


def allergy(
    resource: dict[str, Any], source: str, recorded: datetime
) -> tuple[Allergy | None, tuple[Problem, ...]]:
    """The allergy to a watched drug, by its code or a reaction's substance; and what its sender should know."""
    found = _substance(resource)
    if found is None or _says(resource, "verificationStatus", _WITHDRAWN):
        return None, ()
    fact = Allergy(
        source=source,
        at=_onset(resource, recorded),
        recorded=recorded,
        drug=found.product.drug,
        ended=recorded if _says(resource, "clinicalStatus", _CEASED) else None,
    )
    return fact, by_text(found.by_text, found.product.drug, "AllergyIntolerance.code")


def person(resource: dict[str, Any], source: str, recorded: datetime) -> Person | None:
    """The Patient; None where no date of birth is known."""
    born = moments.parse(resource.get("birthDate"))
    return Person(source=source, at=born.at, until=born.until, recorded=recorded) if born else None


def _substance(resource: dict[str, Any]) -> Recognised | None:
    named = [resource.get("code"), *(one.get("substance") for one in resource.get("reaction") or ())]
    return next((found for concept in named if (found := recognise(concept))), None)


def _onset(resource: dict[str, Any], recorded: datetime) -> datetime:
    """When it began: as sent, else recordedDate, else when it was recorded here."""
    return _began(resource) or moments.instant(resource.get("recordedDate")) or recorded


def _began(resource: dict[str, Any]) -> datetime | None:
    """Its onset, as sent."""
    period = resource.get("onsetPeriod") or {}
    return moments.instant(resource.get("onsetDateTime")) or moments.instant(period.get("start"))


def _abated(resource: dict[str, Any]) -> datetime | None:
    """The instant, exclusive, at which it had ceased: a date includes its whole day."""
    period = resource.get("abatementPeriod") or {}
    sent = (resource.get("abatementDateTime"), period.get("end"), period.get("start"))
    moment = next((found for one in sent if (found := moments.parse(one))), None)
    return (moment.until or moment.at) if moment else None


def _says(resource: dict[str, Any], element: str, codes: Container[str]) -> bool:
    return any(code in codes for _, code in codings(resource.get(element)))
