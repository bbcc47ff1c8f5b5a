"""Another medicine that lowers the blood pressure beside clonidine.

What: an order while one is in force. Beta-blockers, verapamil and diltiazem have rules of their own.
Why: the falls of pressure add up.
Evidence: S20 [F].
Limits: none, and no patient's own. Off unless a site turns it on. A clinician may dismiss a pair with a reason, for
the order's life.
"""

from service.record.facts import Medicine, Order
from service.record.record import Record
from service.rules.pairs import finding, of_kind, pairs, reaches, taking
from service.rules.rule import Finding, Limits, Rule
from service.rules.sources import cite


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    return tuple(
        finding(
            pair,
            "moderate",
            f"{order.drug.capitalize()} with {pair.cause.name}, which lowers blood pressure too: take blood pressure "
            f"before each dose, also standing. Source: {cite('S20')}.",
        )
        for pair in pairs(order, taking(record, "antihypertensive"), record)
        if isinstance(pair.cause, Medicine)
    )


RULE = Rule(
    id="co-use-antihypertensive",
    title="Antihypertensive beside clonidine",
    trigger="an order while another antihypertensive is in force",
    severity="moderate",
    judges=(Order,),
    judge=judge,
    reaches=reaches(Medicine, of_kind("antihypertensive")),
    on=False,
    dismissible=True,
    seed="Q7",
)
