"""XML is refused in each of the three places where it can be asked for, and each refusal names JSON."""

import httpx
import pytest

XML = "application/fhir+xml"


@pytest.mark.parametrize(
    ("headers", "query", "body", "status"),
    [
        ({"Accept": XML}, "", None, 406),
        ({"Accept": "application/xml, text/xml"}, "", None, 406),
        ({}, "?_format=xml", None, 406),
        ({}, f"?_format={XML}", None, 406),
        ({"Content-Type": XML}, "", "<Observation/>", 415),
        ({"Content-Type": "text/xml"}, "", "<Observation/>", 415),
    ],
)
def test_xml_is_refused_and_json_is_named(
    sqlite_client: httpx.Client, headers: dict[str, str], query: str, body: str | None, status: int
) -> None:
    method = "POST" if body else "GET"
    answer = sqlite_client.request(method, f"/fhir/Observation{query}", headers=headers, content=body)
    (issue,) = answer.json()["issue"]
    assert answer.status_code == status
    assert "application/fhir+json" in issue["details"]["text"]
