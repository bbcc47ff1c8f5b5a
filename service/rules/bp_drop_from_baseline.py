"""Blood pressure well below what it was before treatment.

What: from the first dose on, systolic or diastolic strictly more than 20 % below the baseline of the same
position; high when the systolic is more than 30 % below.
Why: a patient who came with 150/95 is in trouble at 100/60, though no absolute limit is broken.
Evidence: a fall of more than 20 % from screening was an adverse event in S1 [F]; 30 % is ours [E].
Limits: in per cent. Without a baseline the rule cannot tell and is silent.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from service.record.baseline import Level
from service.record.codes import Quantity
from service.record.facts import Reading
from service.record.record import Record
from service.record.units import EXACT
from service.rules.rule import Evidence, Finding, Limit, Limits, Rule, limit
from service.rules.sources import cite
from service.rules.threshold import CODES
from service.rules.wording import because, plain, pressure, show

_HUNDRED = Decimal(100)
_TENTH = Decimal("0.1")


def judge(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    within = record.course(reading)
    if within is None:
        return None
    course, baseline = within
    if baseline is None or course.first_dose is None or reading.at < course.first_dose:
        return None
    level = baseline.level(reading.position)
    fallen = [*_fallen(reading, level, limits["percent"])] if level else []
    return _finding(reading, level, fallen, limits, course.order(reading.at)) if level and fallen else None


class _Fall(NamedTuple):
    quantity: Quantity
    value: Decimal
    base: Decimal

    def words(self) -> str:
        fall = EXACT.divide(EXACT.multiply(EXACT.subtract(self.base, self.value), _HUNDRED), self.base)
        return f"{self.quantity} {fall.quantize(_TENTH, ROUND_FLOOR, EXACT)} % lower"

    def evidence(self, percent: Limit) -> Evidence:
        text = f"{plain(percent.value)} % below {show(self.base)}"
        return Evidence(
            CODES[self.quantity], self.value, "mm[Hg]", low=_bound(self.base, percent), limit=text
        )


def _fallen(reading: Reading, level: Level, percent: Limit) -> Iterator[_Fall]:
    pairs: tuple[tuple[Quantity, Decimal | None, Decimal | None], ...] = (
        ("systolic", reading.systolic, level.systolic),
        ("diastolic", reading.diastolic, level.diastolic),
    )
    for quantity, value, base in pairs:
        if value is not None and base is not None and value < _bound(base, percent):
            yield _Fall(quantity, value, base)


def _finding(
    reading: Reading, level: Level, fallen: list[_Fall], limits: Limits, order: str | None
) -> Finding:
    percent, high = limits["percent"], limits["percent-high"]
    far = fallen[0].quantity == "systolic" and fallen[0].value < _bound(fallen[0].base, high)
    return Finding(
        severity="high" if far else "moderate",
        side="low",
        text=f"{pressure(reading)} against {_baseline(level)} before treatment: "
        f"{', '.join(one.words() for one in fallen)}. Ask for dizziness, recheck within {15 if far else 30} minutes, "
        f"and ask the prescriber before the next dose. {because((percent, high) if far else (percent,))}",
        evidence=tuple(one.evidence(percent) for one in fallen),
        sources=(*level.sources, *((order,) if order else ())),
    )


def _bound(base: Decimal, percent: Limit) -> Decimal:
    """The pressure that is `percent` below the baseline, exactly."""
    return EXACT.scaleb(EXACT.multiply(base, _HUNDRED - percent.value), -2)


def _baseline(level: Level) -> str:
    return "/".join("-" if value is None else show(value) for value in (level.systolic, level.diastolic))


RULE = Rule(
    id="bp-drop-from-baseline",
    title="Blood pressure far below baseline",
    trigger="from the first dose on, systolic or diastolic more than the limit below the baseline of the same position",
    severity="moderate; high for a systolic beyond the high limit",
    judges=(Reading,),
    judge=judge,
    limits=(
        limit("percent", "20", "%", cite("S1"), "F", ("10", "40")),
        limit("percent-high", "30", "%", cite("E"), "E", ("20", "60")),
    ),
    repeat=timedelta(hours=4),
    course=True,
    snomed="45007003",
    seed="Q2",
)
