"""The clinical rules, one a file: adding one is its file and its line here.

The order is that of the printed ruleset. What a rule stands in for is told by its `over`, not by its place.
"""

from service.rules import (
    bp_drop_from_baseline,
    bradycardia,
    bradycardia_severe,
    daily_dose_exceeded,
    hypertensive_crisis,
    hypotension,
    hypotension_severe,
    implausible_vital,
    orthostatic_hypotension,
    rule_failure,
    single_dose_exceeded,
    unparseable_vital,
)
from service.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    implausible_vital.RULE,
    unparseable_vital.RULE,
    rule_failure.RULE,
    hypotension_severe.RULE,
    hypotension.RULE,
    bp_drop_from_baseline.RULE,
    orthostatic_hypotension.RULE,
    bradycardia_severe.RULE,
    bradycardia.RULE,
    hypertensive_crisis.RULE,
    single_dose_exceeded.RULE,
    daily_dose_exceeded.RULE,
)
BY_ID = {rule.id: rule for rule in RULES}
