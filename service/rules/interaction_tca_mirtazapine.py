"""A tricyclic antidepressant or mirtazapine beside clonidine.

What: an order while one of them is in force.
Why: they take away the effect of clonidine; the pressure can rise, often in the second week.
Evidence: tricyclics in S20 [F]; mirtazapine is recalled [R].
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
            f"{order.drug.capitalize()} with {pair.cause.name}, which can take away its effect: watch blood pressure, "
            f"most of all in the second week. Source: {cite('S20', 'recalled')}.",
        )
        for pair in pairs(order, taking(record, "tca-mirtazapine"), record)
        if isinstance(pair.cause, Medicine)
    )


RULE = Rule(
    id="interaction-tca-mirtazapine",
    title="Tricyclic or mirtazapine beside clonidine",
    trigger="an order while a tricyclic antidepressant or mirtazapine is in force",
    severity="moderate",
    judges=(Order,),
    judge=judge,
    reaches=reaches(Medicine, of_kind("tca-mirtazapine")),
    on=False,
    dismissible=True,
    seed="Q7",
)
