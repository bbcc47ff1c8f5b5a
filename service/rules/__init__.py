"""The clinical rules, one a file: adding one is its file and its line here.

The order is that of the printed ruleset. What a rule stands in for is told by its `over`, not by its place.
"""

from importlib import import_module

from service.rules.rule import Rule

_FILES = (
    "implausible_vital",
    "unparseable_vital",
    "rule_failure",
    "hypotension_severe",
    "hypotension",
    "bp_drop_from_baseline",
    "orthostatic_hypotension",
    "symptomatic_hypotension",
    "map_low",
    "bradycardia_severe",
    "bradycardia",
    "hypertensive_crisis",
    "withdrawal_hypertension",
    "autonomic_surge",
    "rebound_hypertension",
    "tachycardia",
    "single_dose_exceeded",
    "daily_dose_exceeded",
    "first_dose_high",
    "dose_interval_short",
    "missed_dose",
    "dose_gap_rebound_risk",
    "abrupt_discontinuation",
    "taper_too_steep",
    "hold_dose_advised",
    "dose_given_despite_hold",
    "duplicate_clonidine",
    "treatment_duration_exceeded",
    "pre_dose_bp_missing",
    "post_dose_bp_missing",
    "bp_monitoring_overdue",
    "withdrawal_assessment_overdue",
    "withdrawal_severity",
    "withdrawal_rising",
    "withdrawal_item_mismatch",
    "sedation",
    "dizziness",
    "syncope",
    "dry_mouth",
    "respiratory_depression",
    "contraindication_conduction",
    "contraindication_low_bp_or_hr_at_start",
    "hypersensitivity",
    "caution_cardiovascular",
    "caution_renal",
    "caution_pregnancy",
    "caution_child",
    "interaction_beta_blocker",
    "interaction_av_nodal",
    "interaction_tca_mirtazapine",
    "interaction_cns_depressant",
    "co_use_opioid_agonist",
    "co_use_antihypertensive",
    "news2_cardiovascular",
)
RULES: tuple[Rule, ...] = tuple(import_module(f"{__name__}.{file}").RULE for file in _FILES)
BY_ID = {rule.id: rule for rule in RULES}
