"""The query of a request: which parameters each interaction takes; whatever else stands there is refused by name.

With `Prefer: handling=lenient` it is passed over, and a Warning header tells so.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from starlette.requests import Request

from api.exchange import handling
from models.errors import BadRequest
from models.parameters import EVERYWHERE, Pairs, pretty, repeated, unknown
from models.problem import Problem
from models.times import moment, span

PRETTY, IGNORED = "clonidine_watch.pretty", "clonidine_watch.ignored"
"""Where the scope of a request tells that the answer is to be indented, and what was passed over."""


class Taken(NamedTuple):
    """Parameters besides those that every request takes; `many` of them may be repeated."""

    names: tuple[str, ...] = ()
    many: tuple[str, ...] = ()


NOTHING = Taken()
PARTS = Taken(("_summary", "_elements"), ("_elements",))
VERSIONS = Taken(("_since", "_count", "_before"))
AT = Taken(("at",))
JUDGED = Taken(("mode", "profile"))
STATES = Taken(("id", "status"), ("id", "status"))
EVENTS = Taken(("eventsSinceNumber", "eventsUntilNumber", "content"))
CONSUMER = Taken(("consumer",))
ACKNOWLEDGED = Taken(("consumer", "cursor"))
RESET = Taken(("consumer", "from"))
RECORD = Taken(("_since", "_type", "_count", "_cursor"), ("_type",))

TAKEN: Mapping[str, Taken] = {
    "update": NOTHING,
    "patch": NOTHING,
    "delete": NOTHING,
    "transaction_or_batch": NOTHING,
    "submit": NOTHING,
    "acknowledge": NOTHING,
    "meta": NOTHING,
    "meta_by_post": NOTHING,
    "read": PARTS,
    "vread": PARTS,
    "read_published": PARTS,
    "read_audit": NOTHING,
    "metadata": PARTS,
    "smart_configuration": NOTHING,
    "token": NOTHING,
    "jwks": NOTHING,
    "history": VERSIONS,
    "type_history": VERSIONS,
    "system_history": VERSIONS,
    "validate_new": JUDGED,
    "validate_bundle": JUDGED,
    "validate_sent": JUDGED,
    "validate_kept": JUDGED,
    "evaluate": AT,
    "dose_check": AT,
    "dose_check_by_post": AT,
    "subscription_status": NOTHING,
    "subscription_status_by_post": NOTHING,
    "subscription_statuses": STATES,
    "subscription_statuses_by_post": STATES,
    "subscription_events": EVENTS,
    "subscription_events_by_post": EVENTS,
    "consumers": CONSUMER,
    "ack": ACKNOWLEDGED,
    "consumer_reset": RESET,
    "consumer_remove": CONSUMER,
    "everything": RECORD,
    "everything_by_post": RECORD,
}
"""What each interaction takes that does not search."""
SEARCHING = (
    "search",
    "search_by_post",
    "search_compartment",
    "search_compartment_by_post",
    "search_whole_compartment",
    "search_all",
    "search_all_by_post",
    "search_published",
    "search_audit",
    "search_audit_by_post",
    "lastn",
    "lastn_by_post",
    "poll",
    "create",
    "conditional_update",
    "conditional_patch",
    "conditional_delete",
)
"""Interactions whose parameters are those of the type that is searched; `models.search.query` knows them."""


def check(request: Request, pairs: Pairs, taken: Taken) -> None:
    """Refuse what is not taken, or note that it is passed over. Raises BadRequest."""
    problems = list(unknown(pairs, taken.names))
    if handling(request) == "lenient":
        request.scope[IGNORED] = [problem._replace(severity="warning") for problem in problems]
        pairs, problems = [pair for pair in pairs if pair[0] in (*taken.names, *EVERYWHERE)], []
    if problems := [*problems, *repeated(pairs, taken.many)]:
        raise BadRequest(problems)


def present(request: Request, pairs: Pairs) -> None:
    """Note how the answer is to be written. Raises NotAcceptable, BadRequest."""
    if pretty(pairs):
        request.scope[PRETTY] = True


def ignored(request: Request) -> list[Problem]:
    """What was passed over."""
    found: list[Problem] = request.scope.get(IGNORED, [])
    return found


def given(pairs: Pairs, names: Collection[str]) -> dict[str, str]:
    """Those of the parameters that are given; the values of one that is repeated are joined by commas."""
    found: dict[str, str] = {}
    for name, text in pairs:
        if name in names:
            found[name] = f"{found[name]},{text}" if name in found else text
    return found


def instant(text: str, name: str) -> datetime:
    """The first instant of a date or dateTime. Raises BadRequest."""
    try:
        return moment(span(text.replace(" ", "+")).low)
    except (ValueError, OverflowError) as error:
        raise BadRequest(
            f"Parameter {name!r}: {text[:80]!r} is no instant; give 2026-11-22T10:00:00Z."
        ) from error


def number(text: str, name: str, most: int) -> int:
    """A whole number from 1 on, cut at `most`. Raises BadRequest."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise BadRequest(f"Parameter {name!r}: {text[:40]!r} is no number of entries; give 1 to {most}.")
    return min(int(text), most)
