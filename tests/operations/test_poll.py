"""$poll and $ack: a consumer gets its alerts behind a position that the service keeps."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.build import panel
from tests.consumers import BEGIN, PAGE, acknowledging, ids, low, onward, poll, refused, told
from tests.fhir_client import link, phase, resources
from tests.operations.test_by_post import told as parameters


def test_a_new_consumer_begins_now(client: httpx.Client) -> None:
    low(client, "before")
    assert ids(poll(client)) == []
    after = low(client, "after")
    assert ids(poll(client)) == [after]


def test_it_can_begin_with_all_that_there_is_or_at_an_instant(client: httpx.Client) -> None:
    first, second = low(client, "a"), low(client, "b")
    page = poll(client, BEGIN)
    assert ids(page) == [first, second]
    since = resources(page)[1]["meta"]["lastUpdated"]
    assert ids(poll(client, f"/fhir/$poll?consumer=other&from={since}")) == [second]
    assert ids(poll(client, "/fhir/$poll?consumer=third&from=1066")) == [first, second]
    assert ids(poll(client, f"{PAGE}&from=now")) == [first, second], "from counts for a new consumer alone"


def test_a_page_comes_again_until_it_is_acknowledged(client: httpx.Client) -> None:
    first = low(client, "a")
    page = poll(client, BEGIN)
    second = low(client, "b")
    assert ids(poll(client)) == [first, second]
    done = poll(client, acknowledging(page))
    assert done["parameter"][1]["valueInstant"] == resources(page)[0]["meta"]["lastUpdated"]
    assert ids(poll(client)) == [second]
    poll(client, acknowledging(page))
    assert ids(poll(client)) == [second], "the same again is harmless"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_one_request_a_round_is_enough(client: httpx.Client, size: int) -> None:
    made = [low(client, f"p{at}") for at in range(7)]
    page, seen = poll(client, f"{BEGIN}&_count={size}"), list[str]()
    while ids(page):
        assert len(ids(page)) <= size
        assert (link(page, "next") is None) == (len(seen) + len(ids(page)) == 7)
        seen += ids(page)
        page = poll(client, onward(page))
    assert seen == made
    late = low(client, "late")
    assert ids(poll(client, onward(page))) == [late]
    assert link(page, "self") == f"{client.base_url}/fhir/$poll?consumer=pager&_count={size}"


def test_what_others_have_overtaken_moves_nothing_back(client: httpx.Client) -> None:
    low(client, "a")
    old = poll(client, BEGIN)
    low(client, "b")
    newest = poll(client)
    poll(client, acknowledging(newest))
    poll(client, acknowledging(old))
    assert ids(poll(client, onward(old))) == []
    assert told(client)["position"] >= resources(newest)[1]["meta"]["lastUpdated"]


def test_an_alert_that_changed_meanwhile_comes_again_as_its_newest_version(client: httpx.Client) -> None:
    alert = low(client, "a", 5)
    page = poll(client, f"{BEGIN}&_tag=new,escalated,reminder")
    assert ids(page) == [alert]
    earlier = low(client, "a", 25)  # opens the episode before it
    assert phase(client.get(f"/fhir/Observation/{alert}").json()) == "continuing"
    assert ids(poll(client, onward(page))) == [earlier], "it is no longer one to page for"
    every = poll(client, "/fhir/$poll?consumer=all&from=beginning")
    assert [(one["id"], one["meta"]["versionId"]) for one in resources(every)] == [
        (earlier, "1"),
        (alert, "2"),
    ]


def test_a_retraction_comes_to_who_had_the_alert(client: httpx.Client) -> None:
    client.put("/fhir/Observation/bp", json={**panel(84, 58), "id": "bp"})
    page = poll(client, BEGIN)
    (alert,) = ids(page)
    client.put("/fhir/Observation/bp", json={**panel(120, 80), "id": "bp"})
    (again,) = resources(poll(client, onward(page)))
    assert (again["id"], again["status"]) == (alert, "entered-in-error")


def test_criteria_narrow_it_and_are_kept(client: httpx.Client) -> None:
    low(client, "a")
    mine = low(client, "b")
    assert ids(poll(client, f"{BEGIN}&subject=Patient/b&_tag=new")) == [mine]
    assert ids(poll(client)) == [mine]
    assert ids(poll(client, f"{PAGE}&_tag=new&subject=Patient/b&category=alert&_sort=_lastUpdated")) == [mine]
    assert told(client)["criteria"] == "_tag=new&subject=Patient/b"
    text = refused(client, f"{PAGE}&_tag=new", 409)
    assert "_tag=new&subject=Patient/b" in text
    assert "$consumer-remove" in text


def test_references_are_understood_as_when_it_began(client: httpx.Client) -> None:
    alert = low(client, "a")
    poll(client, f"{BEGIN}&subject={client.base_url}/fhir/Patient/a")
    again = client.post(PAGE, headers={"Host": "other.example"}).json()
    assert ids(again) == [alert]
    assert acknowledging(again).startswith("http://other.example/fhir/$ack?")
    assert told(client)["alerts"] == 1


def test_the_body_may_be_parameters(client: httpx.Client) -> None:
    alert = low(client, "a")
    sent = parameters(consumer="pager", _count=5, **{"from": "beginning", "_tag": "new"})
    page = client.post("/fhir/$poll", json=sent).json()
    assert ids(page) == [alert]
    (cursor,) = parse_qs(urlsplit(acknowledging(page)).query)["cursor"]
    done = client.post("/fhir/$ack", json=parameters(consumer="pager", cursor=cursor))
    assert done.status_code == 200
    assert ids(poll(client)) == []


def cursor_of(page: dict[str, object]) -> str:
    return parse_qs(urlsplit(acknowledging(page)).query)["cursor"][0]


def ahead(cursor: str) -> str:
    """The cursor moved on by somebody who knows how it is made."""
    version, epoch, key, seq = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return (
        base64.urlsafe_b64encode(json.dumps([version, epoch, key, seq + 10**9]).encode()).decode().rstrip("=")
    )


@pytest.mark.parametrize("address", ["/fhir/$ack?consumer=pager&cursor=", f"{PAGE}&ack="])
def test_a_cursor_that_is_not_its_own_is_refused(client: httpx.Client, address: str) -> None:
    alert = low(client, "a")
    page = poll(client, BEGIN)
    other = cursor_of(poll(client, "/fhir/$poll?consumer=other&from=beginning"))
    assert "the consumer 'other'" in refused(client, address + other, 409)
    monitor = link(client.get("/fhir/Observation?category=alert").json(), "monitor")
    assert monitor
    assert "a search" in refused(client, address + parse_qs(urlsplit(monitor).query)["_cursor"][0], 409)
    assert "given nothing up to there" in refused(client, address + ahead(cursor_of(page)), 409)
    assert "no" in refused(client, f"{address}nonsense", 400)
    assert ids(poll(client)) == [alert]


def test_an_empty_cursor_acknowledges_nothing(client: httpx.Client) -> None:
    alert = low(client, "a")
    assert ids(poll(client, f"{BEGIN}&ack=")) == [alert]
    assert ids(poll(client, f"{PAGE}&ack=")) == [alert]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("", "consumer"),
        ("consumer=", "consumer"),
        ("consumer=Ward-7", "letters"),
        ("consumer=mrn-000731", "digits in a row"),
        (f"consumer={'a' * 41}", "40"),
        ("consumer=pager&consumer=other", "twice"),
        ("consumer=pager&_count=0", "_count"),
        ("consumer=pager&_count=1&_count=2", "twice"),
        ("consumer=pager&from=yesterday", "beginning and now"),
        ("consumer=pager&from=2999-01-01", "future"),
        ("consumer=pager&nonsense=1", "Known are"),
        ("consumer=pager&_sort=-date", "_sort"),
        ("consumer=pager&_include=Observation:subject", "_include"),
        ("consumer=pager&_include:iterate=Observation:subject", "_include"),
        ("consumer=pager&_cursor=x", "_cursor"),
        ("consumer=pager&date=yesterday", "date"),
    ],
)
def test_what_is_not_understood_is_refused_and_begins_nothing(
    sqlite_client: httpx.Client, query: str, word: str
) -> None:
    assert word in refused(sqlite_client, f"/fhir/$poll?{query}", 400)
    assert "parameter" not in sqlite_client.get("/fhir/$consumers").json()


def test_a_get_is_no_poll(sqlite_client: httpx.Client) -> None:
    answer = sqlite_client.get(PAGE)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "parameter" not in sqlite_client.get("/fhir/$consumers").json()
