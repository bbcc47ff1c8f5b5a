"""Sedation.

What: drowsiness; for information when mild, low when moderate, high when severe.
Why: clonidine sedates, and with opioids, benzodiazepines or alcohol it can stop the breathing.
Evidence: drowsiness in 33 %, sedation in 10 % of patients on clonidine in S5 [F]; severe drowsiness reaches the
provider promptly as the care that is supported asks. The grading is ours [E].
Limits: none. A level of consciousness on the ACVPU scale is not read: no verified code for it is known here.
"""

from collections.abc import Mapping
from datetime import timedelta

from service.record.facts import Symptom
from service.record.record import Record
from service.rules.felt import finding
from service.rules.rule import Finding, Limits, Rule, Severity

_SEVERITY: Mapping[str, Severity] = {"mild": "info", "moderate": "low", "severe": "high"}


def judge(symptom: Symptom, record: Record, limits: Limits) -> Finding | None:
    if symptom.kind != "drowsiness" or not symptom.present:
        return None
    acts = "Check whether the patient can be roused by voice, and breathing and saturation."
    if symptom.grade == "severe":
        acts += " Call the prescriber, give no clonidine and nothing else that sedates."
    return finding(symptom, _SEVERITY[symptom.grade], acts, "S5", "E")


RULE = Rule(
    id="sedation",
    title="Sedation",
    trigger="drowsiness",
    severity="info when mild, low when moderate, high when severe",
    judges=(Symptom,),
    judge=judge,
    repeat=timedelta(minutes=60),
    seed="Q4, Q9",
)
