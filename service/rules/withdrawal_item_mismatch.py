"""A withdrawal score that does not add up.

What: all eleven items of COWS were sent and their sum is not the total; or an item has points that it cannot have.
Why: a wrong total leads to a wrong dose.
Evidence: the items and their points in S19 [F].
Limits: the points are the scale's own and cannot be moved. Off unless a site turns it on. With fewer items than
eleven the sum cannot be told.
"""

from decimal import Decimal

from service.record.codes import COWS_ITEMS
from service.record.facts import Score
from service.record.record import Record
from service.record.units import EXACT
from service.rules.rule import Finding, Limits, Rule, Told
from service.rules.sources import cite
from service.rules.threshold import score_evidence
from service.rules.wording import show

_SUM = Told("cows-sum", "The items do not add up to the COWS total.")
_ITEM = Told("cows-item-out-of-set", "An item of COWS has points that it cannot have.")


def judge(score: Score, record: Record, limits: Limits) -> Finding | None:
    wrong = [
        f"{item.replace('-', ' ')} has {show(points)} points, and can have {', '.join(map(str, COWS_ITEMS[item]))}"
        for item, points in score.items
        if points not in COWS_ITEMS[item]
    ]
    total = _sum(score)
    differs = total is not None and total != score.total
    words = wrong + (
        [f"the items add up to {show(total)}, the total is {show(score.total)}"]
        if total is not None and differs
        else []
    )
    if not words:
        return None
    return Finding(
        severity="low",
        side="quality",
        text=f"COWS: {'; '.join(words)}. Check the items and score again. Items: {cite('S19')}.",
        evidence=(score_evidence(score, total, total, cite("S19")),) if differs else (),
        reasons=(*([_ITEM.code] if wrong else []), *([_SUM.code] if differs else [])),
    )


def _sum(score: Score) -> Decimal | None:
    """The sum of the items, if each of the eleven was sent once."""
    if sorted(item for item, _ in score.items) != sorted(COWS_ITEMS):
        return None
    total = Decimal(0)
    for _, points in score.items:
        total = EXACT.add(total, points)
    return total


RULE = Rule(
    id="withdrawal-item-mismatch",
    title="Withdrawal score does not add up",
    trigger="eleven items of COWS whose sum is not the total, or an item outside its set",
    severity="low",
    judges=(Score,),
    judge=judge,
    on=False,
    seed="Q3",
    reasons=(_SUM, _ITEM),
)
