"""A backup carries the chain to either engine, and it goes on where it was."""

from pathlib import Path

import pytest

from api.clock import now
from models.store.archive import Archive
from models.store.backup import backup
from models.store.restore import restore
from tests.audit.trail import AUDITED, events, sound
from tests.build import panel
from tests.in_process import application
from tests.postgres import Postgres


def silent(_: int) -> None:
    pass


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_chain_goes_on_after_a_restore(
    database_url: str, engine: str, postgres: Postgres, tmp_path: Path
) -> None:
    other = postgres.fresh() if engine == "postgresql" else f"sqlite:///{tmp_path / 'other.db'}"
    with application(database_url, **AUDITED) as client:
        assert client.post("/fhir/Observation", json=panel(84, 50)).is_success
        assert client.get("/fhir/Observation").is_success
    noted = sound(database_url).hash
    backup(database_url, tmp_path / "backup", "0.1.0", now().isoformat(), silent)
    for replace in (False, True):  # into an empty database, then over a chain
        with Archive(tmp_path / "backup") as archive:
            restore(other, archive, f"epoch-{replace}", replace, silent)
        assert events(other) == events(database_url)
        with application(other, **AUDITED) as client:
            assert client.get("/fhir/Observation?patient=p1").is_success
        told = sound(other, noted)
        assert (told.events, told.met) == (3, True)
