"""Whether traces are sent, and where: OTEL_EXPORTER_OTLP_ENDPOINT, as OpenTelemetry has it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from opentelemetry import trace

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.ids import new_id


@contextmanager
def traces_sent(service: Service, settings: Settings) -> Iterator[None]:
    """Send the traces of what is done inside by OTLP over HTTP, where an endpoint is set; the rest at the end.

    Raises:
        InvalidSetting: an endpoint is set, and what sends to it is not installed.
    """
    if not settings.otel_exporter_otlp_endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise InvalidSetting(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set, and what sends traces is not installed: {error.name}.",
            remedy="Install the extra it needs: analytics-engine[traces]; or unset it.",
            setting="OTEL_EXPORTER_OTLP_ENDPOINT",
        ) from error
    about = {
        "service.name": service.value,
        "service.namespace": "analytics-engine",
        "service.version": version("analytics-engine"),
        "service.instance.id": new_id(),
    }
    provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
    endpoint = settings.otel_exporter_otlp_endpoint.rstrip("/") + "/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()
