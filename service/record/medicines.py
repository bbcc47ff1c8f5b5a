"""Other medicines as data: the kinds that bear on clonidine, and how a prescription names them.

RxNorm ingredients, ATC groups (by their beginning) and names in a text: CLINICAL specification 6.3 and 6.4. A product
code of RxNorm is recognised by the words beside it. A medicine of no kind makes no fact.
"""

import re
from typing import Any, NamedTuple

from service.record.codes import ATC, RXNORM, codes
from service.record.drugs import said, texts
from service.record.facts import Kind


class Class(NamedTuple):
    """A kind of medicine; `names` are stems, which a text may end in `e` or `um`."""

    kind: Kind
    rxnorm: frozenset[str]
    atc: tuple[str, ...]
    names: re.Pattern[str]

    def bears(self, rxnorm: list[str], atc: list[str]) -> bool:
        """Whether a medicine of these codes is of this kind."""
        return not self.rxnorm.isdisjoint(rxnorm) or any(code.startswith(self.atc) for code in atc)


def _class(kind: Kind, rxnorm: tuple[str, ...], atc: tuple[str, ...], names: str) -> Class:
    name = re.compile(rf"\b(?:{'|'.join(names.split())})(?:e|um)?\b", re.IGNORECASE)
    return Class(kind, frozenset(rxnorm), atc, name)


CLASSES: tuple[Class, ...] = (
    _class(
        "beta-blocker",
        (
            "10600",
            "1202",
            "149",
            "1520",
            "19484",
            "20352",
            "31555",
            "49737",
            "6185",
            "6918",
            "7226",
            "8332",
            "8787",
            "9947",
        ),
        ("C07",),
        "timolol atenolol acebutolol betaxolol bisoprolol carvedilol nebivolol esmolol labetalol metoprolol nadolol "
        "pindolol propranolol sotalol",
    ),
    _class("av-nodal", ("3407", "11170", "3443"), ("C01AA", "C08D"), "digoxin verapamil diltiazem"),
    _class(
        "tca-mirtazapine",
        ("704", "5691", "7531", "2597", "3247", "3638", "8886", "10834", "15996"),
        ("N06AA", "N06AX11"),
        "amitriptylin imipramin nortriptylin desipramin clomipramin doxepin trimipramin protriptylin mirtazapin",
    ),
    _class(
        "cns-depressant",
        ("3322", "6470", "596", "7781", "6960", "448", "25480"),
        (
            "N05BA",
            "N05CD",
            "N03AE",
            "N03AA",
            "N05CA",
            "N05CB",
            "N02BF",
            "N03AX12",
            "N03AX16",
            "R06AA",
            "R06AB",
            "R06AD",
            "N05BB",
        ),
        "diazepam lorazepam alprazolam clonazepam oxazepam temazepam midazolam triazolam chlordiazepoxid clorazepat "
        "phenobarbital butalbital pentobarbital secobarbital primidon gabapentin pregabalin ethanol diphenhydramin "
        "promethazin hydroxyzin doxylamin chlorpheniramin",
    ),
    _class(
        "opioid-agonist",
        ("6813", "1819"),
        ("N07BC", "N02AE"),
        "methadon levomethadon buprenorphin suboxone subutex",
    ),
    _class("methadone", ("6813",), ("N07BC02",), "methadon levomethadon"),
    _class(
        "antihypertensive",
        ("1998", "4603", "5470", "5487", "9997"),
        ("C02", "C03", "C08C", "C08G", "C09"),
        "lisinopril enalapril ramipril captopril benazepril perindopril quinapril losartan valsartan candesartan "
        "irbesartan olmesartan telmisartan amlodipin nifedipin felodipin hydrochlorothiazid chlorth?alidon indapamid "
        "furosemid tor[as]semid spironolacton hydralazin minoxidil doxazosin prazosin terazosin methyldopa guanfacin",
    ),
)  # fmt: skip
"""The beta-blockers' RxNorm codes and methadone's are those of the value sets in CLINICAL 6.3 [F]. The others were
found in CPIC's table of drugs (github.com/cpicpgx/cpic-schema, drug.sql) [F], but for verapamil, diltiazem, lorazepam,
alprazolam, gabapentin and buprenorphine, which are recalled [R]. Of the ATC groups C07, C08D, N06AA and N06AX11 stand
in CLINICAL 6.4 [F]; the others are recalled [R]. `alcohol` is no name here: most orders that say it are for pads."""


class Classified(NamedTuple):
    """The kinds of a medicine, its name as it was sent, and whether only its text says so."""

    kinds: tuple[Kind, ...]
    name: str
    by_text: bool


def classify(concept: Any, label: Any = None) -> Classified | None:
    """The kinds that a CodeableConcept (or the display `label` of a reference to it) names; codes before words."""
    rxnorm, atc = codes(concept, RXNORM), codes(concept, ATC)
    coded = [one.kind for one in CLASSES if one.bears(rxnorm, atc)] if rxnorm or atc else ()
    if coded:
        return Classified(tuple(coded), _name(concept, label), by_text=False)
    sent = texts(concept, label)
    spoken = {one.kind: text for one in CLASSES if (text := said(sent, one.names))} if sent else {}
    return Classified(tuple(spoken), next(iter(spoken.values())), by_text=True) if spoken else None


def _name(concept: Any, label: Any) -> str:
    """The first of what it is called, else its code."""
    entries = concept.get("coding") or ()
    called = (concept.get("text"), label, *(entry.get("display") for entry in entries))
    named = (*called, *(entry.get("code") for entry in entries))
    return next(str(one) for one in named if one)
