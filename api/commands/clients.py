"""`clients`: who may ask the token endpoint of AUTH=smart for tokens, and for what."""

import re
from argparse import Namespace
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from api.auth.issuers import source
from api.auth.own import read_jwks
from api.cli import MISUSED, CommandError
from api.clock import now
from api.commands.database import migrated
from api.commands.table import table
from api.settings import SettingError, Settings
from models.access.scopes import ScopeError, check
from models.store.clients import Client, Clients

WIDE = 100_000
"""A scope is one word to whoever copies it."""
_NAME = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def run(given: Namespace, settings: Settings) -> int:
    """Add, list or revoke. Raises CommandError."""
    with migrated(settings.database_url) as database:
        ACTIONS[given.action](database.clients, given)
    return 0


def _add(clients: Clients, given: Namespace) -> None:
    if not given.name or not given.jwks or not given.scope:
        raise CommandError("clients add needs a NAME, --jwks and at least one --scope.", MISUSED)
    if not _NAME.fullmatch(given.name):
        raise CommandError("A client's name is 1 to 64 letters, digits, '.', '_', '~' or '-'.", MISUSED)
    scopes = tuple(scope for text in given.scope for scope in text.split())
    try:
        check(scopes)
    except ScopeError as error:
        raise CommandError(str(error), MISUSED) from error
    if not clients.add(Client(given.name, _jwks(given.jwks), scopes, _seconds())):
        raise CommandError(f"There is a client {given.name} already; revoke it first.")
    print(f"{given.name} may ask for tokens with {' '.join(scopes)}.")


def _jwks(text: str) -> str:
    try:
        return source(text, Path()) if "://" in text else read_jwks(text)
    except SettingError as error:
        raise CommandError(str(error), MISUSED) from error
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(f"--jwks {text}: {error}.", MISUSED) from error


def _list(clients: Clients, _: Namespace) -> None:
    for line in table([_row(client) for client in clients.all()], WIDE):
        print(line)


def _row(client: Client) -> list[str]:
    keys = "keys kept here" if client.jwks.startswith("{") else client.jwks
    state = f"revoked {_day(client.revoked)}" if client.revoked else f"since {_day(client.created)}"
    return [client.name, state, keys, " ".join(client.scopes)]


def _revoke(clients: Clients, given: Namespace) -> None:
    if not given.name:
        raise CommandError("clients revoke needs a NAME.", MISUSED)
    if not clients.revoke(given.name, _seconds()):
        raise CommandError(f"There is no client {given.name}.")
    print(
        f"{given.name} gets no more tokens; those that it has got end within minutes (AUTH_TOKEN_SECONDS). "
        "The Subscriptions that it was the last to write are turned off by the running service."
    )


def _seconds() -> int:
    return int(now().timestamp())


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"


ACTIONS: Mapping[str, Callable[[Clients, Namespace], None]] = {"add": _add, "list": _list, "revoke": _revoke}
