"""The file of AUTH_ISSUERS: who may issue tokens for this service, TOML or JSON.

[[issuer]]
issuer = "https://login.hospital.example/realms/ward"   # `iss`, to the letter
audience = "https://watch.hospital.example/fhir"        # `aud`; BASE_URL/fhir where not given
jwks = "https://login.hospital.example/certs"           # or a file, relative to this one
claim = "scope"                                         # where the scopes stand: a text or a list; or `scp`, `roles`
client = "client_id"                                    # where the client's name stands; `azp`, `sub` are looked at too
token_endpoint = "https://login.hospital.example/token" # told to clients in [base]/.well-known/smart-configuration
[issuer.scopes]                                         # names of the issuer's own, and what they stand for
"Alerts.Read" = "system/Observation.rs?category=alert"
"""

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from api.settings import PREFIX, SettingError
from models.access.scopes import ScopeError, check

NAME = f"{PREFIX}AUTH_ISSUERS"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
HOST = re.compile(r"[A-Za-z0-9.:_-]+")


class Issuer(NamedTuple):
    """One issuer, as its table in the file says."""

    issuer: str
    audience: str
    jwks: str
    claim: str = "scope"
    client: str = "client_id"
    token_endpoint: str = ""
    scopes: Mapping[str, str] = {}


def issuers(path: str, audience: str) -> tuple[Issuer, ...]:
    """Those of the file; none where there is no file. Raises SettingError."""
    if not path:
        return ()
    try:
        text = Path(path).read_text(encoding="utf-8")
        doc = json.loads(text) if path.endswith(".json") else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingError(f"{NAME}: {path} cannot be read: {error}.") from error
    tables = doc.get("issuer") if isinstance(doc, dict) else None
    if not isinstance(tables, list) or not tables or set(doc) != {"issuer"}:
        raise SettingError(f"{NAME}: {path} holds tables [[issuer]] and nothing else.")
    found = tuple(_issuer(table, Path(path).parent, audience) for table in tables)
    if len({one.issuer for one in found}) < len(found):
        raise SettingError(f"{NAME}: an issuer stands there twice.")
    return found


def _issuer(table: Any, folder: Path, audience: str) -> Issuer:
    if not isinstance(table, dict) or not {"issuer", "jwks"} <= table.keys() <= set(Issuer._fields):
        known = ", ".join(Issuer._fields)
        raise SettingError(f"{NAME}: an issuer has issuer and jwks, and of {known} what it needs.")
    scopes = table.get("scopes", {})
    texts = [value for name, value in table.items() if name != "scopes"]
    if not isinstance(scopes, dict) or not all(isinstance(one, str) for one in (*texts, *scopes.values())):
        raise SettingError(f"{NAME}: everything of an issuer is text, and scopes is a table of texts.")
    try:
        check(scope for text in scopes.values() for scope in text.split())
    except ScopeError as error:
        raise SettingError(f"{NAME}: {error}") from error
    return Issuer(**{"audience": audience, **table, "jwks": source(table["jwks"], folder)})


def source(text: str, folder: Path) -> str:
    """Where keys are: a URL that nobody on the way can change, or a file. Raises SettingError."""
    if "://" not in text:
        return str(folder / text)
    try:
        url = urlsplit(text)
        host, _ = url.hostname or "", url.port
    except ValueError as error:
        raise SettingError(f"{text!r} is no address: {error}.") from error
    if not HOST.fullmatch(host):
        raise SettingError(f"{text!r} names no host.")
    if url.scheme != "https" and not (url.scheme == "http" and host in LOOPBACK):
        raise SettingError(f"{text!r}: keys are fetched by https alone; http is for this machine.")
    return text
