"""The databases that the other tests stand on are what they are taken for."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.conftest import ROOT
from tests.postgres import PATIENCE, Postgres


def test_a_fresh_database_holds_nothing_of_the_one_before(postgres: Postgres) -> None:
    before = postgres.fresh()
    with psycopg.connect(before) as connection:
        connection.execute("CREATE TABLE public.reading (id int)")
        connection.execute("CREATE SCHEMA other CREATE TABLE reading (id int)")
    postgres.release(before)
    after = postgres.fresh()
    with psycopg.connect(after) as connection:
        left = connection.execute("SELECT relname FROM pg_class WHERE relname = 'reading'").fetchall()
    postgres.release(after)
    assert after != before
    assert left == []


def test_whoever_is_still_connected_to_a_released_database_is_cut_off(postgres: Postgres) -> None:
    url = postgres.fresh()
    with psycopg.connect(url) as forgotten:
        postgres.release(url)
        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")
    postgres.release(postgres.fresh())
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_what_was_committed_survives_a_crash_of_the_server() -> None:
    with Postgres.running() as server:
        url = server.fresh()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE reading AS SELECT 84 AS systolic")
        server.stop("immediate")
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT systolic FROM reading").fetchone() == (84,)
    assert not server.folder.exists()


def test_the_server_and_its_folder_go_when_the_tests_are_killed() -> None:
    command = [sys.executable, "-m", "tests.postgres"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        with psycopg.connect(url) as connection:
            answer = connection.execute("SHOW data_directory").fetchone()
        assert answer
        folder = Path(answer[0]).parent
        os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=5)


def test_each_engine_is_asked_in_turn(database_url: str, request: pytest.FixtureRequest) -> None:
    assert database_url.split(":", maxsplit=1)[0] == request.node.callspec.params["database_url"]
