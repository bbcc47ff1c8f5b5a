"""Traces by OpenTelemetry: spans named by interaction, without addresses, ids or content. Off, nothing is imported."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.metrics import Commit
from service.commit import Answer
from service.intake import Write

NAME = "clonidine-watch"


class Tracing:
    """Sends spans to where OTEL_EXPORTER_OTLP_ENDPOINT says; an `exporter` of one's own takes them instead.

    The provider is ours and not the process's: libraries that trace by themselves would send
    addresses through that one.
    """

    def __init__(self, exporter: Any = None) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = TracerProvider(
            resource=Resource.create({"service.name": NAME}), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter or _exporter()))
        self._tracer = self._provider.get_tracer(NAME)
        self._server, self._taken_up = SpanKind.SERVER, TraceContextTextMapPropagator().extract

    async def answer(
        self, name: str, request: Request, answer: Callable[[], Awaitable[Response]]
    ) -> Response:
        """An answer, as a span of the trace that the request belongs to."""
        before = self._taken_up({"traceparent": request.headers.get("traceparent", "")})
        with self._tracer.start_as_current_span(name, before, self._server) as span:
            response = await answer()
            span.set_attribute("http.response.status_code", response.status_code)
            return response

    def traced(self, commit: Commit) -> Commit:
        """`commit`, as a span that tells how many writes it took."""

        def spanned(writes: Sequence[Write]) -> Sequence[Answer | Exception]:
            with self._tracer.start_as_current_span("commit") as span:
                span.set_attribute("batch.writes", len(writes))
                return commit(writes)

        return spanned

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


def _exporter() -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()
