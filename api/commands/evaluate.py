"""`evaluate`: what the rules would raise over files, as of an instant; nothing is stored."""

import shutil
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from api.cli import MISUSED, REFUSED, CommandError
from api.clock import now
from api.commands.limits import ruleset
from api.commands.preparing import Portion, Ready, Rejected, prepare
from api.commands.reading import files, texts
from api.commands.table import table
from api.commands.tally import Tally
from api.settings import Settings
from models.errors import Invalid
from models.fhir.codec import dump
from models.patient import patient_key
from models.times import moment, span
from service.evaluate import evaluate, watchable
from service.rules.rule import SEVERITIES

WIDE = 160
Document = dict[str, Any]


def run(given: Namespace, settings: Settings) -> int:
    """Print the alerts as a table or as NDJSON, and how many; 1 if a resource was refused."""
    at = _at(given.at)
    rules = ruleset(settings.limits_file)
    tally = Tally(lambda line: print(line, file=sys.stderr), None)
    bases = (f"{settings.base_url}/fhir",) if settings.base_url else ()
    resources = _resources(given.files, bases, tally)
    alerts = evaluate(resources, at, rules, bases)
    if given.json:
        sys.stdout.writelines(f"{dump(alert).decode()}\n" for alert in alerts)
    else:
        _print(alerts)
    _total(len(resources), alerts, tally, sys.stderr if given.json else sys.stdout)
    return REFUSED if tally.refused else 0


def _at(text: str | None) -> datetime:
    if text is None:
        return now()
    try:
        return moment(span(text).low)
    except (ValueError, OverflowError) as error:
        raise CommandError(f"--at: {text!r} is no instant; give 2026-11-22T10:00:00Z.", MISUSED) from error


def _resources(names: Iterable[str], bases: tuple[str, ...], tally: Tally) -> list[Document]:
    """Everything in the files that can be judged; the rest goes to the tally."""
    found: list[Document] = []
    for path in files(names):
        for line, raw, offset in texts(path):
            part = prepare(Portion(0, offset, ((line, raw),), bases))
            tally.skipped += part.skipped
            for item in part.items:
                if not isinstance(item, Ready):
                    tally.refuse(f"{path}:{line}", item)
                    continue
                doc = dict(item.write.entries[0].doc or {})
                try:
                    watchable(doc, bases)
                    found.append(doc)
                except Invalid as error:
                    tally.refuse(f"{path}:{line}", Rejected(item.line, error.problems, doc))
    return found


def _print(alerts: Iterable[Document]) -> None:
    rows = [("PATIENT", "TIME", "RULE", "SEVERITY", "PHASE", "MESSAGE"), *map(_row, alerts)]
    width = min(shutil.get_terminal_size((WIDE, 24)).columns, WIDE)
    print(*table(rows, width), sep="\n")


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


def _total(judged: int, alerts: Iterable[Document], tally: Tally, to: Any) -> None:
    counts = Counter(map(_severity, alerts))
    by = ", ".join(
        f"{counts[severity]:,} {severity}" for severity in reversed(SEVERITIES) if counts[severity]
    )
    print(f"{judged:,} resources, {counts.total():,} alerts{f' ({by})' if by else ''}.", file=to)
    if tally.skipped:
        print(f"Left out, not judged: {tally.left_out()}.", file=to)
    if tally.refused:
        print(f"Refused: {tally.refused:,}.", file=to)
