"""The newest Observations of each code, picked from a record that is read newest first: the answer of $lastn."""

from collections import Counter

import msgspec


class Coding(msgspec.Struct, gc=False):
    """A coding as far as it tells codes apart."""

    system: str = ""
    code: str = ""


class Concept(msgspec.Struct, gc=False):
    """What was observed."""

    coding: list[Coding] = []
    text: str = ""


class Coded(msgspec.Struct, gc=False):
    """All that has to be read of an Observation."""

    code: Concept


_decoder = msgspec.json.Decoder(Coded)


class Latest:
    """Takes an Observation that is, for one of its codes, among the newest `count` that bear the code.

    A code is a system and a code; one in words only counts by its words. An Observation that bears several codes
    counts for each of them.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._seen: Counter[tuple[str, str]] = Counter()

    def takes(self, content: str) -> bool:
        """Whether the next one, which is older than all before, is wanted."""
        codes = _codes(content)
        wanted = any(self._seen[code] < self._count for code in codes)
        self._seen.update(codes)
        return wanted


def _codes(content: str) -> set[tuple[str, str]]:
    concept = _decoder.decode(content).code
    codes = {(coding.system, coding.code) for coding in concept.coding if coding.code}
    return codes or {("", concept.text)}
