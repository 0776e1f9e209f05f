"""RFC 9457 problem documents: the one way an error leaves a service."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from analytics_engine.errors import AnalyticsEngineError, ErrorKind
from analytics_engine.kernel.http.request_id import current_request_id
from analytics_engine.kernel.logging import get_logger

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:analytics-engine:problem:"

STATUS_OF_KIND: dict[ErrorKind, int] = {
    ErrorKind.INVALID: 422,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.RATE_LIMITED: 429,
    ErrorKind.UNAVAILABLE: 503,
    ErrorKind.TIMEOUT: 504,
    ErrorKind.STORAGE: 507,
    ErrorKind.INTERNAL: 500,
}

_CLIENT_ERROR = 400
_SERVER_ERROR = 500


class Problem(BaseModel):
    """What went wrong, where, and what to do about it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    remedy: str = ""
    instance: str = ""
    request_id: str = ""


def problem_response(
    *, status: int, code: str, title: str, detail: str, remedy: str = "", instance: str = "", **facts: Any
) -> JSONResponse:
    problem = Problem(
        type=TYPE_PREFIX + code,
        title=title,
        status=status,
        detail=detail,
        remedy=remedy,
        instance=instance,
        request_id=current_request_id(),
        **facts,
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == STATUS_OF_KIND[ErrorKind.UNAUTHENTICATED] else None
    return JSONResponse(problem.model_dump(mode="json"), status, headers=headers, media_type=MEDIA_TYPE)


def problem_of(error: AnalyticsEngineError, *, instance: str = "") -> Problem:
    """Return a deliberate error as a problem document."""
    return Problem(
        type=TYPE_PREFIX + error.code,
        title=error.title,
        status=STATUS_OF_KIND[error.kind],
        detail=error.detail,
        remedy=error.remedy,
        instance=instance,
        request_id=current_request_id(),
        **error.facts,
    )


def error_response(error: AnalyticsEngineError, *, instance: str = "") -> JSONResponse:
    """Return the error's problem document; the fact ``retry_after_s`` is a ``Retry-After`` header too."""
    response = problem_response(
        status=STATUS_OF_KIND[error.kind],
        code=error.code,
        title=error.title,
        detail=error.detail,
        remedy=error.remedy,
        instance=instance,
        **error.facts,
    )
    if "retry_after_s" in error.facts:
        response.headers["Retry-After"] = str(error.facts["retry_after_s"])
    return response


def problems(*errors: type[AnalyticsEngineError]) -> dict[int | str, dict[str, Any]]:
    """Describe the problems a route may answer with, for its OpenAPI ``responses``."""
    described: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        entry = described.setdefault(STATUS_OF_KIND[error.kind], {"model": Problem, "description": error.title})
        if error.title not in entry["description"]:
            entry["description"] += f"; {error.title}"
    return described


def install_problem_handlers(app: FastAPI) -> None:
    async def deliberate(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, AnalyticsEngineError)
        if STATUS_OF_KIND[error.kind] >= _SERVER_ERROR:
            log.warning("request_failed", path=request.url.path, code=error.code, detail=error.detail)
        return error_response(error, instance=request.url.path)

    async def validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        mistakes = [
            {"place": ".".join(str(part) for part in mistake["loc"]), "reason": mistake["msg"]}
            for mistake in error.errors()
        ]
        first = mistakes[0]
        return problem_response(
            status=422,
            code="invalid-input",
            title="The input is not valid",
            detail=f"{first['place']}: {first['reason']}",
            remedy="Correct the places listed under errors; /docs describes each.",
            instance=request.url.path,
            errors=mistakes,
        )

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        remedy = "See /docs for the routes of this service." if error.status_code in {404, 405} else ""
        detail = (
            f"Nothing answers {request.method} {request.url.path}."
            if error.status_code in {404, 405}
            else str(error.detail)
        )
        response = problem_response(
            status=error.status_code,
            code="http-error",
            title=str(error.detail),
            detail=detail,
            remedy=remedy,
            instance=request.url.path,
        )
        response.headers.update(error.headers or {})
        return response

    app.add_exception_handler(AnalyticsEngineError, deliberate)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(HTTPException, http)
