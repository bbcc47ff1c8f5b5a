"""Whole records judged anew, as `reevaluate` and `evaluate --limits` do: facts a second of one processor."""

import subprocess
import sys
import time
from collections.abc import Iterable
from functools import partial
from itertools import cycle
from pathlib import Path

from bench import ward
from bench.contest import Contest, Figures, Row
from bench.load import NotMeasured
from bench.servers import environment
from bench.stage import Stage
from models.store.engine import reading
from models.store.ledger import Ledger
from service.alerts.chart import Chart, rejudged
from service.loading import patients, whole
from service.ruleset import load

PATIENTS = 20
STORED: dict[Path, str] = {}
"""The database of a stage."""


def stored(stage: Stage) -> str:
    """The URL of a database with the stays of PATIENTS patients and their alerts."""
    if stage.folder not in STORED:
        url, lines = stage.database("sqlite"), stage.folder / "stays.ndjson"
        stays = (one for patient in ward.names(PATIENTS, "anew") for one in ward.stay(patient, stage.now))
        lines.write_bytes(b"\n".join(map(ward.body, stays)))
        command = [str(Path(sys.executable).with_name("clonidine-watch")), "load", str(lines)]
        done = subprocess.run(command, env=environment(url), capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotMeasured(f"load ended with {done.returncode}: {(done.stderr or done.stdout)[-600:]}")
        STORED[stage.folder] = url
    return STORED[stage.folder]


def judge(stage: Stage, *, held: bool) -> Figures:
    """One patient after the other until the turn is over; `held`: with records that are in memory."""
    made, rules = reading(stored(stage)), load()
    ledger = Ledger(made)
    keys = list(patients(ledger))
    charts: Iterable[Chart] = [whole(ledger, key).chart for key in keys]
    turns = cycle(charts) if held else (whole(ledger, key).chart for key in cycle(keys))
    facts, end = 0, time.monotonic() + stage.seconds
    start = time.process_time()
    for chart in turns:
        rejudged(chart, stage.now, rules)
        facts += len(chart.record.facts)
        if time.monotonic() > end:
            break
    seconds = time.process_time() - start
    made.dispose()
    return Figures(rate=facts / seconds, cpu=seconds / facts)


CONTEST = Contest(
    "anew",
    {"records in memory": partial(judge, held=True), "records of SQLite": partial(judge, held=False)},
    (
        Row("anew", "facts of whole records judged anew, a second of one processor",
            20_000, 40_000, "rate", "records in memory", unit="/s"),
        Row("anew-stored", "the same, each record read from SQLite first",
            10_000, 20_000, "rate", "records of SQLite", unit="/s"),
    ),
)  # fmt: skip
