"""Dizziness.

What: dizziness graded moderate or severe; one that is merely said to be present counts as moderate.
Why: it is how low pressure is felt, and it comes before a fall.
Evidence: 16 % of patients on clonidine in S5 [F]. Which grades raise an alert is ours [E].
Limits: none; mild dizziness is stored and raises nothing.
"""

from datetime import timedelta

from service.record.facts import Symptom
from service.record.record import Record
from service.rules.felt import finding
from service.rules.rule import Finding, Limits, Rule


def judge(symptom: Symptom, record: Record, limits: Limits) -> Finding | None:
    if symptom.kind != "dizziness" or symptom.grade not in ("moderate", "severe"):
        return None
    acts = (
        "Let the patient sit or lie down, and measure pressure and heart rate, lying and standing, before the next "
        "dose."
    )
    return finding(symptom, "moderate", acts, "S5", "E")


RULE = Rule(
    id="dizziness",
    title="Dizziness",
    trigger="dizziness, moderate or severe",
    severity="moderate",
    judges=(Symptom,),
    judge=judge,
    repeat=timedelta(hours=24),
    seed="Q2, Q4",
)
