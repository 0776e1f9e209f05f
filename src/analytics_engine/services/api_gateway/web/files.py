from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.responses import FileResponse, HTMLResponse, Response

_YEAR_S = 31_536_000
_FOR_EVER = f"public, max-age={_YEAR_S}, immutable"
_ASK_EACH_TIME = "no-cache"
_ASSETS = "assets"

_NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Analytics Engine</title></head>
<body>
<main>
<h1>Analytics Engine is running; its web application is not built</h1>
<p>Run <code>make ui</code> in the project's folder, which needs Node.js with npm, and load this page again.
A build kept elsewhere is found through <code>AE_UI_DIR</code>.</p>
<p>The API works: <a href="/docs">its documentation</a>.</p>
</main>
</body>
</html>
"""


class WebFiles:
    """The first of some folders that holds a built application; a new build shows at once."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [folder.resolve() for folder in folders]

    def answer(self, path: str, *, wants_page: bool) -> Response | None:
        """Return a file, or the application's page for a path it routes itself, or None where there is nothing."""
        root = next((folder for folder in self._folders if (folder / "index.html").is_file()), None)
        if root is None:
            return HTMLResponse(_NOT_BUILT) if wants_page else None
        file = (root / path.lstrip("/")).resolve()
        if path.strip("/") and file.is_relative_to(root) and file.is_file():
            hashed = file.is_relative_to(root / _ASSETS)
            return FileResponse(file, headers={"Cache-Control": _FOR_EVER if hashed else _ASK_EACH_TIME})
        if not wants_page:
            return None
        return FileResponse(root / "index.html", headers={"Cache-Control": _ASK_EACH_TIME})
