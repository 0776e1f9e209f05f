from __future__ import annotations

from uuid import UUID

from analytics_engine.errors import Conflict, InvalidInput, NotFound
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.security.passwords import Passwords, weakness
from analytics_engine.services.api_gateway.audit.schemas import Deed, DeedOutcome
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.users import repository
from analytics_engine.services.api_gateway.users.schemas import NewUser, User, UserChange, UserRole


class Users:
    """The register of people who may sign in. Every change is in the audit log, in the same transaction."""

    def __init__(self, *, database: Database, passwords: Passwords, audit: AuditTrail) -> None:
        self._database = database
        self._passwords = passwords
        self._audit = audit

    async def page(self, request: PageRequest) -> Page[User]:
        async with self._database.transaction(read_only=True) as connection:
            items, total = await repository.page(connection, request)
        return Page(items=items, total=total, limit=request.limit, offset=request.offset)

    async def read(self, user_id: str) -> User:
        async with self._database.transaction(read_only=True) as connection:
            return await self._existing(connection, user_id)

    async def by_email(self, email: str) -> User:
        async with self._database.transaction(read_only=True) as connection:
            user = await repository.read_by_email(connection, email)
        if user is None:
            raise NotFound(f"Nobody has the email address {email}.", remedy="List the users to see who there is.")
        return user

    async def nobody_yet(self) -> bool:
        async with self._database.transaction(read_only=True) as connection:
            return not await repository.any_user(connection)

    async def create(self, new: NewUser, *, actor: str, only_first: bool = False) -> User | None:
        """Return the new user; with ``only_first``, None where there is a user already.

        Raises:
            Conflict: the email address is taken.
            InvalidInput: the password is too weak.
        """
        password_hash = await self._hash(new.password.get_secret_value(), email=new.email)
        async with self._database.transaction() as connection:
            await repository.lock(connection)
            if only_first and await repository.any_user(connection):
                return None
            user = await repository.add(connection, new, password_hash=password_hash)
            if user is None:
                raise Conflict(
                    f"The email address {new.email} belongs to a user already.",
                    remedy="Change that user, or take another address.",
                )
            await self._record(connection, "user.create", user, actor=actor, role=user.role.value)
        return user

    async def change(self, user_id: str, change: UserChange, *, actor: str) -> User:
        """Change what is given; a user who is disabled, or whose rights change, is signed out everywhere.

        Raises:
            NotFound: there is no such user.
            Conflict: nobody would be left to administer the system.
        """
        async with self._database.transaction() as connection:
            await repository.lock(connection)
            before = await self._existing(connection, user_id)
            if self._gives_up_administration(before, change):
                await self._another_administrator(connection, user_id)
            after = await repository.change(connection, user_id, change)
            assert after is not None
            if (after.role, after.client_id, after.disabled) != (before.role, before.client_id, before.disabled):
                await repository.end_sessions(connection, user_id)
            changes = change.model_dump(mode="json", exclude_none=True)
            await self._record(connection, "user.change", after, actor=actor, **changes)
        return after

    async def reset_password(self, user_id: str, password: str, *, actor: str) -> None:
        """Give a user another password; they are signed out everywhere."""
        user = await self.read(user_id)
        password_hash = await self._hash(password, email=user.email)
        async with self._database.transaction() as connection:
            await repository.set_password(connection, user_id, password_hash)
            await repository.end_sessions(connection, user_id)
            await self._record(connection, "user.reset_password", user, actor=actor)

    async def _hash(self, password: str, *, email: str) -> str:
        if reason := weakness(password, email=email):
            raise InvalidInput(reason, remedy="Choose one of at least 10 characters that nobody can guess.")
        return await self._passwords.hash(password)

    async def _existing(self, connection: Connection, user_id: str) -> User:
        user = await repository.read(connection, user_id) if _is_uuid(user_id) else None
        if user is None:
            raise NotFound(f"There is no user {user_id}.", remedy="List the users to see who there is.")
        return user

    @staticmethod
    def _gives_up_administration(before: User, change: UserChange) -> bool:
        demoted = change.role is not None and change.role is not UserRole.ADMIN
        return before.role is UserRole.ADMIN and not before.disabled and (demoted or change.disabled is True)

    @staticmethod
    async def _another_administrator(connection: Connection, user_id: str) -> None:
        if await repository.other_administrators(connection, user_id) == 0:
            raise Conflict("This is the last administrator.", remedy="Make somebody else an administrator first.")

    async def _record(self, connection: Connection, action: str, user: User, *, actor: str, **details: object) -> None:
        deed = Deed(
            actor=actor,
            client_id=user.client_id,
            action=action,
            target=user.email,
            outcome=DeedOutcome.SUCCEEDED,
            details=details,
        )
        await self._audit.record_in(connection, deed)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
