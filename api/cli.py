"""The command line: `clonidine-watch COMMAND`. What a command needs is imported when it runs."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from api.settings import PREFIX, SETTINGS, SettingError, settings

REFUSED, MISUSED, INTERRUPTED = 1, 2, 130
"""Exit status: something was refused or failed; settings or arguments cannot be used; Ctrl-C."""


class CommandError(Exception):
    """A command cannot go on; the message is the sentence that is printed."""

    def __init__(self, message: str, status: int = REFUSED) -> None:
        super().__init__(message)
        self.status = status


class Option(NamedTuple):
    """One argument. Where `setting` is given, it beats that setting's place in the environment."""

    name: str
    help: str
    setting: str = ""
    how: Mapping[str, Any] = {}


class Command(NamedTuple):
    """A command: `run(arguments, settings)` of the module `api.commands.NAME`, which gives the exit status."""

    name: str
    about: str
    options: tuple[Option, ...] = ()


DATABASE = Option("--database", "where everything is kept", "DATABASE_URL", {"metavar": "URL"})
LIMITS = Option("--limits", "a TOML file of the site's limits", "LIMITS_FILE", {"metavar": "FILE"})
JSON = Option("--json", "print JSON instead of a table", how={"action": "store_true"})
FILE = "NDJSON, a Bundle or a resource, as it is or as .gz or .bz2; or a directory of such"

