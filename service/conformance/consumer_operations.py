"""The operations about consumers, defined."""

from service.conformance.defined import Defined, Parameter, out

_NAME = "The name: lower-case letters, digits and hyphens, up to 40; it stands in metrics and logs."
_FROM = "beginning, now, or an instant: what was committed from then on comes."


def _told(about: str) -> tuple[Parameter, ...]:
    return (
        Parameter("consumer", "in", "string", _NAME),
        out("consumer", "string", "The name.", 1),
        out("position", "instant", about, 1),
    )


CONSUMER_OPERATIONS = (
    Defined(
        "poll",
        "The next alerts of a consumer",
        "Alerts behind the position that is kept for a consumer, which begins with its first poll. Only an "
        "acknowledgement moves the position; until then the same comes again.",
        "",
        True,
        (
            Parameter("consumer", "in", "string", _NAME),
            Parameter("from", "in", "string", f"Where a new consumer begins, now if not given: {_FROM}", 0),
            Parameter("ack", "in", "string", "The cursor of the last page, which was handed on.", 0),
            Parameter("_count", "in", "integer", "Alerts a page.", 0),
            Parameter(
                "criteria",
                "in",
                "string",
                "Search parameters of Observation, by their own names; kept at the first poll.",
                0,
                "*",
            ),
            Parameter("return", "out", "Bundle", "A searchset, in the order of commit, with the link `ack`."),
        ),
    ),
    Defined(
        "ack",
        "A consumer has handed on its alerts",
        "Moves the position of a consumer to a cursor that $poll gave, never back.",
        "",
        True,
        (
            Parameter("cursor", "in", "string", "The cursor, as it stands in the link `ack`."),
            *_told("What was committed up to then is acknowledged."),
        ),
    ),
    Defined(
        "consumers",
        "How far each consumer is behind",
        "Every consumer, or one, with its position and what waits for it.",
        "",
        False,
        (
            Parameter("consumer", "in", "string", "This one alone.", 0),
            out(
                "consumer",
                "",
                "One of them.",
                0,
                "*",
                out("name", "string", "Its name.", 1),
                out("criteria", "string", "What narrows its alerts."),
                out("position", "instant", "What was committed up to then is acknowledged.", 1),
                out("alerts", "unsignedInt", "How many wait to be acknowledged.", 1),
                out("at-least", "boolean", "Whether more than that may wait: no more are counted.", 1),
                out(
                    "waiting-seconds",
                    "decimal",
                    "For how long the oldest of them has waited; 0 if none does.",
                    1,
                ),
                out("last-fetch", "instant", "When it last fetched, to a few seconds."),
                out("last-acknowledgement", "instant", "When it last acknowledged."),
                out("silent-seconds", "decimal", "For how long it has fetched nothing."),
                out("late", "boolean", "Whether that is longer than the service's setting allows.", 1),
            ),
        ),
    ),
    Defined(
        "consumer-reset",
        "Have a consumer begin elsewhere",
        "Puts the position of a consumer to an instant, to give alerts again or to pass over those that wait.",
        "",
        True,
        (Parameter("from", "in", "string", _FROM), *_told("Where it goes on.")),
    ),
    Defined(
        "consumer-remove",
        "Forget a consumer",
        "Its next poll begins a new one.",
        "",
        True,
        _told("How far it had come."),
    ),
)
