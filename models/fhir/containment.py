"""The rules that look across a document: references, ref-1, and contained resources, dom-2 to dom-5.

https://hl7.org/fhir/R4/references.html#contained
"""

from collections.abc import Iterator

from models.fhir.laws import has, nodes, word
from models.fhir.primitives import show
from models.fhir.references import ADVICE, is_literal, target_type
from models.fhir.walk import Contained, Link, Walk
from models.problem import Problem

ANY_TYPE = frozenset({"Resource", "Any"})


def _literal(link: Link, local: set[str]) -> Iterator[Problem]:
    """What a reference's text breaks; `local` holds `#id` of each contained resource."""
    text = word(link.node, "reference")
    if not text:
        return
    if not is_literal(text):
        advice = f"reference is {show(text)}, which refers to nothing; send {ADVICE}."
        yield Problem("value", advice, link.at + ".reference", "reference")
    elif text.startswith("#") and text not in local:
        advice = (
            f"{link.at} breaks ref-1: {show(text)} is not contained here; contain it or refer by address."
        )
        yield Problem("invariant", advice, link.at + ".reference", "ref-1")
    else:
        yield from _typed(link, target_type(text))


def _typed(link: Link, target: str) -> Iterator[Problem]:
    said = word(link.node, "type").rpartition("/")[2]
    if target and said and said != target:
        advice = f"type says {show(said)} and the reference leads to a {target}; make them agree."
        yield Problem("invariant", advice, link.at + ".type", "reference-type")
    expected = target or said
    if expected and link.targets and expected not in link.targets and not ANY_TYPE.intersection(link.targets):
        advice = f"{link.at} should refer to {' or '.join(link.targets)}, not to a {expected}."
        yield Problem("business-rule", advice, link.at, "reference-target", "warning")


def _contained(inner: Contained, referred: set[str]) -> Iterator[Problem]:
    if inner.nested:
        advice = f"{inner.at} breaks dom-2: a contained resource contains none; move it to the outermost one."
        yield Problem("invariant", advice, inner.at, "dom-2")
    name = "#" + word(inner.node, "id")
    points_out = any(word(node, "reference") == "#" for node in _inside(inner.node))
    if name == "#" or (name not in referred and not points_out):
        advice = (
            f"{inner.at} breaks dom-3: refer to it by its id ({name}) from the resource, or leave it out."
        )
        yield Problem("invariant", advice, inner.at, "dom-3")
    for meta in nodes(inner.node, "meta"):
        for key, rule in (("versionId", "dom-4"), ("lastUpdated", "dom-4"), ("security", "dom-5")):
            if has(meta, key):
                advice = (
                    f"{inner.at} breaks {rule}: a contained resource has no {key} of its own; leave it out."
                )
                yield Problem("invariant", advice, f"{inner.at}.meta.{key}", rule)


def _inside(tree: object) -> Iterator[dict[str, object]]:
    """Every object of a tree."""
    if isinstance(tree, dict):
        yield tree
        for part in tree.values():
            yield from _inside(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _inside(part)


def _repeated(walk: Walk) -> Iterator[Problem]:
    seen: set[str] = set()
    for inner in walk.contained:
        name = word(inner.node, "id")
        if name in seen:
            advice = f"Two contained resources have the id {show(name)}; give each its own."
            yield Problem("structure", advice, inner.at + ".id", "contained-id")
        seen.add(name)


def across(walk: Walk) -> list[Problem]:
    """What the references and contained resources that a walk met break together."""
    local = {"#" + word(inner.node, "id") for inner in walk.contained}
    if walk.contained:
        local.add("#")
    referred = walk.anchors | {word(link.node, "reference") for link in walk.links}
    found = [problem for link in walk.links for problem in _literal(link, local)]
    found += [problem for inner in walk.contained for problem in _contained(inner, referred)]
    return found + list(_repeated(walk))
