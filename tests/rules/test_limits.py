"""Presets and the limits file: site over preset over default, every fault with its line, key and bound."""

from decimal import Decimal

import pytest

from service.evaluate import evaluate
from service.limits import PRESETS, LimitsError
from service.rules import RULES
from service.ruleset import describe, load
from tests.record.documents import at, panel, pulse

NOW = at(2)


def said(limits: str | None, *docs: dict[str, object]) -> list[str]:
    return [alert["code"]["coding"][0]["code"] for alert in evaluate(docs, NOW, load(limits))]


def value(limits: str | None, rule: str, key: str) -> Decimal:
    return load(limits).all[rule].limits[key].value


def test_without_a_file_the_defaults_hold() -> None:
    assert (value(None, "hypotension", "systolic"), value(None, "bradycardia", "heart-rate")) == (90, 50)


def test_a_preset_moves_a_default_and_the_file_moves_the_preset() -> None:
    preset = 'preset = "lofexidine-trial"\n'

    assert value(preset, "hypotension", "diastolic") == 50
    assert value(preset + "[limits.hypotension]\ndiastolic = 55\n", "hypotension", "diastolic") == 55


def test_a_limit_moved_by_a_site_names_its_source_in_the_alert() -> None:
    limits = '[limits.hypotension]\nsystolic = { value = 95, source = "ward protocol 7" }\n'

    [alert] = evaluate([panel("x", 93, 70, NOW)], NOW, load(limits))

    assert "ward protocol 7" in alert["note"][0]["text"]
    assert alert["component"][0]["referenceRange"][0]["low"]["value"] == 95


def test_the_high_diastolic_limit_is_never_above_the_diastolic_limit() -> None:
    limits = "[limits.hypotension]\ndiastolic = 45\n"

    assert said(limits, panel("x", 110, 47, NOW)) == []
    assert said(limits, panel("x", 110, 44, NOW)) == ["hypotension"]


def test_a_preset_that_holds_at_sixty_still_alerts_below_fifty() -> None:
    limits = 'preset = "etsu-inpatient"'

    assert said(limits, pulse("x", 59, NOW)) == []
    assert said(limits, pulse("x", 49, NOW)) == ["bradycardia"]
    assert load(limits).site.preset.hold["heart-rate"] == 60


def test_a_preset_is_cited_by_its_title_where_it_alerts_and_where_it_holds() -> None:
    ruleset = load('preset = "etsu-inpatient"')
    trial = load('preset = "ctn-0002-entry"')

    held = ruleset.all["hold-dose-advised"].limits["heart-rate"]
    assert held.source == "preset etsu-inpatient, ETSU inpatient protocol (S2)"
    days = trial.all["treatment-duration-exceeded"].limits["days"]
    assert (days.value, days.source) == (13, "preset ctn-0002-entry, NIDA CTN-0002 entry criteria (S4)")


def test_a_rule_can_be_switched_off_and_all_but_one() -> None:
    assert said("[rules]\nhypotension = false\n", panel("x", 88, 70, NOW)) == []
    assert said(
        "[rules]\nall = false\nbradycardia = true\n", panel("x", 88, 70, NOW), pulse("y", 45, NOW)
    ) == ["bradycardia"]


def test_a_lower_rung_speaks_where_its_severe_rule_is_off() -> None:
    assert said("[rules]\nhypotension-severe = false\n", panel("x", 75, 70, NOW)) == ["hypotension"]


def test_without_the_rule_of_plausibility_nothing_is_held_back() -> None:
    assert said("[rules]\nimplausible-vital = false\n", panel("x", 80, 95, NOW)) == ["hypotension"]


def test_moved_plausibility_moves_what_is_held_back() -> None:
    assert said("[limits.implausible-vital]\nsystolic-low = 50\n", panel("x", 45, 30, NOW)) == [
        "implausible-vital"
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_shipped_preset_loads(preset: str) -> None:
    ruleset = load(f'preset = "{preset}"')

    assert ruleset.site.preset.hold["systolic"] == 90
    assert len(list(describe(ruleset))) == len(RULES)


FAULTS = (
    ('preset = "nowhere"', "line 1: preset is 'nowhere'; there are default, etsu-inpatient"),
    ("\n\ncolour = 1", "line 3: colour is not known"),
    ("[rules]\nhypotention = true", "line 2: there is no rule hypotention"),
    ("[rules]\nhypotension = 1", "line 2: rules.hypotension must be true or false"),
    ("[limits.hypotention]\nsystolic = 80", "line 1: there is no rule hypotention"),
    (
        "[limits.hypotension]\n# none\nsistolic = 80",
        "line 3: hypotension has no limit sistolic; it has systolic",
    ),
    (
        "[limits.hypotension]\nsystolic = 120",
        "line 2: hypotension.systolic is 120; it must lie within 70 to 110 mm[Hg]",
    ),
    (
        "[limits.bradycardia]\nheart-rate = 39",
        "line 2: bradycardia.heart-rate is 39; it must lie within 40 to 60 /min",
    ),
    (
        "[limits.daily-dose-exceeded]\nclonidine = 2.5",
        "line 2: daily-dose-exceeded.clonidine is 2.5; it must lie within 0.2 to 2.4 mg",
    ),
    ('[limits.hypotension]\nsystolic = "90"', "line 2: hypotension.systolic must be a number in mm[Hg]"),
    ("[limits]\nhypotension = 3", "limits.hypotension must be a table"),
    ("[limits.hypotension\nsystolic = 90", "no valid TOML"),
)


@pytest.mark.parametrize(("text", "message"), FAULTS)
def test_a_fault_names_its_line_its_key_and_its_bound(text: str, message: str) -> None:
    with pytest.raises(LimitsError) as error:
        load(text)

    assert message in str(error.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(LimitsError) as error:
        load("[rules]\nnone = true\n[limits.hypotension]\nsystolic = 1\ndiastolic = 1\n")

    assert len(str(error.value).splitlines()) == 3


def test_every_limit_has_a_source_a_mark_and_bounds_around_it() -> None:
    for rule in RULES:
        for limit in rule.limits:
            assert limit.low <= limit.value <= limit.high
            assert limit.source
            assert limit.unit
            assert limit.mark in {"F", "F2", "R", "E"}
