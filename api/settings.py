"""Settings: read from the environment, each documented here and listed in docs/reference/settings.md."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

PREFIX = "CLONIDINE_WATCH_"


class Setting(NamedTuple):
    """One setting: its default as text, what it does, the release that brought it."""

    default: str
    about: str
    since: str = "0.1.0"
    read: Callable[[str], Any] = str


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError(f"{value} is not in {least} to {most}")
        return value

    return read


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is none of {', '.join(allowed)}")
        return text

    return read


def _url(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is no http or https URL")
    return text.rstrip("/")


SETTINGS: Mapping[str, Setting] = {
    "DATABASE_URL": Setting(
        "sqlite:///./clonidine-watch.db", "Where everything is kept: `sqlite:///FILE` or `postgresql://...`."
    ),
    "HOST": Setting("127.0.0.1", "The address to listen on."),
    "PORT": Setting("8000", "The port to listen on.", read=_whole(0, 65535)),
    "WORKERS": Setting("1", "Server processes.", read=_whole(1, 64)),
    "BASE_URL": Setting(
        "",
        "The service as clients reach it, without `/fhir`, for links; where it is not set, links follow the "
        "request's Host header.",
        read=_url,
    ),
    "LIMITS_FILE": Setting("", "A TOML file with the site's preset, limits and rules switched on or off."),
    "AUTH": Setting(
        "none",
        "Who may do what; `none`: everybody who reaches the port; `smart`: who brings a bearer token, what its scopes "
        "allow ([authorize clients](../how-to/authorize.md)).",
        read=_one_of("none", "smart"),
    ),
    "AUTH_ALLOW_OPEN": Setting(
        "no",
        "`yes` lets `AUTH=none` listen on another address than this machine's own, where everybody who reaches the "
        "port may read and write patient data: for a container's inside, or behind a proxy that checks who asks.",
        read=_one_of("no", "yes"),
    ),
    "AUTH_ISSUERS": Setting(
        "", "A TOML or JSON file of the issuers whose tokens are taken, beside this service's own."
    ),
    "AUTH_TOKEN_SECONDS": Setting(
        "300", "How long the tokens count that this service issues.", read=_whole(30, 300)
    ),
    "AUTH_SKEW_SECONDS": Setting(
        "30", "How far an issuer's clock, or a client's, may be from this one's.", read=_whole(0, 300)
    ),
    "MAX_BODY_BYTES": Setting(
        str(32 * 1024 * 1024),
        "The largest request body; larger ones are answered 413. It bounds the work too: a body of nothing but tiny "
        "elements, hundreds of thousands of them, takes up to a second a megabyte to check.",
        read=_whole(1024, 2**31),
    ),
    "TICK_SECONDS": Setting(
        "1",
        "How often to look for what has become true by itself, such as a dose that was not given.",
        read=_whole(1, 3600),
    ),
    "LOG_LEVEL": Setting(
        "info", "How much is logged.", read=_one_of("critical", "error", "warning", "info", "debug")
    ),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; one attribute a row of SETTINGS, in lower case."""

    database_url: str
    host: str
    port: int
    workers: int
    base_url: str
    limits_file: str
    auth: str
    auth_allow_open: str
    auth_issuers: str
    auth_token_seconds: int
    auth_skew_seconds: int
    max_body_bytes: int
    tick_seconds: int
    log_level: str


class SettingError(Exception):
    """A setting that cannot be used; the message names it and says what can."""


def settings(environment: Mapping[str, str] = os.environ, **options: Any) -> Settings:
    """The settings of an environment; `options` that are not None beat it. Raises SettingError."""
    known = {PREFIX + name for name in SETTINGS}
    unknown = [name for name in environment if name.startswith(PREFIX) and name not in known]
    if unknown:
        raise SettingError(
            f"Unknown settings {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}."
        )
    values: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        text = environment.get(PREFIX + name) or setting.default
        try:
            values[name.lower()] = setting.read(text)
        except ValueError as error:
            raise SettingError(f"{PREFIX}{name}: {error}. {setting.about}") from error
    given = {name: value for name, value in options.items() if value is not None}
    assert given.keys() <= {field.name for field in fields(Settings)}
    return _named(replace(Settings(**values), **given))


def _named(found: Settings) -> Settings:
    """With the URL that tokens are for, which no request can be trusted to tell. Raises SettingError."""
    if found.auth == "none" or found.base_url:
        return found
    if found.host not in ("127.0.0.1", "localhost") or not found.port:
        raise SettingError(
            f"{PREFIX}AUTH=smart needs {PREFIX}BASE_URL: tokens name it as what they are for, and the Host header of a "
            "request can name any other."
        )
    return replace(found, base_url=f"http://{found.host}:{found.port}")
