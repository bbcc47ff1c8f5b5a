"""Syncope.

What: any syncope, of whatever grade.
Why: a patient on clonidine who faints has too low a pressure or too slow a heart until somebody has looked.
Evidence: 0.9 to 1.4 % on lofexidine and none on placebo in S13 [F]. That any syncope is critical is ours [E].
Limits: none.
"""

from datetime import timedelta

from service.record.facts import Symptom
from service.record.record import Record
from service.rules.felt import finding
from service.rules.rule import Finding, Limits, Rule


def judge(symptom: Symptom, record: Record, limits: Limits) -> Finding | None:
    if symptom.kind != "syncope" or not symptom.present:
        return None
    acts = (
        "Call the prescriber now, lay the patient down, measure pressure and heart rate, take an ECG; give no "
        "further dose."
    )
    return finding(symptom, "critical", acts, "S13", "E")


RULE = Rule(
    id="syncope",
    title="Syncope",
    trigger="any syncope",
    severity="critical",
    judges=(Symptom,),
    judge=judge,
    repeat=timedelta(hours=24),
    seed="Q2, Q4",
)
