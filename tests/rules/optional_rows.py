"""Rows of the acceptance tables for rules that are off until a site turns them on."""

from typing import Any

from service.record.codes import COWS_ITEMS
from tests.record.documents import (
    ATC,
    LOINC,
    RXNORM,
    SNOMED,
    Doc,
    component,
    concept,
    instruction,
    observation,
    order,
    quantity,
)
from tests.rules.rows import NOW, Row, bare, before, bp, given, rate, unit

SCALE = "https://clonidine-watch.org/fhir/CodeSystem/withdrawal-scale"
LOFEXIDINE = concept(ATC, "N07BC04")


def mean(value: Any) -> Doc:
    return bare("8478-0", valueQuantity=quantity(value, "mm[Hg]"))


def breaths(value: Any, unit: str = "/min") -> Doc:
    return bare("9279-1", valueQuantity=quantity(value, unit))


def saturation(value: Any, code: str = "59408-5") -> Doc:
    return bare(code, valueQuantity=quantity(value, "%"))


def vitals(*parts: Doc) -> Doc:
    """A panel of vital signs."""
    return observation("panel", concept(LOINC, "85353-1"), NOW, component=list(parts))


def scored(total: Any, **points: Any) -> Doc:
    """A COWS of which every item has 1 point but for those named, which may be None; gooseflesh has 3."""
    given = {**dict.fromkeys(COWS_ITEMS, 1), "gooseflesh": 3}
    given |= {item.replace("_", "-"): value for item, value in points.items()}
    parts = [
        {"code": concept(SCALE, item), "valueInteger": value}
        for item, value in given.items()
        if value is not None
    ]
    return observation("cows", concept(SNOMED, "763699005"), NOW, valueInteger=total, component=parts)


OPTIONAL: tuple[Row, ...] = (
    # --- map-low
    Row("map-low", "firing", [bp(90, 50)], ["high"]),
    Row("map-low", "firing", [mean(60)], ["high"]),
    Row("map-low", "silent", [bp(120, 80)], []),
    Row("map-low", "silent", [bp(60, 65)], []),
    Row("map-low", "boundary", [bp(95, 50)], []),
    Row("map-low", "boundary", [bp("94.99", 50)], ["high"]),
    Row("map-low", "boundary", [mean(65)], []),
    Row("map-low", "unknown", [bp(80, None)], []),
    # --- first-dose-high
    Row("first-dose-high", "firing", [given("0.2")], ["low"]),
    Row("first-dose-high", "firing", [given("0.2"), given("0.2", 6)], ["low"]),
    Row("first-dose-high", "firing", [given("0.2"), given("0.1", 97)], ["low"]),
    Row("first-dose-high", "firing", [given("0.2"), given("0.1", 6, status="not-done")], ["low"]),
    Row(
        "first-dose-high", "firing", [given("0.2"), given("0.1", 6, drug=concept(RXNORM, "998671"))], ["low"]
    ),
    Row("first-dose-high", "silent", [given("0.2"), given("0.1", 6)], []),
    Row("first-dose-high", "silent", [given("0.54", drug=LOFEXIDINE)], []),
    Row("first-dose-high", "silent", [given("0.2", status="not-done")], []),
    Row("first-dose-high", "boundary", [given("0.1")], []),
    Row("first-dose-high", "boundary", [given("0.2"), given("0.1", 96)], []),
    Row(
        "first-dose-high",
        "boundary",
        [given("0.2"), order("o", instruction("0.1", 6, start=before(6000))), given("0.1", 100)],
        [],
    ),
    Row("first-dose-high", "unknown", [{**given("1"), "dosage": {"dose": quantity(3, "mL")}}], []),
    Row(
        "first-dose-high",
        "unknown",
        [given("0.2"), {**given("1", 6), "dosage": {"dose": quantity(3, "mL")}}],
        [],
    ),
    # --- respiratory-depression
    Row("respiratory-depression", "firing", [breaths(6)], ["critical"]),
    Row("respiratory-depression", "firing", [saturation(85)], ["critical"]),
    Row("respiratory-depression", "firing", [saturation(85, "2708-6")], ["critical"]),
    Row(
        "respiratory-depression",
        "firing",
        [vitals(component("8867-4", 70, "/min"), component("9279-1", 6, "/min"))],
        ["critical"],
    ),
    Row("respiratory-depression", "silent", [breaths(14), saturation(97)], []),
    Row("respiratory-depression", "boundary", [breaths(8)], ["critical"]),
    Row("respiratory-depression", "boundary", [breaths("8.1", "{breaths}/min")], []),
    Row("respiratory-depression", "boundary", [saturation(91)], ["critical"]),
    Row("respiratory-depression", "boundary", [saturation("91.1")], []),
    Row("respiratory-depression", "unknown", [bp(80, 50), rate(30)], []),
    Row("respiratory-depression", "unknown", [breaths(6, "Hz")], []),
    # --- withdrawal-item-mismatch
    Row("withdrawal-item-mismatch", "firing", [scored(14)], ["low"]),
    Row("withdrawal-item-mismatch", "firing", [scored(15, pulse=3)], ["low"]),
    Row("withdrawal-item-mismatch", "firing", [scored(12, pulse=3, tremor=None)], ["low"]),
    Row("withdrawal-item-mismatch", "silent", [scored(13)], []),
    Row("withdrawal-item-mismatch", "boundary", [scored(16, pulse=4)], []),
    Row("withdrawal-item-mismatch", "boundary", [scored(15, pulse=4)], ["low"]),
    Row("withdrawal-item-mismatch", "boundary", [scored(12, gooseflesh=2)], ["low"]),
    Row("withdrawal-item-mismatch", "unknown", [scored(30, pulse=None)], []),
    # --- news2-cardiovascular
    Row("news2-cardiovascular", "firing", [bp(85, 60)], ["moderate"]),
    Row("news2-cardiovascular", "firing", [rate(135)], ["moderate"]),
    Row("news2-cardiovascular", "firing", [breaths(26)], ["moderate"]),
    Row("news2-cardiovascular", "firing", [saturation(90)], ["moderate"]),
    Row("news2-cardiovascular", "silent", [bp(95, 60, rate=120)], []),
    Row("news2-cardiovascular", "boundary", [bp(90, 60)], ["moderate"]),
    Row("news2-cardiovascular", "boundary", [bp("90.1", 60)], []),
    Row("news2-cardiovascular", "boundary", [bp(219, 100)], []),
    Row("news2-cardiovascular", "boundary", [bp(220, 100)], ["moderate"]),
    Row("news2-cardiovascular", "boundary", [rate(40)], ["moderate"]),
    Row("news2-cardiovascular", "boundary", [rate(41), breaths(9)], []),
    Row("news2-cardiovascular", "boundary", [rate(130), breaths(24)], []),
    Row("news2-cardiovascular", "boundary", [rate(131)], ["moderate"]),
    Row("news2-cardiovascular", "boundary", [breaths(25)], ["moderate"]),
    Row("news2-cardiovascular", "boundary", [breaths(8)], ["moderate"]),
    Row("news2-cardiovascular", "boundary", [saturation(92)], []),
    Row("news2-cardiovascular", "unknown", [bp(None, 60)], []),
    Row("news2-cardiovascular", "unknown", [unit("psi")], []),
)
