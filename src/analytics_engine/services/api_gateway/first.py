"""What must be there before anybody can come in: the first administrator, and the key of the setting API_KEY."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pydantic import SecretStr

from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.logging import get_logger
from analytics_engine.services.api_gateway.keys.schemas import KeyRole, NewApiKey
from analytics_engine.services.api_gateway.keys.service import Keys
from analytics_engine.services.api_gateway.users.schemas import NewUser, UserRole
from analytics_engine.services.api_gateway.users.service import Users

log = get_logger(__name__)

_SHORTEST_KEY = 24
_LOOK_AGAIN_S = 2.0
_ACTOR = "system"


@dataclass(frozen=True)
class FirstAccess:
    """Who is let in first, as the settings say."""

    client_id: str
    email: str
    password: SecretStr | None
    api_key: SecretStr | None


class Welcome:
    """Makes the first administrator and the first key; as a dependency it says who is missing."""

    def __init__(self, *, users: Users, keys: Keys, access: FirstAccess) -> None:
        self._users = users
        self._keys = keys
        self._access = access
        self._nobody = False

    async def run(self) -> None:
        """Make both where they are missing, then watch until there is a user; the caller repeats it on failure."""
        await self._register_key()
        await self._create_administrator()
        while await self._users.nobody_yet():
            if not self._nobody:
                log.warning("nobody_can_sign_in", remedy=_REMEDY)
            self._nobody = True
            await asyncio.sleep(_LOOK_AGAIN_S)
        self._nobody = False
        await asyncio.Event().wait()

    async def ping(self) -> None:
        if self._nobody:
            raise InvalidSetting("Nobody can sign in: there is no user.", remedy=_REMEDY)

    async def _create_administrator(self) -> None:
        access = self._access
        if access.password is None or not access.password.get_secret_value():
            return
        if not await self._users.nobody_yet():
            return
        new = NewUser(
            email=access.email,
            name="Administrator",
            password=access.password,
            role=UserRole.ADMIN,
            client_id=access.client_id,
        )
        if await self._users.create(new, actor=_ACTOR, only_first=True) is not None:
            log.info("first_administrator_created", email=access.email)

    async def _register_key(self) -> None:
        text = self._access.api_key.get_secret_value() if self._access.api_key else ""
        if not text:
            return
        if len(text) < _SHORTEST_KEY:
            log.warning(
                "api_key_setting_ignored",
                reason=f"API_KEY is shorter than {_SHORTEST_KEY} characters",
                remedy="Set a random one, such as the output of: python3 -c 'import secrets; "
                "print(secrets.token_urlsafe(32))'",
            )
            return
        new = NewApiKey(name="the setting API_KEY", client_id=self._access.client_id, role=KeyRole.OPERATOR)
        if await self._keys.register(text, new, actor=_ACTOR):
            log.info("first_key_registered", client=self._access.client_id)


_REMEDY = "Set AE_ADMIN_PASSWORD and start again, or run `analytics-engine users create-admin`."
