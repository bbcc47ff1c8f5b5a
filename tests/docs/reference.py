"""Pages of docs/reference that are made from the tables of the code."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from api.cli import COMMANDS, INTERRUPTED, MISUSED, REFUSED, Command, Option
from api.errors import STATUS
from api.including import MOST_INCLUDED
from api.openapi.parameters import RESULTS
from api.openapi.responses import recorded
from api.settings import PREFIX, SETTINGS
from models.resource_types import COMMON, LEFT_OUT, TYPES, ResourceType, SearchParam
from models.resource_types.audit_event import AUDIT_EVENT
from models.search.compartment import INSIDE
from models.search.filters import MODIFIERS
from models.search.filters import REFUSED as REFUSED_MODIFIERS
from models.search.index import LONGEST_TEXT
from models.search.query import PREFIXES
from models.search.question import MOST_FILTERS, MOST_JOINS, MOST_VALUES
from models.search.results import MOST_INCLUDES, MOST_KEYS
from models.store.reader import MOST_SECONDS

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
    types = "\n".join(_searched(served) for served in (*TYPES.values(), AUDIT_EVENT))
    kinds = _table(
        ("type", "modifiers"), [(kind, _modifiers(kind)) for kind in MODIFIERS if kind not in HIDDEN]
    )
    left_out = _table(("parameter", "why"), [(f"`{name}`", why) for name, why in LEFT_OUT.items()])
    refused = _table(("modifier", "why"), [(f"`:{name}`", why) for name, why in REFUSED_MODIFIERS.items()])
    limits = _table(("at most", "of"), [(str(most), what) for what, most in LIMITS.items()])
    return f"""\
# Search parameters
{MADE}
`GET /fhir/{{type}}?name=value&...`, or `POST /fhir/{{type}}/_search` with the same as a form. Parameters are joined by
*and*, the values of one (separated by commas) by *or*; a parameter may be repeated. A parameter, modifier or prefix
that is not listed here is refused with 400 and the list of those that are; nothing is ignored in silence, unless the
client asks for it with `Prefer: handling=lenient`, and then an entry with mode `outcome` tells what was.
[How to search](../how-to/search.md) shows them at work.

- **token**: `code`, `system|code`, `|code` (without a system), `system|` (any code of the system).
- **string**: what the text begins with, without regard to case and accents. A text is found by its first
  {LONGEST_TEXT} characters.
- **reference**: `Type/id`, an absolute URL, or the id alone, which then is of any type that the parameter refers to;
  where it refers to whatever there is, of any type served here.
- **date**: a date or dateTime in any precision, with one of the prefixes {_list(PREFIXES)}. Without a zone it is
  UTC. `eq`, the default, asks that the resource's time lies inside the span given.
- **quantity**: `number`, `number||unit` or `number|system|unit`, with the same prefixes. `100` is anything from 99.5
  to below 100.5, `100.0` from 99.95 to below 100.05; other prefixes mean the very number, `ap` ten per cent around it.
  Without a unit the number is compared as it was sent. mm[Hg] and kPa, mg, ug and g, and the ways to write beats a
  minute are converted into each other.
- **composite**: `code$value`; both inside the same component where the parameter is about components.
- **uri**: the whole address. A profile with a version is found without it too.

{kinds}
References also take `:Type`, which stands for a type before an id alone. `identifier` takes `:of-type`:
`system|code|value`, the first two of the identifier's type.

A **chain** asks for something of a resource that is referred to: `subject:Patient.name=moreau`, or
`subject.name=moreau` where one type only can be meant or has the parameter. **_has** asks for something of a resource
that refers here: `Patient?_has:Observation:patient:code=8867-4`. Both go one step.

`GET /fhir?_type=Observation,Condition&...` searches several types, by the parameters that all of them have;
`GET /fhir/Patient/{{id}}/{{type}}?...` those of a patient's compartment, `GET /fhir/Patient/{{id}}/*?...` all of
it. What is in it follows FHIR R4: {_compartment()}.
Device and Task are in no patient's compartment; search them by `patient`.

## Of every type
{common}
## That shape the answer
{shaping}
{types}
## What is refused
{left_out}
{refused}
## Limits
More than this is refused as `too-costly`.

{limits}"""


def _compartment() -> str:
    """The types of the compartment, each with the parameters that put a resource into it."""
    return "; ".join(f"{name} by {_list(served.compartment)}" for name, served in INSIDE.items())


HIDDEN = ("patient", "special", "composite")
LIMITS = {
    "values in one search": MOST_VALUES,
    "parameters": MOST_FILTERS,
    "chains and _has": MOST_JOINS,
    "references followed by _include and _revinclude": MOST_INCLUDES,
    "resources that come along with a page": MOST_INCLUDED,
    "sort keys": MOST_KEYS,
    "seconds for a search": MOST_SECONDS,
}


def _searched(served: ResourceType) -> str:
    rows = [(f"`{name}`", why) for name, why in served.left_out.items()]
    left_out = f"\nNot served:\n\n{_table(('parameter', 'why'), rows)}" if rows else ""
    return f"## {served.name}\n{served.about}\n\n{_params(served.params)}{left_out}"


def _modifiers(kind: str) -> str:
    return _list(f":{name}" for name in MODIFIERS[kind])


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
        (
            f"`{param.name}`",
            param.fhir_type,
            param.about,
            f"`{param.name}={param.example}`".replace("|", "\\|"),
        )
        for param in params
    ]
    return _table(("parameter", "type", "what it finds", "example"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _list(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
