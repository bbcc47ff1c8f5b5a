"""What dose rules share: limits by drug, and how an amount stands in evidence."""

from decimal import Decimal

from service.record.codes import ROOT
from service.record.facts import Drug
from service.rules.rule import Evidence, Limit, Limits, Severity

COMPONENTS = f"{ROOT}/CodeSystem/alert-component"


def exceeded(drug: Drug, amount: Decimal, limits: Limits) -> tuple[Severity, Limit] | None:
    """The highest limit of the drug that `amount` is strictly above; None where it is above none."""
    critical, high = limits.get(f"{drug}-critical"), limits[drug]
    if critical and amount > critical.value:
        return "critical", critical
    return ("high", high) if amount > high.value else None


def evidence(code: str, amount: Decimal, limit: Limit) -> Evidence:
    """An amount against its limit, under a local code: there is no LOINC code for either."""
    return Evidence(code, amount, limit.unit, high=limit.value, limit=limit.source, system=COMPONENTS)
