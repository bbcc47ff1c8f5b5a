"""Traces tell how long what took, and nothing of whom."""

import subprocess
import sys

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.tracing import Tracing
from tests.build import bundle, entry, panel
from tests.in_process import application

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_spans_are_named_by_interaction_and_hold_no_more_than_numbers(sqlite_url: str) -> None:
    kept = InMemorySpanExporter()
    with application(sqlite_url, Tracing(kept)) as client:
        sent = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "muster=mann"}
        assert (
            client.post("/fhir/Observation", json=panel(84, 58, patient="muster"), headers=sent).status_code
            == 201
        )
        many = bundle("batch", *(entry(panel(84, 58, patient=f"muster-{at}")) for at in range(3)))
        assert client.post("/fhir", json=many).status_code == 200
        assert client.get("/fhir/Patient/muster").status_code == 404
        assert client.get("/fhir/Patient?identifier=muster").status_code == 200
    spans = kept.get_finished_spans()
    told = [(span.name, dict(span.attributes or {})) for span in spans if span.name != "commit"]
    assert told == [
        ("create", {"http.response.status_code": 201}),
        ("transaction_or_batch", {"http.response.status_code": 200}),
        ("read", {"http.response.status_code": 404}),
        ("search", {"http.response.status_code": 200}),
    ]
    (first,) = (span for span in spans if span.name == "create")
    assert first.context
    assert first.parent
    assert (f"{first.context.trace_id:032x}", f"{first.parent.span_id:016x}") == (TRACE, PARENT)
    commits = [span.attributes or {} for span in spans if span.name == "commit"]
    assert sum(commit["batch.writes"] for commit in commits) >= 4  # and what the service does by itself
    assert "muster" not in "".join(span.to_json() for span in spans)


def test_off_nothing_of_it_is_imported() -> None:
    """FastAPI or others may look for its interface by themselves; what records and sends is in the SDK."""
    code = (
        "import sys, api.app; api.app.create_app(); "
        "print([n for n in sys.modules if n.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
