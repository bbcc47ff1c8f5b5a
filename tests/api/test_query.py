"""A parameter that an interaction does not take is refused by name; nothing in an address is passed over in silence."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from api.query import SEARCHING, TAKEN
from api.routes import AUTH, FHIR, NAMED, PUBLISHED
from models.parameters import EVERYWHERE
from tests.api.asked import ASKED, ELSEWHERE, LENIENT, LOW, PATCHED, READING, TOLD
from tests.build import panel
from tests.in_process import application


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with application(f"sqlite:///{tmp_path_factory.mktemp('query')}/query.db") as client:
        yield client


@pytest.fixture
def kept(running: httpx.Client) -> httpx.Client:
    """The service with what ASKED needs, whatever was made of it before."""
    running.put("/fhir/Observation/low", json=LOW).raise_for_status()
    running.put("/fhir/Observation/o1", json=READING).raise_for_status()
    running.put("/fhir/Subscription/s1", json=TOLD).raise_for_status()
    running.post("/fhir/$poll?consumer=pager").raise_for_status()
    return running


def writes(client: httpx.Client) -> int:
    """How often anything was written."""
    return int(client.get("/fhir/_history?_count=0").json()["total"])


def ask(client: httpx.Client, name: str, query: str = "", **headers: str) -> httpx.Response:
    """The request of an interaction with something more in its address."""
    method, path, body = ASKED[name]
    if "{cursor}" in path:
        links = {
            one["relation"]: one["url"] for one in client.post("/fhir/$poll?consumer=pager").json()["link"]
        }
        path = path.format(cursor=links["ack"].partition("cursor=")[2])
    if query:
        query = f"&{query}" if "?" in path else f"?{query}"
    told = (PATCHED if method == "PATCH" else {}) | headers
    return client.request(method, f"/fhir{path}{query}", json=body, headers=told)


def refused(answer: httpx.Response, status: int = 400) -> list[str]:
    """The texts of the outcome."""
    assert answer.status_code == status, answer.text
    OperationOutcome.model_validate(answer.json())
    return [issue["details"]["text"] for issue in answer.json()["issue"]]


def test_each_interaction_says_what_it_takes() -> None:
    addresses = (*NAMED, *FHIR, *PUBLISHED, *AUTH)
    served = {made.__name__ for address in addresses for made in address.methods.values()}
    assert {*TAKEN, *SEARCHING} == served == {*ASKED, *ELSEWHERE}
    assert not {*TAKEN} & {*SEARCHING}


@pytest.mark.parametrize("name", ASKED)
def test_without_parameters_it_is_answered(kept: httpx.Client, name: str) -> None:
    assert ask(kept, name).is_success


@pytest.mark.parametrize("name", ASKED)
def test_what_is_not_taken_is_refused_and_changes_nothing(kept: httpx.Client, name: str) -> None:
    before = writes(kept)
    (text,) = refused(ask(kept, name, "nonsense=1"))
    assert "'nonsense'" in text
    assert "Known are" in text
    for known in TAKEN[name].names if name in TAKEN else ():
        assert known in text
    assert writes(kept) == before


@pytest.mark.parametrize("name", [name for name in TAKEN if name not in ELSEWHERE])
def test_a_lenient_client_has_it_passed_over_and_is_told(kept: httpx.Client, name: str) -> None:
    answer = ask(kept, name, "nonsense=1&other=2", **LENIENT)
    assert answer.is_success, answer.text
    assert "'nonsense'" in answer.headers["warning"]
    assert "'other'" in answer.headers["warning"]


@pytest.mark.parametrize("name", ["lastn", "lastn_by_post", "search", "search_compartment"])
def test_a_search_tells_it_in_an_entry(kept: httpx.Client, name: str) -> None:
    answer = ask(kept, name, "nonsense=1", **LENIENT)
    told = [entry["resource"] for entry in answer.json()["entry"] if entry["search"]["mode"] == "outcome"]
    assert "nonsense" in told[0]["issue"][0]["details"]["text"]
    assert "nonsense" not in answer.json()["link"][0]["url"]


@pytest.mark.parametrize(
    "name", ["create", "conditional_update", "conditional_patch", "conditional_delete", "poll"]
)
def test_no_criterion_of_a_write_is_passed_over(kept: httpx.Client, name: str) -> None:
    refused(ask(kept, name, "nonsense=1", **LENIENT))


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(
    "format", ["json", "application/fhir%2Bjson", "application/fhir+json;fhirVersion=4.0"]
)
def test_json_can_be_asked_for_everywhere_whatever_the_header_says(
    kept: httpx.Client, name: str, format: str
) -> None:
    assert ask(kept, name, f"_format={format}", Accept="text/html").is_success
    refused(ask(kept, name, Accept="text/html"), 406)


@pytest.mark.parametrize("name", ASKED)
def test_another_format_is_not_acceptable_and_changes_nothing(kept: httpx.Client, name: str) -> None:
    before = writes(kept)
    (text,) = refused(ask(kept, name, "_format=xml"), 406)
    assert "application/fhir+json" in text
    assert writes(kept) == before


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_is_indented_for_people(kept: httpx.Client, name: str) -> None:
    assert "_pretty" in refused(ask(kept, name, "_pretty=yes"))[0]
    answer = ask(kept, name, "_pretty=true")
    assert answer.is_success
    if name not in ("delete", "conditional_delete"):
        assert answer.text.startswith('{\n  "')
        assert answer.json()["resourceType"]


def test_indenting_changes_no_digit(kept: httpx.Client) -> None:
    quantity = '"valueQuantity":{"value":120.50}'
    sent = f'{{"resourceType":"Observation","status":"final","code":{{"text":"a : b,  c"}},{quantity}}}'
    made = kept.post(
        "/fhir/Observation?_pretty=true", content=sent, headers={"Content-Type": "application/json"}
    )
    assert '"value": 120.50' in made.text
    assert '"a : b,  c"' in made.text
    assert "120.50" in kept.post("/fhir/Observation/_search", data={"_pretty": "true"}).text


def test_a_form_can_ask_for_the_format_too(kept: httpx.Client) -> None:
    path = "/fhir/Observation/_search"
    assert kept.post(path, data={"_pretty": "true"}).text.startswith("{\n")
    refused(kept.post(path, data={"_format": "xml"}), 406)


@pytest.mark.parametrize("name", [name for name in TAKEN if name not in ELSEWHERE])
def test_what_stands_twice_is_refused(kept: httpx.Client, name: str) -> None:
    for one in sorted({*TAKEN[name].names, *EVERYWHERE} - {*TAKEN[name].many}):
        value = {"_format": "json", "_pretty": "false"}.get(one, "1")
        assert f"Parameter '{one}' is given twice; give it once." in refused(
            ask(kept, name, f"{one}={value}&{one}={value}")
        )


@pytest.mark.parametrize("name", ["read", "vread", "read_published", "metadata"])
def test_parts_of_one_resource_are_marked(kept: httpx.Client, name: str) -> None:
    whole = ask(kept, name).json()
    assert ask(kept, name, "_summary=false").json() == whole
    for query in ("_summary=true", "_summary=text", "_summary=data", "_elements=status"):
        answer = ask(kept, name, query)
        part = answer.json()
        tags = [tag["code"] for tag in part.pop("meta", {}).get("tag", ())]
        assert ("SUBSETTED" in tags) == (query != "_summary=data"), query
        assert part.items() <= whole.items()
        assert part["status"] == whole["status"]
    assert len(part) < len(whole)
    assert "count" not in refused(ask(kept, name, "_summary=count"))[0].partition("none of")[2]
    assert "_elements" in refused(ask(kept, name, "_elements=a.b.c"))[0]


def test_elements_asked_for_twice_are_all_given(kept: httpx.Client) -> None:
    assert {"issued", "subject"} & {*ask(kept, "read", "_elements=subject&_elements=component").json()} == {
        "subject"
    }


def test_head_is_refused_as_get_is(kept: httpx.Client) -> None:
    assert kept.head("/fhir/Observation/o1?nonsense=1").status_code == 400
    assert kept.head("/fhir/Observation/o1?_summary=true").status_code == 200


def test_what_is_not_taken_is_refused_before_what_is_sent_is_read(kept: httpx.Client) -> None:
    assert len(refused(kept.post("/fhir/Observation/$submit?status=final&code=x", content=b"{"))) == 2


ENTRIES = (
    ("POST", "Observation", panel(122, 78)),
    ("PUT", "Observation/o1", READING),
    ("DELETE", "Observation/o1", None),
    ("GET", "Observation/o1", None),
)


@pytest.mark.parametrize(("method", "url", "resource"), ENTRIES, ids=[entry[0] for entry in ENTRIES])
class TestInABundle:
    """Entries are answered as requests are."""

    def post(self, client: httpx.Client, type: str, entry: dict[str, Any], **headers: str) -> httpx.Response:
        bundle = {"resourceType": "Bundle", "type": type, "entry": [entry]}
        return client.post("/fhir", json=bundle, headers=headers)

    def entry(self, method: str, url: str, resource: Any) -> dict[str, Any]:
        asked = {"request": {"method": method, "url": url}}
        return asked if resource is None else {"resource": resource, **asked}

    def test_it_is_refused(self, kept: httpx.Client, method: str, url: str, resource: Any) -> None:
        entry, before = self.entry(method, f"{url}?nonsense=1", resource), writes(kept)
        (answered,) = self.post(kept, "batch", entry).json()["entry"]
        told = answered.get("outcome") or answered["response"].get("outcome")
        assert answered["response"]["status"].startswith("400")
        assert "'nonsense' is not known here. Known are" in told["issue"][0]["details"]["text"]
        assert writes(kept) == before
        if method != "GET":
            refused(self.post(kept, "transaction", entry))

    def test_a_lenient_client_is_told(self, kept: httpx.Client, method: str, url: str, resource: Any) -> None:
        entry = self.entry(method, f"{url}?nonsense=1", resource)
        for type in ("batch", "transaction"):
            (answered,) = self.post(kept, type, entry, Prefer="handling=lenient").json()["entry"]
            assert answered["response"]["status"][0] == "2", answered
            if method != "GET":
                assert "nonsense" in answered["response"]["outcome"]["issue"][-1]["details"]["text"]

    def test_the_format_can_be_given(self, kept: httpx.Client, method: str, url: str, resource: Any) -> None:
        for query, status in (("_format=json", "2"), ("_format=xml", "406"), ("_pretty=maybe", "400")):
            entry = self.entry(method, f"{url}?{query}", resource)
            (answered,) = self.post(kept, "batch", entry).json()["entry"]
            assert answered["response"]["status"].startswith(status), (query, answered)


def test_the_capability_statement_is_a_subset_that_clients_can_read(kept: httpx.Client) -> None:
    part = kept.get("/fhir/metadata?_summary=true").json()
    assert part["fhirVersion"] == "4.0.1"
    assert "rest" in kept.get("/fhir/metadata?_elements=rest").json()
