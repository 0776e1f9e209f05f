from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from analytics_engine.services.api_gateway.deps import WebDep

router = APIRouter(include_in_schema=False)


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
def read_page(request: Request, web: WebDep) -> Response:
    """Return a file of the web application, or its page for any path that people type."""
    path: str = request.scope["path"]
    typed = "text/html" in request.headers.get("accept", "") and not path.startswith("/api/")
    wants_page = typed or path == "/"
    answer = web.answer(path, wants_page=wants_page)
    if answer is None:
        raise HTTPException(404, "Not Found")
    return answer
