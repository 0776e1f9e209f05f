"""The interactive documentation of a service at ``/docs``. Nothing it loads comes from outside of the service."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, Response

_FILES = {
    "swagger-ui-bundle.js": "application/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_A_DAY = "public, max-age=86400"


def add_documentation(app: FastAPI) -> None:
    """Add ``/docs``, and beside it the files of Swagger UI, which the package fastapi-swagger carries."""
    router = APIRouter(include_in_schema=False)
    kept = files("fastapi_swagger.resources")

    @router.get("/docs")
    async def read_documentation() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=app.title,
            swagger_js_url="/docs/swagger-ui-bundle.js",
            swagger_css_url="/docs/swagger-ui.css",
            swagger_favicon_url="/docs/favicon-32x32.png",
        )

    @router.get("/docs/{name}")
    def read_documentation_file(name: str) -> Response:
        if name not in _FILES:
            raise HTTPException(404, "Not Found")
        content = kept.joinpath(name).read_bytes()
        return Response(content, media_type=_FILES[name], headers={"Cache-Control": _A_DAY})

    app.include_router(router)
