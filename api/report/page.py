"""The report as one HTML page: tables, figures, the patients with the most changes. It fetches and runs nothing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from typing import NamedTuple

from api.commands.changes import IN_TWO, changes, phases
from api.report import figures
from api.report.most import SHOWN, Most
from service.comparison import Compared, Comparison, Difference
from service.rules import BY_ID
from service.rules.wording import plain
from service.ruleset import Ruleset, describe

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
LISTED = 12
"""Changed alerts of a patient that are listed."""
BECOMES = {"added": "added", "removed": "removed", "severity": "other severity"}
Cells = Sequence[str]


class Heading(NamedTuple):
    """What is compared: `limits` names the file of the other limits, `about` the data, judged at `at`."""

    limits: str
    about: str
    at: datetime
    rules: Ruleset
    other: Ruleset


def page(heading: Heading, comparison: Comparison, most: Most, *, names: bool) -> str:
    """The whole page. Without `names` patients are numbered, and times are days of their record."""
    title = f"What would change with {heading.limits}"
    parts = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">',
        f"<style>{files(__package__).joinpath('page.css').read_text(encoding='utf-8')}</style></head><body>",
        *_summary(title, heading, comparison),
        *_limits(heading),
        *_tables(comparison),
        *_patients(heading, comparison, most, names),
        "</body></html>\n",
    )
    return "\n".join(parts)


def _summary(title: str, heading: Heading, comparison: Comparison) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    yield (
        f'<p class="quiet">{escape(heading.about)}, judged twice as of {heading.at:%Y-%m-%d %H:%M} UTC, ruleset '
        f"{escape(heading.rules.version)}. Decision support, not a medical device.</p>"
    )
    pages = [comparison.a_day(comparison.of_phases(side)) for side in ("before", "after")]
    tiles = (
        (f"{comparison.patients:,}", "patients"),
        (f"{comparison.days:,}", "patient-days"),
        (f"{comparison.total('before'):,} → {comparison.total('after'):,}", "alerts"),
        (f"+{comparison.total('added'):,}", "added"),
        (f"-{comparison.total('removed'):,}", "removed"),
        (f"{comparison.total('came'):,}", "other severity"),
        (f"{pages[0]:.2f} → {pages[1]:.2f}", "pageable a patient-day"),
    )
    items = "".join(f'<li class="{label}"><b>{value}</b>{label}</li>' for value, label in tiles)
    yield f'<ul class="tiles">{items}</ul>'


def _limits(heading: Heading) -> Iterator[str]:
    """The limits and switches that are not the same."""
    yield "<h2>Limits that differ</h2>"
    rows = list(_differing(heading.rules, heading.other))
    yield (
        _table(("rule", "limit", "in force", "other", "source of the other"), rows, ())
        if rows
        else "<p>None.</p>"
    )


def _differing(rules: Ruleset, other: Ruleset) -> Iterator[Cells]:
    for old, new in zip(describe(rules), describe(other), strict=True):
        if old.on != new.on:
            yield old.rule.id, "the rule", *("on" if one.on else "off" for one in (old, new)), ""
        for key, limit in new.limits.items():
            was = old.limits[key]
            if was.value != limit.value:
                yield (
                    old.rule.id,
                    key,
                    *(f"{plain(one.value)} {one.unit}" for one in (was, limit)),
                    limit.source,
                )


def _tables(comparison: Comparison) -> Iterator[str]:
    yield "<h2>Alerts by rule and severity</h2>"
    yield _figure(figures.by_rule(comparison))
    head, *rows = changes(comparison, IN_TWO)
    yield _table([name.lower() for name in head], rows, range(2, len(head)), last="sum")
    yield "<h2>Alert burden per patient-day</h2>"
    yield (
        "<p>A patient-day is a day (UTC) on which a patient's record holds anything. Pageable are alerts of the phases "
        "new, escalated and reminder.</p>"
    )
    yield _figure(figures.burden(comparison))
    head, *rows = phases(comparison)
    yield _table([name.lower() for name in head], rows, range(1, len(head)))


def _patients(heading: Heading, comparison: Comparison, most: Most, names: bool) -> Iterator[str]:
    yield "<h2>Patients with the most changes</h2>"
    yield (
        f"<p>Patients whose alerts come, go or change their severity: {comparison.moved:,} of {comparison.patients:,}. "
        f"Shown in detail: {len(most):,}, those with the most changes (at most {SHOWN}).</p>"
    )
    for number, one in enumerate(most, 1):
        yield from _patient(number, one, heading, names)


def _patient(number: int, one: Compared, heading: Heading, names: bool) -> Iterator[str]:
    first = figures.beginning(one)
    called = f"Patient {number}"
    if names:
        called += f": {one.chart.patient.removeprefix('Patient/')}, day 1 is {first:%Y-%m-%d} (UTC)"
    yield f'<section class="patient"><h3>{escape(called)}</h3>'
    yield _figure(figures.patient(one, heading.rules, heading.other))
    changed = sorted((one for one in one.differences if one.kind in BECOMES), key=lambda one: one.alert.key)
    rows = [_changed(difference, first) for difference in changed[:LISTED]]
    yield _table(("day", "alert", "severity", "becomes", "what it says"), rows, ())
    if len(changed) > LISTED:
        yield f'<p class="quiet">{len(changed) - LISTED:,} more are not listed.</p>'
    yield "</section>"


def _changed(difference: Difference, first: datetime) -> Cells:
    old, new, alert = difference.old, difference.new, difference.alert
    severity = " → ".join(dict.fromkeys(one.severity for one in (old, new) if one))
    rule = BY_ID.get(alert.rule)
    day = f"{(alert.at - first).days + 1}, {alert.at:%H:%M}" if alert.at >= first else "unknown"
    return day, rule.title if rule else alert.rule, severity, BECOMES[difference.kind], alert.finding.text


def _figure(svg: str) -> str:
    return f"<figure>{svg}</figure>"


def _table(head: Cells, rows: Iterable[Cells], counts: Iterable[int], last: str = "") -> str:
    """`counts` are the columns of numbers; `last` is the class of the last row."""
    right = set(counts)
    lines = [_row("th", head, right), *(_row("td", row, right) for row in rows)]
    if last:
        lines[-1] = lines[-1].replace("<tr>", f'<tr class="{last}">', 1)
    return f"<table>{''.join(lines)}</table>"


def _row(tag: str, cells: Cells, right: set[int]) -> str:
    kinds = (' class="n"' if at in right else "" for at in range(len(cells)))
    shown = (f"<{tag}{kind}>{escape(cell.strip())}</{tag}>" for kind, cell in zip(kinds, cells, strict=True))
    return f"<tr>{''.join(shown)}</tr>"
