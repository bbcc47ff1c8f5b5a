"""What a running service writes to stderr: no addresses asked for, no bodies, no patient data."""

import logging
import time
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Of an exception its types and places: its message can quote what a client sent."""

    converter = staticmethod(time.gmtime)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the name that logging calls
        """The chain of causes, the first one first."""
        parts = []
        for error in _chain(ei[1]):
            places = traceback.format_list(traceback.extract_tb(error.__traceback__))
            parts.append("".join([*places, f"{type(error).__module__}.{type(error).__qualname__}"]))
        return "\nled to\n".join(reversed(parts))


def configuration(level: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: times in UTC, one handler on stderr."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "discreet": {
                "()": "api.commands.logs.Discreet",
                "format": "%(asctime)s.%(msecs)03dZ %(levelname)s %(process)d %(name)s: %(message)s",
                "datefmt": "%Y-%m-%dT%H:%M:%S",
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler", "formatter": "discreet", "stream": "ext://sys.stderr",
            },
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {"httpx": {"level": "WARNING"}},  # it writes whole addresses
    }  # fmt: skip


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
