"""What a Subscription asks, in the form of R4 and in that of the R5 backport.

https://hl7.org/fhir/R4/subscription.html; http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from models.errors import BadRequest
from models.problem import Problem
from models.resource_types import TYPES
from models.search.query import Query
from models.times import micros, span
from service import conditions
from service.delivery.endpoints import Endpoints
from service.record.codes import ALERT_CATEGORY

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
TOPIC = "https://clonidine-watch.org/fhir/SubscriptionTopic/clonidine-alert"
FHIR_JSON = "application/fhir+json"
ASKED = ("requested", "off")
"""What a client may set; the rest is this service's to say."""
Content = Literal["ping", "resource", "empty", "id-only", "full-resource"]
"""What is sent: of R4 nothing or the resource, of a topic a Bundle of one of three kinds."""
CONTENTS: Mapping[str, Content] = {"empty": "empty", "id-only": "id-only", "full-resource": "full-resource"}
MOST_EVENTS, MOST_HEADERS = 100, 20
DEFAULT_EVENTS = 20
LONGEST_HEADER = 4_000
SHORTEST_HEARTBEAT, LONGEST_TIMEOUT = 10, 60
"""Seconds."""
OURS = frozenset(
    "host content-length content-type content-encoding transfer-encoding connection te trailer upgrade expect "
    "webhook-id webhook-timestamp webhook-signature".split()
)
"""Headers that this service sets or that are about the connection."""
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class Subscription(NamedTuple):
    """A Subscription that can be told: `query` finds what it is told of, in the order of commit.

    `end` is its last microsecond, `heartbeat` and `timeout` are seconds, 0 where none is asked; `events` are those of
    one notification at most.
    """

    id: str
    status: str
    query: Query
    endpoint: str
    headers: tuple[tuple[str, str], ...]
    content: Content
    end: int | None = None
    heartbeat: int = 0
    timeout: int = 0
    events: int = 1

    @property
    def topical(self) -> bool:
        """Whether it is of the R5 backport's form."""
        return self.content not in ("ping", "resource")


def read(
    doc: Mapping[str, Any], bases: Sequence[str], allowed: Endpoints, now: datetime
) -> tuple[Subscription | None, tuple[Problem, ...]]:
    """What a valid document asks, or everything that keeps it from being told.

    Of what FHIR requires an extension may stand in the place of the value, which is then "" here.
    """
    problems: list[Problem] = []
    channel = doc["channel"]
    query = _criteria(doc, bases, now, problems)
    problems += _channel(channel, allowed)
    headers = tuple(_headers(channel, problems))
    topical = doc.get("criteria") == TOPIC
    content = _content(channel, topical, problems)
    numbers = {
        name: _number(channel, name, least, most, problems) if topical else 0
        for name, (least, most) in _NUMBERS.items()
    }
    if problems or query is None or content is None:
        return None, tuple(problems)
    return Subscription(
        id=doc["id"],
        status=doc.get("status", ""),
        query=query,
        endpoint=channel["endpoint"],
        headers=headers,
        content=content,
        end=_end(doc),
        heartbeat=numbers["backport-heartbeat-period"],
        timeout=numbers["backport-timeout"],
        events=numbers["backport-max-count"] or (DEFAULT_EVENTS if topical else 1),
    ), ()


def refusals(
    doc: Mapping[str, Any], bases: Sequence[str], allowed: Endpoints, now: datetime
) -> tuple[Problem, ...]:
    """Why a client's document is not taken."""
    status = doc.get("status", "")
    if status == "off":
        return ()
    found = read(doc, bases, allowed, now)[1]
    if status not in ASKED:
        text = (
            f"A client sets requested or off; {status or 'anything else'} is for this service to say. Send requested "
            "to have the endpoint tested and told from now on."
        )
        found = (Problem("business-rule", text, "Subscription.status", "subscription-status"), *found)
    end = _end(doc)
    if end is not None and end <= micros(now):
        text = "The end is past; leave it out, or give an instant to come."
        found = (*found, Problem("business-rule", text, "Subscription.end", "subscription-end"))
    return found


def _end(doc: Mapping[str, Any]) -> int | None:
    """In microseconds: in its zone it may be an instant of the year 10000, or of the year before the first."""
    return span(doc["end"]).high if "end" in doc else None


