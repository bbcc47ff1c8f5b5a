"""Clonidine stopped at once.

What: the last order in force ends, by its bounds or by being stopped, cancelled, completed or put on hold, without a
taper: the scheduled daily total did not take 48 hours from its first reduction to nothing. Only after 72 hours of
exposure and at least 0.2 mg in the last 24 hours. Critical while a beta-blocker is in force.
Why: an abrupt stop lets noradrenaline and blood pressure rise above what they were.
Evidence: the label asks for 2 to 4 days of reduction, and names higher doses and beta-blockers as risks, S5 [F]; above
0.7 and especially 1.2 mg a day in S12 [F]; 12 patients stopped after 3 days or 4 weeks had none, so the floor is
moderate, S28 [F].
Limits: a site may move all of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from service.record.facts import Medicine, Order
from service.record.moments import END
from service.record.record import Record
from service.record.schedule import given_before, intervals
from service.record.totals import DAY, NOTHING, given, planned
from service.rules.pairs import of_kind, taking
from service.rules.rule import (
    ALWAYS,
    Finding,
    Limit,
    Limits,
    Moment,
    Reach,
    Rule,
    Severity,
    Told,
    View,
    limit,
    silent,
    span,
)
from service.rules.sources import cite
from service.rules.tapering import tapers
from service.rules.threshold import dose_evidence
from service.rules.wording import because, clock_time, show

_LAST_DAY = Told("dose-in-last-24-hours", "Milligrams in the 24 hours up to the last dose.")


def clock(view: View, limits: Limits, since: datetime) -> Iterator[Moment]:
    record = view.record
    ends = record.regimen.until
    ending = sorted((ends[order.source], order.key, order) for order in record.regimen.orders)
    for end, _, order in ending:
        if since <= end < END and order.at < end and _is_last(order, end, record, ends):
            daily = _daily(order, end, record)
            tapered = any(
                taper.zero == end and end - taper.start >= span(limits["taper"])
                for taper in tapers(planned(record.regimen, order.drug, ends))
            )
            exposed = _exposure(order, end, record) >= span(limits["exposure"])
            if exposed and not tapered and daily >= limits["dose"].value:
                blockers = record.holding(taking(record, "beta-blocker"), end)
                yield Moment(end, order.source, partial(_finding, order, end, daily, blockers, limits))


def _is_last(order: Order, end: datetime, record: Record, ends: Mapping[str, datetime]) -> bool:
    """Whether no other order of the drug is in force at its end; of those that end together the last one begun."""
    others = [one for one in record.regimen.orders if one is not order and one.drug == order.drug]
    return not any(
        one.at <= end < ends[one.source] or (ends[one.source] == end and one.at < end and one.key > order.key)
        for one in others
    )


def _daily(order: Order, end: datetime, record: Record) -> Decimal:
    """What was given in the 24 hours up to the last dose; what was planned, where no administrations are sent."""
    if record.regimen.doses:
        last = next(given_before(record.regimen, end, order.drug), None)
        return given(record.regimen, order.drug, last.at)[0] if last else NOTHING
    levels = planned(record.regimen, order.drug, record.regimen.until)
    return next((level.total for level in reversed(levels) if level.at < end), NOTHING)


def _exposure(order: Order, end: datetime, record: Record) -> timedelta:
    """From the first dose of the course to the end, or to when another dose would have been due after the last."""
    first = next((one.first_dose for one in reversed(record.regimen.courses) if one.start <= order.at), None)
    last = record.regimen.last_dose(end)
    if first is None or last is None:
        return timedelta()
    interval = max(intervals(record.regimen, end - timedelta.resolution), default=DAY)
    return min(end, last + interval) - first


def _finding(
    order: Order, end: datetime, daily: Decimal, blockers: Sequence[Medicine], limits: Limits
) -> Finding:
    severity, bound = _severity(daily, limits)
    names = ", ".join(one.name for one in blockers)
    worse = f" A beta-blocker ({names}) makes it worse." if names else ""
    return Finding(
        severity="critical" if blockers else severity,
        side="other",
        text=f"{order.drug.capitalize()} ended at {clock_time(end)} at {show(daily)} mg a day, without a taper. Ask "
        "the prescriber about tapering it over 2 to 4 days; take blood pressure every 4 h for 96 h, a rebound comes "
        f"from 12 h on.{worse} {because((bound, limits['taper']))}",
        evidence=(dose_evidence(_LAST_DAY.code, daily, bound),),
        sources=tuple(one.source for one in blockers),
        at=end,
    )


def _severity(daily: Decimal, limits: Limits) -> tuple[Severity, Limit]:
    if daily > limits["dose-critical"].value:
        return "critical", limits["dose-critical"]
    if daily >= limits["dose-high"].value:
        return "high", limits["dose-high"]
    return "moderate", limits["dose"]


RULE = Rule(
    id="abrupt-discontinuation",
    title="Stopped without a taper",
    trigger="the last order ends without a taper after 72 hours or more",
    severity="moderate; high from 0.7 mg a day on; critical above 1.2 mg a day, or with a beta-blocker",
    judges=(),
    judge=silent,
    clock=clock,
    heeds=(Medicine,),
    limits=(
        limit("dose", "0.2", "mg", cite("E"), "E", ("0.1", "0.6")),
        limit("dose-high", "0.7", "mg", cite("S12"), "F", ("0.3", "1.2")),
        limit("dose-critical", "1.2", "mg", cite("S12"), "F", ("0.6", "2.4")),
        limit("exposure", "72", "h", cite("E", "S28"), "E", ("24", "168")),
        limit("taper", "48", "h", cite("S5"), "F", ("24", "168")),
    ),
    reaches=(Reach(Medicine, Order, ALWAYS, ALWAYS, only=of_kind("beta-blocker")),),
    seed="Q5",
    amounts=(_LAST_DAY,),
)
