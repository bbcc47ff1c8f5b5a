"""The ruleset as a page for people to read: every rule with its reasons, its numbers and their sources."""

from collections.abc import Iterator
from datetime import timedelta

from service.limits import PRESETS, preset
from service.rules import BY_ID
from service.rules.sources import MARKS, SOURCES
from service.rules.wording import plain
from service.ruleset import Described, Ruleset, describe

_HEAD = """# Rules

Written from the rules themselves by `make golden`. Ruleset version {version}.

Decision support, not a medical device: every number is a default that a site may change within its bounds, and
names its source. Marks: {marks}.
Each alert carries the limit and the source that it used. `GET /fhir/PlanDefinition` has the same of a running server.

| rule | severity | on |
|---|---|---|
"""
_WORDS = ("What", "Why", "Evidence", "Limits")


def markdown(ruleset: Ruleset) -> str:
    """The page, in Markdown."""
    return "".join(_page(ruleset))


def _page(ruleset: Ruleset) -> Iterator[str]:
    rows = list(describe(ruleset))
    marks = "; ".join(f"**[{mark}]** {about}" for mark, about in MARKS.items())
    yield _HEAD.format(version=ruleset.version, marks=marks)
    for row in rows:
        yield f"| [`{row.rule.id}`](#{row.rule.id}) | {row.rule.severity} | {'yes' if row.on else 'no'} |\n"
    for row in rows:
        yield from _rule(row)
    yield "\n## Presets\n\n| preset | what | source |\n|---|---|---|\n"
    for name in PRESETS:
        made = preset(name, BY_ID)
        yield f"| `{name}` | {made.about} | {made.source} |\n"
    yield "\n## Sources\n\n"
    for name, (title, address) in SOURCES.items():
        yield f"- **{name}** {title}{f': <{address}>' if address else ''}\n"


def _rule(row: Described) -> Iterator[str]:
    rule = row.rule
    yield f"\n## {rule.id}\n\n{rule.title}. Seed: {rule.seed}. {repeat(row)}\n\n"
    for word, text in paragraphs(row.what).items():
        yield f"- **{word}**: {text}\n"
    if row.limits:
        yield "\n| limit | value | unit | bounds | source | mark | since |\n|---|---|---|---|---|---|---|\n"
    for one in row.limits.values():
        bounds = f"{plain(one.low)} to {plain(one.high)}"
        cells = (f"`{one.key}`", plain(one.value), one.unit, bounds, one.source, one.mark, one.since)
        yield f"| {' | '.join(map(str, cells))} |\n"


def repeat(row: Described) -> str:
    """When a breach that goes on pages again, and what the rule stands in for."""
    if row.rule.repeat is None:
        return "Every alert is an event of its own."
    over = f" Stands in for `{row.rule.over}` on the same reading." if row.rule.over else ""
    return f"Pages again after {_span(row.rule.repeat)}, or the interval of its severity if that is shorter.{over}"


def _span(time: timedelta) -> str:
    minutes = time // timedelta(minutes=1)
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def paragraphs(what: str) -> dict[str, str]:
    """What, why, evidence and limits, by these words, each on one line."""
    found: dict[str, str] = {}
    last = ""
    for line in what.splitlines()[2:]:
        word, colon, text = line.partition(":")
        if colon and word in _WORDS:
            last, found[word] = word, text.strip()
        else:
            found[last] += f" {line}"
    return found
