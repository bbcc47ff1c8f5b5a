"""A patient under age.

What: an order for a patient younger than 18 years when it begins.
Why: the product is not for children.
Evidence: S8 [F].
Limits: none, and no patient's own. Off unless a site turns it on. Silent where no date of birth is known; of one
without day or month the age is the least that it can be. A clinician may dismiss a pair with a reason, for the
order's life.
"""

from service.record.facts import Order, Person
from service.record.record import Record
from service.rules.pairs import ENDINGS, known
from service.rules.rule import ALWAYS, Finding, Limits, Reach, Rule, limit
from service.rules.sources import cite
from service.rules.wording import because


def judge(order: Order, record: Record, limits: Limits) -> Finding | None:
    person, bound = record.person, limits["age"]
    if person is None or order.at >= record.regimen.until[order.source]:
        return None
    age = person.age(order.at)
    if age >= bound.value:
        return None
    return Finding(
        severity="moderate",
        side="other",
        text=f"{order.drug.capitalize()} is ordered for a patient of {max(age, 0)} years. Ask the prescriber whether "
        f"that is meant, and for a dose by weight. {because((bound,))}",
        at=known(order),
        cause=person.source,
    )


RULE = Rule(
    id="caution-child",
    title="Patient under age",
    trigger="an order for a patient younger than 18 years",
    severity="moderate",
    judges=(Order,),
    judge=judge,
    limits=(limit("age", "18", "a", cite("S8"), "F", ("18", "18")),),
    reaches=(Reach(Person, Order, ALWAYS, ALWAYS), *ENDINGS),
    on=False,
    dismissible=True,
    seed="Q6",
)
