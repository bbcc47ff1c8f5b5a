"""Goals that move the limits of one patient: a range to keep a pressure, a heart rate or a day's dose in (decision 14).

https://hl7.org/fhir/R4/goal.html. The range stands in target.detailRange, or as one end with a comparator `>=` or `<=`
in target.detailQuantity. startDate and target.dueDate bound it, both days included; without them it has no bound there.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, cast

from models.problem import Problem
from service.record import moments, units
from service.record.codes import ALERT_COMPONENT, DAILY_DOSE, LOINC, PANELS, VITALS, codings
from service.record.facts import Aim, Goal, Target

_PURSUED = "active"
_CEASED = frozenset({"on-hold", "completed", "cancelled"})
"""Of lifecycleStatus, https://hl7.org/fhir/R4/valueset-goal-status.html: it was pursued until then. What is proposed,
planned or accepted is not pursued yet; what was rejected or entered in error never was."""


class Measure(NamedTuple):
    """What a target measures, in which units; the first of these is the one it is kept in."""

    name: str
    units: Mapping[str, Decimal]


class Bounds(NamedTuple):
    """Where an aim must lie; beyond `hard` ones the write is refused, beyond others the aim moves nothing."""

    low: Decimal
    high: Decimal
    hard: bool


_DAILY = {**units.MASS, **{f"{name}/d": factor for name, factor in units.MASS.items()}}
MEASURES: Mapping[tuple[str, str], Measure] = {
    (LOINC, "8480-6"): Measure("systolic", units.PRESSURE),
    (LOINC, "8462-4"): Measure("diastolic", units.PRESSURE),
    (LOINC, "8867-4"): Measure("heart-rate", units.RATE),
    (ALERT_COMPONENT, DAILY_DOSE): Measure("daily-dose", _DAILY),
}


def _bounds(low: str, high: str, hard: bool = False) -> Bounds:
    return Bounds(Decimal(low), Decimal(high), hard)


BOUNDS: Mapping[Aim, Bounds] = {
    "systolic-low": _bounds("70", "110", hard=True),
    "diastolic-low": _bounds("40", "70", hard=True),  # ours [E]: as wide as a site may move it
    "heart-rate-low": _bounds("35", "65", hard=True),
    "daily-dose-high": _bounds("0", "2.4", hard=True),
    # A range to treat towards (below 130) is no limit to raise alerts at, and a severe rule comes at 180/120 [E].
    "systolic-high": _bounds("140", "180"),
    "diastolic-high": _bounds("90", "120"),
    "heart-rate-high": _bounds("90", "150"),
}


class Read(NamedTuple):
    """The Goal, if it moves a limit; what to tell the sender; why to refuse it."""

    goal: Goal | None
    warnings: tuple[Problem, ...] = ()
    refusals: tuple[Problem, ...] = ()


def goal(resource: dict[str, Any], source: str, recorded: datetime) -> Read:
    """What a Goal aims at for its patient."""
    status = resource.get("lifecycleStatus")
    if status != _PURSUED and status not in _CEASED:
        return Read(None)
    read = [*_read(resource)]
    targets = tuple(one for one in read if isinstance(one, Target))
    problems = [one for one in read if isinstance(one, Problem)]
    start = moments.instant(resource.get("startDate"))
    if targets and start is None:
        problems.append(_UNBOUNDED)
    made = Goal(
        source=source,
        at=start or moments.BEGINNING,
        recorded=recorded,
        targets=targets,
        author=_author(resource.get("expressedBy") or {}),
        ended=recorded if status in _CEASED else None,
    )
    return Read(
        made if targets else None,
        tuple(one for one in problems if one.severity == "warning"),
        tuple(one for one in problems if one.severity == "error"),
    )


def _read(resource: dict[str, Any]) -> Iterator[Target | Problem]:
    over = moments.parse(resource.get("statusDate")) if resource["lifecycleStatus"] in _CEASED else None
    for number, target in enumerate(resource.get("target") or ()):
        where = f"Goal.target[{number}]"
        named = [*codings(target.get("measure"))]
        measure = next((MEASURES[code] for code in named if code in MEASURES), None)
        if measure is None:
            if any(system == LOINC and code in _OTHERS for system, code in named):
                yield _warning(f"{where}.measure", "no limit is moved by this measure", "goal-measure")
        elif "dueDuration" in target:
            yield _warning(f"{where}.due", "a duration says no date; send dueDate", "goal-due")
        else:
            ends = [end for end in (moments.parse(target.get("dueDate")), over) if end]
            until = min((end.until or end.at for end in ends), default=None)
            yield from _targets(target, measure, until, where)


_OTHERS = VITALS.keys() | PANELS
"""Whoever aims at one of these may think that it moves a limit."""


def _targets(
    target: dict[str, Any], measure: Measure, until: datetime | None, where: str
) -> Iterator[Target | Problem]:
    details = [key for key in target if key.startswith("detail")]
    ends = dict(_ends(target))
    if details and not ends:
        why = "send a detailRange, or a detailQuantity with the comparator >= or <="
        yield _warning(f"{where}.detail", why, "goal-detail")
    for side, (quantity, element) in ends.items():
        aim = cast(Aim, f"{measure.name}-{side}")
        if aim in BOUNDS:
            yield _target(aim, units.convert(quantity, measure.units), measure, until, f"{where}.{element}")


def _ends(target: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, str]]]:
    """By side, the Quantity of that end and where it stands."""
    range_, one = target.get("detailRange"), target.get("detailQuantity")
    if isinstance(range_, dict):
        yield from ((side, (range_[side], f"detail.{side}")) for side in ("low", "high") if side in range_)
    if isinstance(one, dict) and one.get("comparator") in _COMPARED:
        plain = {key: value for key, value in one.items() if key != "comparator"}
        yield _COMPARED[one["comparator"]], (plain, "detail")


_COMPARED = {">=": "low", "<=": "high"}


def _target(
    aim: Aim, value: Decimal | None, measure: Measure, until: datetime | None, where: str
) -> Target | Problem:
    unit, bounds = next(iter(measure.units)), BOUNDS[aim]
    if value is None:
        return _warning(where, f"the value cannot be read in {unit}", "goal-unit")
    if bounds.low <= value <= bounds.high:
        return Target(aim, value, until)
    beyond = f"{aim} is {value} {unit}; it must lie within {bounds.low} to {bounds.high} {unit}"
    if bounds.hard:
        return Problem(
            "business-rule", f"{beyond}, the hard bounds of a patient's limits.", where, "goal-bounds"
        )
    return _warning(where, f"{beyond} to move a limit", "goal-bounds")


def _warning(where: str, why: str, rule: str) -> Problem:
    text = f"The limits of the site stay in force here: {why}."
    return Problem("business-rule", text, where, rule, "warning")


_UNBOUNDED = Problem(
    "business-rule",
    "Without a startDate this Goal moves the limits of all that was ever measured; send the day on which it begins.",
    "Goal.start",
    "goal-start",
    "warning",
)


def _author(expressed: Mapping[str, Any]) -> str:
    """Who set it: as a reference, else as named there."""
    named: Iterable[Any] = (expressed.get("reference"), expressed.get("display"))
    return next((one for one in named if isinstance(one, str)), "")
