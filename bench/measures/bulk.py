"""Many readings at once: transaction Bundles over HTTP, and `clonidine-watch load` over a file."""

import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bench import ward
from bench.contest import Contest, Figures, Row
from bench.load import NotMeasured
from bench.measures.writes import write
from bench.servers import environment
from bench.stage import Party, Stage

PANELS = 500  # of a transaction
SENDERS = 4  # connections that send Bundles
LINES = 20_000  # of the file that is loaded


def bundles(party: Party) -> Iterator[bytes]:
    while True:
        panels = list(islice(party.readings, PANELS))
        yield party.request("POST", "", ward.bundle("transaction", panels))


def transactions(stage: Stage) -> Figures:
    """Readings a second that come in transactions of PANELS panels."""
    party = stage.party("service")
    return Figures.of(party.drive(bundles(party), stage.seconds, SENDERS, "bundles"), PANELS)


def load(stage: Stage) -> Figures:
    """Readings a second of the command, its start and its migration of an empty database included."""
    lines = stage.folder / "readings.ndjson"
    if not lines.exists():
        new = islice(ward.readings(stage.patients, stage.now), LINES)
        lines.write_bytes(
            b"\n".join(ward.body(reading | {"id": f"line-{n}"}) for n, reading in enumerate(new))
        )
    command = [str(Path(sys.executable).with_name("clonidine-watch")), "load", str(lines)]
    variables = environment(stage.database("sqlite"))
    start = time.perf_counter()
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise NotMeasured(f"load ended with {done.returncode}: {(done.stderr or done.stdout)[-600:]}")
    return Figures(rate=LINES / seconds)


BUNDLE = Contest(
    "bundle",
    {"transactions of 500": transactions, "single POSTs": lambda stage: write(stage, "service")},
    (
        Row("bundle", "readings/s in transaction Bundles of 500 panels against single POSTs, SQLite",
            2, 4, "rate", "transactions of 500", "single POSTs"),
    ),
)  # fmt: skip

LOAD = Contest(
    "load",
    {"load": load, "single POSTs": lambda stage: write(stage, "service")},
    (
        Row("load", "readings/s of `load` of NDJSON against single POSTs, SQLite",
            2, 5, "rate", "load", "single POSTs"),
    ),
)  # fmt: skip
