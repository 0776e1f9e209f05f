"""Traces under OpenTelemetry's names: what a request did, in whichever services. Without an exporter they cost nothing.

The context of a trace (``traceparent``) is taken and handed on in any case, so that callers' own traces stay whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager

from opentelemetry import context, propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

_tracer = trace.get_tracer("analytics_engine")


@contextmanager
def span_of(
    name: str, *, kind: SpanKind = SpanKind.INTERNAL, carrier: Mapping[str, str] | None = None, **facts: str
) -> Iterator[Span]:
    """Trace what is done inside; it fails with what it raises, of which only the name is kept.

    Args:
        name: of the span.
        kind: who called whom.
        carrier: where the context comes from, such as headers; else it is the present one.
        facts: attributes, with ``_`` for the dots of their names.
    """
    token = context.attach(propagate.extract(carrier)) if carrier is not None else None
    attributes = {name.replace("_", "."): value for name, value in facts.items()}
    try:
        with _tracer.start_as_current_span(
            name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR))
                span.set_attribute("error.type", type(error).__name__)
                raise
    finally:
        if token is not None:
            context.detach(token)


@contextmanager
def part_of_trace(name: str, *, kind: SpanKind, **facts: str) -> Iterator[None]:
    """Trace what is done inside where it is part of a recorded trace: nobody asked for what happens by itself."""
    if not is_traced():
        yield
        return
    with span_of(name, kind=kind, carrier=None, **facts):
        yield


def is_traced() -> bool:
    """Return whether what is done now is part of a trace that is recorded."""
    return trace.get_current_span().is_recording()


def hand_on(carrier: MutableMapping[str, str]) -> None:
    """Write the context of the present trace into headers, where there is one."""
    propagate.inject(carrier)


def current_traceparent() -> str:
    """Return the present trace as W3C writes it; empty where there is none."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent", "")


def current_trace_id() -> str:
    """Return the id of the present trace; empty where there is none."""
    found = trace.get_current_span().get_span_context()
    return f"{found.trace_id:032x}" if found.is_valid else ""
