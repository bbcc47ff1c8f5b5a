"""A quantity beyond its limit: low limits are strict, high limits of readings inclusive, those of doses strict.

Nothing is rounded before it is compared (decision 5).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from service.record.codes import ALERT_COMPONENT, COWS_TOTAL, WITHDRAWAL_SCALE, Quantity
from service.record.facts import Drug, Reading, Score
from service.record.units import EXACT
from service.rules.rule import Evidence, Limit, Limits, Return, Severity
from service.rules.wording import plain, show

CODES: Mapping[Quantity, str] = {
    "systolic": "8480-6",
    "diastolic": "8462-4",
    "mean": "8478-0",
    "heart_rate": "8867-4",
    "mean_arterial": "8478-0",
    "respiratory_rate": "9279-1",
    "oxygen_saturation": "2708-6",
}
UNITS: Mapping[Quantity, str] = {"heart_rate": "/min", "respiratory_rate": "/min", "oxygen_saturation": "%"}
COMPONENTS = ALERT_COMPONENT
MARGIN_LOW = Decimal(5)
MARGINS_LOW: Mapping[Quantity, Decimal] = {"respiratory_rate": Decimal(4), "oxygen_saturation": Decimal(3)}
MARGINS_HIGH: Mapping[Quantity, Decimal] = {
    "systolic": Decimal(10),
    "diastolic": Decimal(5),
    "heart_rate": Decimal(5),
}
"""Decision 4; those of a high heart rate and of breathing are ours [E]: back to 12 a minute, and to 94 %."""


class Breach(NamedTuple):
    """`closing` is the limit that the episode closes at, where that is another than the one shown; `strict` says that
    a high limit itself is not beyond it, `inclusive` that a low limit itself is."""

    quantity: Quantity
    value: Decimal
    limit: Limit
    low: bool = True
    closing: Limit | None = None
    strict: bool = False
    inclusive: bool = False

    def evidence(self) -> Evidence:
        bound = self.limit.value
        return Evidence(
            CODES[self.quantity],
            self.value,
            UNITS.get(self.quantity, "mm[Hg]"),
            low=bound if self.low else None,
            high=None if self.low else bound,
            limit=self.limit.source,
        )

    def returns(self) -> Return:
        bound = (self.closing or self.limit).value
        if self.low:
            return Return(self.quantity, EXACT.add(bound, MARGINS_LOW.get(self.quantity, MARGIN_LOW)), True)
        return Return(self.quantity, EXACT.subtract(bound, MARGINS_HIGH[self.quantity]), False)

    def words(self) -> str:
        """`systolic 88 < 90`."""
        low, high = "<=" if self.inclusive else "<", ">" if self.strict else ">="
        sign, name = low if self.low else high, self.quantity.replace("_", " ")
        return f"{name} {show(self.value)} {sign} {plain(self.limit.value)}"


def below(reading: Reading, quantity: Quantity, limit: Limit, closing: Limit | None = None) -> Breach | None:
    """The breach of a low limit; None where the value is absent or not below it."""
    value: Decimal | None = getattr(reading, quantity)
    return None if value is None or value >= limit.value else Breach(quantity, value, limit, True, closing)


def at_or_below(reading: Reading, quantity: Quantity, limit: Limit) -> Breach | None:
    """The breach of a low limit that is one itself; None where the value is absent or above it."""
    value: Decimal | None = getattr(reading, quantity)
    return None if value is None or value > limit.value else Breach(quantity, value, limit, inclusive=True)


def above(reading: Reading, quantity: Quantity, limit: Limit) -> Breach | None:
    """The breach of a high limit; None where the value is absent or below it."""
    value: Decimal | None = getattr(reading, quantity)
    return None if value is None or value < limit.value else Breach(quantity, value, limit, False)


def exceeded(drug: Drug, amount: Decimal, limits: Limits) -> tuple[Severity, Limit] | None:
    """The highest limit of the drug that `amount` is strictly above; None where it is above none."""
    critical, high = limits.get(f"{drug}-critical"), limits[drug]
    if critical and amount > critical.value:
        return "critical", critical
    return ("high", high) if amount > high.value else None


def score_evidence(score: Score, low: Decimal | None, high: Decimal | None, source: str) -> Evidence:
    """A COWS total against the band that it lies in or leaves."""
    return Evidence(COWS_TOTAL, score.total, "{score}", low, high, source, WITHDRAWAL_SCALE)


def dose_evidence(code: str, amount: Decimal, limit: Limit) -> Evidence:
    """An amount against its limit, under a local code: there is no LOINC code for either."""
    return Evidence(code, amount, limit.unit, high=limit.value, limit=limit.source, system=COMPONENTS)
