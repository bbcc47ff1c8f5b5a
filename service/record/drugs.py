"""Watched drugs as data: how an order or a dose names them, and what one unit of a product holds.

RxNorm and ATC codes: CLINICAL specification 6.3 and 6.4 (value sets shipped by public projects). A second drug
is a second row; no rule names a drug in code.
"""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from service.record.codes import ATC, RXNORM, codings
from service.record.facts import Drug


class Product(NamedTuple):
    """Milligrams in one tablet, or a day's milligrams of one patch; None where the form has no such unit."""

    drug: Drug
    mg: Decimal | None = None
    patch: bool = False
    oral: bool = True


def _clonidine(mg: str | None = None, *, patch: bool = False, oral: bool = True) -> Product:
    return Product("clonidine", Decimal(mg) if mg else None, patch, oral and not patch)


RXNORM_PRODUCTS: dict[str, Product] = {
    "2599": _clonidine(),
    "884173": _clonidine("0.1"),
    "884185": _clonidine("0.2"),
    "884189": _clonidine("0.3"),
    "892791": _clonidine("0.025"),
    "998671": _clonidine("0.1", patch=True),
    "998675": _clonidine("0.2", patch=True),
    "998679": _clonidine("0.3", patch=True),
    "1013930": _clonidine("0.1"),
    "1013937": _clonidine("0.2"),
    "885880": _clonidine("0.17"),
    "2690727": _clonidine(),
    "884192": _clonidine("0.1"),
    "884198": _clonidine("0.2"),
    "884203": _clonidine("0.3"),
    "884221": _clonidine(oral=False),
    "884225": _clonidine(oral=False),
}
ATC_CLASSES: dict[str, Product] = {
    "C02AC01": _clonidine(),
    "N02CX02": _clonidine(),
    "S01EA04": _clonidine(oral=False),
    "N07BC04": Product("lofexidine"),
}
NAMES: tuple[tuple[re.Pattern[str], Drug], ...] = (
    (
        re.compile(
            r"\b(clonidin(e|a|um)?|catapres(an)?(-tts)?|kapvay|jenloga|dixarit|nexiclon|duraclon|onyda)\b",
            re.IGNORECASE,
        ),
        "clonidine",
    ),
    (re.compile(r"\b(lofexidin(e|a|um)?|lucemyra|britlofex)\b", re.IGNORECASE), "lofexidine"),
)


class Recognised(NamedTuple):
    """The product that a medication names, and whether only its text says so."""

    product: Product
    by_text: str | None = None


def recognise(concept: Any, label: Any = None) -> Recognised | None:
    """The watched drug that a CodeableConcept (or the display `label` of a reference to it) names."""
    tables = {RXNORM: RXNORM_PRODUCTS, ATC: ATC_CLASSES}
    found = [
        tables[system][code]
        for system, code in codings(concept)
        if system in tables and code in tables[system]
    ]
    if found:
        return Recognised(max(found, key=lambda product: product.mg is not None))
    sent = texts(concept, label)
    for name, drug in NAMES:
        text = said(sent, name)
        if text:
            return Recognised(Product(drug), text)
    return None


def texts(concept: Any, label: Any) -> list[tuple[str, bool]]:
    """What a medication is called, each with whether a name may stand anywhere in it.

    Beside the code of another medicine a text that only mentions ours is a remark.
    """
    entries = concept.get("coding") or () if isinstance(concept, dict) else ()
    displays = [coding.get("display") for coding in entries if isinstance(coding, dict)]
    free = not any(system in (RXNORM, ATC) for system, _ in codings(concept))
    words = [label, concept.get("text") if isinstance(concept, dict) else None]
    called = [(text, True) for text in displays] + [(text, free) for text in words]
    return [(text.strip(), anywhere) for text, anywhere in called if isinstance(text, str)]


def said(sent: list[tuple[str, bool]], name: re.Pattern[str]) -> str | None:
    """The first of these texts that says `name`."""
    return next((text for text, anywhere in sent if (name.search if anywhere else name.match)(text)), None)
