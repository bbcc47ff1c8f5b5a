"""Why a dose is held, or has to wait for a measurement: a table of reasons, each found by itself."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, NamedTuple

from service.alerts.alert import Alert
from service.alerts.clock import seen
from service.alerts.ledger import Ledger
from service.dosing.dose import Due, orders_in_force
from service.limits import HOLD
from service.record import monitoring
from service.record.codes import Quantity
from service.record.record import LAST, Record
from service.record.schedule import given_before
from service.record.totals import given
from service.record.units import EXACT
from service.rules.hold import FRESH, MEASURED, held, opened
from service.rules.personal import in_force, personal
from service.rules.rule import Limit, Limits, span
from service.rules.threshold import below, exceeded
from service.rules.wording import because, clock_time, show
from service.ruleset import Ruleset

PRE_DOSE, SINGLE, DAILY, SHORT = (
    "pre-dose-bp-missing",
    "single-dose-exceeded",
    "daily-dose-exceeded",
    "dose-interval-short",
)
CONTRAINDICATIONS = ("contraindication-conduction", "hypersensitivity")
"""Rules whose critical alert about an order in force holds its doses while the cause lasts. Not the one about pressure
and heart rate at the start: once the course has begun, the present ones are judged."""


class Reason(NamedTuple):
    """Why: a `code` of REASONS, a sentence, the `rule` that it comes from, the limits, and what it rests on."""

    code: str
    text: str
    rule: str = ""
    limits: tuple[Limit, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def verdict(self) -> Literal["give", "measure-first", "hold"]:
        """What follows from it alone."""
        return REASONS[self.code].verdict


class Sight(NamedTuple):
    """What is looked at: record and alerts of a patient, at an instant, and the dose that is asked about."""

    record: Record
    ledger: Ledger
    rules: Ruleset
    at: datetime
    dose: Due | None

    def limits(self, rule: str) -> Limits:
        """The limits of a rule, on or off, as the patient's Goals have them."""
        return personal(self.rules.all[rule].limits, in_force(self.record.goals, self.at))

    def on(self, rule: str) -> bool:
        """Whether the site has it on."""
        return rule in self.rules.by_id

    def used(self) -> Mapping[tuple[str, str], Limit]:
        """All limits that are looked at."""
        drug = self.dose.order.drug if self.dose else ""
        of_dose = [
            (rule, key) for rule in (SINGLE, DAILY) for key in (drug, f"{drug}-critical") if self.on(rule)
        ]
        wanted = [*((HOLD, key) for key in self.limits(HOLD)), (PRE_DOSE, "before"), *of_dose]
        wanted += [(SHORT, "interval")] if self.on(SHORT) else []
        return {(rule, key): self.limits(rule)[key] for rule, key in wanted if key in self.limits(rule)}


class Told(NamedTuple):
    """A reason: the verdict that follows from it, what it means, and what finds it."""

    verdict: Literal["give", "measure-first", "hold"]
    about: str
    find: Callable[[Sight], Iterator[Reason]]


def reasons(sight: Sight) -> Iterator[Reason]:
    """All that speaks against the dose, in the order of the table, then what only has to be known."""
    for told in REASONS.values():
        yield from told.find(sight)


def _below(sight: Sight) -> Iterator[Reason]:
    for one in held(sight.record, sight.at, sight.limits(HOLD)):
        text = f"{one.breach.words().capitalize()}, {_age(sight, one.reading.at)}. {because((one.breach.limit,))}"
        yield Reason("below-limit", text, HOLD, (one.breach.limit,), (one.reading.source,))


def _start(sight: Sight) -> Iterator[Reason]:
    """Of the first dose of a course, under a preset that says from where on one may start."""
    limits = sight.rules.site.preset.start
    for key in limits if limits and _is_first(sight) else ():
        quantity: Quantity = _QUANTITIES[key]
        reading = monitoring.latest(sight.record, MEASURED[quantity], sight.at, FRESH)
        breach = below(reading, quantity, limits[key]) if reading else None
        if reading and breach:
            text = (
                f"Not to start with: {breach.words()}, {_age(sight, reading.at)}. {because((breach.limit,))}"
            )
            yield Reason("below-start", text, "", (breach.limit,), (reading.source,))


