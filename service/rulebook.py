"""The ruleset as a page for people to read: every rule with its reasons, its numbers and their sources."""

from collections.abc import Iterator

from service.limits import PRESETS, preset
from service.rules import BY_ID
from service.rules.sources import SOURCES
from service.rules.wording import plain
from service.ruleset import Described, Ruleset, describe

_HEAD = """# Rules

Written from the rules themselves by `make golden`. Ruleset version {version}.

Decision support, not a medical device: every number is a default that a site may change within its bounds, and
names its source. Marks: **[F]** read in the source named; **[F2]** read second-hand; **[R]** recalled, unverified;
**[E]** a choice of ours. Each alert carries the limit and the source that it used.

| rule | severity | on |
|---|---|---|
"""


def markdown(ruleset: Ruleset) -> str:
    """The page, in Markdown."""
    return "".join(_page(ruleset))


def _page(ruleset: Ruleset) -> Iterator[str]:
    rows = list(describe(ruleset))
    yield _HEAD.format(version=ruleset.version)
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
    yield f"\n## {rule.id}\n\n{rule.title}. Seed: {rule.seed}. {_repeat(row)}\n\n"
    for line in _paragraphs(row.what):
        yield f"- {line}\n"
    if row.limits:
        yield "\n| limit | value | unit | bounds | source | mark | since |\n|---|---|---|---|---|---|---|\n"
    for one in row.limits.values():
        bounds = f"{plain(one.low)} to {plain(one.high)}"
        cells = (f"`{one.key}`", plain(one.value), one.unit, bounds, one.source, one.mark, one.since)
        yield f"| {' | '.join(map(str, cells))} |\n"


def _repeat(row: Described) -> str:
    if row.rule.repeat is None:
        return "Every alert is an event of its own."
    over = f" Stands in for `{row.rule.over}` on the same reading." if row.rule.over else ""
    return f"Pages again after {row.rule.repeat}, or the interval of its severity if that is shorter.{over}"


def _paragraphs(what: str) -> Iterator[str]:
    """What, why, evidence and limits, each on one line."""
    paragraph = ""
    for line in what.splitlines()[2:]:
        word, colon, _ = line.partition(":")
        if colon and word in ("What", "Why", "Evidence", "Limits"):
            if paragraph:
                yield paragraph
            paragraph = f"**{word}**" + line.removeprefix(word)
        else:
            paragraph += " " + line
    if paragraph:
        yield paragraph
