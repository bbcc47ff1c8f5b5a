"""Consumers in tests: alerts made, pages fetched, what is told of one."""

from typing import Any

import httpx

from tests.build import ago, panel
from tests.fhir_client import Resource, link, resources

PAGE = "/fhir/$poll?consumer=pager"
BEGIN = f"{PAGE}&from=beginning"


def low(client: httpx.Client, patient: str, minutes: float = 5, **more: Any) -> str:
    """A low reading; the id of the alert that it raises."""
    answer = client.post("/fhir/Observation", json=panel(84, 58, ago(minutes), patient, **more))
    assert answer.status_code == 201, answer.text
    return answer.links["https://clonidine-watch.org/rel/alert"]["url"].rpartition("/")[2]


def poll(client: httpx.Client, url: str = PAGE, status: int = 200) -> Resource:
    """The page of a consumer, or the refusal that is expected."""
    answer = client.post(url)
    assert answer.status_code == status, answer.text
    page: Resource = answer.json()
    return page


def refused(client: httpx.Client, url: str, status: int) -> str:
    """The text of a refusal."""
    return str(poll(client, url, status)["issue"][0]["details"]["text"])


def ids(page: Resource) -> list[str]:
    return [alert["id"] for alert in resources(page)]


def onward(page: Resource) -> str:
    """The link that acknowledges a page and gives the next one."""
    found = link(page, "next") or link(page, "monitor")
    assert found
    return found


def acknowledging(page: Resource) -> str:
    """The link that acknowledges a page."""
    found = link(page, "ack")
    assert found
    return found


def told(client: httpx.Client, name: str = "pager") -> dict[str, Any]:
    """What $consumers tells of one, by name."""
    answer = client.get(f"/fhir/$consumers?consumer={name}")
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["parameter"]
    return {part["name"]: value for part in found["part"] for key, value in part.items() if key != "name"}
