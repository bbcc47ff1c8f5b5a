"""Settings: read from the environment, each documented here and listed in docs/reference/settings.md."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple

from api import forms

PREFIX = "CLONIDINE_WATCH_"


class Setting(NamedTuple):
    """One setting: its default as text, what it does, the release that brought it."""

    default: str
    about: str
    since: str = "0.1.0"
    read: Callable[[str], Any] = str


SETTINGS: Mapping[str, Setting] = {
    "DATABASE_URL": Setting(
        "sqlite:///./clonidine-watch.db", "Where everything is kept: `sqlite:///FILE` or `postgresql://...`."
    ),
    "DATABASE_PASSWORD_FILE": Setting(
        "",
        "A file with nothing but PostgreSQL's password, such as a mounted secret; it beats `PGPASSWORD`.",
        read=forms.file,
    ),
    "HOST": Setting("127.0.0.1", "The address to listen on.", read=forms.host),
    "PORT": Setting("8000", "The port to listen on.", read=forms.whole(0, 65535)),
    "WORKERS": Setting("1", "Server processes.", read=forms.whole(1, 64)),
    "BASE_URL": Setting(
        "",
        "The service as clients reach it, without `/fhir`, for links; where it is not set, links follow the "
        "request's Host header.",
        read=forms.url,
    ),
    "LIMITS_FILE": Setting("", "A TOML file with the site's preset, limits and rules switched on or off."),
    "AUTH": Setting(
        "none",
        "Who may do what; `none`: everybody who reaches the port; `smart`: who brings a bearer token, what its scopes "
        "allow ([authorize clients](../how-to/authorize.md)).",
        read=forms.one_of("none", "smart"),
    ),
    "AUTH_ALLOW_OPEN": Setting(
        "no",
        "`yes` lets `AUTH=none` listen on another address than this machine's own, where everybody who reaches the "
        "port may read and write patient data: for a container's inside, or behind a proxy that checks who asks.",
        read=forms.one_of("no", "yes"),
    ),
    "AUTH_ISSUERS": Setting(
        "", "A TOML or JSON file of the issuers whose tokens are taken, beside this service's own."
    ),
    "AUTH_TOKEN_SECONDS": Setting(
        "300", "How long the tokens count that this service issues.", read=forms.whole(30, 300)
    ),
    "AUTH_SKEW_SECONDS": Setting(
        "30", "How far an issuer's clock, or a client's, may be from this one's.", read=forms.whole(0, 300)
    ),
    "AUDIT": Setting(
        "auto",
        "Whether every access and refusal leaves an AuditEvent ([audit](../how-to/audit.md)): `on`, `off`, or `auto`: "
        "under `AUTH=smart`, where clients are told apart.",
        read=forms.one_of("auto", "on", "off"),
    ),
    "MAX_BODY_BYTES": Setting(
        str(32 * 1024 * 1024),
        "The largest request body; larger ones are answered 413.",
        read=forms.whole(1024, 2**31),
    ),
    "SUBSCRIPTION_HOSTS": Setting(
        "",
        "Where Subscriptions may send to beside public hosts over https, separated by commas: host names, `*.` with a "
        "domain for all below it, addresses and networks such as `10.20.0.0/16`. To these http is allowed too.",
        read=forms.hosts,
    ),
    "SUBSCRIPTION_RETRY_HOURS": Setting(
        "72",
        "How long an endpoint may fail before its Subscription is turned off.",
        read=forms.whole(1, 8760),
    ),
    "SUBSCRIPTION_SECRET": Setting(
        "",
        "The key, of 32 characters or more, that the secrets of Subscriptions are made from; with it notifications are "
        "signed. `clonidine-watch secret ID` prints the one that a receiver needs.",
        read=forms.secret,
    ),
    "MAX_BODY_VALUES": Setting(
        str(5_000 * 100),
        "The most commas and opening brackets of a body, outside of its strings: how many values it holds, and so how "
        "long it takes to check. 5000 entries of 100 values each fit; more is answered 413.",
        read=forms.whole(65_536, 2**31),
    ),
    "MAX_BUNDLE_ENTRIES": Setting(
        "5000",
        "The most entries of a batch or transaction; more are answered 422.",
        read=forms.whole(1, 1_000_000),
    ),
    "MAX_HEADER_BYTES": Setting(
        str(64 * 1024),
        "The most octets of a request before its body, the address among them; more are answered 431.",
        read=forms.whole(8192, 2**24),
    ),
    "MAX_CONNECTIONS": Setting(
        "1000",
        "The most connections of one server process. One more takes the place of that which has waited longest "
        "without a request; where there is none it is answered 503.",
        read=forms.whole(1, 1_000_000),
    ),
    "SLOW_SECONDS": Setting(
        "10",
        "How long the head of a request may take, and how long a body or the reader of an answer may stay below "
        "MIN_RATE; then the connection is closed, an unfinished request with 408.",
        read=forms.whole(1, 3600),
    ),
    "MIN_RATE": Setting(
        "1024",
        "Octets in a second that a body has to bring and an answer has to be read with.",
        read=forms.whole(1, 2**31),
    ),
    "KEEP_ALIVE_SECONDS": Setting(
        "65", "How long a connection may stay open between two requests.", read=forms.whole(1, 3600)
    ),
    "RATE_LIMIT": Setting(
        "0",
        "Requests that one client may make in a minute, in each server process; more are answered 429. A client is "
        "told by its token once that was verified, else by its address. 0: no limit.",
        read=forms.whole(0, 10_000_000),
    ),
    "TRUSTED_PROXIES": Setting(
        "",
        "Addresses and networks of proxies, separated by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are "
        "believed; `*`: everybody's.",
        read=forms.proxies,
    ),
    "CORS_ORIGINS": Setting(
        "",
        "Origins, separated by commas, whose pages may ask from a browser, such as `https://ward.example`; where it is "
        "not set, none.",
        read=forms.origins,
    ),
    "TICK_SECONDS": Setting(
        "1",
        "How often to look for what has become true by itself, such as a dose that was not given.",
        read=forms.whole(1, 3600),
    ),
    "CONSUMER_LAG_SECONDS": Setting(
        "180",
        "How long alerts may wait for a consumer, and a consumer may fetch nothing, until the service says of itself "
        "that it is degraded: at `/health`, in the metrics and in the log; 0: never. Readings are taken all the same.",
        read=forms.whole(0, 7 * 24 * 3600),
    ),
    "REMIND_SECONDS": Setting(
        "900",
        "How long a critical alert that nobody has taken up waits until it comes again in the phase `reminder`, at "
        "most 8 times; 0: it never does. Counts from the next time that an alert is asked about, or reminded of.",
        read=forms.whole(0, 86400),
    ),
    "DRAIN_SECONDS": Setting(
        "2",
        "How long after SIGTERM `/health/ready` says 503 before no more requests are accepted: longer than a load "
        "balancer takes to notice.",
        read=forms.whole(0, 600),
    ),
    "TELEMETRY": Setting(
        "none",
        "Traces: `none`, or `otlp` to where `OTEL_EXPORTER_OTLP_ENDPOINT` says; needs `clonidine-watch[telemetry]`.",
        read=forms.telemetry,
    ),
    "LOG_LEVEL": Setting(
        "info", "How much is logged.", read=forms.one_of("critical", "error", "warning", "info", "debug")
    ),
    "LOG_FORMAT": Setting(
        "text",
        "How it is logged: lines of `text` for people, or of `json` for machines.",
        read=forms.one_of("text", "json"),
    ),
    "ACCESS_LOG": Setting(
        "all",
        "Which requests are logged: `all`, `refused` (status 400 and more) or `off`.",
        read=forms.one_of("all", "refused", "off"),
    ),
    "LOG_KEY": Setting(
        "",
        "A secret of 16 to 64 octets: with it the log names patients by a keyed hash; where it is not set it does not "
        "name them at all.",
        read=forms.key,
    ),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; one attribute a row of SETTINGS, in lower case."""

    database_url: str
    database_password_file: str
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
    audit: str
    max_body_bytes: int
    subscription_hosts: str
    subscription_retry_hours: int
    subscription_secret: str
    max_body_values: int
    max_bundle_entries: int
    max_header_bytes: int
    max_connections: int
    slow_seconds: int
    min_rate: int
    keep_alive_seconds: int
    rate_limit: int
    trusted_proxies: str
    cors_origins: str
    tick_seconds: int
    consumer_lag_seconds: int
    remind_seconds: int
    drain_seconds: int
    telemetry: str
    log_level: str
    log_format: str
    access_log: str
    log_key: str

    @property
    def audited(self) -> bool:
        """Whether accesses are audited."""
        return self.audit == "on" or (self.audit == "auto" and self.auth == "smart")

    @property
    def root(self) -> str:
        """The service as it is set to be reached, or as it listens."""
        return self.base_url or f"http://{self.host}:{self.port}"


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
