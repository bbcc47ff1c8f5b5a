"""Random courses of treatment for property tests: facts on a coarse grid, so that limits, windows and ties are hit."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from service.record.facts import (
    Allergy,
    Condition,
    Dose,
    Fact,
    Goal,
    Medicine,
    Order,
    Person,
    Reading,
    Score,
    Step,
    Symptom,
    Target,
)
from service.record.moments import BEGINNING
from tests.record.documents import DAY1, SNOMED

SPAN = 8 * 24 * 12
"""Steps of five minutes: eight days, so that a course can end and another begin."""

_slots = st.one_of(st.integers(0, 60), st.integers(0, 600), st.integers(0, SPAN))
_systolic = st.sampled_from(
    [Decimal(value) for value in (38, 70, 79, 80, 88, 89, 90, 94, 95, 97, 105, 111, 130, 140)]
    + [Decimal(value) for value in (165, 170, 179, 180, 190, 301)]
)
_diastolic = st.sampled_from(
    [*map(Decimal, (19, 38, 40, 45, 49, 50, 59, 60, 65, 72, 85, 90, 115, 119, 120, 130))]
)
_rate = st.sampled_from([*map(Decimal, (0, 35, 39, 40, 44, 45, 48, 49, 50, 54, 55, 70, 100))])
_position = st.sampled_from((None, "lying", "sitting", "standing"))


def _moment(slot: int) -> datetime:
    return DAY1 + timedelta(minutes=5 * slot)


@st.composite
def reading(draw: Any, number: int) -> Reading:
    at = _moment(draw(_slots))
    day = draw(st.integers(0, 11)) == 0
    late = draw(st.integers(0, 7)) == 0
    if day:
        at = at.replace(hour=0, minute=0)
    return Reading(
        source=f"Observation/r{number}",
        at=at,
        until=at + timedelta(days=1) if day else None,
        recorded=at + timedelta(hours=50 if late else 0),
        systolic=draw(st.none() | _systolic),
        diastolic=draw(st.none() | _diastolic),
        heart_rate=draw(st.none() | _rate),
        position=draw(_position),
    )


@st.composite
def symptom(draw: Any, number: int) -> Symptom:
    at = _moment(draw(_slots))
    return Symptom(
        source=f"Observation/s{number}",
        at=at,
        recorded=at,
        kind=draw(
            st.sampled_from(("dizziness", "syncope", "chest-pain", "headache", "drowsiness", "drowsiness"))
        ),
        grade=draw(st.sampled_from(("absent", "mild", "severe"))),
    )


@st.composite
def score(draw: Any, number: int) -> Score:
    at = _moment(draw(_slots))
    total = Decimal(draw(st.sampled_from((0, 4, 5, 9, 12, 13, 18, 25, 37, 49))))
    return Score(source=f"Observation/c{number}", at=at, recorded=at, total=total)


@st.composite
def dose(draw: Any, number: int) -> Dose:
    at = _moment(draw(_slots))
    return Dose(
        source=f"MedicationAdministration/d{number}",
        at=at,
        recorded=at,
        drug="clonidine",
        given=draw(st.booleans()),
        mg=draw(st.sampled_from((None, *map(Decimal, ("0.1", "0.3", "0.4", "0.7"))))),
        order=draw(st.sampled_from((None, "MedicationRequest/o0", "MedicationRequest/o1"))),
    )


@st.composite
def order(draw: Any, number: int) -> Order:
    at = _moment(draw(_slots))
    mg = Decimal(draw(st.sampled_from(("0.1", "0.3", "0.4"))))
    hours = draw(st.sampled_from((3, 6, 8)))
    end = at + timedelta(hours=draw(st.sampled_from((6, 30, 100))))
    ended = draw(st.booleans())
    return Order(
        source=f"MedicationRequest/o{number}",
        at=at,
        recorded=at,
        drug="clonidine",
        status="stopped" if ended else "active",
        ended=at + timedelta(hours=5) if ended and draw(st.booleans()) else None,
        authored=at,
        prior=draw(st.sampled_from((None, "MedicationRequest/o0"))),
        steps=(
            Step(start=at, end=end if draw(st.booleans()) else None, mg=mg, mg_per_day=mg * 24 / hours,
                 interval=timedelta(hours=hours), as_needed=draw(st.booleans())),
        ),
    )  # fmt: skip


@st.composite
def target(draw: Any, start: datetime) -> Target:
    aim, values = draw(
        st.sampled_from(
            (
                ("systolic-low", (85, 95, 106)), ("systolic-high", (168, 175)), ("diastolic-low", (45, 70)),
                ("heart-rate-low", (42, 52)), ("heart-rate-high", (95,)), ("daily-dose-high", (1, 2)),
            )
        )
    )  # fmt: skip
    until = draw(st.none() | st.just(start + timedelta(minutes=5 * draw(st.integers(1, 900)))))
    return Target(aim, Decimal(draw(st.sampled_from(values))), until)


@st.composite
def goal(draw: Any, number: int) -> Goal:
    at = _moment(draw(_slots))
    ended = at + timedelta(minutes=5 * draw(st.integers(0, 900)))
    return Goal(
        source=f"Goal/g{number}",
        at=draw(st.sampled_from((at, at, BEGINNING))),
        recorded=at,
        targets=tuple(draw(st.lists(target(at), min_size=1, max_size=3))),
        ended=draw(st.sampled_from((None, None, ended))),
    )


@st.composite
def medicine(draw: Any, number: int) -> Medicine:
    at = _moment(draw(_slots))
    ended = draw(st.booleans())
    kinds = ("beta-blocker", "av-nodal", "cns-depressant", "opioid-agonist", "antihypertensive")
    return Medicine(
        source=f"MedicationRequest/m{number}",
        at=at,
        recorded=at,
        kinds=tuple(draw(st.sets(st.sampled_from(kinds), min_size=1, max_size=2))),
        name="another medicine",
        status="stopped" if ended else "active",
        ended=at + timedelta(hours=20) if ended else None,
        planned=draw(st.none() | st.just(at + timedelta(hours=30))),
        authored=at - timedelta(hours=draw(st.sampled_from((0, 9)))),
        prior=draw(st.sampled_from((None, "MedicationRequest/m0", "MedicationRequest/o0"))),
    )


@st.composite
def condition(draw: Any, number: int) -> Condition:
    at = _moment(draw(_slots))
    code = draw(st.sampled_from(("36083008", "270492004", "441509002", "22298006", "84114007", "77386006")))
    return Condition(
        source=f"Condition/c{number}",
        at=at,
        recorded=at,
        codes=((SNOMED, code),),
        dated=draw(st.booleans()),
        abated=draw(st.none() | st.just(at + timedelta(hours=30))),
    )


@st.composite
def background(draw: Any) -> list[Fact]:
    """What may stand beside a course, and mostly does not."""
    facts: list[Fact] = [draw(medicine(number)) for number in range(draw(st.integers(0, 3)))]
    facts += [draw(condition(number)) for number in range(draw(st.integers(0, 2)))]
    began = _moment(draw(_slots))
    if draw(st.booleans()):
        facts.append(Allergy(source="AllergyIntolerance/a", at=began, recorded=began, drug="clonidine"))
    if draw(st.booleans()):
        born = began.replace(year=draw(st.sampled_from((1990, 2008, 2015))))
        facts.append(Person(source="Patient/p1", at=born, recorded=began))
    return facts


@st.composite
def course(draw: Any, most: int = 14) -> list[Fact]:
    """Readings for the most part, and by chance symptoms, doses, orders, Goals and what stands beside them."""
    facts: list[Fact] = [draw(reading(number)) for number in range(draw(st.integers(1, most)))]
    facts += [draw(symptom(number)) for number in range(draw(st.integers(0, 2)))]
    facts += [draw(score(number)) for number in range(draw(st.integers(0, 3)))]
    facts += [draw(dose(number)) for number in range(draw(st.integers(0, 5)))]
    facts += [draw(order(number)) for number in range(draw(st.integers(0, 2)))]
    facts += [draw(goal(number)) for number in range(draw(st.integers(0, 2)))]
    return facts + (draw(background()) if draw(st.booleans()) else [])


@st.composite
def corrected(draw: Any, fact: Fact) -> Fact:
    """An earlier, wrong version of a fact: another time, another value."""
    moved = fact.at + timedelta(minutes=5 * draw(st.integers(-300, 300)))
    if isinstance(fact, Order):
        return fact
    if isinstance(fact, Reading):
        return replace(fact, at=moved, until=None, systolic=draw(st.none() | _systolic))
    return replace(fact, at=moved)
