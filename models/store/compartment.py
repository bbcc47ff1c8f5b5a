"""What belongs to a patient, as SQL."""

from models.search.compartment import Compartment
from models.store.statement import Args, bind, rows_of


def inside(found: Compartment, args: Args) -> str:
    """One set, which both databases gather along their indexes: no OR keeps them from it."""
    patient = bind(args, found.patient)
    whose = f"SELECT x.seq FROM version x WHERE x.current AND x.patient = {patient}"
    if not found.rows:
        return f"v.seq IN ({whose})"
    referring = f"{rows_of('t', found.rows, args)} AND t.code = {patient}"
    return f"v.seq IN ({whose} UNION SELECT t.seq FROM token t WHERE {referring})"