def _is_first(sight: Sight) -> bool:
    """Whether no dose of the course was given, or, while slots stand for doses, its first slot is asked about."""
    regimen, at = sight.record.regimen, sight.at
    firsts = [course.first_dose for course in regimen.courses if course.start <= at <= course.until]
    first = firsts[-1] if firsts else None
    if first is None or first > at:
        return True
    return bool(not regimen.doses and sight.dose and sight.dose.at == first)


def _episodes(sight: Sight) -> Iterator[Reason]:
    view = seen(sight.record, sight.ledger, sight.rules)
    for rule, worst, breached in opened(view, sight.at):
        text = f"An episode of {rule} is open that was {worst}, last {_age(sight, breached)}."
        yield Reason("open-alert", text, rule, (), _named(_last(sight, rule)))


def _last(sight: Sight, rule: str) -> Alert | None:
    """The newest alert of the episode: of the rule, or of the rung above that stands in for it."""
    chains = [name for name in (rule, sight.rules.above.get(rule)) if name]
    found = (next(iter(sight.ledger.chain(name).before((sight.at, LAST))), None) for name in chains)
    return max(filter(None, found), key=lambda alert: alert.key, default=None)


def _contraindicated(sight: Sight) -> Iterator[Reason]:
    orders = {order.source for order in orders_in_force(sight.record.regimen, sight.at)}
    orders |= {sight.dose.order.source} if sight.dose else set()
    until = sight.record.until()
    for order in sorted(orders):
        for alert in sight.ledger.about(order):
            lasts = alert.cause not in until or sight.at < until[alert.cause]
            grave = alert.severity == "critical" and not alert.retracted
            if alert.rule in CONTRAINDICATIONS and grave and lasts and alert.at <= sight.at:
                yield Reason("contraindication", alert.finding.text, alert.rule, (), _named(alert))


def _single(sight: Sight) -> Iterator[Reason]:
    dose = sight.dose
    if dose is None or dose.mg is None or not dose.oral or not sight.on(SINGLE):
        return
    above = exceeded(dose.order.drug, dose.mg, sight.limits(SINGLE))
    if above:
        text = (
            f"The dose is {show(dose.mg)} mg: it must be confirmed by the prescriber. {because((above[1],))}"
        )
        yield Reason("single-dose", text, SINGLE, (above[1],), (dose.order.source,))


def _daily(sight: Sight) -> Iterator[Reason]:
    dose = sight.dose
    if dose is None or dose.mg is None or not sight.on(DAILY):
        return
    drug = dose.order.drug
    before, counted = given(sight.record.regimen, drug, sight.at)
    total = EXACT.add(before, dose.mg)
    above = exceeded(drug, total, sight.limits(DAILY))
    if above:
        text = f"With this dose {show(total)} mg {drug} are given in 24 hours. {because((above[1],))}"
        yield Reason(
            "daily-dose", text, DAILY, (above[1],), (dose.order.source, *(one.source for one in counted))
        )


def _soon(sight: Sight) -> Iterator[Reason]:
    """Of a dose as needed by its order; of any where the site has its shortest interval on."""
    dose = sight.dose
    last = next(given_before(sight.record.regimen, sight.at, dose.order.drug), None) if dose else None
    if dose is None or last is None:
        return
    ago = _age(sight, last.at)
    if dose.spacing and sight.at - last.at < dose.spacing:
        text = f"The last dose was {ago}; the order allows one every {_hours(dose.spacing)} h."
        yield Reason("too-soon", text, "", (), (last.source,))
    least = sight.limits(SHORT)["interval"]
    if sight.on(SHORT) and sight.at - last.at < span(least):
        text = f"The last dose was {ago}. {because((least,))}"
        yield Reason("too-soon", text, SHORT, (least,), (last.source,))