def _criteria(
    doc: Mapping[str, Any], bases: Sequence[str], now: datetime, problems: list[Problem]
) -> Query | None:
    """The search for what it is told of: the criteria, or the topic's alerts with every filter."""
    criteria = doc.get("criteria", "")
    if criteria == TOPIC:
        filters = _values(doc.get("_criteria"), "backport-filter-criteria", "valueString")
        asked = [f"Observation?category={ALERT_CATEGORY}|alert", *(one or "" for one in filters)]
    elif "://" in criteria.partition("?")[0]:
        text = f"The only topic here is {TOPIC}; give it, or criteria such as Observation?category=alert."
        problems.append(Problem("not-supported", text, "Subscription.criteria", "subscription-topic"))
        return None
    else:
        asked = [criteria]
    type, _, _ = asked[0].partition("?")
    if any(one.partition("?")[0] != type for one in asked) or type not in TYPES:
        text = (
            f"Criteria begin with the type that is meant and a question mark; served are {', '.join(TYPES)}."
        )
        problems.append(Problem("invalid", text, "Subscription.criteria", "subscription-criteria"))
        return None
    try:
        text = "&".join(one.partition("?")[2] for one in asked)
        query = conditions.read(type, text, "Subscription.criteria", bases, now)
        if moving := [name for name, value in query.pairs if value.startswith("ap")]:
            raise BadRequest(f"Subscription.criteria: {moving[0]} depends on the present; give le, ge or eq.")
    except BadRequest as error:
        problems += [
            problem._replace(expression="Subscription.criteria", rule="subscription-criteria")
            for problem in error.problems
        ]
        return None
    return query


def _channel(channel: Mapping[str, Any], allowed: Endpoints) -> Iterator[Problem]:
    if channel.get("type") != "rest-hook":
        text = f"Channels of type {channel.get('type', 'unknown')} are not served; rest-hook is."
        yield Problem("not-supported", text, "Subscription.channel.type", "subscription-channel")
    where = "Subscription.channel.endpoint"
    if "endpoint" not in channel:
        yield Problem("required", "A rest-hook needs an endpoint.", where, "subscription-endpoint")
    elif why := allowed.refusal(channel["endpoint"]):
        yield Problem(
            "business-rule", f"No request goes to this endpoint: {why}", where, "subscription-endpoint"
        )


def _headers(channel: Mapping[str, Any], problems: list[Problem]) -> Iterator[tuple[str, str]]:
    given = channel.get("header", [])
    for at, header in enumerate(given):
        name, colon, value = (header or "").partition(":")
        name, value = name.strip(), value.strip()
        sound = (
            bool(colon and name) and set(name.lower()) <= _TOKEN and value.isascii() and value.isprintable()
        )
        if not sound or name.lower() in OURS or len(header) > LONGEST_HEADER or len(given) > MOST_HEADERS:
            text = (
                f"A header is `Name: value` in ASCII, up to {LONGEST_HEADER} characters, {MOST_HEADERS} headers, none "
                "of those that this service sets itself."
            )
            where = f"Subscription.channel.header[{at}]"
            problems.append(Problem("invalid", text, where, "subscription-header"))
        yield name, value


def _content(channel: Mapping[str, Any], topical: bool, problems: list[Problem]) -> Content | None:
    payload, where = channel.get("payload", ""), "Subscription.channel.payload"
    if payload not in ("", FHIR_JSON):
        text = f"The payload is {FHIR_JSON}, or left out for requests without a body."
        problems.append(Problem("not-supported", text, where, "subscription-payload"))
        return None
    if not topical:
        return "resource" if payload else "ping"
    named = [*_values(channel.get("_payload"), "backport-payload-content", "valueCode")]
    if payload and len(named) == 1 and named[0] in CONTENTS:
        return CONTENTS[named[0]]
    text = (
        f"A Subscription to a topic has the payload {FHIR_JSON}, and one extension {BACKPORT}backport-payload-content: "
        f"one of {', '.join(CONTENTS)}."
    )
    problems.append(Problem("required", text, where, "subscription-payload"))
    return None


_NUMBERS = {
    "backport-heartbeat-period": (SHORTEST_HEARTBEAT, 86_400),
    "backport-timeout": (1, LONGEST_TIMEOUT),
    "backport-max-count": (1, MOST_EVENTS),
}
"""Extensions of the channel, each with the least and the most that it can be."""


def _number(channel: Mapping[str, Any], name: str, least: int, most: int, problems: list[Problem]) -> int:
    for value in _values(channel, name, "valueUnsignedInt", "valuePositiveInt", "valueInteger"):
        if isinstance(value, int) and least <= value <= most:
            return value
        text = f"{name} is a whole number from {least} to {most} here."
        problems.append(Problem("value", text, "Subscription.channel.extension", "subscription-channel"))
    return 0


def _values(element: Any, name: str, *keys: str) -> Iterator[Any]:
    """The values of an element's extensions of the backport."""
    extensions = element.get("extension", ()) if isinstance(element, Mapping) else ()
    for extension in extensions:
        if extension.get("url") == BACKPORT + name:
            yield next((extension[key] for key in keys if key in extension), None)
