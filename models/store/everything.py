"""The record of a patient as SQL: everything that bears the patient's key, the Patient first."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.search.filters import Narrowing
from models.store.conditions import Site, held
from models.store.statement import COLUMNS, Args, Statement, bind

PATIENT, OTHERS = 0, 1
"""The order of the record: first who it is about, then all else in the order of commit."""
_RANK = f"CASE WHEN {{row}}.type = 'Patient' THEN {PATIENT} ELSE {OTHERS} END"
_MINE, _OUTER = _RANK.format(row="v"), _RANK.format(row="r")
_BEHIND = f"({_MINE} > :rank OR ({_MINE} = :rank AND v.seq + 0 > :after))"
"""`+ 0`, so that no planner walks the feed instead of the patient's record."""
_MEDICATIONS = f"SELECT {COLUMNS} FROM version v WHERE v.current AND v.type = 'Medication' AND v.id IN"
_BEARS = "SELECT 1 FROM version v WHERE v.current AND v.patient = :patient"


class Kinds(NamedTuple):
    """What of a record is meant: these types (none: all), each as far as it may be found."""

    types: Sequence[str] = ()
    narrowings: Sequence[Narrowing] = ()

    def where(self, args: Args) -> str:
        """The condition, behind others."""
        of = [f"v.type IN ({', '.join(bind(args, type) for type in self.types)})"] if self.types else []
        tests = [*of, *held(self.narrowings, Site(args))]
        return "".join(f" AND {test}" for test in tests)


ALL = Kinds()


def page(patient: str, kinds: Kinds, since: int, after: tuple[int | str, int], limit: int) -> Statement:
    """Up to `limit` current versions behind `after` (rank and change number), each row led by the feed's epoch and
    number; `kinds` and `since`, a change number, leave others out. There is always a row."""
    args: Args = {"patient": patient, "rank": after[0], "after": after[1], "since": since, "limit": limit}
    of = kinds.where(args)
    where = f"v.current AND v.patient = :patient AND v.seq + 0 >= :since AND {_BEHIND}{of}"
    inner = f"SELECT {COLUMNS} FROM version v WHERE {where} ORDER BY {_MINE}, v.seq + 0 LIMIT :limit"
    sql = f"SELECT f.epoch, f.seq, r.* FROM feed f LEFT JOIN ({inner}) r ON 1 = 1 ORDER BY {_OUTER}, r.seq"
    return Statement(sql, args)


def medications(ids: Sequence[str], kinds: Kinds = ALL) -> Statement:
    """The current versions of these Medications."""
    args: Args = {f"id{at}": id for at, id in enumerate(ids)}
    listed = _listed(args)
    return Statement(f"{_MEDICATIONS} ({listed}){kinds.where(args)} ORDER BY v.seq + 0", args)


def origins(patient: str, references: Sequence[str], kinds: Kinds, limit: int) -> Statement:
    """Up to `limit` Provenances of `references` that do not bear the patient's key themselves."""
    args: Args = {f"target{at}": reference for at, reference in enumerate(references)}
    told = f"SELECT t.seq FROM token t WHERE t.param = 'Provenance.target' AND t.code IN ({_listed(args)})"
    args |= {"patient": patient, "limit": limit}
    where = f"v.current AND v.type = 'Provenance' AND v.patient <> :patient AND v.seq IN ({told})"
    where += kinds.where(args)
    return Statement(f"SELECT {COLUMNS} FROM version v WHERE {where} ORDER BY v.seq + 0 LIMIT :limit", args)


def bears(patient: str, kinds: Kinds = ALL) -> Statement:
    """A row where anything is kept of the patient."""
    args: Args = {"patient": patient}
    return Statement(f"{_BEARS}{kinds.where(args)} LIMIT 1", args)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f":{name}" for name in names)
