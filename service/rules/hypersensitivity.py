"""Hypersensitivity to the drug that is ordered.

What: an order of clonidine or lofexidine while an allergy or intolerance to it is active.
Why: it is a contraindication of the label.
Evidence: S5 [F].
Limits: none, and no patient's own. An allergy to the other of the two is none to this one. A clinician may dismiss a
pair with a reason, for the order's life.
"""

from service.record.facts import Allergy, Order
from service.record.record import Record
from service.rules.pairs import finding, pairs, reaches
from service.rules.rule import Finding, Limits, Rule
from service.rules.sources import cite


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    allergies = [one for one in record.allergies if one.drug == order.drug]
    return tuple(
        finding(
            pair,
            "critical",
            f"{order.drug.capitalize()} is ordered for a patient with a recorded allergy or intolerance to it: do not "
            f"give it, and call the prescriber. Source: {cite('S5')}.",
        )
        for pair in pairs(order, allergies, record)
    )


RULE = Rule(
    id="hypersensitivity",
    title="Hypersensitivity to the drug",
    trigger="an order while an allergy or intolerance to the drug is active",
    severity="critical",
    judges=(Order,),
    judge=judge,
    reaches=reaches(Allergy),
    dismissible=True,
    seed="Q6",
)
