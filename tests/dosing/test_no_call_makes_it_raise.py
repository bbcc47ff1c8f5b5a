"""Whatever is called with, CDS Hooks answers with cards or with a refusal that can be read."""

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Refused
from models.fhir.codec import dump, parse
from service.dosing.cards import Place, signing, viewed
from service.dosing.check import check
from service.dosing.drafts import drafted, medication_ids, prefetched, signed
from service.dosing.hooks import SERVICES, read
from service.ruleset import load
from tests.dosing.course import NOW
from tests.dosing.test_cds_hooks import SIGN, VIEW, call
from tests.fhir.test_no_tree_makes_it_raise import grafted, keys, trees

RULES, PLACE = load(), Place("http://127.0.0.1/fhir", True)


def answered(service: str, sent: dict[str, Any]) -> None:
    """What `api.cds` does with a call, without the database."""
    asked = read(SERVICES[service], parse(dump(sent)))
    ids = medication_ids(asked.drafts, ())
    assert all(isinstance(id, str) for id in ids)
    chart = prefetched(asked.prefetched, asked.patient, NOW, RULES, ())
    changes = signed(asked.drafts, asked.patient, NOW, {}, ())
    made = drafted(chart, changes, NOW, RULES)
    found = check(made.chart, NOW, RULES)
    for card in (*viewed(found, PLACE, str), *signing(found, made.alerts, True, PLACE, str)):
        assert 0 < len(card["summary"]) < 140
    dump({"cards": viewed(found, PLACE, str)})


@settings(max_examples=150)
@given(st.lists(grafted(), max_size=3), st.lists(grafted(), max_size=3))
def test_any_resources(drafts: list[dict[str, Any]], resources: list[dict[str, Any]]) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}
    with suppress(Refused):
        answered(SIGN, call(SIGN, "p1", *drafts, prefetch={"vitals": bundle}))


@settings(max_examples=100)
@given(st.dictionaries(keys, trees, max_size=4), st.dictionaries(keys, trees, max_size=4), trees, trees)
def test_any_json(call_: dict[str, Any], context: dict[str, Any], drafts: Any, prefetch: Any) -> None:
    sent = call(VIEW)
    sent = {**sent, **call_, "context": {**sent["context"], **context, "draftOrders": drafts}}
    for service in SERVICES:
        with suppress(Refused):
            answered(service, {**sent, "hook": SERVICES[service].hook, "prefetch": {"vitals": prefetch}})
