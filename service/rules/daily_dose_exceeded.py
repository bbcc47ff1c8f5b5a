"""Too much in a day.

What: the doses given in 24 hours, or what the orders in force allow in a day at any instant, strictly above
1.2 mg of clonidine (critical above 2.4 mg) or 2.88 mg of lofexidine. Orders as needed count at their
maximum, ranges at their upper end, a patch for 168 hours at its daily amount. It belongs to the dose, or the
order, that makes it so.
Why: the effects on pressure and heart rate add up over the day.
Evidence: 1.2 mg in S7 [F2] and for day 1 in S6 [F]; 2.4 mg is the label's maximum (S5) [F2]; lofexidine in
S13 [F].
Limits: in mg a day, between 0.2 and 2.4 for clonidine; a patient's Goal moves the 1.2 mg to at most 2.4.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from service.record.codes import DAILY_DOSE
from service.record.facts import Dose, Order
from service.record.record import Record
from service.record.totals import NOTHING, PATCH, allowed, given
from service.record.units import EXACT
from service.rules.rule import ALWAYS, Finding, Limits, Reach, Rule, Told, limit
from service.rules.sources import cite
from service.rules.threshold import dose_evidence, exceeded
from service.rules.wording import because, show

_GIVEN = Told(DAILY_DOSE, "Milligrams given in 24 hours.")
_ALLOWED = Told("ordered-in-24-hours", "Milligrams that the orders in force allow in 24 hours.")


def judge(fact: Dose | Order, record: Record, limits: Limits) -> Finding | None:
    return _given(fact, record, limits) if isinstance(fact, Dose) else _ordered(fact, record, limits)


def _given(dose: Dose, record: Record, limits: Limits) -> Finding | None:
    if not dose.given or dose.day:
        return None
    total, counted = given(record.regimen, dose.drug, dose.at)
    above = exceeded(dose.drug, total, limits)
    if above is None:
        return None
    severity, bound = above
    return Finding(
        severity=severity,
        side="high",
        text=f"{show(total)} mg {dose.drug} were given in 24 hours. Give no more before the prescriber has confirmed "
        f"it, and take blood pressure and heart rate before and an hour after the next dose. {because((bound,))}",
        evidence=(dose_evidence(_GIVEN.code, total, bound),),
        sources=(
            *sorted({one.source for one in counted} - {dose.source}),
            *((dose.order,) if dose.order else ()),
        ),
    )


def _ordered(order: Order, record: Record, limits: Limits) -> Finding | None:
    """The highest total that begins with a step of this order; of orders that begin together, with the last of them."""
    ends = record.regimen.until
    totals = [
        (_total(order, at, record, ends), at)
        for at in sorted({step.start for step in order.steps})
        if at < ends[order.source] and _is_last(order, at, record, ends)
    ]
    total, at = max(totals, key=lambda one: one[0], default=(NOTHING, order.at))
    above = exceeded(order.drug, total, limits)
    if above is None:
        return None
    severity, bound = above
    others = [
        one.source
        for one in record.regimen.orders
        if one is not order and allowed(one, at, ends) and one.drug == order.drug
    ]
    return Finding(
        severity=severity,
        side="high",
        text=f"Orders in force from {at:%Y-%m-%d %H:%M} UTC on allow {show(total)} mg {order.drug} in 24 hours. Ask "
        f"the prescriber to correct them before the next dose. {because((bound,))}",
        evidence=(dose_evidence(_ALLOWED.code, total, bound),),
        sources=tuple(others),
    )


def _total(order: Order, at: datetime, record: Record, ends: Mapping[str, datetime]) -> Decimal:
    total = NOTHING
    for one in record.regimen.orders:
        if one.drug == order.drug:
            total = EXACT.add(total, allowed(one, at, ends))
    return total


def _is_last(order: Order, at: datetime, record: Record, ends: Mapping[str, datetime]) -> bool:
    """Whether no order of a greater id begins a step at the same instant."""
    return not any(
        one.source > order.source and one.drug == order.drug and at < ends[one.source]
        for one in record.regimen.orders
        for step in one.steps
        if step.start == at
    )


RULE = Rule(
    id="daily-dose-exceeded",
    title="Too much in a day",
    trigger="doses given in 24 hours, or allowed a day by the orders in force, above the limit of the drug",
    severity="high; critical above the critical limit",
    judges=(Dose, Order),
    judge=judge,
    limits=(
        limit("clonidine", "1.2", "mg", cite("S7", "S6"), "F2", ("0.2", "2.4"), "daily-dose-high"),
        limit("clonidine-critical", "2.4", "mg", cite("S5"), "F2", ("0.2", "2.4")),
        limit("lofexidine", "2.88", "mg", cite("S13"), "F", ("0.54", "2.88")),
    ),
    repeat=timedelta(hours=24),
    reaches=(
        Reach(Dose, Dose, ahead=PATCH),
        Reach(Order, Order, back=ALWAYS, ahead=ALWAYS),
        Reach(Dose, Order, back=ALWAYS, ahead=ALWAYS),
    ),
    seed="Q3, Q8",
    amounts=(_GIVEN, _ALLOWED),
)
