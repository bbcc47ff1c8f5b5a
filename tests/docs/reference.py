"""Pages of docs/reference that are made from the tables of the code."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from api.cli import COMMANDS, INTERRUPTED, MISUSED, REFUSED, Command, Option
from api.errors import STATUS
from api.openapi.parameters import RESULTS
from api.openapi.responses import recorded
from api.settings import PREFIX, SETTINGS
from models.resource_types import COMMON, TYPES, SearchParam
from models.search.query import PREFIXES

MADE = "<!-- Made by `make golden` from the code; change it there. -->\n"


def settings_page() -> str:
    """docs/reference/settings.md, from SETTINGS."""
    rows = [
        (
            f"`{PREFIX}{name}`",
            f"`{setting.default}`" if setting.default else "not set",
            setting.about,
            setting.since,
        )
        for name, setting in SETTINGS.items()
    ]
    return f"""\
# Settings
{MADE}
Settings are read from the environment. An option of a command beats the environment; a name with the prefix that
is not listed here, or a value that cannot be used, stops the start with a sentence that says what can.

{_table(("name", "default", "what it does", "since"), rows)}"""


def search_page() -> str:
    """docs/reference/search.md, from TYPES."""
    common = _params(COMMON)
    shaping = _table(("parameter", "what it does"), [(f"`{name}`", about) for name, about in RESULTS.items()])
    types = "\n".join(
        f"## {name}\n{served.about}\n\n{_params(served.params)}" for name, served in TYPES.items()
    )
    return f"""\
# Search parameters
{MADE}
`GET /fhir/{{type}}?name=value&...`. Parameters are joined by *and*, the values of one (separated by commas) by *or*;
a parameter may be repeated. A parameter, modifier or prefix that is not listed here is refused with 400 and the list
of those that are; nothing is ignored in silence.

- **token**: `code`, `system|code`, `|code` (without a system), `system|` (any code of the system).
- **reference**: `Type/id`, an absolute URL, or the id alone where one type only can be meant. `patient:identifier` and
  `subject:identifier` take `system|value`.
- **date**: a date or dateTime in any precision, with one of the prefixes {_list(PREFIXES)}. Without a zone it is
  UTC. `eq`, the default, asks that the resource's time lies inside the span given.

## Of every type
{common}
## That shape the answer
{shaping}
{types}"""


def commands_page() -> str:
    """docs/reference/commands.md, from COMMANDS."""
    shown = "\n".join(_command(command) for command in COMMANDS)
    return f"""\
# Commands
{MADE}
`clonidine-watch COMMAND`, installed with the package; `make serve` runs `serve` without options. An option that stands
for a setting beats it ([settings](settings.md)); `-h` prints what stands here.

Exit status: 0 done; {REFUSED} something was refused or failed, and the last lines say what; {MISUSED} the arguments or
settings cannot be used; {INTERRUPTED} stopped by Ctrl-C. What is printed to read goes to standard output, progress and
complaints go to standard error.

{shown}"""


def _command(command: Command) -> str:
    rows = [(f"`{option.name}`", option.help, _setting(option)) for option in command.options]
    options = _table(("argument", "what it is", "setting"), rows) if rows else "No options.\n"
    return f"## {command.name}\n{command.about[0].upper()}{command.about[1:]}.\n\n{options}"


def _setting(option: Option) -> str:
    return f"`{PREFIX}{option.setting}`" if option.setting else ""


def errors_page() -> str:
    """docs/reference/errors.md, from STATUS and the recorded answers."""
    kinds = [(status, kind, recorded()["refusals"][kind.__name__]) for kind, status in STATUS.items()]
    rows = [
        (str(status), kind.__name__, f"`{found['outcome']['issue'][0]['code']}`", _first_line(kind.__doc__))
        for status, kind, found in kinds
    ]
    rows.append(
        ("500", "", "`exception`", "The service failed on the request; nothing was kept. Logged and counted.")
    )
    shown = "\n".join(_met(status, kind.__name__, found) for status, kind, found in kinds)
    return f"""\
# Errors
{MADE}
Every refusal is an OperationOutcome, also for addresses that are not served. An issue tells: `code` the kind,
`expression` the element, `details.coding` the rule that was broken, `details.text` what is wrong and what would be
right. All that is wrong with a body is told at once. 503 carries `Retry-After`; send the request again.

{_table(("status", "error", "issue code", "meaning"), rows)}
## Examples
{shown}"""


def _met(status: int, name: str, found: dict[str, Any]) -> str:
    sent = f" with the body `{found['body']}`" if found["body"] else ""
    outcome = json.dumps(found["outcome"], indent=2, ensure_ascii=False)
    return f"### {status} {name}\n`{found['request']}`{sent}\n\n```json\n{outcome}\n```\n"


def _params(params: Iterable[SearchParam]) -> str:
    rows = [
        (f"`{param.name}`", _kind(param), param.about, f"`{param.name}={param.example}`".replace("|", "\\|"))
        for param in params
    ]
    return _table(("parameter", "type", "what it finds", "example"), rows)


def _kind(param: SearchParam) -> str:
    return {"_id": "token", "_lastUpdated": "date"}.get(param.name, param.fhir_type)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _list(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
