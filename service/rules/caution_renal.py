"""Kidneys that hardly work.

What: an order while the patient has chronic kidney disease of stage 4 or 5, or end-stage disease.
Why: clonidine leaves by the kidney; it stays up to 41 hours.
Evidence: individual doses in S8 [F], the half-life in S5 [F2]; lofexidine 0.72 mg a day in S13 [F].
Limits: none, and no patient's own. Off unless a site turns it on. A filtration rate below 30 that is sent as an
Observation is not read; conditions are, by SNOMED CT code alone. A clinician may dismiss a pair with a reason, for
the order's life.
"""

from collections.abc import Mapping

from service.record.facts import Condition, Order
from service.record.record import Record
from service.rules.pairs import called, coded, diagnosed, finding, pairs, reaches
from service.rules.rule import Finding, Limits, Rule
from service.rules.sources import cite

_DISEASES: Mapping[str, str] = {
    "431857002": "chronic kidney disease stage 4",
    "433146000": "chronic kidney disease stage 5",
    "46177005": "end-stage renal disease",
}


def judge(order: Order, record: Record, limits: Limits) -> tuple[Finding, ...]:
    return tuple(
        finding(
            pair,
            "moderate",
            f"{order.drug.capitalize()} is ordered for a patient with {called(pair.cause, _DISEASES)}: it stays "
            f"longer. Ask the prescriber for a lower dose, and watch blood pressure. Source: {cite('S8', 'S13')}.",
        )
        for pair in pairs(order, diagnosed(record, _DISEASES), record)
        if isinstance(pair.cause, Condition)
    )


RULE = Rule(
    id="caution-renal",
    title="Severe kidney disease",
    trigger="an order while a chronic kidney disease of stage 4 or 5 is active",
    severity="moderate",
    judges=(Order,),
    judge=judge,
    reaches=reaches(Condition, coded(_DISEASES)),
    on=False,
    dismissible=True,
    seed="Q6",
)
