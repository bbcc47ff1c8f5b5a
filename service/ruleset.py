"""The rules in force: which are on, with which limits, and how far a change of a fact reaches."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from importlib import import_module
from typing import NamedTuple, get_args

from service.limits import Site, site
from service.record.facts import Dose, Fact, Goal, Order, Reading, Score, Symptom
from service.record.plausible import Plausible, Range
from service.rules import BY_ID, RULES
from service.rules.implausible_vital import RULE as IMPLAUSIBLE
from service.rules.rule import ALWAYS, Limits, Reach, Rule

VERSION = "1.0.0"
_DAY = timedelta(hours=24)
_KINDS: tuple[type, ...] = get_args(Fact)
_MEASURED = frozenset({Reading, Symptom, Score})


class Bound(NamedTuple):
    """A rule with the limits that are in force for it."""

    rule: Rule
    limits: Limits


class Described(NamedTuple):
    """A row of the printed ruleset: a rule, whether it is on, its limits in force."""

    rule: Rule
    on: bool
    limits: Limits
    what: str


class Ruleset:
    """The rules that are on, in the order of their table, and what every write needs to know of them at once.

    `judging` and `reaching` give the rules by kind of fact; `course` those that read the course; `episodic`
    those whose breaches form episodes; `clock` those that time alone makes true, and `heeded` the kinds of fact that
    have a say in each; `above` the rung that stands in for a rule; `lookback` how much older than a changed fact a
    judgement that it reaches can look; `deep` are the ids of rules that judge an order by all that was measured since
    it began.
    """

    def __init__(self, told: Site, version: str = VERSION) -> None:
        self.site, self.version = told, version
        self.all = {rule.id: Bound(rule, _limits(rule, told)) for rule in RULES}
        on = [one.rule for id, one in self.all.items() if told.switched.get(id, one.rule.on)]
        self.by_id = {rule.id: Bound(rule, self._with_borrowed(rule)) for rule in on}
        bound = self.by_id.values()
        self.plausible = _plausible(self.by_id.get(IMPLAUSIBLE.id))
        self.above = {one.rule.over: one.rule.id for one in bound if one.rule.over}
        self.judging = {kind: self._judging(kind) for kind in _KINDS}
        self.reaching = {kind: self._reaching(kind) for kind in _KINDS}
        self.course = {one.rule.id: one for one in bound if one.rule.course}
        self.clock = tuple(one for one in bound if one.rule.clock)
        self.heeded = {one.rule.id: frozenset({Dose, Order, *one.rule.heeds}) for one in self.clock}
        self.episodic = tuple(one.rule for one in bound if one.rule.repeat)
        self.lookback = self._lookback()
        self.deep = frozenset(
            id for id, one in self.by_id.items() if any(map(_back_to_orders, one.rule.reaches))
        )

    def _with_borrowed(self, rule: Rule) -> Limits:
        """Its own limits, and under the names of the others those that it borrows."""
        others = [(other, limit) for other in rule.borrows for limit in self.all[other].limits.values()]
        return {**self.all[rule.id].limits, **{f"{other}.{limit.key}": limit for other, limit in others}}

    def _lookback(self) -> timedelta:
        """From a change back to the oldest fact that it reaches, and from there a window or an episode further.

        The others do not count: a chart always has all of them.
        """
        found = [reach for one in self.by_id.values() for reach in one.rule.reaches]
        timed = [reach for reach in found if {reach.of, reach.to} <= _MEASURED]
        back = max((reach.back for reach in timed), default=timedelta())
        return back + max([reach.ahead for reach in timed] + [_DAY])

    def _judging(self, kind: type) -> Mapping[str, Bound]:
        return {id: one for id, one in self.by_id.items() if kind in one.rule.judges}

    def _reaching(self, kind: type) -> tuple[tuple[Reach, Mapping[str, Bound]], ...]:
        """Reaches of a kind, each with the rules that look again: the rungs of a ladder go together."""
        found: dict[Reach, dict[str, Bound]] = {}
        for one in self.by_id.values():
            for reach in (*one.rule.reaches, *_aimed(one)):
                if reach.of is kind:
                    ladder = (one.rule.id, one.rule.over or "", self.above.get(one.rule.id, ""))
                    found.setdefault(reach, {}).update(
                        (id, self.by_id[id]) for id in ladder if id in self.by_id
                    )
        return tuple(found.items())


def _aimed(one: Bound) -> Iterator[Reach]:
    """What a Goal reaches, from its beginning on: all that the rule judges, where it can move a limit of it."""
    if any(limit.aim for limit in one.limits.values()):
        yield from (Reach(Goal, kind, ahead=ALWAYS) for kind in one.rule.judges)


def _back_to_orders(reach: Reach) -> bool:
    return reach.of in _MEASURED and reach.to is Order and bool(reach.back)


def load(limits_toml: str | None = None) -> Ruleset:
    """The rules under the text of a limits file: site over preset over default.

    Raises `service.limits.LimitsError`, which names key, line and bound of every fault.
    """
    return Ruleset(site(limits_toml, BY_ID))


def describe(ruleset: Ruleset) -> Iterator[Described]:
    """Every rule in the order of the table, those that are off included."""
    for id, (rule, limits) in ruleset.all.items():
        yield Described(rule, id in ruleset.by_id, limits, _what(rule))


def _what(rule: Rule) -> str:
    """The docstring of the rule's module: what, why, evidence, limits."""
    return (import_module(rule.module).__doc__ or "").strip()


def _limits(rule: Rule, told: Site) -> Limits:
    limits = {limit.key: limit for limit in rule.limits}
    return {**limits, **told.preset.moved.get(rule.id, {}), **told.moved.get(rule.id, {})}


def _plausible(bound: Bound | None) -> Plausible:
    if bound is None:
        return Plausible(trusting=True)
    value = {key: limit.value for key, limit in bound.limits.items()}
    names = ("systolic", "diastolic", "heart-rate")
    systolic, diastolic, rate = (Range(value[f"{name}-low"], value[f"{name}-high"]) for name in names)
    return Plausible(systolic, diastolic, rate)
