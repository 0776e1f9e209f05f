from __future__ import annotations

from fastapi import APIRouter, Depends

from analytics_engine.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.services.api_gateway.deps import CurrentCaller, UsersDep, authorized
from analytics_engine.services.api_gateway.users.schemas import NewPassword, NewUser, User, UserChange

router = APIRouter(
    prefix="/api/v1/admin/users",
    tags=["users"],
    dependencies=[Depends(authorized)],
    responses=problems(Unauthenticated, Forbidden),
)


@router.get("")
async def list_users(users: UsersDep, page: PageHere) -> Page[User]:
    """Return the users, by email address."""
    return await users.page(page)


@router.post("", status_code=201, responses=problems(Conflict, InvalidInput))
async def create_user(new: NewUser, users: UsersDep, caller: CurrentCaller) -> User:
    """Return the new user."""
    user = await users.create(new, actor=caller.name)
    assert user is not None
    return user


@router.get("/{user_id}", responses=problems(NotFound))
async def read_user(user_id: str, users: UsersDep) -> User:
    """Return one user."""
    return await users.read(user_id)


@router.patch("/{user_id}", responses=problems(NotFound, Conflict))
async def change_user(user_id: str, change: UserChange, users: UsersDep, caller: CurrentCaller) -> User:
    """Return the user with what was given changed: name, role, client, disabled."""
    return await users.change(user_id, change, actor=caller.name)


@router.put("/{user_id}/password", status_code=204, responses=problems(NotFound, InvalidInput))
async def reset_password(user_id: str, new: NewPassword, users: UsersDep, caller: CurrentCaller) -> None:
    """Give the user another password; they are signed out everywhere."""
    await users.reset_password(user_id, new.password.get_secret_value(), actor=caller.name)
