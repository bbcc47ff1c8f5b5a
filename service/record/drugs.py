"""Watched drugs as data: how an order or a dose names them, and what one unit of a product holds.

RxNorm and ATC codes: CLINICAL specification 6.3 and 6.4 (value sets shipped by public projects). A second drug
is a second row; no rule names a drug in code.
"""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from service.record import units
from service.record.codes import ATC, RXNORM, codings
from service.record.facts import Drug


class Product(NamedTuple):
    """Milligrams in one tablet, or a day's milligrams of one patch, and in one mL of a liquid; None where the form has
    no such unit."""

    drug: Drug
    mg: Decimal | None = None
    patch: bool = False
    oral: bool = True
    mg_per_ml: Decimal | None = None


def _clonidine(
    mg: str | None = None, *, patch: bool = False, oral: bool = True, ml: str | None = None
) -> Product:
    return Product(
        "clonidine", Decimal(mg) if mg else None, patch, oral and not patch, Decimal(ml) if ml else None
    )


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
    "2690727": _clonidine(ml="0.1"),
    "884192": _clonidine("0.1"),
    "884198": _clonidine("0.2"),
    "884203": _clonidine("0.3"),
    "884221": _clonidine(oral=False, ml="0.1"),
    "884225": _clonidine(oral=False, ml="0.5"),
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
        return Recognised(max(found, key=lambda product: bool(product.mg or product.mg_per_ml)))
    sent = texts(concept, label)
    for name, drug in NAMES:
        text = said(sent, name)
        if text:
            return Recognised(Product(drug), text)
    return None


def made_of(medication: dict[str, Any], label: Any = None) -> Recognised | None:
    """The watched drug that a Medication names by its code or an ingredient, and how strong the ingredients make it."""
    ingredients = [one for one in medication.get("ingredient") or () if isinstance(one, dict)]
    holds = [(one, found) for one in ingredients if (found := recognise(one.get("itemCodeableConcept")))]
    named = recognise(medication.get("code"), label) or (holds[0][1] if holds else None)
    if named is None or named.product.patch or named.product.mg or named.product.mg_per_ml:
        return named
    strengths = [one.get("strength") for one, found in holds if found.product.drug == named.product.drug]
    return named._replace(product=_of_strength(named.product, strengths)) if strengths else named


def _of_strength(product: Product, strengths: list[Any]) -> Product:
    """The product with what one tablet or one mL holds, where a single strength tells."""
    strength = strengths[0] if len(strengths) == 1 and isinstance(strengths[0], dict) else {}
    mg, per = units.convert(strength.get("numerator"), units.MASS), strength.get("denominator")
    count = units.number(per.get("value")) if isinstance(per, dict) else None
    if mg is None or not isinstance(per, dict) or not count or count < 0:
        return product
    one = units.EXACT.divide(mg, count)
    if units.named(per, units.TABLET):
        return product._replace(mg=one)
    return product._replace(mg_per_ml=one) if units.named(per, units.VOLUME) else product


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