COMMANDS = (
    Command(
        "serve",
        "migrate the database and serve FHIR",
        (
            Option("--host", "the address to listen on", "HOST"),
            Option("--port", "the port to listen on; 0 takes a free one", "PORT"),
            Option("--workers", "server processes", "WORKERS", {"metavar": "N"}),
            DATABASE,
            LIMITS,
            Option("--demo", "load a synthetic ward into an empty database", how={"action": "store_true"}),
        ),
    ),
    Command(
        "check",
        "try everything that `serve` needs, and say how to mend what does not fit; changes nothing",
        (
            Option("--host", "the address to listen on", "HOST"),
            Option("--port", "the port to listen on", "PORT"),
            DATABASE,
            LIMITS,
        ),
    ),
    Command("migrate", "bring the database to the shape that this release needs", (DATABASE,)),
    Command(
        "backup",
        "write everything that the database holds into one file, as of one moment, beside a running service",
        (Option("file", "the file to make; it must not be there yet", how={"metavar": "FILE"}), DATABASE),
    ),
    Command(
        "restore",
        "put a backup into an empty database of either kind, all of it or nothing",
        (
            Option("file", "a file that `backup` made", how={"metavar": "FILE"}),
            Option("--replace", "give up what the database holds", how={"action": "store_true"}),
            DATABASE,
        ),
    ),
    Command("rules", "print the rules in force with limits and sources", (LIMITS, JSON)),
    Command(
        "load",
        "load files of FHIR resources; can be interrupted and run again",
        (
            Option("files", FILE, how={"nargs": "+", "metavar": "FILE"}),
            Option(
                "--reject", "collect what was refused, with its outcome, as NDJSON", how={"metavar": "FILE"}
            ),
            Option(
                "--from-start", "do not go on where an interrupted run ended", how={"action": "store_true"}
            ),
            DATABASE,
            LIMITS,
        ),
    ),
    Command(
        "evaluate",
        "print the alerts that the rules would raise over files or a database, or what other limits would change; "
        "nothing is stored",
        (
            Option("files", f"{FILE}; or the URL of a database", how={"nargs": "+", "metavar": "DATA"}),
            Option("--at", "judge as of this instant; now if not given", how={"metavar": "INSTANT"}),
            Option(
                "--limits",
                "compare with the limits of this TOML file; those in force are of the setting LIMITS_FILE",
                how={"metavar": "FILE"},
            ),
            Option(
                "--json",
                "print the alert Observations as NDJSON, under --limits if given",
                how={"action": "store_true"},
            ),
            Option(
                "--report",
                "write the comparison with plots as a page of its own",
                how={"metavar": "FILE.html"},
            ),
            Option("--names", "name patients and dates in the report", how={"action": "store_true"}),
        ),
    ),
    Command(
        "reevaluate",
        "show what the rules in force would change in the alerts of a database, patient by patient; with --apply "
        "change it",
        (
            Option(
                "--apply", "write the changes; can be interrupted and run again", how={"action": "store_true"}
            ),
            Option(
                "--from-start", "do not go on where an interrupted run ended", how={"action": "store_true"}
            ),
            DATABASE,
            LIMITS,
        ),
    ),
    Command(
        "secret",
        "print the secret with which the receiver of a Subscription checks signatures",
        (Option("id", "the id of the Subscription", how={"metavar": "ID"}),),
    ),
    Command(
        "clients",
        "say who may ask this service for tokens under AUTH=smart, and for what",
        (
            Option("action", "`add`, `list` or `revoke`", how={"choices": ["add", "list", "revoke"]}),
            Option(
                "name", "the client's name, which is its client_id", how={"nargs": "?", "metavar": "NAME"}
            ),
            Option(
                "--jwks", "its public keys: a file, which is read once, or a URL", how={"metavar": "FILE|URL"}
            ),
            Option(
                "--scope",
                "what it may ask for, such as system/Observation.rs?category=alert; may be repeated",
                how={"action": "append", "metavar": "SCOPE"},
            ),
            DATABASE,
        ),
    ),
    Command(
        "audit",
        "verify the chain of AuditEvents, or print them all as NDJSON",
        (
            Option("action", "`verify` or `export`", how={"choices": ["verify", "export"]}),
            Option(
                "--expect",
                "a hash that an earlier `verify` told: an event has to have it, or some at the end are gone",
                how={"metavar": "HASH", "default": ""},
            ),
            Option(
                "--after",
                "the hash of the last event that was taken out for good, where the first ones were",
                how={"metavar": "HASH", "default": ""},
            ),
            DATABASE,
        ),
    ),
    Command("openapi", "print the OpenAPI document"),
)


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    made = argparse.ArgumentParser(
        "clonidine-watch",
        description="Watches patients on clonidine for opioid withdrawal. Decision support, not a medical device.",
        epilog=f"Settings come from the environment, prefix {PREFIX}; options beat it.",
    )
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        about = command.about[0].upper() + command.about[1:] + "."
        below = commands.add_parser(command.name, help=command.about, description=about)
        for option in command.options:
            below.add_argument(option.name, help=_help(option), **_setting(option), **option.how)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    given = parser().parse_args(arguments)
    try:
        run = import_module(f"api.commands.{given.command}").run
        chosen = settings({**os.environ, **_environment(given)})
        _read_password(chosen.database_password_file)
        status: int = run(given, chosen)
    except (SettingError, CommandError) as error:
        print(f"clonidine-watch: {error}", file=sys.stderr)
        return getattr(error, "status", MISUSED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
    return status


def _read_password(name: str) -> None:
    """Hand the password on where PostgreSQL's own library looks for it: in no URL, so in no message."""
    if not name:
        return
    try:
        password = Path(name).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SettingError(f"{PREFIX}DATABASE_PASSWORD_FILE: {name} cannot be read: {reason}.") from error
    if not password:
        raise SettingError(f"{PREFIX}DATABASE_PASSWORD_FILE: {name} is empty; write the password into it.")
    os.environ["PGPASSWORD"] = password


def _setting(option: Option) -> Mapping[str, Any]:
    return {"dest": option.setting} if option.setting else {}


def _help(option: Option) -> str:
    if not option.setting:
        return option.help
    default = SETTINGS[option.setting].default or "none"
    return f"{option.help} ({PREFIX}{option.setting}; default {default})"


def _environment(given: argparse.Namespace) -> dict[str, str]:
    """The settings that were given as options, as the environment would give them."""
    return {
        PREFIX + name: value for name, value in vars(given).items() if name in SETTINGS and value is not None
    }
