"""`rules`: the ruleset in force, with limits, units, severities and sources."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from api.commands.limits import ruleset
from api.commands.table import table
from api.settings import Settings
from models.fhir.codec import dump
from service.rules.rule import Limit
from service.rules.sources import MARKS
from service.rules.wording import plain
from service.ruleset import Described, describe

WIDTH = 100
LEGEND = (
    f"Sources are marked: {'; '.join(f'{mark} {about}' for mark, about in MARKS.items())}. Decision support, not a "
    "medical device."
)


def run(given: Namespace, settings: Settings) -> int:
    """Print the rules as a table, or as JSON."""
    rules = ruleset(settings.limits_file)
    described = list(describe(rules))
    if given.json:
        body = {"version": rules.version, "preset": rules.site.preset.id, "rules": [*map(_json, described)]}
        print(dump(body).decode())
        return 0
    print(f"Ruleset {rules.version}, preset {rules.site.preset.id}\n")
    rows = [("RULE, LIMITS", "", "SEVERITY, SOURCES"), *(row for one in described for row in _rows(one))]
    print(*table(rows, WIDTH), "", *table([(LEGEND,)], WIDTH), sep="\n")
    return 0


def _rows(one: Described) -> Iterator[tuple[str, ...]]:
    yield one.rule.id, "on" if one.on else "off", f"{one.rule.severity} - {one.rule.title}"
    for limit in one.limits.values():
        yield f"  {limit.key}", _value(limit), f"[{limit.mark}] {limit.source}"


def _value(limit: Limit) -> str:
    return f"{plain(limit.value)} {limit.unit}"


def _json(one: Described) -> dict[str, Any]:
    rule = one.rule
    return {
        "id": rule.id,
        "title": rule.title,
        "on": one.on,
        "trigger": rule.trigger,
        "severity": rule.severity,
        "repeatMinutes": int(rule.repeat.total_seconds() // 60) if rule.repeat else None,
        "limits": [{**limit._asdict(), "since": limit.since.isoformat()} for limit in one.limits.values()],
        "about": one.what,
    }
