"""Dry mouth.

What: a dry mouth; low where it is severe, else for information.
Why: it is the commonest adverse effect, harmless, and a reason to stop taking the tablets.
Evidence: 40 % of patients on clonidine in S5 [F]. The grading is ours [E].
Limits: none.
"""

from datetime import timedelta

from service.record.facts import Symptom
from service.record.record import Record
from service.rules.felt import finding
from service.rules.rule import Finding, Limits, Rule


def judge(symptom: Symptom, record: Record, limits: Limits) -> Finding | None:
    if symptom.kind != "dry-mouth" or not symptom.present:
        return None
    acts = "Offer water and sugar-free gum; tell the prescriber if the patient thinks of stopping."
    return finding(symptom, "low" if symptom.grade == "severe" else "info", acts, "S5", "E")


RULE = Rule(
    id="dry-mouth",
    title="Dry mouth",
    trigger="a dry mouth",
    severity="info; low when severe",
    judges=(Symptom,),
    judge=judge,
    repeat=timedelta(hours=24),
    seed="Q4",
)
