"""All measurements, in the order in which they run and are reported."""

from bench.contest import Contest
from bench.measures import (
    alerts,
    anew,
    audit,
    bulk,
    delivery,
    growth,
    process,
    reads,
    rules,
    single,
    writes,
)

CONTESTS: tuple[Contest, ...] = (
    process.CONTEST,
    writes.CONTEST,
    single.CONTEST,
    rules.CONTEST,
    audit.CONTEST,
    alerts.CONTEST,
    delivery.CONTEST,
    anew.CONTEST,
    reads.GET,
    reads.SEARCH,
    reads.POLL,
    bulk.BUNDLE,
    bulk.LOAD,
    growth.RECORD,
    growth.SCALE,
)
