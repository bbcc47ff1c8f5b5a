"""The invariants of a Bundle, bdl-1 to bdl-12: https://hl7.org/fhir/R4/bundle-definitions.html#Bundle."""

from collections import Counter
from collections.abc import Callable, Iterator

from models.fhir.laws import Breaks, Law, Node, at, has, nodes, one_of, word

ASKING = frozenset({"batch", "transaction", "history"})
ANSWERING = frozenset({"batch-response", "transaction-response", "history"})


def _entries(node: Node) -> list[Node]:
    """The entries with their index kept: what is no object counts as an empty one."""
    entries = node.get("entry")
    return [e if isinstance(e, dict) else {} for e in entries] if isinstance(entries, list) else []


def _entries_with(key: str, kinds: frozenset[str]) -> Breaks:
    """Every entry has `key` in a Bundle of these types, none in the others."""

    def breaks(node: Node) -> Iterator[str]:
        wanted = word(node, "type") in kinds
        for index, entry in enumerate(_entries(node)):
            if has(entry, key) != wanted:
                yield f".entry[{index}].{key}"

    return breaks


def _search_only_in_results(node: Node) -> Iterator[str]:
    for index, entry in enumerate(_entries(node)):
        if has(entry, "search") and word(node, "type") != "searchset":
            yield f".entry[{index}].search"


def _version(entry: Node) -> str:
    meta = next(nodes(entry, "resource", "meta"), {})
    return f"{word(entry, 'fullUrl')} {word(meta, 'versionId')}"


def _one_address_each(node: Node) -> Iterator[str]:
    addressed = [(i, _version(e)) for i, e in enumerate(_entries(node)) if word(e, "fullUrl")]
    times = Counter(version for _, version in addressed)
    if word(node, "type") != "history":
        yield from (f".entry[{index}].fullUrl" for index, version in addressed if times[version] > 1)


def _first_is(resource_type: str) -> Callable[[Node], bool]:
    def holds(node: Node) -> bool:
        first = next(nodes(_entries(node)[:1], "resource"), {})
        return word(first, "resourceType") == resource_type

    return holds


def _of_type(kind: str, holds: Callable[[Node], bool], place: str) -> Breaks:
    return at(place, lambda node: word(node, "type") != kind or holds(node))


def _counted(node: Node) -> bool:
    return not has(node, "total") or word(node, "type") in ("searchset", "history")


def _identified(node: Node) -> bool:
    return any(has(i, "system") and has(i, "value") for i in nodes(node, "identifier"))


BUNDLE: tuple[Law, ...] = (
    Law("bdl-1", "only a searchset or history has a total; leave it out.", at(".total", _counted), None),
    Law("bdl-2", "only entries of a searchset have search; leave it out.", _search_only_in_results, None),
    Law(
        "bdl-3",
        "each entry of a batch, transaction or history has a request; entries of others have none.",
        _entries_with("request", ASKING),
        None,
    ),
    Law(
        "bdl-4",
        "each entry of a batch-response, transaction-response or history has a response, others have none.",
        _entries_with("response", ANSWERING),
        None,
    ),
    Law("bdl-7", "two entries have one fullUrl; give each its own.", _one_address_each, None),
    Law(
        "bdl-9",
        "a document needs an identifier with system and value.",
        _of_type("document", _identified, ".identifier"),
        None,
    ),
    Law(
        "bdl-10",
        "a document needs a timestamp.",
        _of_type("document", lambda node: has(node, "timestamp"), ".timestamp"),
        None,
    ),
    Law(
        "bdl-11",
        "a document begins with a Composition.",
        _of_type("document", _first_is("Composition"), ".entry"),
        None,
    ),
    Law(
        "bdl-12",
        "a message begins with a MessageHeader.",
        _of_type("message", _first_is("MessageHeader"), ".entry"),
        None,
    ),
)

BUNDLE_ENTRY: tuple[Law, ...] = (
    one_of(
        "bdl-5", ("resource", "request", "response"), "an entry needs a resource, a request or a response."
    ),
    Law(
        "bdl-8",
        "a fullUrl names a resource, not a version; cut /_history.",
        at(".fullUrl", lambda node: "/_history/" not in word(node, "fullUrl")),
        None,
    ),
)
