"""What the rules cost: the same writes with all of them on and with none."""

from functools import partial
from pathlib import Path

from bench.contest import Contest, Figures, Row
from bench.measures.writes import write
from bench.stage import CONNECTIONS, Stage

NO_RULES = Path(__file__).with_name("no_rules.toml")


def without(stage: Stage) -> Figures:
    party = stage.party("service", copy="no rules", CLONIDINE_WATCH_LIMITS_FILE=str(NO_RULES))
    return Figures.of(party.drive(party.posts(), stage.seconds, CONNECTIONS, "write"))


CONTEST = Contest(
    "rules",
    {"all rules on": partial(write, name="service"), "rules off": without},
    (
        Row("rules-cpu", "CPU a reading, all rules on against rules off, SQLite",
            1.5, 1.25, "cpu", "all rules on", "rules off"),
    ),
)  # fmt: skip
