"""Commands run in this process, on a database of their own."""

import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from api.cli import main

Run = Callable[..., "Result"]


class Result(NamedTuple):
    """What a command left: exit status, stdout, stderr."""

    status: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command sets up logging for its process; here the next test has the same one."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `clonidine-watch` with arguments and settings, such as `database_url=...`."""

    def run(*arguments: object, **settings: str) -> Result:
        with monkeypatch.context() as environment:
            for name, value in settings.items():
                environment.setenv(f"CLONIDINE_WATCH_{name.upper()}", value)
            capsys.readouterr()
            status = main([str(argument) for argument in arguments])
        return Result(status, *capsys.readouterr())

    return run
