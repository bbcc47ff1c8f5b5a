"""A chart kept in memory holds the last days alone; a change of what is older is judged as if it held everything."""

from datetime import timedelta
from typing import Any

import pytest

from service.intake import Entry, Write
from tests.build import order, panel
from tests.promises.test_what_time_alone_makes_true import HOUR, START, Process, processes, written

MISSED = ("Patient/p1", written(START + 31 * HOUR), "moderate", "final")
"""What is said where the reading of hour 30 is missing: the one before it is that of hour 27."""


def reading(hour: int, **more: Any) -> dict[str, Any]:
    return panel(130, 80, written(START + hour * HOUR), id=f"r{hour}", **more)


def five_days(one: Process) -> None:
    """A reading every three hours; then a process that has only those of the last day in memory."""
    one.at = START + 120 * HOUR
    one.put(order(0.1, 6, written(START), id="o"), *map(reading, range(0, 121, 3)))
    one.forget()
    one.put(reading(120, note=[{"text": "seen"}]))
    assert one.alerts() == []


def test_what_is_sent_again_beside_an_older_reading_is_not_forgotten(database_url: str) -> None:
    with processes(database_url) as (_, [one]):
        five_days(one)
        late = panel(131, 81, written(START + 26 * HOUR + timedelta(minutes=30)), id="late")
        one.put(reading(30), late)
        assert one.alerts() == []


CORRECTIONS = {
    "deleted": None,
    "entered in error": reading(30, status="entered-in-error"),
    "of another patient": panel(130, 80, written(START + 30 * HOUR), "p2", id="r30"),
    "of a later time": panel(130, 80, written(START + 32 * HOUR), id="r30"),
}


@pytest.mark.parametrize("what", CORRECTIONS)
def test_an_old_reading_that_is_corrected_leaves_its_gap(database_url: str, what: str) -> None:
    with processes(database_url) as (_, [one]):
        five_days(one)
        corrected = CORRECTIONS[what]
        if corrected:
            one.put(corrected)
        else:
            one.intake.commit([Write((Entry("DELETE", "Observation", "r30"),))])
        assert one.alerts() == [MISSED]
