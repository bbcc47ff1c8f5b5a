"""Two orders of the same drug at once.

What: two orders of clonidine, or of lofexidine, that are in force together; where one is by mouth and the other is not,
as a patch, for more than 3 days. About the later one.
Why: the patient gets the drug twice.
Evidence: not to be used with other products that contain clonidine in S20 [F]; from tablets to a patch in 4 days in S24
[F2].
Limits: a site may move the 3 days. An order as needed beside a scheduled one is no duplicate: `daily-dose-exceeded`
counts both [E]. Tablets and a patch that would run on together are told at once, and taken back when one ends in time.
A clinician cannot dismiss a pair for good.
"""

from datetime import timedelta

from service.record.facts import Dose, Order
from service.record.record import Record
from service.rules.pairs import ends_an_order, known
from service.rules.rule import ALWAYS, Finding, Limits, Reach, Rule, limit, span
from service.rules.sources import cite
from service.rules.wording import because, clock_time


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    earlier = (one for one in record.regimen.orders if one.key < order.key and one.drug == order.drug)
    return tuple(_finding(order, other, limits) for other in earlier if _twice(order, other, record, limits))


def _twice(order: Order, other: Order, record: Record, limits: Limits) -> bool:
    if _as_needed(order) != _as_needed(other):
        return False
    ends = record.regimen.until
    together = min(ends[order.source], ends[other.source]) - max(order.at, other.at)
    return together > (timedelta() if _oral(order) == _oral(other) else span(limits["overlap"]))


def _as_needed(order: Order) -> bool:
    return all(step.as_needed for step in order.steps)


def _oral(order: Order) -> bool:
    return any(step.oral for step in order.steps)


def _finding(order: Order, other: Order, limits: Limits) -> Finding:
    changed = _oral(order) != _oral(other)
    acts = "end the tablets within 3 days of the patch" if changed else "end one of them"
    why = because((limits["overlap"],)) if changed else f"Source: {cite('S20')}."
    return Finding(
        severity="moderate",
        side="other",
        text=f"Two orders of {order.drug} are in force together, the other since {clock_time(other.at)}. Ask the "
        f"prescriber to {acts}. {why}",
        at=max(known(order), known(other)),
        cause=other.source,
    )


RULE = Rule(
    id="duplicate-clonidine",
    title="Two orders of the drug at once",
    trigger="two orders of the same drug in force together; by mouth and otherwise, for more than 3 days",
    severity="moderate",
    judges=(Order,),
    judge=judge,
    limits=(limit("overlap", "3", "d", cite("S24"), "F2", ("1", "7")),),
    reaches=(
        Reach(Order, Order, ALWAYS, ALWAYS),
        Reach(Dose, Order, ALWAYS, ALWAYS, only=ends_an_order),
    ),
    on=False,
    seed="Q7",
)
