"""What a running service writes to stderr: no addresses asked for, no bodies, no patient data."""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import msgspec

from api.envelope import REQUEST_ID

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
OURS = ("api", "service", "models", "uvicorn")
"""Loggers whose messages are known to quote nothing that was sent."""
WITHHELD = "(withheld: it could quote a request)"
log = logging.getLogger(__name__)


class Discreet(logging.Formatter):
    """Lines for people.

    Of an exception its types and places, since its message can quote what a client sent; of what a library says the
    text without its values, for the same reason.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, process, logger, message; then the names and values of `fields`, if there are any."""
        when = self.formatTime(record)
        parts = [f"{when} {record.levelname} {record.process} {record.name}: {told(record)}"]
        parts += [f"{name}={value}" for name, value in fields(record).items()]
        line = " ".join(parts)
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the name that logging calls
        """The chain of causes, the first one first."""
        parts = []
        for error in _chain(ei[1]):
            places = traceback.format_list(traceback.extract_tb(error.__traceback__))
            parts.append("".join([*places, f"{type(error).__module__}.{type(error).__qualname__}"]))
        return "\nled to\n".join(reversed(parts))


class Structured(Discreet):
    """The same for machines: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """`time`, `level`, `process`, `logger`, `message`, the `fields`, and of an exception `error`."""
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "process": record.process,
            "logger": record.name,
            "message": told(record),
            **fields(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


FORMATS = {"text": Discreet, "json": Structured}


def told(record: logging.LogRecord) -> str:
    """The message, as far as it quotes nothing that was sent."""
    if record.name.partition(".")[0] in OURS:
        return record.getMessage()
    return str(record.msg) if record.args else WITHHELD


def fields(record: logging.LogRecord) -> Mapping[str, Any]:
    """What a record says by name; of one written while a request is answered at least its id."""
    found: Mapping[str, Any] = getattr(record, "fields", {})
    if not found and (request := REQUEST_ID.get()):
        return {"request": request}
    return found


def configuration(level: str, format: str = "text") -> dict[str, Any]:
    """For `logging.config.dictConfig`: times in UTC, one handler on stderr."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"discreet": {"()": f"api.commands.logs.{FORMATS[format].__name__}"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler", "formatter": "discreet", "stream": "ext://sys.stderr",
            },
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {"httpx": {"level": "WARNING"}},  # it writes whole addresses
    }  # fmt: skip


def guard() -> None:
    """Warnings, and exceptions that nobody catches, go to the log too, where Python would print what they say."""
    logging.captureWarnings(capture=True)
    sys.excepthook = lambda kind, error, trace: _uncaught(error)
    sys.unraisablehook = lambda given: _uncaught(given.exc_value)
    threading.excepthook = lambda given: _uncaught(given.exc_value)


def _uncaught(error: BaseException | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    log.critical("an exception that nobody caught", exc_info=error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