def _missing(sight: Sight, code: str, quantities: tuple[Quantity, ...]) -> Iterator[Reason]:
    """A site may ask for fresher ones; older than 60 minutes none can hold a dose, so none can let it pass."""
    most = sight.limits(PRE_DOSE)["before"]
    within = min(span(most), FRESH)
    for quantity in quantities:
        if not monitoring.measured(sight.record, MEASURED[quantity], sight.at, within):
            minutes = within // timedelta(minutes=1)
            text = f"No {_WORDS[quantity]} of the last {minutes} minutes is known: measure it. {because((most,))}"
            yield Reason(code, text, PRE_DOSE, (most,))


def _not_due(sight: Sight) -> Iterator[Reason]:
    at = sight.dose.at if sight.dose else None
    if at and at - sight.at > FRESH:
        text = f"The next dose is due at {clock_time(at)}: measure, and ask again, in the hour before it."
        yield Reason("not-due", text, "", (), (sight.dose.order.source,) if sight.dose else ())


def _no_order(sight: Sight) -> Iterator[Reason]:
    if sight.dose is None:
        text = "No dose is ordered, as far as is known here: whether one is due cannot be told. Look at the orders."
        orders = tuple(order.source for order in orders_in_force(sight.record.regimen, sight.at))
        yield Reason("no-dose-ordered", text, "", (), orders)


def _doses_unknown(sight: Sight) -> Iterator[Reason]:
    if sight.dose and not sight.record.regimen.doses:
        text = "No administrations are sent: what was given so far is not known, nor whether this dose was."
        yield Reason("doses-unknown", text, "", (), (sight.dose.order.source,))


def _amount_unknown(sight: Sight) -> Iterator[Reason]:
    if sight.dose and sight.dose.mg is None:
        text = "The order does not tell the dose in mg: the limits of a dose and of a day were not looked at."
        yield Reason("amount-unknown", text, "", (), (sight.dose.order.source,))


_QUANTITIES: Mapping[str, Quantity] = {name.replace("_", "-"): name for name in MEASURED}
_WORDS: Mapping[Quantity, str] = {
    "systolic": "systolic pressure",
    "diastolic": "diastolic pressure",
    "heart_rate": "heart rate",
}


def _age(sight: Sight, at: datetime) -> str:
    return f"{(sight.at - at) // timedelta(minutes=1)} minutes ago"


def _hours(time: timedelta) -> str:
    return f"{time / timedelta(hours=1):g}"


def _named(alert: Alert | None) -> tuple[str, ...]:
    return (f"Observation/{alert.id}",) if alert else ()


REASONS: Mapping[str, Told] = {
    "below-limit": Told(
        "hold", "The newest pressure or heart rate of the last 60 minutes is below the limit.", _below
    ),
    "below-start": Told(
        "hold",
        "It would be the first dose, and pressure or heart rate is below where the preset starts.",
        _start,
    ),
    "open-alert": Told(
        "hold",
        "An episode of low pressure, slow heart, fainting or sedation is open that was high.",
        _episodes,
    ),
    "contraindication": Told("hold", "A critical contraindication of the order lasts.", _contraindicated),
    "single-dose": Told("hold", "The dose is above the limit of a single dose.", _single),
    "daily-dose": Told("hold", "With this dose the limit of 24 hours is exceeded.", _daily),
    "too-soon": Told("hold", "The last dose was given too short a time ago.", _soon),
    "pressure-missing": Told(
        "measure-first",
        "No systolic or no diastolic pressure of the last 60 minutes is known.",
        partial(_missing, code="pressure-missing", quantities=("systolic", "diastolic")),
    ),
    "heart-rate-missing": Told(
        "measure-first",
        "No heart rate of the last 60 minutes is known.",
        partial(_missing, code="heart-rate-missing", quantities=("heart_rate",)),
    ),
    "not-due": Told(
        "measure-first",
        "The next dose is due in more than an hour: what is measured now is too old by then.",
        _not_due,
    ),
    "no-dose-ordered": Told(
        "measure-first", "No order in force schedules a dose or allows one as needed.", _no_order
    ),
    "doses-unknown": Told("give", "The hospital sends no administrations; only to be known.", _doses_unknown),
    "amount-unknown": Told(
        "give", "The order does not tell its dose in mg; only to be known.", _amount_unknown
    ),
}
