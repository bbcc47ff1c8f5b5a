"""One line in the log for each request: what was asked by its template, how it ended, how long it took.

The lines go past `logging`, whose way costs as much as half a short request. Every value is of a form that needs no
quotes: hexadecimal digits, methods and templates from our tables, addresses, numbers.
"""

import ipaddress
import logging
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from starlette.routing import Route
from starlette.types import Scope

from api.settings import Settings
from models.resource_types import TYPES

log = logging.getLogger(__name__)
PATIENTS = "clonidine_watch.patients"
"""Where the scope of a request names the patients that it wrote about."""
MOST_NAMED = 10
"""Patients that one line names."""
LEAST = {"all": 0, "refused": 400, "off": 1000}
"""The lowest status that is logged."""


class Format(NamedTuple):
    """A line, and what it ends with where it names patients."""

    line: str
    patients: str


FORMATS: Mapping[str, Format] = {
    "text": Format(
        "%s.%03dZ INFO %d api.access_log: request=%s method=%s route=%s type=%s status=%d ms=%.2f client=%s%s\n",
        " patients=%s",
    ),
    "json": Format(
        '{"time":"%s.%03dZ","level":"INFO","process":%d,"logger":"api.access_log","request":"%s","method":"%s",'
        '"route":"%s","type":"%s","status":%d,"ms":%.2f,"client":"%s"%s}\n',
        ',"patients":"%s"',
    ),
}


class Access:
    """Writes the lines that the settings ask for."""

    def __init__(self, settings: Settings, routes: Iterable[Route] = ()) -> None:
        self._templates: dict[Any, str] = {
            route.endpoint: re.sub(r":\w+}", "}", route.path) for route in routes
        }
        self._least = LEAST[settings.access_log]
        self._key = settings.log_key.encode()
        self._format = FORMATS[settings.log_format]

    def tell(self, id: str, scope: Scope, status: int, seconds: float) -> None:
        """Log a request that was answered."""
        if status < self._least or not log.isEnabledFor(logging.INFO):
            return
        now, client = time.time(), scope["client"]
        params = scope.get("path_params", {})
        type = params.get("type")
        sys.stderr.write(
            self._format.line
            % (
                _second(int(now)),
                int(now * 1000) % 1000,
                os.getpid(),
                id,
                scope["method"],
                self._templates.get(scope.get("endpoint"), "-"),
                type if type in TYPES else "-",
                status,
                seconds * 1000,
                address(client[0]) if client else "-",
                self._named(scope, params) if self._key else "",
            )
        )

    def _named(self, scope: Scope, params: Mapping[str, Any]) -> str:
        hashes = [self._hashed(name) for name in patients(scope, params)[:MOST_NAMED]]
        return self._format.patients % ",".join(hashes) if hashes else ""

    def _hashed(self, name: str) -> str:
        return blake2b(name.encode(), key=self._key, digest_size=8).hexdigest()


def patients(scope: Scope, params: Mapping[str, Any]) -> list[str]:
    """Keys of the patients that a request is about, as far as its path and what it wrote tell."""
    named = {key for key in scope.get(PATIENTS, ()) if key}
    if "id" in params and (params.get("type") == "Patient" or scope["path"].startswith("/fhir/Patient/")):
        named.add(f"Patient/{params['id']}")
    return sorted(named)


@lru_cache(maxsize=1_000)
def address(client: str) -> str:
    """The address; "-" for what is none: a proxy hands on whatever it was sent."""
    try:
        return str(ipaddress.ip_address(client))
    except ValueError:
        return "-"


@lru_cache(maxsize=2)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
