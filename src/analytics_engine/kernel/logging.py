"""Structured logs: one JSON object a line, with the request id of whatever is being done."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from analytics_engine.kernel.redaction import Redactor
from analytics_engine.kernel.tracing import current_trace_id

ROOT = ""
"""The name of the logger above all others."""


def configure_logging(*, service: str, level: str = "INFO", human: bool = False, secrets: Collection[str] = ()) -> None:
    """Route structlog and the standard library's logging to stderr as JSON lines (or for people, when asked).

    Args:
        service: named in every line.
        level: of what has no level of its own.
        human: lines for people, not JSON.
        secrets: what must not be in a line, wherever it would stand.
    """
    redactor = Redactor(secrets)

    def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return redactor.fields(event)

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        name_trace,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    # Plain tracebacks: the decorated ones print local variables, and with them secrets.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    render: Any = console if human else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                redact,
                render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "aiohttp.access"):
        logging.getLogger(noisy).disabled = True
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def name_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Give a line the id of the trace that it belongs to."""
    if trace_id := current_trace_id():
        event.setdefault("trace_id", trace_id)
    return event


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


class Levels:
    """The levels of loggers by name: as the service began, but for those that are set otherwise now.

    A logger without a level of its own has that of the nearest one above it, by the dots in its name.
    """

    def __init__(self) -> None:
        self._at_first = {ROOT: logging.getLogger().level}
        self.present: Mapping[str, str] = {}

    def become(self, wanted: Mapping[str, str]) -> bool:
        """Give these loggers these levels and all others their own, and return whether that changed anything."""
        if wanted == self.present:
            return False
        for name in self.present.keys() - wanted.keys():
            logging.getLogger(name).setLevel(self._at_first[name])
        for name, level in wanted.items():
            logger = logging.getLogger(name)
            self._at_first.setdefault(name, logger.level)
            logger.setLevel(level)
        self.present = dict(wanted)
        return True
