"""The pages work in a network without the internet, and under a strict policy."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from api.pages import ASSETS
from tests.in_process import application

PAGES = ("/", "/docs")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client that asks as browsers do."""
    file: Path = tmp_path_factory.mktemp("pages") / "pages.db"
    with application(f"sqlite:///{file}") as client:
        client.headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        yield client


class Page(HTMLParser):
    """What a page refers to, and what it would run or style by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [value for name in ("src", "href") if (value := given.get(name))]
        if (tag == "script" and "src" not in given) or tag == "style" or "style" in given:
            self.inline.append(tag)
        self.inline += [name for name in given if name.startswith("on")]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_refers_only_to_what_is_served_here(browser: httpx.Client, path: str) -> None:
    links = Page(browser.get(path).text).links
    assert links
    for link in links:
        assert not re.match(r"[a-z]+:|//", link), link
        assert browser.get(urljoin(path, link)).status_code == 200, link


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_and_styles_nothing_that_its_policy_forbids(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'unsafe-inline'" not in policy
    assert Page(answer.text).inline == []


def test_the_start_page_leads_everywhere_and_says_what_this_is_not(browser: httpx.Client) -> None:
    text = browser.get("/").text
    assert {"docs", "openapi.json", "fhir/metadata", "health/ready", "metrics"} <= set(Page(text).links)
    assert "not a medical device" in text
    assert "<script" not in text


@pytest.mark.parametrize("name", ASSETS)
def test_a_file_of_the_pages_names_its_type(browser: httpx.Client, name: str) -> None:
    answer = browser.get(f"/docs/{name}")
    assert answer.headers["content-type"].startswith(ASSETS[name][1])
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) > 100


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fstart.html", "start.html", "__init__.py"])
def test_other_files_are_not_served(browser: httpx.Client, name: str) -> None:
    answer = browser.get(f"/docs/{name}")
    assert answer.status_code == 404
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_swagger_ui_knows_openapi_3_1(browser: httpx.Client) -> None:
    script = browser.get("/docs/swagger-ui-bundle.js").text
    versions = [tuple(map(int, found.split("."))) for found in re.findall(r'"(5\.\d+\.\d+)"', script)]
    assert max(versions) >= (5, 32, 0)


def test_examples_are_offered_with_times_of_now(browser: httpx.Client) -> None:
    document = browser.get("/openapi.json").json()
    reading = document["components"]["examples"]["observation-low"]["value"]
    age = datetime.now(UTC) - datetime.fromisoformat(reading["effectiveDateTime"])
    assert timedelta(minutes=1) < age < timedelta(minutes=10)


def test_no_negotiation_outside_fhir(browser: httpx.Client) -> None:
    for path in (*PAGES, "/openapi.json", "/health/live", "/metrics", "/cds-services"):
        assert browser.get(path, headers={"Accept": "text/csv"}).status_code == 200, path
    assert browser.get("/fhir/metadata", headers={"Accept": "text/csv"}).status_code == 406


def test_behind_a_path_the_document_names_the_path(sqlite_url: str) -> None:
    with application(sqlite_url, base_url="https://hospital.example/watch") as client:
        assert client.get("/openapi.json").json()["servers"] == [{"url": "/watch"}]
