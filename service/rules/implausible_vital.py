"""A value that no patient has: device or transcription error.

What: diastolic at or above systolic, a value outside the range that occurs in life (of a COWS total: 0 to
48), or a time more than 5 minutes after the reading was recorded; each with its reason. Such values are kept
from the clinical rules; a time in the future alone is not. High where the value, if true, would be lethal.
Why: a wrong number must neither page as hypotension nor hide one: it asks for a new measurement.
Evidence: S18 keeps systolic, diastolic and heart rate between 0 and 400, 300, 300 [F]; of 195,522 pairs of
intensive care 226 had a diastolic at or above the systolic, and 24 a heart rate of 0 [F]. The ranges are
ours [E]: narrower ones in use would hide a systolic of 60.
Limits: a site may move the ranges, a patient's goal may not.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from service.record.codes import Quantity
from service.record.facts import Reading, Score
from service.record.record import Record
from service.rules.rule import Evidence, Finding, Limit, Limits, Rule, Told, limit
from service.rules.sources import cite
from service.rules.threshold import CODES, UNITS, score_evidence
from service.rules.wording import because, lasting, plain, pressure, rate, show

_RANGES: tuple[Quantity, ...] = ("systolic", "diastolic", "heart_rate")
_LETHAL = frozenset({"systolic", "heart_rate"})
_CROSSED = Told("diastolic-not-below-systolic", "The diastolic pressure is not below the systolic.")
_SCORE = Told("cows-out-of-range", "The COWS total is outside 0 to 48.")
_FUTURE = Told("future", "The time lies after the reading was recorded.")


def _reason(name: Quantity) -> str:
    return f"{name.replace('_', '-')}-out-of-range"


def _out(name: Quantity) -> Told:
    return Told(_reason(name), f"The {name.replace('_', ' ')} is outside the range that occurs in life.")


def judge(fact: Reading | Score, record: Record, limits: Limits) -> Finding | None:
    return _score(fact, record) if isinstance(fact, Score) else _reading(fact, record, limits)


def _score(score: Score, record: Record) -> Finding | None:
    if record.plausible.score(score):
        return None
    low, high = record.plausible.cows
    return Finding(
        severity="moderate",
        side="quality",
        text=f"COWS {show(score.total)} is outside {plain(low)} to {plain(high)}. Score again. "
        f"The scale's own range: {cite('S19')}.",
        evidence=(score_evidence(score, low, high, cite("S19")),),
        reasons=(_SCORE.code,),
    )


def _reading(reading: Reading, record: Record, limits: Limits) -> Finding | None:
    ahead = reading.at - reading.recorded
    future = reading.circulates and ahead > timedelta(minutes=float(limits["future"].value))
    if not future and record.plausible.pressure(reading) and record.plausible.rate(reading):
        return None
    causes = [*_out_of_range(reading, limits)]
    crossed = (
        reading.systolic is not None
        and reading.diastolic is not None
        and reading.diastolic >= reading.systolic
    )
    words = [f"{name.replace('_', ' ')} {show(value)} is outside {plain(low.value)} to {plain(high.value)}"
             for name, value, low, high in causes]  # fmt: skip
    words += ["diastolic is not below systolic"] if crossed else []
    words += [f"its time lies {lasting(ahead)} after it was recorded"] if future else []
    lethal = any(name in _LETHAL and value < low.value for name, value, low, _ in causes)
    shown = rate(reading) if reading.systolic is None and reading.diastolic is None else pressure(reading)
    asks = "Measure again now." if causes or crossed else "Correct the time."
    return Finding(
        severity="high" if lethal else "moderate",
        side="quality",
        text=f"{shown}: {'; '.join(words)}. {asks} {because(one for cause in causes for one in cause[2:])}".rstrip(),
        evidence=tuple(
            Evidence(CODES[name], value, UNITS.get(name, "mm[Hg]"), low.value, high.value, low.source)
            for name, value, low, high in causes
        ),
        reasons=(
            *(_reason(name) for name, *_ in causes),
            *([_CROSSED.code] if crossed else []),
            *([_FUTURE.code] if future else []),
        ),
    )


def _out_of_range(reading: Reading, limits: Limits) -> Iterator[tuple[Quantity, Decimal, Limit, Limit]]:
    for name in _RANGES:
        value = getattr(reading, name)
        low, high = limits[f"{name}-low".replace("_", "-")], limits[f"{name}-high".replace("_", "-")]
        if value is not None and not low.value <= value <= high.value:
            yield name, value, low, high


_SOURCE = cite("E", "S18")

RULE = Rule(
    id="implausible-vital",
    title="Implausible reading: measure again",
    trigger="diastolic not below systolic, a value outside its range, or a time in the future",
    severity="moderate; high for a systolic or heart rate below its range",
    judges=(Reading, Score),
    judge=judge,
    limits=(
        limit("systolic-low", "40", "mm[Hg]", _SOURCE, "E", ("30", "60")),
        limit("systolic-high", "300", "mm[Hg]", _SOURCE, "E", ("250", "350")),
        limit("diastolic-low", "20", "mm[Hg]", _SOURCE, "E", ("10", "30")),
        limit("diastolic-high", "200", "mm[Hg]", _SOURCE, "E", ("150", "250")),
        limit("heart-rate-low", "20", "/min", _SOURCE, "E", ("10", "30")),
        limit("heart-rate-high", "250", "/min", _SOURCE, "E", ("200", "300")),
        limit("future", "5", "min", cite("E"), "E", ("1", "60")),
    ),
    raw=True,
    seed="Q1",
    reasons=(*map(_out, _RANGES), _CROSSED, _SCORE, _FUTURE),
)
