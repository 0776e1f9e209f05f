from __future__ import annotations

from dataclasses import dataclass, field

from analytics_engine.contracts.clients import ClientsApi
from analytics_engine.errors import Forbidden, Unauthenticated
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.security.passwords import Passwords
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.api_gateway.audit.schemas import Deed, DeedOutcome
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.sessions import repository
from analytics_engine.services.api_gateway.sessions.limits import LoginLimits
from analytics_engine.services.api_gateway.sessions.repository import RefreshToken
from analytics_engine.services.api_gateway.sessions.schemas import Identity
from analytics_engine.services.api_gateway.sessions.tokens import REFRESH_LIFETIME, SessionTokens
from analytics_engine.services.api_gateway.users import repository as users
from analytics_engine.services.api_gateway.users.schemas import User

_MAY_SWITCH = frozenset({Role.ADMIN, Role.CONSULTANT})
_SIGN_IN = "Sign in again."


@dataclass(frozen=True)
class SignedIn:
    """A session as its owner gets it."""

    identity: Identity
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


class Sessions:
    """Signing in, refreshing, switching the client, signing out. Every attempt is in the audit log."""

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        tokens: SessionTokens,
        limits: LoginLimits,
        audit: AuditTrail,
        clients: ClientsApi,
        clock: Clock,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._limits = limits
        self._audit = audit
        self._clients = clients
        self._clock = clock

    async def login(self, *, email: str, password: str, place: str) -> SignedIn:
        """Open a session.

        Raises:
            Unauthenticated: the address or the password is wrong, or the user is disabled; which, is not told.
            RateLimited: too many attempts failed lately.
        """
        await self._limits.take(email=email, place=place)
        async with self._database.transaction(read_only=True) as connection:
            found = await users.credentials(connection, email)
        right = await self._passwords.matches(password, found.password_hash if found else None)
        if found is None or not right or found.user.disabled:
            await self._audit.record(
                Deed(actor=email, action="login", outcome=DeedOutcome.REFUSED, details={"from": place})
            )
            raise Unauthenticated(
                "The email address or the password is wrong.",
                remedy="Check both; an administrator can reset the password.",
            )
        await self._limits.succeeded(email=email, place=place)
        session_id = new_id()
        async with self._database.transaction() as connection:
            await repository.forget_expired(connection, found.user.id, now=self._clock.now())
            await repository.open_session(connection, session_id, user_id=found.user.id, client_id=found.user.client_id)
            refresh_token = await self._issue(connection, session_id)
            await self._record(connection, "login", found.user, place=place)
        return self._signed_in(found.user, found.user.client_id, session_id, refresh_token)

    async def refresh(self, refresh_token: str) -> SignedIn:
        """Exchange a refresh token for the next one and a new access token.

        Raises:
            Unauthenticated: it is unknown, expired or used; a used one ends its whole session.
        """
        token_hash = self._tokens.refresh_hash(refresh_token)
        async with self._database.transaction() as connection:
            known = await repository.read_for_update(connection, token_hash)
            refusal = await self._refusal(connection, known)
            if known is not None and not refusal:
                await repository.use(connection, token_hash, at=self._clock.now())
                following = await self._issue(connection, known.session_id)
                client_id = known.client_id if Role(known.user.role.value) in _MAY_SWITCH else known.user.client_id
                return self._signed_in(known.user, client_id, known.session_id, following)
        raise Unauthenticated(refusal, remedy=_SIGN_IN)

    async def logout(self, refresh_token: str) -> None:
        """End the session of a refresh token; an unknown one is none to end."""
        async with self._database.transaction() as connection:
            known = await repository.read_for_update(connection, self._tokens.refresh_hash(refresh_token))
            if known is not None:
                await repository.revoke(connection, known.session_id)
                await self._record(connection, "logout", known.user)

    async def switch(self, principal: Principal, *, session_id: str, client_id: str) -> tuple[Identity, str]:
        """Return an access token for another client; the session stays with that client.

        Raises:
            Forbidden: only administrators and consultants work for several clients.
            NotFound: there is no such client.
        """
        if principal.role not in _MAY_SWITCH or not session_id:
            raise Forbidden(
                f"The role {principal.role.value} works for one client only.",
                remedy="Ask an administrator or a consultant; an API key belongs to the client it was made for.",
            )
        await self._clients.client(client_id)
        user = await self.user(principal)
        async with self._database.transaction() as connection:
            await repository.switch_client(connection, session_id, client_id)
            await self._record(connection, "switch_client", user, client_id=client_id)
        signed_in = self._signed_in(user, client_id, session_id, "")
        return signed_in.identity, signed_in.access_token

    async def user(self, principal: Principal) -> User:
        """Return the user a token speaks for.

        Raises:
            Unauthenticated: they are no longer there, or disabled.
        """
        async with self._database.transaction(read_only=True) as connection:
            user = await users.read(connection, principal.subject.removeprefix("user:"))
        if user is None or user.disabled:
            raise Unauthenticated("The user of this token is no longer active.", remedy="Ask an administrator.")
        return user

    async def _refusal(self, connection: Connection, known: RefreshToken | None) -> str:
        """Return why a refresh token is not accepted, having ended its session where it was copied."""
        if known is None:
            await self._audit.record_in(
                connection, Deed(actor="unknown", action="refresh", outcome=DeedOutcome.REFUSED)
            )
            return "The refresh token is not known."
        reason = ""
        if known.used:
            await repository.revoke(connection, known.session_id)
            reason = "The refresh token was used before, so the session was ended."
        elif known.revoked or known.user.disabled:
            reason = "The session was ended."
        elif known.expires_at <= self._clock.now():
            reason = "The session has expired."
        if reason:
            await self._record(connection, "refresh", known.user, outcome=DeedOutcome.REFUSED, reason=reason)
        return reason

    async def _issue(self, connection: Connection, session_id: str) -> str:
        token = self._tokens.new_refresh()
        await repository.issue(
            connection,
            self._tokens.refresh_hash(token),
            session_id=session_id,
            expires_at=self._clock.now() + REFRESH_LIFETIME,
        )
        return token

    def _signed_in(self, user: User, client_id: str, session_id: str, refresh_token: str) -> SignedIn:
        identity = identity_of(user, client_id)
        principal = Principal(subject=identity.subject, client_id=client_id, role=identity.role, name=user.email)
        return SignedIn(identity, self._tokens.access(principal, session_id=session_id), refresh_token)

    async def _record(
        self,
        connection: Connection,
        action: str,
        user: User,
        *,
        outcome: DeedOutcome = DeedOutcome.SUCCEEDED,
        **details: object,
    ) -> None:
        client_id = str(details.get("client_id", user.client_id))
        deed = Deed(actor=user.email, client_id=client_id, action=action, outcome=outcome, details=details)
        await self._audit.record_in(connection, deed)


def identity_of(user: User, client_id: str) -> Identity:
    return Identity(
        subject=f"user:{user.id}",
        email=user.email,
        name=user.name,
        role=Role(user.role.value),
        client_id=client_id,
        home_client_id=user.client_id,
    )
