"""What becomes of conditions, allergies, other medicines and patients, and when each of them holds."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from service.record.facts import Allergy, Condition, Medicine, Order, Person, decode, encode
from service.record.lift import lift
from service.record.record import Record
from tests.record.documents import (
    ATC,
    RXNORM,
    SINUS,
    SNOMED,
    VERIFIED,
    Doc,
    allergy,
    at,
    concept,
    condition,
    fact,
    instruction,
    no_medication,
    order,
    when,
)

NOW = at(2)


def medicine(drug: Doc, *instructions: Doc, **more: Any) -> Doc:
    return order("m", *instructions, drug=drug, **more)


def holds(doc: Doc, moment: datetime, ended: datetime | None = None) -> bool:
    """Whether what was first recorded on the second day holds at an instant."""
    lifted = lift(doc, NOW, no_medication, ended).fact
    assert isinstance(lifted, Condition | Allergy | Medicine)
    return bool(Record.of([lifted]).holding([lifted], moment))


def test_a_condition_is_known_by_every_code_that_it_bears() -> None:
    local = {"system": "urn:local", "code": "x"}
    coding = [*concept(SNOMED, SINUS)["coding"], local, {"display": "no code"}]
    found = fact(condition(code="") | {"code": {"coding": coding}})

    assert found.codes == ((SNOMED, SINUS), ("urn:local", "x"))
    assert found.coded(SNOMED, {SINUS})
    assert not found.coded("urn:local", {SINUS})


@pytest.mark.parametrize("verified", ["refuted", "entered-in-error"])
def test_a_condition_or_an_allergy_that_was_withdrawn_is_none(verified: str) -> None:
    told = {"verificationStatus": concept(VERIFIED, verified)}

    assert fact(condition(verified=verified)) is None
    assert fact(allergy(concept(RXNORM, "2599"), **told)) is None


@pytest.mark.parametrize("verified", ["unconfirmed", "provisional", "differential", "confirmed"])
def test_a_condition_counts_until_it_is_refuted(verified: str) -> None:
    assert fact(condition(verified=verified)) is not None


def test_a_condition_in_words_alone_makes_no_fact() -> None:
    assert fact({**condition(), "code": {"text": "sick sinus"}}) is None


ONSETS: tuple[tuple[Doc, datetime], ...] = (
    ({"onsetDateTime": when(at(1))}, at(1)),
    ({"onsetDateTime": "2026-03"}, datetime.fromisoformat("2026-03-01T00:00:00Z")),
    ({"onsetPeriod": {"start": when(at(1, "06:00"))}}, at(1, "06:00")),
    ({"onsetString": "as a child", "recordedDate": "2026-03-02"}, at(1)),
    ({"onsetAge": {"value": 30}}, NOW),
    ({}, NOW),
)


@pytest.mark.parametrize(("more", "since"), ONSETS)
def test_a_condition_and_an_allergy_hold_from_their_onset(more: Doc, since: datetime) -> None:
    for doc in (condition(**more), allergy(concept(RXNORM, "2599"), **more)):
        assert holds(doc, since)
        assert not holds(doc, since - timedelta.resolution)


ABATED: tuple[tuple[Doc, datetime], ...] = (
    ({"abatementDateTime": when(at(4, "08:00"))}, at(4, "08:00")),
    ({"abatementDateTime": "2026-03-05"}, at(5)),
    ({"abatementPeriod": {"start": when(at(3)), "end": when(at(4))}}, at(4)),
    ({"abatementString": "last week"}, at(6)),
    ({}, at(6)),
)


@pytest.mark.parametrize(("more", "until"), ABATED)
@pytest.mark.parametrize("clinical", ["inactive", "remission", "resolved"])
def test_a_condition_ends_as_sent_or_when_its_end_was_first_recorded(
    clinical: str, more: Doc, until: datetime
) -> None:
    doc = condition(clinical=clinical, **more)

    assert holds(doc, until - timedelta.resolution, ended=at(6))
    assert not holds(doc, until, ended=at(6))


@pytest.mark.parametrize("clinical", ["active", "recurrence", "relapse"])
def test_a_condition_that_goes_on_has_no_end(clinical: str) -> None:
    assert holds(condition(clinical=clinical), at(3000), ended=at(6))


def test_an_allergy_that_is_resolved_ends_when_that_was_first_recorded() -> None:
    doc = allergy(concept(RXNORM, "2599"), clinical="resolved")

    assert holds(doc, at(5), ended=at(6))
    assert not holds(doc, at(6), ended=at(6))


@pytest.mark.parametrize(
    ("doc", "drug"),
    [
        (allergy(concept(RXNORM, "884173")), "clonidine"),
        (allergy(concept(ATC, "N07BC04")), "lofexidine"),
        (allergy({"text": "Catapres patch"}), "clonidine"),
        (allergy({"text": "drug"}, reaction=[{"substance": concept(RXNORM, "2599")}]), "clonidine"),
        (allergy(concept(RXNORM, "8787")), None),
        (allergy({"text": "penicillin"}), None),
    ],
)
def test_an_allergy_matters_if_it_is_to_a_watched_drug(doc: Doc, drug: str | None) -> None:
    found = fact(doc)

    assert (found.drug if found else None) == drug


def test_an_allergy_in_words_alone_warns_its_sender() -> None:
    lifted = lift(allergy({"text": "clonidine"}), NOW, no_medication)

    assert [(one.severity, one.expression) for one in lifted.warnings] == [
        ("warning", "AllergyIntolerance.code")
    ]


MEDICINES: tuple[tuple[Doc, tuple[str, ...]], ...] = (
    (concept(RXNORM, "6918"), ("beta-blocker",)),
    (concept(ATC, "C07AB02"), ("beta-blocker",)),
    (concept(RXNORM, "3407"), ("av-nodal",)),
    (concept(ATC, "C08DA01"), ("av-nodal",)),
    (concept(ATC, "N06AA09"), ("tca-mirtazapine",)),
    (concept(ATC, "N06AX11"), ("tca-mirtazapine",)),
    (concept(ATC, "N06AX16"), ()),
    (concept(RXNORM, "6470"), ("cns-depressant",)),
    (concept(RXNORM, "448"), ("cns-depressant",)),
    (concept(RXNORM, "5487"), ("antihypertensive",)),
    (concept(RXNORM, "6813"), ("opioid-agonist", "methadone")),
    (concept(ATC, "N02AE01"), ("opioid-agonist",)),
    (concept(ATC, "C09AA03"), ("antihypertensive",)),
    (concept(ATC, "N02BE01"), ()),
    ({"text": "Metoprolol tartrate 25 mg"}, ("beta-blocker",)),
    ({"text": "Atenolol 50 mg / chlortalidone 25 mg"}, ("beta-blocker", "antihypertensive")),
    ({"text": "amitriptyline"}, ("tca-mirtazapine",)),
    ({"text": "diltiazem retard"}, ("av-nodal",)),
    ({"text": "isopropyl alcohol pad"}, ()),
    ({**concept(ATC, "N02BE01"), "text": "paracetamol, not with methadone"}, ()),
    ({**concept(RXNORM, "0"), "text": "methadone 10 mg tablet"}, ("opioid-agonist", "methadone")),
)


@pytest.mark.parametrize(("drug", "kinds"), MEDICINES)
def test_another_medicine_is_known_by_its_kinds(drug: Doc, kinds: tuple[str, ...]) -> None:
    found = fact(medicine(drug, instruction("5", 8)))

    assert (found.kinds if found else ()) == kinds


def test_a_medicine_in_words_alone_warns_its_sender_and_a_coded_one_does_not() -> None:
    spoken = lift(medicine({"text": "propranolol"}), NOW, no_medication)
    coded = lift(medicine(concept(RXNORM, "8787")), NOW, no_medication)

    assert [one.rule for one in spoken.warnings] == ["medication-by-text"]
    assert "beta-blocker" in spoken.warnings[0].text
    assert coded.warnings == ()


@pytest.mark.parametrize("change", [{"intent": "proposal"}, {"status": "draft"}, {"doNotPerform": True}])
def test_what_orders_no_medicine_is_none(change: Doc) -> None:
    assert fact({**medicine(concept(RXNORM, "8787")), **change}) is None


def test_a_combination_with_clonidine_is_an_order_of_clonidine_alone() -> None:
    assert isinstance(fact(medicine(concept(RXNORM, "884192"))), Order)


PROPRANOLOL = concept(RXNORM, "8787")
SPANS: tuple[tuple[Doc, datetime, datetime | None], ...] = (
    (medicine(PROPRANOLOL, authored=at(1)), at(1), None),
    (medicine(PROPRANOLOL, authored=None), NOW, None),
    (medicine(PROPRANOLOL, instruction("40", 8, at(3), at(5))), at(3), at(5)),
    (medicine(PROPRANOLOL, instruction("40", 8, at(3), at(5)), status="stopped"), at(3), at(5)),
    (medicine(PROPRANOLOL, instruction("40", 8, at(3), at(9)), status="on-hold"), at(3), at(6)),
    (medicine(PROPRANOLOL, instruction("40", 8, at(3)), instruction("20", 8, end=at(5))), at(1), None),
    (medicine(PROPRANOLOL, status="completed"), at(1), at(6)),
)


@pytest.mark.parametrize(("doc", "since", "until"), SPANS)
def test_a_medicine_is_in_force_as_orders_are(doc: Doc, since: datetime, until: datetime | None) -> None:
    assert holds(doc, since, ended=at(6))
    assert not holds(doc, since - timedelta.resolution, ended=at(6))
    assert holds(doc, (until or at(3000)) - timedelta.resolution, ended=at(6))
    assert until is None or not holds(doc, until, ended=at(6))


@pytest.mark.parametrize("drug", [PROPRANOLOL, concept(RXNORM, "2599")], ids=["a medicine", "an order"])
def test_a_medicine_ends_when_its_successor_starts(drug: Doc) -> None:
    first = fact(medicine(PROPRANOLOL))
    prior = {"reference": "MedicationRequest/m"}
    second = fact(order("n", authored=at(4), drug=drug, priorPrescription=prior))
    record = Record.of([first, second])

    assert record.holding(record.medicines[:1], at(4) - timedelta.resolution) == [first]
    assert first not in record.holding(record.medicines, at(4))


@pytest.mark.parametrize(
    ("born", "moment", "age"),
    [
        ("2008-03-03", at(1), 17),
        ("2008-03-03", at(2), 18),
        ("2008-03", at(1), 17),
        ("2008", at(1), 17),
        ("2008-02-29", at(1), 18),
    ],
)
def test_an_age_is_in_whole_years_and_of_an_inexact_date_the_least(
    born: str, moment: datetime, age: int
) -> None:
    found = fact({"resourceType": "Patient", "id": "p1", "birthDate": born})

    assert isinstance(found, Person)
    assert found.age(moment) == age


def test_a_patient_without_a_birth_date_makes_no_fact() -> None:
    assert fact({"resourceType": "Patient", "id": "p1"}) is None


DOCS = (
    condition(onsetDateTime="2020"),
    allergy(concept(RXNORM, "2599")),
    medicine(PROPRANOLOL, instruction("40", 8, at(3), at(5)), status="stopped"),
    {"resourceType": "Patient", "id": "p1", "birthDate": "1980-05-17"},
)


@pytest.mark.parametrize("doc", DOCS, ids=[doc["resourceType"] for doc in DOCS])
def test_a_fact_of_the_background_survives_being_stored(doc: Doc) -> None:
    assert decode(encode(fact(doc))) == fact(doc)


def test_a_record_holds_the_background_and_lets_go_of_it() -> None:
    facts = [fact(doc) for doc in DOCS]
    of, bit_by_bit = Record.of(facts), Record()
    for one in reversed(facts):
        bit_by_bit = bit_by_bit.with_fact(one)

    for record in (of, bit_by_bit):
        assert [*record.conditions, *record.allergies, *record.medicines, record.person] == facts
    changed = of.without("Condition/c").with_fact(fact(order("m", instruction("0.1", 6))))
    assert (changed.conditions, changed.medicines, len(changed.regimen.orders)) == ((), (), 1)
    assert (changed.allergies, changed.person) == (of.allergies, of.person)
