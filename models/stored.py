"""A version of a resource as the database holds it, and its text as clients get it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.fhir.codec import dump
from models.times import instant

NOTHING, READING, REGIMEN, ALERT, STANDING, ASKED = range(6)
"""What a version is to the rules: nothing, an observation, a fact that a chart always holds, an alert of ours,
one about an order that a chart always holds too, the Task of an alert."""


class Stored(NamedTuple):
    """The columns of a version that the service works with; `seq` is its instant of commit in microseconds."""

    seq: int
    type: str
    id: str
    number: int
    method: str
    patient: str
    low: int | None
    kind: int
    lifted: str | None
    content: str

    @property
    def deleted(self) -> bool:
        """Whether this version records a deletion."""
        return self.method == "DELETE"

    @property
    def is_alert(self) -> bool:
        """Whether it is an alert, which this service alone writes."""
        return self.kind in (ALERT, STANDING)

    @property
    def is_asked(self) -> bool:
        """Whether it is the Task of an alert, which clients take part in."""
        return self.kind == ASKED

    @property
    def reference(self) -> str:
        """`Type/id`."""
        return f"{self.type}/{self.id}"

    def text(self) -> str:
        """The resource as it was received, with `meta.versionId` and `meta.lastUpdated` put in."""
        return render(self.type, self.id, self.number, self.seq, self.content)


def prepare(doc: Mapping[str, Any], id: str) -> str:
    """The text to keep: `id` and `meta` in front, without the version and time that a client may have sent."""
    meta = {k: v for k, v in doc.get("meta", {}).items() if k not in ("versionId", "lastUpdated")}
    rest = {k: v for k, v in doc.items() if k not in ("resourceType", "id", "meta")}
    return dump({"resourceType": doc["resourceType"], "id": id, "meta": meta, **rest}).decode()


def render(type: str, id: str, number: int, seq: int, content: str) -> str:
    """`content` (as `prepare` made it) with version and time."""
    at = len('{"resourceType":"","id":"","meta":{') + len(type) + len(id)
    comma = "" if content[at] == "}" else ","
    version = f'"versionId":"{number}","lastUpdated":"{instant(seq)}"{comma}'
    return content[:at] + version + content[at:]
