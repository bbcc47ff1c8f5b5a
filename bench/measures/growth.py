"""Whether a write, a poll or a search grows dearer: with a patient's record, and with the whole store."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice

from bench import ward
from bench.contest import Contest, Figures, Row
from bench.load import NotMeasured, drive
from bench.measures import reads
from bench.measures.bulk import PANELS, SENDERS
from bench.stage import CONNECTIONS, Party, Stage

SPACING = timedelta(minutes=20)  # between the readings of a record's past
NEW = timedelta(hours=20)  # where new readings begin: less than the day from which they would count as late
STEP = timedelta(seconds=20)
SHORT, LONG = 20, 20_000  # readings of a record
MILLION = 1_000_000


def record(patient: str, readings: int, stage: Stage) -> Iterator[ward.Resource]:
    """A patient on therapy for as long as the readings reach back, up to `NEW` ago."""
    start = stage.now - NEW - readings * SPACING
    yield ward.order(patient, start)
    for number in range(readings):
        yield ward.panel(patient, start + number * SPACING, ward.PRESSURES[number % 19])


def store(party: Party, resources: Iterator[ward.Resource]) -> None:
    """Everything in transactions of PANELS, several at a time."""

    def bundles() -> Iterator[bytes]:
        while some := list(islice(resources, PANELS)):
            yield party.request("POST", "", ward.bundle("transaction", some))

    run = drive(party.server.port, bundles(), SENDERS, 7200)
    if run.errors:
        raise NotMeasured(f"the records could not be stored: {run.errors[0][:600]!r}")


def write_for(stage: Stage, patients: list[str], length: int) -> Figures:
    """One sender's writes for patients who have about `length` readings each."""
    party, name = stage.party("service"), patients[0]
    if name not in party.streams:
        store(party, (resource for patient in patients for resource in record(patient, length, stage)))
        new = ward.readings(patients, stage.now, NEW, STEP)
        party.streams[name] = (party.request("POST", "/Observation", ward.body(one)) for one in new)
    return Figures.of(party.drive(party.streams[name], stage.seconds, 1, name))


RECORD = Contest(
    "record",
    {
        "20,000 readings": partial(write_for, patients=["long"], length=LONG),
        "20 readings": partial(write_for, patients=ward.names(50, "short"), length=SHORT),
    },
    (
        Row("record", "write for a patient with 20,000 readings against one with 20, SQLite: p50",
            1.5, 1.1, "p50", "20,000 readings", "20 readings"),
    ),
)  # fmt: skip


def large(stage: Stage) -> Party:
    """A service on PostgreSQL with millions of readings of many patients, beside the usual ward."""
    party = stage.party("service", "postgresql", "large")
    if "large" not in party.warm:
        party.warm.add("large")
        patients = ward.names(int(stage.millions * MILLION / ward.FACTS), "past")
        store(party, (one for patient in patients for one in record(patient, ward.FACTS - 1, stage)))
    return party


def small(stage: Stage) -> Party:
    return stage.party("service", "postgresql")


Place = Callable[[Stage], Party]


def write(place: Place, stage: Stage) -> Figures:
    party = place(stage)
    return Figures.of(party.drive(party.posts(), stage.seconds, CONNECTIONS, "write"))


def read(place: Place, stage: Stage, paths: reads.Paths) -> Figures:
    party = place(stage)
    requests = reads.asked(paths, party, stage)
    return Figures.of(party.drive(requests, stage.seconds, CONNECTIONS, paths.__name__))


WHAT: dict[str, Callable[[Place, Stage], Figures]] = {
    "write": write,
    "poll": partial(read, paths=reads.poll),
    "cursor": partial(read, paths=reads.cursor),
    "patient search": partial(read, paths=reads.search),
}
SIZES: dict[str, Place] = {"small": small, "large": large}

SCALE = Contest(
    "scale",
    {
        f"{what}, {size}": partial(take, place)
        for what, take in WHAT.items()
        for size, place in SIZES.items()
    },
    tuple(
        Row(f"scale-{what.split()[0]}", f"{what} on PostgreSQL, a store of 30,000 against one of millions",
            1.3, 1.1, "rate", f"{what}, small", f"{what}, large")
        for what in WHAT
    ),
    on_request=True,
)  # fmt: skip
