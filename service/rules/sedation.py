"""Sedation.

What: drowsiness; for information when mild, low when moderate, high when severe. A level of consciousness that is
no longer alert or confused but voice, pain or unresponsive (ACVPU): critical.
Why: clonidine sedates, and with opioids, benzodiazepines or alcohol it can stop the breathing.
Evidence: drowsiness in 33 %, sedation in 10 % of patients on clonidine in S5 [F]; severe drowsiness reaches the
provider promptly as the care that is supported asks. Voice, pain and unresponsive have 3 points of NEWS2 in S17 [F].
The grading of drowsiness, and critical, are ours [E].
Limits: none. Confusion alone is no sedation. The LOINC code of the level is unverified [R]; its values are those of UK
Core.
"""

from collections.abc import Mapping
from datetime import timedelta

from service.record.facts import Symptom
from service.record.record import Record
from service.rules.felt import ROUSED, finding, sedated
from service.rules.rule import Finding, Limits, Rule, Severity
from service.rules.sources import cite

_SEVERITY: Mapping[str, Severity] = {"mild": "info", "moderate": "low", "severe": "high"}


def judge(symptom: Symptom, record: Record, limits: Limits) -> Finding | None:
    if not sedated(symptom):
        return None
    if symptom.level in ROUSED:
        return _unconscious(symptom, ROUSED[symptom.level])
    acts = "Check whether the patient can be roused by voice, and breathing and saturation."
    if symptom.grade == "severe":
        acts += " Call the prescriber, give no further dose and nothing else that sedates."
    return finding(symptom, _SEVERITY[symptom.grade], acts, "S5", "E")


def _unconscious(symptom: Symptom, roused: str) -> Finding:
    return Finding(
        severity="critical",
        side="other",
        text=f"{roused} (ACVPU {symptom.level}). Call the prescriber now, watch breathing and saturation, give no "
        f"further dose and nothing else that sedates. Source: {cite('S17', 'E')}.",
    )


RULE = Rule(
    id="sedation",
    title="Sedation",
    trigger="drowsiness, or a level of consciousness of voice, pain or unresponsive (ACVPU)",
    severity="info when mild, low when moderate, high when severe; critical by ACVPU",
    judges=(Symptom,),
    judge=judge,
    repeat=timedelta(minutes=60),
    seed="Q4, Q9",
)
