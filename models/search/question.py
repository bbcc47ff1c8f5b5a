"""What a search asks, once it is understood."""

from collections.abc import Sequence
from typing import NamedTuple

from models.problem import Problem
from models.resource_types import ResourceType
from models.search.compartment import Compartment
from models.search.cursor import Cursor
from models.search.filters import Filter, Join, Narrowing
from models.search.includes import Include
from models.search.sorting import BY_COMMIT, Sort

DEFAULT_COUNT, MOST = 50, 1000
MOST_VALUES = 300
"""Values of one request: SQLite takes expressions 1,000 deep, and each value adds to the depth."""
MOST_FILTERS, MOST_JOINS = 40, 3


class Query(NamedTuple):
    """What was asked; `pairs` are the parameters as given but for the cursor, `text` the same for links.

    `types` are those searched, `served` the first of them, `compartment` the patient's in which they are; `ignored`
    is what a lenient client asked in vain, `narrowings` what of the types whoever asks may find.
    """

    served: ResourceType
    filters: tuple[Filter, ...] = ()
    joins: tuple[Join, ...] = ()
    sort: tuple[Sort, ...] = (BY_COMMIT,)
    size: int = DEFAULT_COUNT
    total: bool = False
    only_count: bool = False
    summary: str = "false"
    elements: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    cursor: Cursor | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    text: str = ""
    types: tuple[ResourceType, ...] = ()
    compartment: Compartment | None = None
    ignored: tuple[Problem, ...] = ()
    narrowings: tuple[Narrowing, ...] = ()

    @property
    def searched(self) -> tuple[ResourceType, ...]:
        """The types searched."""
        return self.types or (self.served,)

    @property
    def keys(self) -> Sequence[Sort]:
        """The sort keys before the change number, which no two answers share."""
        by = [key.by for key in self.sort]
        return self.sort[: by.index("seq")] if "seq" in by else self.sort

    @property
    def backwards(self) -> bool:
        """Whether among equals the later ones come first."""
        return self.sort[min(len(self.keys), len(self.sort) - 1)].descending

    @property
    def feed(self) -> bool:
        """Whether the order is that of commit, so that a client can wait for what comes."""
        return not self.keys and not self.backwards
