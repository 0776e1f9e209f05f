"""Makes a container of Azure's blob storage, which obstore cannot: one request, signed with the account's key.

How it is signed: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from analytics_engine.adapters.blobs.azure_account import AzureAccount

_VERSION = "2023-11-03"
_EMPTY_HEADERS = "\n" * 11
_TIMEOUT = aiohttp.ClientTimeout(total=30, connect=5)


async def make_container(account: AzureAccount, container: str) -> str:
    """Make a container unless it is there.

    Returns:
        Azure's word for why it could not be made, such as ``AuthenticationFailed``; empty when it is there.

    Raises:
        aiohttp.ClientError: the account cannot be reached.
        TimeoutError: it does not answer in time.
    """
    url = f"{account.endpoint}/{container}"
    headers = {"x-ms-date": format_datetime(datetime.now(UTC), usegmt=True), "x-ms-version": _VERSION}
    signed = "".join(f"{name}:{value}\n" for name, value in headers.items())
    resource = f"/{account.name}{urlsplit(url).path}\nrestype:container"
    signature = _signature(account.key, f"PUT\n{_EMPTY_HEADERS}{signed}{resource}")
    headers["Authorization"] = f"SharedKey {account.name}:{signature}"
    async with (
        aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True, skip_auto_headers=["Content-Type"]) as session,
        session.put(url, params={"restype": "container"}, headers=headers) as answer,
    ):
        reason = answer.headers.get("x-ms-error-code", answer.reason or "")
        made = answer.status == HTTPStatus.CREATED or reason == "ContainerAlreadyExists"
        return "" if made else reason


def _signature(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(base64.b64decode(key), text.encode(), hashlib.sha256)).decode()
