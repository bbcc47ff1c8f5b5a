"""What a client may do, type by type: the letters of SMART's scopes, each with what narrows it.

https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html. `c` creates, `r` reads (versions and the history
of an instance too), `u` updates and patches, `d` deletes, `s` searches (histories of types too).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from models.errors import Forbidden
from models.fhir.codec import parse
from models.patient import BY_IDENTIFIER
from models.resource_types import TYPES
from models.search.filters import Narrowing, Ways
from models.search.index import Indexed, index
from models.search.matching import Candidate, goes
from models.search.narrowing import EVERYTHING, narrowed, narrowings
from models.search.question import Query
from models.stored import Stored

LETTERS = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}
"""Each letter, and what it allows."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """Those of one client: by type and letter the ways in which a resource may be reached.

    `added` is when the client was (seconds), as its token has it; None where it is not registered here.
    """

    client: str
    scopes: tuple[str, ...]
    ways: Mapping[tuple[str, str], Ways]
    added: int | None = None

    def of(self, type: str, letter: str) -> Ways:
        """What a letter reaches of a type."""
        return self.ways.get((type, letter), ())

    def whole(self, type: str, letter: str) -> bool:
        """Whether it reaches everything of the type."""
        return self.of(type, letter) == EVERYTHING

    def types(self, letter: str) -> tuple[str, ...]:
        """The types that a letter reaches, in part at least."""
        return tuple(type for type in TYPES if self.of(type, letter))

    def check(self, type: str, letters: str) -> None:
        """Raises Forbidden where one of the letters is not given for the type."""
        for letter in letters:
            if not self.of(type, letter):
                raise refusal(letter, type, type)

    def check_whole(self, types: Iterable[str], letters: str) -> None:
        """Raises Forbidden where one of the types is not reached whole."""
        for type, letter in product(types, letters):
            if not self.whole(type, letter):
                raise refusal(letter, type, f"every {type}")

    def narrowed(self, query: Query) -> Query:
        """The query over what may be searched. Raises Forbidden for a type that may not, passed through or searched."""
        for type in (*(served.name for served in query.searched), *(join.type for join in query.joins)):
            self.check(type, "s")
        if _asks_who_bears(query):
            self.check_whole(["Patient"], "s")
        return narrowed(query, lambda type: self.of(type, "s"))

    def narrowings(self, letter: str) -> tuple[Narrowing, ...]:
        """What a letter leaves of each type that it does not reach whole."""
        return narrowings(TYPES, lambda type: self.of(type, letter))

    def reach(self, letter: str, type: str, id: str, seq: int, indexed: Indexed) -> bool:
        """Whether a letter reaches a resource that is found by these values."""
        ways = self.of(type, letter)
        return ways == EVERYTHING or goes(ways, Candidate(type, id, seq, indexed))

    def see(self, letter: str, stored: Stored, bases: Sequence[str]) -> bool:
        """Whether a letter reaches a version that is kept and no deletion."""
        if self.of(stored.type, letter) in (EVERYTHING, ()):
            return self.whole(stored.type, letter)
        indexed = index(TYPES[stored.type], parse(stored.content.encode()), bases)
        return self.reach(
            letter, stored.type, stored.id, stored.seq, indexed._replace(patient=stored.patient)
        )


def refusal(letter: str, type: str, what: str) -> Forbidden:
    """The refusal for want of a scope."""
    scope = f"system/{type}.{letter}"
    return Forbidden(
        f"This token does not allow to {LETTERS[letter]} {what}: the scope {scope} is missing.", scope
    )


def _asks_who_bears(query: Query) -> bool:
    """Whether a patient is named by an identifier, which only the Patient may bear."""
    filters = (*query.filters, *(join.inner for join in query.joins))
    return any(
        found.param.kind == "patient" and str(value).startswith(BY_IDENTIFIER)
        for found in filters
        for value in found.values
    )
