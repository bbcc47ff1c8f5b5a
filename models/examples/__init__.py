"""Realistic bodies to post: shown in the OpenAPI pages, validated and posted by tests.

Each is a JSON file in this folder. Their times stand around NOW; `moved` puts them around another moment, since a
reading of yesterday raises a `late` alert, which pages nobody.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from models.fhir.codec import parse

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
"""The moment at which the examples, as they stand in the files, would be posted."""
_TIME = re.compile(r'"(2026-11-\d\dT\d\d:\d\d:\d\dZ)"')
_FORM = "%Y-%m-%dT%H:%M:%SZ"


class Example(NamedTuple):
    """A body: its file, what it is, the rules whose alerts it raises, what has to be there before it."""

    name: str
    summary: str
    about: str
    raises: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body as it stands in the file."""
        return _text(self.name)

    @property
    def document(self) -> dict[str, Any]:
        """The body, parsed; numbers keep their digits."""
        return parse(self.text.encode())

    @property
    def type(self) -> str:
        """Its resource type."""
        return str(self.document["resourceType"])


EXAMPLES = (
    Example(
        "observation-normal",
        "A normal panel: 122/78, heart rate 72",
        "Kept without a sound: no alert follows.",
    ),
    Example(
        "observation-low",
        "A low panel: 84/50",
        "Systolic pressure below 90: the answer names the alert in its Link header.",
        raises=("hypotension",),
    ),
    Example(
        "observation-identified",
        "A low panel with the sender's own identifier",
        "Post it with `If-None-Exist: identifier=urn:oid:1.3.6.1.4.1.32473.1.1|msg-20261122-0017`: the first time "
        "answers 201, every further time 200 with what is kept already.",
        raises=("hypotension",),
    ),
    Example(
        "observation-lying",
        "First of an orthostatic pair: lying, 132/82",
        "Silent by itself; the standing reading is compared with it.",
    ),
    Example(
        "observation-standing",
        "Second of an orthostatic pair: standing, 104/74, three minutes later",
        "Systolic pressure has fallen by 28 since the lying reading: post that one first.",
        raises=("orthostatic-hypotension",),
        after=("observation-lying",),
    ),
    Example(
        "observation-heart-rate", "Heart rate alone: 46", "Below 50 beats a minute.", raises=("bradycardia",)
    ),
    Example(
        "medication-request-taper",
        "Clonidine with a taper",
        "0.1 mg every 6 hours for three days, then every 8, every 12, once: four steps with `sequence` and "
        "`boundsPeriod`.",
    ),
    Example(
        "medication-request-too-much",
        "An order for too much: 0.2 mg every 3 hours",
        "1.6 mg a day is above 1.2 mg.",
        raises=("daily-dose-exceeded",),
    ),
    Example(
        "medication-administration-given",
        "A dose that was given: 0.1 mg",
        "Begins the therapy; no pressure was taken before it, nor 30 to 90 minutes after it.",
        raises=("pre-dose-bp-missing", "post-dose-bp-missing"),
    ),
    Example(
        "medication-administration-withheld",
        "A dose that was withheld",
        "`not-done` with the reason, as a nurse records it after a low reading.",
    ),
    Example(
        "medication-administration-too-much",
        "A dose that was too high: 0.4 mg",
        "Above 0.3 mg in one dose, and nothing was measured before it.",
        raises=("single-dose-exceeded", "pre-dose-bp-missing"),
    ),
    Example("medication", "Clonidine 0.1 mg tablet", "Orders and doses may refer to it."),
    Example("patient", "A patient", "Kept for searches; readings need no Patient to be here."),
    Example("condition", "Sick sinus syndrome", "A diagnosis that bears on the use of clonidine."),
    Example("allergy-intolerance", "An allergy to the patch", "Kept for searches; no rule reads it."),
    Example("goal", "A pressure to stay above", "Kept for searches; no rule reads it."),
    Example("device", "The monitor at a bed", "Readings may refer to it in `device`."),
    Example("task", "Recheck the pressure", "What a nurse is asked to do about an alert or an order."),
    Example(
        "provenance",
        "Who took a reading",
        "It belongs to the Patient among its targets: `Patient/{id}/$everything` brings it along.",
    ),
    Example(
        "subscription",
        "Tell an engine of every alert that pages somebody",
        "The endpoint is tested, then sent each alert as an update. Public hosts over https can be reached; others "
        "where the setting SUBSCRIPTION_HOSTS allows them.",
    ),
    Example(
        "subscription-topic",
        "The same by the topic of the R5 Subscriptions Backport",
        "Notification Bundles with event numbers, of one patient here, with a heartbeat.",
    ),
    Example(
        "bundle-transaction",
        "Transaction: patient, order with taper, baseline, first dose, low reading",
        "Kept whole or not at all. `urn:uuid` references are resolved; the Patient is created only where its "
        "identifier is not known yet.",
        raises=("hypotension", "bp-drop-from-baseline"),
    ),
    Example(
        "bundle-orthostatic",
        "Transaction: an orthostatic pair",
        "Lying 132/82, standing 104/74 three minutes later.",
        raises=("orthostatic-hypotension",),
    ),
    Example(
        "bundle-batch",
        "Batch: two readings of two patients",
        "Each entry stands for itself; a refused one does not hinder the other.",
        raises=("hypotension",),
    ),
    Example(
        "bundle-evaluate",
        "Collection for $evaluate: order, baseline, dose, low reading",
        "Judged and not kept; the ids of the Bundle come back in derivedFrom.",
        raises=("hypotension", "bp-drop-from-baseline"),
    ),
)


def example(name: str) -> Example:
    """The example of that name."""
    return next(found for found in EXAMPLES if found.name == name)


def of(type: str, *bundles: str) -> Iterator[Example]:
    """The examples of a resource type; of Bundles those of the given Bundle types."""
    for found in EXAMPLES:
        if found.type == type and (not bundles or found.document["type"] in bundles):
            yield found


def moved(text: str, now: datetime) -> str:
    """`text` with every time of an example moved from around NOW to around `now`, to the second."""
    by = now.replace(microsecond=0) - NOW

    def later(match: re.Match[str]) -> str:
        return f'"{(datetime.fromisoformat(match[1]) + by).strftime(_FORM)}"'

    return _TIME.sub(later, text)


@cache
def _text(name: str) -> str:
    return (files(__package__) / f"{name}.json").read_text(encoding="utf-8")
