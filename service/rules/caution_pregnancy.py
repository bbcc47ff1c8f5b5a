"""Pregnancy.

What: an order while the patient is pregnant.
Why: withdrawal endangers the child; in pregnancy an agonist is given, no withdrawal is made.
Evidence: category C, read second-hand [F2]; the treatment with an agonist is recalled [R].
Limits: none, and no patient's own. Off unless a site turns it on. Pregnancy is read from conditions, by SNOMED CT
code; a test that is sent as an Observation is not. A clinician may dismiss a pair with a reason, for the order's
life.
"""

from collections.abc import Mapping

from service.record.facts import Condition, Order
from service.record.record import Record
from service.rules.pairs import called, coded, diagnosed, finding, pairs, reaches
from service.rules.rule import Finding, Limits, Rule
from service.rules.sources import cite

_DISEASES: Mapping[str, str] = {"77386006": "pregnancy"}


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    return tuple(
        finding(
            pair,
            "moderate",
            f"{order.drug.capitalize()} is ordered in {called(pair.cause, _DISEASES)}. Ask the prescriber whether "
            f"treatment with an agonist is the better way. Source: {cite('recalled')}.",
        )
        for pair in pairs(order, diagnosed(record, _DISEASES), record)
        if isinstance(pair.cause, Condition)
    )


RULE = Rule(
    id="caution-pregnancy",
    title="Pregnancy",
    trigger="an order while the patient is pregnant",
    severity="moderate",
    judges=(Order,),
    judge=judge,
    reaches=reaches(Condition, coded(_DISEASES)),
    on=False,
    dismissible=True,
    seed="Q6",
)
