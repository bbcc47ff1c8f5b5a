"""An alert: what a rule says of one resource, with its phase, and all that is needed to go on from it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Literal, NamedTuple
from uuid import NAMESPACE_URL, uuid5

import msgspec

from service.record.codes import ROOT
from service.record.facts import Key
from service.rules.rule import Finding, Return, Severity

Phase = Literal["new", "escalated", "reminder", "continuing", "late"]
PHASES: Mapping[Phase, str] = {
    "new": "It opens an episode, or stands alone.",
    "escalated": "It is more severe than anything before in its episode.",
    "reminder": "The episode still goes on after the repeat interval of the rule.",
    "continuing": "It is anything else inside an episode.",
    "late": "The reading was recorded more than 24 hours after it was taken.",
}
PAGEABLE: frozenset[Phase] = frozenset({"new", "escalated", "reminder"})
ALERT_KEY = f"{ROOT}/sid/alert-key"
_NAMESPACE = uuid5(NAMESPACE_URL, ALERT_KEY).bytes


class Episode(msgspec.Struct, frozen=True, gc=False):
    """Where an episode stands after one of its breaches.

    `worst` severity so far, when it last `paged`, when it last `breached`, and the `returns` that close it: every
    quantity that breached since it opened.
    """

    worst: Severity
    paged: datetime
    breached: datetime
    returns: tuple[Return, ...] = ()


class Shadow(msgspec.Struct, frozen=True, gc=False):
    """The breach of the lower rung that an alert suppresses, and where that rung's episode stands after it."""

    severity: Severity
    returns: tuple[Return, ...] = ()
    episode: Episode | None = None


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alert Observation.

    `about` is the resource judged (`Type/id`); `cause` what tells it from others of its rule about the same resource:
    another resource, the instant that was due, or the failing rule of a rule-failure. `at` and `until` are the
    effective time as in a fact. `issued` is when it was raised (last). `retracted` says why it no longer holds.
    `order` is, of a dose, what it was given under (else its drug): each has episodes of its own (decision 4).
    """

    id: str
    key_value: str
    rule: str
    about: str
    at: datetime
    finding: Finding
    issued: datetime
    phase: Phase
    until: datetime | None = None
    cause: str = ""
    order: str = ""
    late: bool = False
    retracted: str = ""
    episode: Episode | None = None
    lower: Shadow | None = None

    @property
    def key(self) -> Key:
        """Its place in time: ties by the resource that it is about."""
        return self.at, f"{self.about}|{self.cause}" if self.cause else self.about

    @property
    def chain(self) -> str:
        """What its episodes are told apart by; what stands alone is in no episode."""
        if self.alone:
            return alone(self.rule)
        return f"{self.rule}|{self.order}" if self.order else self.rule

    @property
    def alone(self) -> bool:
        """Whether it is an event of its own: one about an order, one that has a cause, one of a clock rule."""
        return bool(self.cause) or (not self.order and self.about.startswith("Medication"))

    @property
    def standing(self) -> bool:
        """Whether it is about an order as such, not about an instant that was due under it: any change of the regimen
        can change it, however long ago it was raised."""
        if self.cause:
            return self.about.startswith("Medication") and not self.cause[:1].isdigit()
        return self.about.startswith("MedicationRequest/")

    @property
    def severity(self) -> Severity:
        return self.finding.severity

    @property
    def status(self) -> Literal["final", "entered-in-error"]:
        return "entered-in-error" if self.retracted else "final"

    @property
    def pageable(self) -> bool:
        """Whether somebody should be paged for it."""
        return self.phase in PAGEABLE and not self.retracted


@cache
def alone(rule: str) -> str:
    """The chain of the alerts of a rule that are events of their own."""
    return f"{rule}/alone"


class Identity(NamedTuple):
    """The alert's id, a UUIDv5 of its key, and the key."""

    id: str
    key: str


def identity(rule: str, major: int, patient: str, about: str, cause: str = "") -> Identity:
    """The same rule, patient and resource always make the same alert."""
    key = hashlib.sha256(f"{rule}/{major}|{patient}|{about}|{cause}".encode()).hexdigest()
    digest = bytearray(hashlib.sha1(_NAMESPACE + key.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return Identity(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}", key)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Alert)


def encode(alert: Alert) -> str:
    """The alert as text to be stored."""
    return _encoder.encode(alert).decode()


def decode(text: str | bytes) -> Alert:
    """The alert that `encode` gave."""
    return _decoder.decode(text)
