"""A beta-blocker beside clonidine.

What: an order while a beta-blocker is in force: moderate; high where the plan lowers or ends clonidine while the
beta-blocker goes on.
Why: both slow the heart; and when clonidine goes, a blocked beta receptor leaves the alpha effect of the noradrenaline
unopposed.
Evidence: the label, which asks to stop the beta-blocker several days before clonidine, S5 [F].
Limits: none, and no patient's own. A stop that was not planned counts like one that was. A clinician may dismiss a
pair with a reason, for the order's life.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from service.record.facts import Dose, Medicine, Order
from service.record.moments import END
from service.record.record import Record
from service.record.totals import planned
from service.rules.pairs import Pair, ends_an_order, finding, of_kind, pairs, taking
from service.rules.rule import ALWAYS, Finding, Limits, Reach, Rule
from service.rules.sources import cite
from service.rules.wording import clock_time


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    return tuple(
        _finding(order, pair, record) for pair in pairs(order, taking(record, "beta-blocker"), record)
    )


def _finding(order: Order, pair: Pair, record: Record) -> Finding:
    assert isinstance(pair.cause, Medicine)
    lowered = min((at for at in _reductions(order, record) if pair.cause.at <= at < pair.until), default=None)
    acts = "take heart rate and blood pressure before each dose"
    if lowered:
        acts = (
            f"{order.drug} is lowered or ended at {clock_time(lowered)} while the beta-blocker goes on, which makes a "
            "rebound worse. Ask the prescriber to stop the beta-blocker several days before"
        )
    return finding(
        pair,
        "high" if lowered else "moderate",
        f"{order.drug.capitalize()} with {pair.cause.name}, a beta-blocker: {acts}. Source: {cite('S5')}.",
    )


def _reductions(order: Order, record: Record) -> Iterator[datetime]:
    """When the daily total of the drug falls under this order, or at its end; an end behind which none goes on, too."""
    ends = record.regimen.until
    end = ends[order.source]
    for before, after in pairwise(planned(record.regimen, order.drug, ends)):
        if after.total < before.total and order.at < after.at <= end:
            yield after.at
    others = (one for one in record.regimen.orders if one is not order and one.drug == order.drug)
    if end < END and not any(one.at <= end < ends[one.source] for one in others):
        yield end


RULE = Rule(
    id="interaction-beta-blocker",
    title="Beta-blocker beside clonidine",
    trigger="an order while a beta-blocker is in force",
    severity="moderate; high where clonidine is lowered or ended while the beta-blocker goes on",
    judges=(Order,),
    judge=judge,
    reaches=(
        Reach(Medicine, Order, ALWAYS, ALWAYS, only=of_kind("beta-blocker")),
        Reach(Order, Order, ALWAYS, ALWAYS),
        Reach(Dose, Order, ALWAYS, ALWAYS, only=ends_an_order),
    ),
    dismissible=True,
    seed="Q7",
)
