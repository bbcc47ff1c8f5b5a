"""The limits of one patient: what a Goal in force aims at stands in for the limits of the site (decision 14)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from service.record.facts import Aim, Goal, Target
from service.rules.rule import Limit, Limits


class Aimed(NamedTuple):
    """A target, and the Goal that it stands in."""

    target: Target
    goal: Goal


def in_force(goals: Iterable[Goal], at: datetime) -> Mapping[Aim, Aimed]:
    """What is aimed at, at an instant; of several Goals the strictest counts, of equal ones the one begun first."""
    found: dict[Aim, Aimed] = {}
    for goal in goals:
        for target in goal.holding(at):
            other = found.get(target.aim)
            if other is None or target.stricter(other.target):
                found[target.aim] = Aimed(target, goal)
    return found


def personal(limits: Limits, aimed: Mapping[Aim, Aimed]) -> Limits:
    """The limits with what is aimed at in the place of those that it moves."""
    if not aimed:
        return limits
    return {
        key: _moved(limit, aimed[limit.aim]) if limit.aim and limit.aim in aimed else limit
        for key, limit in limits.items()
    }


def _moved(limit: Limit, aimed: Aimed) -> Limit:
    goal = aimed.goal
    source = f"{goal.source}, set by {goal.author}" if goal.author else goal.source
    return limit._replace(value=aimed.target.value, source=source, mark="E")
