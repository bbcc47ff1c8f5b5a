"""Severity of withdrawal.

What: a COWS total of 13 or more: moderate up to 24, high from 25, critical above 36. Below 13 nothing is raised.
Why: withdrawal that is not held down is suffering, and a reason to leave treatment; the dose may be too low.
Evidence: bands 5-12, 13-24, 25-36, above 36 of the scale in S19 [F].
Limits: the bands are the scale's own and cannot be moved.
"""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from service.record.facts import Score
from service.record.record import Record
from service.rules.rule import Finding, Limits, Rule, Severity
from service.rules.sources import cite
from service.rules.threshold import score_evidence
from service.rules.wording import show


class _Band(NamedTuple):
    least: Decimal
    name: str
    severity: Severity
    acts: str


_BANDS = (
    _Band(Decimal(37), "severe", "critical", "Call the prescriber now"),
    _Band(Decimal(25), "moderately severe", "high", "Call the prescriber"),
    _Band(Decimal(13), "moderate", "moderate", "Ask the prescriber whether the dose suffices"),
)


def judge(score: Score, record: Record, limits: Limits) -> Finding | None:
    band = next((band for band in _BANDS if score.total >= band.least), None)
    if band is None or not record.plausible.score(score):
        return None
    return Finding(
        severity=band.severity,
        side="high",
        text=f"COWS {show(score.total)}: {band.name} withdrawal. {band.acts}; measure pressure and heart rate before "
        f"the next dose and score again after it. Bands: {cite('S19')}.",
        evidence=(score_evidence(score, None, band.least, cite("S19")),),
    )


RULE = Rule(
    id="withdrawal-severity",
    title="Severity of withdrawal",
    trigger="a COWS total of 13 or more",
    severity="moderate from 13, high from 25, critical from 37",
    judges=(Score,),
    judge=judge,
    repeat=timedelta(hours=4),
    seed="Q3",
)
