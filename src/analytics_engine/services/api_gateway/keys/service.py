from __future__ import annotations

from analytics_engine.errors import NotFound, Unauthenticated
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.security import api_keys
from analytics_engine.kernel.security.tokens import derive_key
from analytics_engine.services.api_gateway.audit.schemas import Deed, DeedOutcome
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.keys import repository
from analytics_engine.services.api_gateway.keys.schemas import ApiKey, CreatedApiKey, NewApiKey

_REMEDY = "Ask an administrator for a new one."


class Keys:
    """The register of API keys. Every change is in the audit log, in the same transaction."""

    def __init__(self, *, database: Database, secret_key: str, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._hash_key = derive_key(secret_key, "api-keys")
        self._audit = audit
        self._clock = clock

    async def page(self, request: PageRequest) -> Page[ApiKey]:
        async with self._database.transaction(read_only=True) as connection:
            items, total = await repository.page(connection, request)
        return Page(items=items, total=total, limit=request.limit, offset=request.offset)

    async def create(self, new: NewApiKey, *, actor: str) -> CreatedApiKey:
        """Return a new key with its secret, which is kept nowhere."""
        made = api_keys.new_key()
        async with self._database.transaction() as connection:
            key = await self._add(connection, new, text=made.text, prefix=made.prefix, actor=actor)
        assert key is not None
        return CreatedApiKey(key=made.text, details=key)

    async def register(self, text: str, new: NewApiKey, *, actor: str) -> bool:
        """Make a key of a given text known, and return whether it was not."""
        fingerprint = self._hash(text)
        async with self._database.transaction() as connection:
            if await repository.read_by_hash(connection, fingerprint) is not None:
                return False
            prefix = f"env-{fingerprint.hex()[:8]}"
            return await self._add(connection, new, text=text, prefix=prefix, actor=actor) is not None

    async def revoke(self, id_or_prefix: str, *, actor: str) -> ApiKey:
        """Make a key useless from now on.

        Raises:
            NotFound: there is no such key.
        """
        async with self._database.transaction() as connection:
            key = await repository.revoke(connection, id_or_prefix, at=self._clock.now())
            if key is None:
                raise NotFound(f"There is no API key {id_or_prefix}.", remedy="List the keys to see which there are.")
            await self._record(connection, "key.revoke", key, actor=actor)
        return key

    async def authenticate(self, text: str) -> ApiKey:
        """Return the key that a program shows.

        Raises:
            Unauthenticated: it is damaged, unknown, revoked or expired.
        """
        api_keys.check_shape(text)
        now = self._clock.now()
        async with self._database.transaction() as connection:
            key = await repository.read_by_hash(connection, self._hash(text))
            if key is None:
                raise Unauthenticated("The API key is not known.", remedy=_REMEDY)
            if key.revoked_at is not None:
                raise Unauthenticated("The API key was revoked.", remedy=_REMEDY)
            if key.expires_at is not None and key.expires_at <= now:
                raise Unauthenticated("The API key has expired.", remedy=_REMEDY)
            if key.last_used_at is None or key.last_used_at < now - repository.USE_IS_NOTED_EVERY:
                await repository.mark_used(connection, key.id, at=now)
        return key

    def _hash(self, text: str) -> bytes:
        return api_keys.digest(text, key=self._hash_key)

    async def _add(
        self, connection: Connection, new: NewApiKey, *, text: str, prefix: str, actor: str
    ) -> ApiKey | None:
        key = await repository.add(connection, new, prefix=prefix, key_hash=self._hash(text), created_by=actor)
        if key is not None:
            await self._record(connection, "key.create", key, actor=actor, role=key.role.value)
        return key

    async def _record(self, connection: Connection, action: str, key: ApiKey, *, actor: str, **details: object) -> None:
        deed = Deed(
            actor=actor,
            client_id=key.client_id,
            action=action,
            target=key.prefix,
            outcome=DeedOutcome.SUCCEEDED,
            details={"name": key.name, **details},
        )
        await self._audit.record_in(connection, deed)
