from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from analytics_engine.errors import AnalyticsEngineError, InvalidInput, TooLarge

_SMALL_BYTES = 256 * 1024


class BoundedBody:
    """A request's body as it comes in, never held, and never more than so many bytes.

    ``failure`` is why it ended early: whoever sends it on sees only a broken connection.
    """

    def __init__(self, request: Request, *, limit_bytes: int) -> None:
        self._request = request
        self._limit_bytes = limit_bytes
        self.failure: AnalyticsEngineError | None = None
        announced = request.headers.get("content-length", "0")
        self.is_empty = announced == "0" and "transfer-encoding" not in request.headers
        if announced.isdigit() and int(announced) > limit_bytes:
            raise self._too_large()

    @property
    def is_small(self) -> bool:
        """Whether it may be held, so that it can be sent again."""
        announced = self._request.headers.get("content-length", "0")
        return "transfer-encoding" not in self._request.headers and int(announced) <= _SMALL_BYTES

    async def whole(self) -> bytes:
        """Return a small body.

        Raises:
            InvalidInput: the client went before it was whole.
        """
        try:
            return b"".join([chunk async for chunk in self.chunks()])
        except ClientDisconnect:
            raise self.failure or InvalidInput("The request is not whole.") from None

    async def chunks(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for chunk in self._request.stream():
                size += len(chunk)
                if size > self._limit_bytes:
                    self.failure = self._too_large()
                    raise self.failure
                if chunk:
                    yield chunk
        except ClientDisconnect:
            self.failure = InvalidInput("The connection was closed before the request was whole.")
            raise

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"The request is larger than {self._limit_bytes:,} bytes.",
            remedy="Send less at once, or have the operator raise AE_MAX_BODY_BYTES or AE_MAX_UPLOAD_BYTES.",
            limit_bytes=self._limit_bytes,
        )
