"""Rebound: pressure that rises after the last dose.

What: more than 12 and up to 96 hours after the last dose (while an order is in force also more than 1.5 of its
intervals), a systolic of 140 or more that is 20 or more above the pressure before treatment, or a diastolic of 90
or more that is 15 or more above it; without such a baseline, 160 or 100. Critical at the limits of a crisis, and while
a beta-blocker is in force.
Why: stopping clonidine sets noradrenaline free; the pressure can rise far above what it was.
Evidence: noradrenaline up at 18 to 24 hours, severe rise at 24 to 36 hours in 4 of 4 patients in S11 [F]; peak at 2
to 4 days in S12 [F]; 140 and above pre-treatment in 39.7 % after lofexidine in S13 [F]. The lower edge of 12 hours
and the margins of 20 and 15 are ours [E]. A beta-blocker makes it worse, S5 [F].
Limits: a site may move all of them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from service.record.baseline import Level
from service.record.codes import Quantity
from service.record.facts import Dose, Medicine, Order, Reading
from service.record.record import Record
from service.record.units import EXACT
from service.rules.pairs import of_kind, taking
from service.rules.rule import ALWAYS, Finding, Limit, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import Breach, above
from service.rules.wording import because, plain, pressure, show

UNTIL = timedelta(hours=96)
INTERVALS = 1.5
_PRESSURES: tuple[Quantity, ...] = ("systolic", "diastolic")
_CRISIS = "hypertensive-crisis"


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    within = None if reading.day else record.course(reading)
    if within is None or not any(above(reading, one, limits[one]) for one in _PRESSURES):
        return None
    level = within[1].level(reading.position) if within[1] else None
    breaches = [*_breaches(reading, level, limits)]
    last = record.regimen.last_dose(reading.at) if breaches else None
    if last is None or not _due(reading.at, last, record, limits["after"]):
        return None
    crisis = any(above(reading, one, limits[f"{_CRISIS}.{one}"]) for one in _PRESSURES)
    blockers = record.holding(taking(record, "beta-blocker"), reading.at)
    hours = int((reading.at - last) / timedelta(hours=1))
    before = f" (before treatment {_shown(level)})" if level else ""
    acts = "Call the prescriber now" if crisis or blockers else "Call the prescriber"
    return Finding(
        severity="critical" if crisis or blockers else "high",
        side="high",
        text=f"{pressure(reading)}{before}, {hours} h after the last dose: "
        f"{', '.join(breach.words() for breach in breaches)} mm[Hg]. {acts} about giving it again "
        f"and tapering it; recheck within 15 minutes.{_beside(blockers)} "
        f"{because(breach.limit for breach in breaches)}",
        evidence=tuple(breach.evidence() for breach in breaches),
        returns=tuple(breach.returns() for breach in breaches),
        sources=(
            *(level.sources if level else ()),
            *filter(None, [within[0].order(reading.at)]),
            *(one.source for one in blockers),
        ),
    )


def _breaches(reading: Reading, level: Level | None, limits: Limits) -> Iterator[Breach]:
    """Where the pressure is high, and high for this patient."""
    for quantity in _PRESSURES:
        base = getattr(level, quantity) if level else None
        if base is None:
            bound = limits[f"{quantity}-without-baseline"]
        else:
            bound = max(limits[quantity], _risen(base, limits[f"{quantity}-rise"]), key=lambda one: one.value)
        found = above(reading, quantity, bound)
        if found:
            yield found


def _risen(base: Decimal, rise: Limit) -> Limit:
    """The pressure that is so far above the one before treatment, as a limit."""
    source = f"{plain(rise.value)} above {show(base)} before treatment, {rise.source}"
    return rise._replace(value=EXACT.add(base, rise.value), source=source)


def _due(at: datetime, last: datetime, record: Record, after: Limit) -> bool:
    """Whether the time since the last dose is that of a rebound."""
    gap = at - last
    if not timedelta(hours=float(after.value)) < gap <= UNTIL:
        return False
    return all(gap > INTERVALS * interval for interval in record.regimen.intervals(at))


def _beside(blockers: Sequence[Medicine]) -> str:
    names = ", ".join(one.name for one in blockers)
    return f" A beta-blocker ({names}) makes it worse." if names else ""


def _shown(level: Level) -> str:
    return "/".join("-" if value is None else show(value) for value in (level.systolic, level.diastolic))


RULE = Rule(
    id="rebound-hypertension",
    title="Rebound of blood pressure",
    trigger="12 to 96 hours after the last dose: a high pressure well above that before treatment",
    severity="high; critical at the limits of a crisis or with a beta-blocker",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("after", "12", "h", cite("E", "S11"), "E", ("8", "24")),
        limit("systolic", "140", "mm[Hg]", cite("S13"), "F", ("120", "160")),
        limit("systolic-rise", "20", "mm[Hg]", cite("E"), "E", ("10", "40")),
        limit("systolic-without-baseline", "160", "mm[Hg]", cite("E"), "E", ("140", "180")),
        limit("diastolic", "90", "mm[Hg]", cite("E"), "E", ("80", "100")),
        limit("diastolic-rise", "15", "mm[Hg]", cite("E"), "E", ("5", "30")),
        limit("diastolic-without-baseline", "100", "mm[Hg]", cite("E"), "E", ("90", "120")),
    ),
    repeat=timedelta(minutes=60),
    reaches=(
        Reach(Dose, Reading, ahead=UNTIL),
        Reach(Order, Reading, ahead=ALWAYS),
        Reach(Medicine, Reading, ahead=ALWAYS, only=of_kind("beta-blocker")),
    ),
    borrows=(_CRISIS,),
    course=True,
    snomed="84094009",
    seed="Q5",
)
