"""May the next dose be given? What is known, and the answer with its reasons, as a table for clinicians."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import pytest

from service.dosing.check import VERDICTS, check
from service.dosing.reasons import REASONS
from service.ruleset import load
from tests.dosing.course import GIVEN, NOW, ORDER, TREATED, WELL, ago, asked, bp, chart, codes, rate
from tests.record.documents import (
    SINUS,
    Doc,
    at,
    component,
    condition,
    dose,
    goal,
    instruction,
    observation,
    order,
    symptom,
)

SYNCOPE, DROWSY = "271594007", "271782001"
ETSU, LOFEXIDINE, CTN = (
    f'preset = "{name}"' for name in ("etsu-inpatient", "lofexidine-trial", "ctn-0002-entry")
)


class Row(NamedTuple):
    """What is known at `when` under a limits file, the verdict, and the codes of its reasons."""

    name: str
    known: Sequence[Doc]
    verdict: str
    codes: Sequence[str] = ()
    when: datetime = NOW
    limits: str | None = None


def alone(code: str, id: str, value: int, minutes: float) -> Doc:
    part = component(code, value)
    return observation(id, part["code"], ago(minutes), valueQuantity=part["valueQuantity"])


def sinus(code: str = SINUS, **more: str) -> Doc:
    return {**condition(code), "onsetDateTime": "2026-03-01", **more}


NEEDED = order("mr1", instruction("0.1", 4, start=at(1), asNeededBoolean=True))
MISSING = ["pressure-missing", "pressure-missing", "heart-rate-missing"]
TABLE = (
    Row("all is well", [*TREATED, *WELL], "give"),
    # --- limits: strict, and the newest of the last 60 minutes
    Row("exactly at every limit", [*TREATED, bp(90, 60), rate(50)], "give"),
    Row("systolic below", [*TREATED, bp("89.9", 60), rate(50)], "hold", ["below-limit", "open-alert"]),
    Row("diastolic below", [*TREATED, bp(110, 59), rate(50)], "hold", ["below-limit"]),
    Row("heart rate below", [*TREATED, bp(128, 82), rate(49)], "hold", ["below-limit", "open-alert"]),
    Row("low, exactly 60 minutes old", [*TREATED, bp(110, 59, 60), rate(72)], "hold", ["below-limit", *MISSING[:2]]),
    Row("low, 61 minutes old", [*TREATED, bp(110, 59, 61), rate(72)], "measure-first", MISSING[:2]),
    Row("low, then well", [*TREATED, bp(88, 62, 40), *WELL], "give"),
    Row("low, then a little better", [*TREATED, bp(88, 62, 40), bp(94, 64), rate(72)], "hold", ["open-alert"]),
    Row("well, then low", [*TREATED, bp(128, 82, 40), bp(110, 59), rate(72)], "hold", ["below-limit"]),
    Row(
        "systolic and diastolic apart at one time",
        [*TREATED, alone("8480-6", "a", 128, 10), alone("8462-4", "b", 55, 10), rate(72)],
        "hold",
        ["below-limit"],
    ),
    Row(
        "the same, filed the other way round",
        [*TREATED, alone("8462-4", "a", 55, 10), alone("8480-6", "b", 128, 10), rate(72)],
        "hold",
        ["below-limit"],
    ),
    Row("heart rate 59 under ETSU's preset", [*TREATED, bp(128, 82), rate(59)], "hold", ["below-limit"], NOW, ETSU),
    Row("heart rate 60 there", [*TREATED, bp(128, 82), rate(60)], "give", [], NOW, ETSU),
    Row("diastolic 55 under that of the trial", [*TREATED, bp(118, 55), rate(72)], "give", [], NOW, LOFEXIDINE),
    Row("a limit that the site has moved", [*TREATED, bp(99, 70), rate(72)], "hold", ["below-limit"], NOW,
        "[limits.hold-dose-advised]\nsystolic = 100"),
    Row("the rule switched off: the question is asked all the same", [*TREATED, bp(110, 59), rate(72)], "hold",
        ["below-limit"], NOW, "[rules]\nhold-dose-advised = false"),
    Row("99 systolic before the first dose, under CTN-0002", [ORDER, bp(99, 70, 715), rate(56, 715)], "hold",
        ["below-start", "doses-unknown"], at(1, "00:00"), CTN),
    Row("100 systolic and 56 there", [ORDER, bp(100, 70, 715), rate(56, 715)], "give", ["doses-unknown"],
        at(1, "00:00"), CTN),
    Row("heart rate 55 there", [ORDER, bp(100, 70, 715), rate(55, 715)], "hold", ["below-start", "doses-unknown"],
        at(1, "00:00"), CTN),
    Row("99 systolic before a later dose there", [*TREATED, bp(99, 70), rate(55)], "give", [], NOW, CTN),
    Row("99 systolic before the first dose, by default", [ORDER, bp(99, 70, 715), rate(55, 715)], "give",
        ["doses-unknown"], at(1, "00:00")),
    Row("a Goal that holds later", [*TREATED, bp(88, 70), rate(72), goal(low="85")], "give"),
    Row("a Goal that holds sooner", [*TREATED, bp(99, 70), rate(72), goal(low="100")], "hold",
        ["below-limit", "open-alert"]),
    # --- episodes
    Row("fainted an hour and a half ago", [*TREATED, *WELL, symptom("s", SYNCOPE, ago(90))], "hold", ["open-alert"]),
    Row("fainted 24 hours ago", [ORDER, *WELL, symptom("s", SYNCOPE, ago(24 * 60))], "give", ["doses-unknown"]),
    Row("severely drowsy", [*TREATED, *WELL, symptom("s", DROWSY, ago(90), "severe")], "hold", ["open-alert"]),
    Row("mildly drowsy", [*TREATED, *WELL, symptom("s", DROWSY, ago(90), "mild")], "give"),
    Row("a severe rung, back to the lower one", [*TREATED, bp(78, 50, 40), bp(92, 64), rate(72)], "hold",
        ["open-alert"]),
    # --- what is missing
    Row("nothing measured", TREATED, "measure-first", MISSING),
    Row("no heart rate", [*TREATED, bp(128, 82)], "measure-first", ["heart-rate-missing"]),
    Row("no pressure", [*TREATED, rate(72)], "measure-first", MISSING[:2]),
    Row("no diastolic", [*TREATED, bp(128, None), rate(72)], "measure-first", MISSING[:1]),
    Row("exactly 60 minutes old", [*TREATED, bp(128, 82, 60), rate(72)], "measure-first", MISSING[:2]),
    Row("59 minutes old", [*TREATED, bp(128, 82, 59), rate(72, 59)], "give"),
    Row("impossible", [*TREATED, bp(80, 90), rate(72)], "measure-first", MISSING[:2]),
    Row("of a day only", [*TREATED, bp(128, 82, 10) | {"effectiveDateTime": "2026-03-02"}, rate(72)],
        "measure-first", MISSING[:2]),
    Row("entered in error", [*TREATED, bp(128, 82) | {"status": "entered-in-error"}, rate(72)], "measure-first",
        MISSING[:2]),
    Row("the site asks for fresher ones", [*TREATED, *WELL, rate(72, 8)], "measure-first", MISSING[:2], ago(-6),
        "[limits.pre-dose-bp-missing]\nbefore = 15"),
    Row("the site asks for older ones: 60 minutes remain", [*TREATED, bp(128, 82, 90), rate(72)], "measure-first",
        MISSING[:2], NOW, "[limits.pre-dose-bp-missing]\nbefore = 120"),
    Row("low pressure, no heart rate", [*TREATED, bp(110, 59)], "hold", ["below-limit", "heart-rate-missing"]),
    # --- contraindications, while their cause lasts
    Row("sick sinus syndrome", [*TREATED, *WELL, sinus()], "hold", ["contraindication"]),
    Row("abated after 11:40", [*TREATED, *WELL, sinus(abatementDateTime="2026-03-02T11:41:00Z")], "hold",
        ["contraindication"]),
    Row("abated at 11:40", [*TREATED, *WELL, sinus(abatementDateTime="2026-03-02T11:40:00Z")], "give"),
    Row("a block of the first degree, which is moderate", [*TREATED, *WELL, sinus("270492004")], "give"),
    Row("an order that has ended", [{**ORDER, "status": "stopped"}, *GIVEN, *WELL, sinus()], "measure-first",
        ["no-dose-ordered"]),
    Row("low at the start, well now", [ORDER, *GIVEN, bp(88, 58, 725), *WELL], "give"),
    Row("the rule switched off", [*TREATED, *WELL, sinus()], "give", [], NOW,
        "[rules]\ncontraindication-conduction = false"),
    # --- which dose
    Row("61 minutes before it is due", [*TREATED, bp(128, 82, 41), rate(72, 41)], "measure-first", ["not-due"],
        ago(41)),
    Row("60 minutes before", [*TREATED, bp(128, 82, 40), rate(72, 40)], "give", [], ago(40)),
    Row("late, and not given yet", [*TREATED, bp(128, 82, -100), rate(72, -100)], "give", [], at(1, "14:00")),
    Row("given already", [*TREATED, *WELL, dose("d12", "0.1", ago(1))], "measure-first", ["not-due"]),
    Row("held already", [*TREATED, *WELL, dose("d12", "0.1", ago(1), status="not-done")], "measure-first", ["not-due"]),
    Row("order on hold", [{**ORDER, "status": "on-hold"}, *GIVEN, *WELL], "measure-first", ["no-dose-ordered"]),
    Row("order resumed", [*TREATED, *WELL], "give"),
    Row("nothing known at all", [], "measure-first", [*MISSING, "no-dose-ordered"]),
    Row("no order, and low", [bp(88, 62), rate(72)], "hold", ["below-limit", "open-alert", "no-dose-ordered"]),
    Row("no administrations", [ORDER, *WELL], "give", ["doses-unknown"]),
    Row("no administrations, an hour after", [ORDER, bp(128, 82, -80), rate(72, -80)], "give", ["doses-unknown"],
        at(1, "13:00")),
    Row("no administrations, later", [ORDER, bp(128, 82, -81), rate(72, -81)], "measure-first",
        ["not-due", "doses-unknown"], at(1, "13:01")),
    Row("as needed", [NEEDED, dose("d6", "0.1", at(1, "06:00")), *WELL], "give"),
    Row("as needed, exactly the interval after the last", [NEEDED, dose("d", "0.1", ago(240)), *WELL], "give"),
    Row("as needed, sooner", [NEEDED, dose("d", "0.1", ago(239)), *WELL], "hold", ["too-soon"]),
    # --- how much
    Row("1.1 mg in 24 hours and 0.1 more", [ORDER, dose("d", "1.1", ago(300)), *WELL], "give"),
    Row("1.2 mg in 24 hours and 0.1 more", [ORDER, dose("d", "1.2", ago(300)), *WELL], "hold", ["daily-dose"]),
    Row("the same, 24 hours ago", [ORDER, dose("d", "1.2", ago(1440)), *WELL], "give"),
    Row("an order of 0.3 mg", [order("mr1", instruction("0.3", 6, start=at(1))), *GIVEN, *WELL], "give"),
    Row("an order of 0.4 mg", [order("mr1", instruction("0.4", 6, start=at(1))), *GIVEN, *WELL], "hold",
        ["single-dose"]),
    Row("an order of two puffs", [order("mr1", {**instruction("2", 6, start=at(1)), "doseAndRate": []}), *GIVEN, *WELL],
        "give", ["amount-unknown"]),
    Row("doses an hour apart where the site watches that",
        [order("mr1", instruction("0.1", 2, start=at(1))), dose("d", "0.1", at(1, "11:00")), *WELL],
        "hold", ["too-soon"], at(1, "12:00"), "[rules]\ndose-interval-short = true"),
)  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_the_verdict_and_its_reasons(row: Row) -> None:
    found = asked(row.known, row.when, row.limits)
    assert (found.verdict, codes(found)) == (row.verdict, list(row.codes))


def test_every_reason_and_every_verdict_has_a_row() -> None:
    assert {code for row in TABLE for code in row.codes} == REASONS.keys()
    assert {row.verdict for row in TABLE} == VERDICTS.keys()


def test_what_happens_later_has_no_say() -> None:
    later = [*TREATED, *WELL, bp(70, 40, -5), dose("d12", "0.1", at(1, "12:10"))]
    found = asked(later, NOW)
    assert found.verdict == "give"
    assert asked(later, at(1, "12:15")).verdict == "hold"
    whole = chart(later, at(1, "13:00"))
    assert check(whole, NOW, load()).verdict == "give"


def test_each_reason_tells_its_limit_and_what_it_rests_on() -> None:
    found = asked([*TREATED, bp(88, 62), rate(72)])
    below, episode = found.reasons
    assert (below.rule, below.sources) == ("hold-dose-advised", ("Observation/bp10",))
    assert [(limit.key, limit.value) for limit in below.limits] == [("systolic", 90)]
    assert below.text.startswith("Systolic 88 < 90, 10 minutes ago. Limit 90 mm[Hg]: ETSU")
    assert (episode.rule, episode.sources[0][:12]) == ("hypotension", "Observation/")
    assert found.orders == ("MedicationRequest/mr1",)
    assert found.dose
    assert (found.dose.at, found.dose.mg, found.given) == (at(1, "12:00"), Decimal("0.1"), Decimal("0.2"))
    assert [(one.reading.source, one.quantities) for one in found.readings] == [
        ("Observation/hr10", ("heart_rate",)),
        ("Observation/bp10", ("systolic", "diastolic")),
    ]
