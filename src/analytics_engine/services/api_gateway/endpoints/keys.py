from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from analytics_engine.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.services.api_gateway.deps import CurrentCaller, KeysDep, authorized
from analytics_engine.services.api_gateway.keys.schemas import ApiKey, CreatedApiKey, NewApiKey

router = APIRouter(
    prefix="/api/v1/admin/keys",
    tags=["keys"],
    dependencies=[Depends(authorized)],
    responses=problems(Unauthenticated, Forbidden),
)


@router.get("")
async def list_keys(keys: KeysDep, page: PageHere) -> Page[ApiKey]:
    """Return the API keys, newest first, without their secrets."""
    return await keys.page(page)


@router.post("", status_code=201, responses=problems(InvalidInput))
async def create_key(new: NewApiKey, keys: KeysDep, caller: CurrentCaller, response: Response) -> CreatedApiKey:
    """Return a new key; its secret is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return await keys.create(new, actor=caller.name)


@router.delete("/{key_id}", responses=problems(NotFound))
async def revoke_key(key_id: str, keys: KeysDep, caller: CurrentCaller) -> ApiKey:
    """Revoke a key, by its id or prefix; it is refused from now on."""
    return await keys.revoke(key_id, actor=caller.name)
