"""A small FHIR client for tests: Bundles read, alerts told apart, the feed followed."""

from collections.abc import Iterator
from typing import Any

import httpx

from tests.build import BASE

Resource = dict[str, Any]
POLL = "/fhir/Observation?category=alert&_sort=_lastUpdated&_count=7"


def resources(bundle: Resource) -> list[Resource]:
    """The resources of a Bundle."""
    return [entry["resource"] for entry in bundle.get("entry", [])]


def link(bundle: Resource, relation: str) -> str | None:
    """A link of a Bundle."""
    return next((link["url"] for link in bundle["link"] if link["relation"] == relation), None)


def code(concept: Resource, system: str) -> str:
    """The code of one of our own systems."""
    return str(next(c["code"] for c in concept["coding"] if c["system"] == f"{BASE}/CodeSystem/{system}"))


def rule(alert: Resource) -> str:
    return code(alert["code"], "clonidine-alert")


def severity(alert: Resource) -> str:
    return code(alert["valueCodeableConcept"], "alert-severity")


def phase(alert: Resource) -> str:
    return next(
        tag["code"] for tag in alert["meta"]["tag"] if tag["system"] == f"{BASE}/CodeSystem/alert-phase"
    )


def summary(alerts: list[Resource]) -> list[tuple[str, str, str]]:
    """(rule, severity, phase) of each alert, sorted."""
    return sorted((rule(alert), severity(alert), phase(alert)) for alert in alerts)


def follow(client: httpx.Client, url: str) -> Iterator[Resource]:
    """Each page from `url` to the last one, the one with a monitor link."""
    while True:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page
        following = link(page, "next")
        if following is None:
            return
        url = following


def everything(client: httpx.Client, url: str) -> list[Resource]:
    """The resources of all pages."""
    return [resource for page in follow(client, url) for resource in resources(page)]
