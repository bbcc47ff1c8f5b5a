"""The rules in force: which are on, with which limits, and how far a change of a fact reaches."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from service.record.facts import Dose, Order, Reading, Symptom
from service.record.plausible import PLAUSIBLE, Plausible
from service.rules import RULES
from service.rules.rule import ALWAYS, Limits, Reach, Rule

VERSION = "1.0.0"
DAY = timedelta(hours=24)
KINDS: tuple[type, ...] = (Reading, Symptom, Dose, Order)


class Bound(NamedTuple):
    """A rule with the limits that are in force for it."""

    rule: Rule
    limits: Limits


class Ruleset:
    """The rules that are on, in the order of their table, and what every write needs to know of them at once.

    `judging` and `reaching` give the rules by kind of fact; `course` those that read the course; `episodic` those
    whose breaches form episodes; `lookback` is how much older than itself a fact's judgement can look.
    """

    def __init__(
        self,
        bound: Iterable[Bound],
        plausible: Plausible = PLAUSIBLE,
        version: str = VERSION,
        preset: str = "default",
    ) -> None:
        self.bound = tuple(bound)
        self.plausible, self.version, self.preset = plausible, version, preset
        self.by_id = {one.rule.id: one for one in self.bound}
        self.judging = {kind: tuple(one for one in self.bound if kind in one.rule.judges) for kind in KINDS}
        self.reaching = {kind: self._reaching(kind) for kind in KINDS}
        self.course = tuple(one for one in self.bound if one.rule.course)
        self.episodic = tuple(one.rule for one in self.bound if one.rule.repeat)
        self.above = {one.rule.over: one.rule.id for one in self.bound if one.rule.over}
        spans = [reach.back + reach.ahead for one in self.bound for reach in one.rule.reaches]
        self.lookback = max((span for span in spans if span < ALWAYS), default=DAY) + DAY

    def _reaching(self, kind: type) -> tuple[tuple[Reach, tuple[Bound, ...]], ...]:
        """Reaches of a kind, each with the rules that it makes look again: the rungs of a ladder go together."""
        found: dict[Reach, list[Bound]] = {}
        for one in self.bound:
            for reach in one.rule.reaches:
                if reach.of is kind:
                    found.setdefault(reach, []).append(one)
                    if one.rule.over in self.by_id:
                        found[reach].append(self.by_id[one.rule.over])
        return tuple((reach, tuple(bound)) for reach, bound in found.items())


def load(limits_toml: str | None = None) -> Ruleset:
    """The rules with their default limits, the site's preset and limits over them."""
    return Ruleset(Bound(rule, {one.key: one for one in rule.limits}) for rule in RULES if rule.on)
