"""`python -m tests.soak`: one storm after the other, a table of each; the exit status is 1 where anything was lost."""

import argparse
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import Postgres
from tests.receiver import receiving
from tests.serving import Service
from tests.soak.storm import Storm, faults

HOSTS = {"SUBSCRIPTION_HOSTS": "127.0.0.0/8", "REMIND_SECONDS": "20", "LOG_LEVEL": "warning"}
EVERY = 10.0
"""Seconds between two processes that are killed."""
SUBSCRIPTIONS = 4
"""Of each form."""
PAUSE = 0.3
"""Seconds from one reading of a writer to the next, about."""


def kill(services: list[Service], chance: random.Random, ended: threading.Event) -> int:
    """One process after the other, by SIGKILL, each started again; how many."""
    killed = 0
    while not ended.wait(EVERY):
        victim = chance.choice(services)
        victim.stop(signal.SIGKILL)
        killed += 1
        victim.start()
    return killed


@contextmanager
def started(url: str, folder: Path, number: int, *options: str) -> Iterator[list[Service]]:
    """So many processes on one database."""
    services = [Service(url, folder / f"{at}.log", *options, **HOSTS) for at in range(number)]
    try:
        for service in services:
            service.start()
        yield services
    finally:
        for service in services:
            service.stop(signal.SIGKILL)


def storm(
    name: str, services: list[Service], seconds: float, seed: int, middle: Callable[[], None] | None = None
) -> bool:
    """One storm; whether nothing was lost."""
    with receiving() as receiver:
        made = Storm(services, receiver, seed, PAUSE)
        made.subscribe(SUBSCRIPTIONS)
        receiver.behaviour = faults(random.Random(seed + 1))
        ended, kills = threading.Event(), [0]

        def killer() -> None:
            kills[0] = kill(services, random.Random(seed + 2), ended)

        thread = threading.Thread(target=killer)
        with made.blowing():
            thread.start()
            time.sleep(seconds / 2)
            if middle:
                middle()
            time.sleep(seconds / 2)
            ended.set()
            thread.join()
        account = made.account()
    print(f"\n{name}, {seconds:g} s, seed {seed}: {kills[0]} processes killed")
    for figure, value in account.figures.items():
        print(f"  {figure:26} {value}")
    for trouble in [*account.lost, *account.disorder][:20]:
        print(f"  !! {trouble}")
    print(f"  {'lost':26} {len(account.lost)}\n  {'out of order':26} {len(account.disorder)}", flush=True)
    return not account.lost and not account.disorder


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180, help="of each storm (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(default %(default)s)")
    parser.add_argument("--only", choices=("killed", "crashed", "sqlite"), help="this storm alone")
    options = parser.parse_args()
    well = []
    with tempfile.TemporaryDirectory(prefix="clonidine-watch-soak-") as name, Postgres.running() as postgres:

        def crash() -> None:
            postgres.stop("immediate")
            time.sleep(3)
            postgres.start()

        for kind, middle in (("killed", None), ("crashed", crash)):
            if options.only in (None, kind):
                (folder := Path(name) / kind).mkdir()
                with started(postgres.fresh(), folder, 3) as services:
                    title = f"PostgreSQL, three processes{', the database crashed in the middle' if middle else ''}"
                    well.append(storm(title, services, options.seconds, options.seed, middle))
        if options.only in (None, "sqlite"):
            (folder := Path(name) / "sqlite").mkdir()
            with started(f"sqlite:///{folder}/soak.db", folder, 1, "--workers", "2") as services:
                well.append(storm("SQLite, two workers", services, options.seconds, options.seed))
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
