"""The record of a patient as SQL: everything that bears the patient's key, the Patient first."""

from collections.abc import Sequence

from models.store.statement import COLUMNS, Statement

PATIENT, OTHERS = 0, 1
"""The order of the record: first who it is about, then all else in the order of commit."""
_RANK = f"CASE WHEN {{row}}.type = 'Patient' THEN {PATIENT} ELSE {OTHERS} END"
_MINE, _OUTER = _RANK.format(row="v"), _RANK.format(row="r")
_BEHIND = f"({_MINE} > :rank OR ({_MINE} = :rank AND v.seq + 0 > :after))"
"""`+ 0`, so that no planner walks the feed instead of the patient's record."""
_MEDICATIONS = f"SELECT {COLUMNS} FROM version v WHERE v.current AND v.type = 'Medication' AND v.id IN"
_BEARS = "SELECT 1 FROM version v WHERE v.current AND v.patient = :patient LIMIT 1"


def page(
    patient: str, types: Sequence[str], since: int, after: tuple[int | str, int], limit: int
) -> Statement:
    """Up to `limit` current versions behind `after` (rank and change number), each row led by the feed's epoch and
    number; `types` (none: all) and `since`, a change number, leave others out. There is always a row."""
    args = {"patient": patient, "rank": after[0], "after": after[1], "since": since, "limit": limit}
    names = {f"type{at}": type for at, type in enumerate(types)}
    of = f" AND v.type IN ({_listed(names)})" if names else ""
    where = f"v.current AND v.patient = :patient AND v.seq + 0 >= :since AND {_BEHIND}{of}"
    inner = f"SELECT {COLUMNS} FROM version v WHERE {where} ORDER BY {_MINE}, v.seq + 0 LIMIT :limit"
    sql = f"SELECT f.epoch, f.seq, r.* FROM feed f LEFT JOIN ({inner}) r ON 1 = 1 ORDER BY {_OUTER}, r.seq"
    return Statement(sql, {**args, **names})


def medications(ids: Sequence[str]) -> Statement:
    """The current versions of these Medications."""
    names = {f"id{at}": id for at, id in enumerate(ids)}
    return Statement(f"{_MEDICATIONS} ({_listed(names)}) ORDER BY v.seq + 0", names)


def origins(patient: str, references: Sequence[str], limit: int) -> Statement:
    """Up to `limit` Provenances of `references` that do not bear the patient's key themselves."""
    names = {f"target{at}": reference for at, reference in enumerate(references)}
    told = f"SELECT t.seq FROM token t WHERE t.param = 'Provenance.target' AND t.code IN ({_listed(names)})"
    where = f"v.current AND v.type = 'Provenance' AND v.patient <> :patient AND v.seq IN ({told})"
    sql = f"SELECT {COLUMNS} FROM version v WHERE {where} ORDER BY v.seq + 0 LIMIT :limit"
    return Statement(sql, {**names, "patient": patient, "limit": limit})


def bears(patient: str) -> Statement:
    """A row where anything is kept of the patient."""
    return Statement(_BEARS, {"patient": patient})


def _listed(names: Sequence[str] | dict[str, str]) -> str:
    return ", ".join(f":{name}" for name in names)
