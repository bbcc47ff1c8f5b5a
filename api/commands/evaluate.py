"""`evaluate`: what the rules would raise over files or a database, as of an instant; nothing is stored.

With `--limits` it tells what would be otherwise under those limits: the same data judged twice.
"""

import shutil
import sys
from argparse import Namespace
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from api.cli import MISUSED, REFUSED, CommandError
from api.clock import now
from api.commands.changes import IN_TWO, changes, phases
from api.commands.data import Data, opened
from api.commands.limits import ruleset
from api.commands.progress import Progress
from api.commands.table import table
from api.commands.tally import Tally
from api.report.most import Most
from api.settings import Settings
from models.fhir.codec import dump
from models.patient import patient_key
from models.times import moment, span
from service.comparison import Comparison, what_if
from service.evaluate import implied
from service.rules.rule import SEVERITIES
from service.ruleset import Ruleset

WIDE = 160
Document = dict[str, Any]


def run(given: Namespace, settings: Settings) -> int:
    """Print the alerts as a table or as NDJSON, or the comparison, and how many; 1 if a resource was refused."""
    _sensible(given)
    at, rules = _at(given.at), ruleset(settings.limits_file)
    other = ruleset(given.limits, "--limits") if given.limits else None
    tally = Tally(lambda line: print(line, file=sys.stderr), None)
    bases = (f"{settings.base_url}/fhir",) if settings.base_url else ()
    with opened(given.files, at, bases, tally) as data:
        if other is None or given.json:
            _alerts(data, at, other or rules, given.json)
        else:
            _compare(data, at, (rules, other), given)
    to = sys.stderr if given.json else sys.stdout
    if tally.skipped:
        print(f"Left out, not judged: {tally.left_out()}.", file=to)
    if tally.refused:
        print(f"Refused: {tally.refused:,}.", file=to)
    return REFUSED if tally.refused else 0


def _sensible(given: Namespace) -> None:
    """Raises CommandError for options that say nothing together."""
    for wrong, why in (
        (
            given.report and not given.limits,
            "--report shows what other limits would change: give --limits too.",
        ),
        (given.report and given.json, "--report and --json cannot both be given: they show other things."),
        (given.names and not given.report, "--names is about the report: give --report too."),
    ):
        if wrong:
            raise CommandError(why, MISUSED)


def _at(text: str | None) -> datetime:
    if text is None:
        return now()
    try:
        return moment(span(text).low)
    except (ValueError, OverflowError) as error:
        raise CommandError(f"--at: {text!r} is no instant; give 2026-11-22T10:00:00Z.", MISUSED) from error


def _alerts(data: Data, at: datetime, rules: Ruleset, json: bool) -> None:
    counts: Counter[str] = Counter()
    rows: list[tuple[str, ...]] = [("PATIENT", "TIME", "RULE", "SEVERITY", "PHASE", "MESSAGE")]
    for chart in data.charts:
        alerts = implied(chart, at, rules)
        counts.update(map(_severity, alerts))
        if json:
            sys.stdout.writelines(f"{dump(alert).decode()}\n" for alert in alerts)
        else:
            rows += map(_row, alerts)
    if not json:
        print(*table(rows, _width()), sep="\n")
    by = ", ".join(
        f"{counts[severity]:,} {severity}" for severity in reversed(SEVERITIES) if counts[severity]
    )
    total = f"{data.about}, {counts.total():,} alerts{f' ({by})' if by else ''}."
    print(total, file=sys.stderr if json else sys.stdout)


def _compare(data: Data, at: datetime, rules: tuple[Ruleset, Ruleset], given: Namespace) -> None:
    comparison, most = Comparison(), Most()
    with Progress(data.patients, " patients", "alerts changed") as progress:
        for done, chart in enumerate(data.charts, 1):
            one = what_if(chart, at, *rules)
            comparison.take(one)
            most.take(one)
            progress.reached(done, comparison.changes)
    print(*table(changes(comparison, IN_TWO), _width()), "", sep="\n")
    print(*table(phases(comparison), _width()), "", sep="\n")
    print(
        f"{data.about}, {comparison.days:,} patient-days, {comparison.total('before'):,} alerts with the limits in "
        f"force and {comparison.total('after'):,} with {given.limits}."
    )
    if given.report:
        _report(given, (data.about, at, *rules), comparison, most)


def _report(
    given: Namespace, about: tuple[str, datetime, Ruleset, Ruleset], comparison: Comparison, most: Most
) -> None:
    try:
        from api.report.page import Heading, page
    except ImportError as error:
        raise CommandError(
            "--report draws with matplotlib, which is not installed: `make report`, or install clonidine-watch[report]."
        ) from error
    file, heading = Path(given.report), Heading(Path(given.limits).name, *about)
    try:
        file.write_text(page(heading, comparison, most, names=given.names), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
    print(f"Report: {file}")


def _width() -> int:
    return min(shutil.get_terminal_size((WIDE, 24)).columns, WIDE)


def _row(alert: Document) -> tuple[str, ...]:
    return (
        patient_key(alert["subject"], ()).removeprefix("Patient/"),
        alert.get("effectiveDateTime", "unknown"),
        alert["code"]["coding"][0]["code"],
        _severity(alert),
        alert["meta"]["tag"][0]["code"],
        alert["note"][0]["text"],
    )


def _severity(alert: Document) -> str:
    return str(alert["valueCodeableConcept"]["coding"][0]["code"])
