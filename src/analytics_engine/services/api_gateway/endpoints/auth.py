from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Request, Response

from analytics_engine.errors import Forbidden, InvalidInput, NotFound, RateLimited, Unauthenticated
from analytics_engine.kernel.http.problems import problems
from analytics_engine.services.api_gateway.deps import CurrentCaller, SecureCookies, SessionsDep, authorized
from analytics_engine.services.api_gateway.sessions.schemas import (
    Identity,
    LoginRequest,
    RefreshRequest,
    SwitchRequest,
    Tokens,
)
from analytics_engine.services.api_gateway.sessions.service import SignedIn, identity_of
from analytics_engine.services.api_gateway.sessions.tokens import ACCESS_LIFETIME, REFRESH_LIFETIME

_COOKIE = "ae_refresh"
_PATH = "/api/v1/auth"

router = APIRouter(prefix=_PATH, tags=["auth"], dependencies=[Depends(authorized)])

RefreshCookie = Annotated[str | None, Cookie(alias=_COOKIE, include_in_schema=False)]


@router.post("/login", responses=problems(Unauthenticated, RateLimited))
async def login(
    asked: LoginRequest, *, request: Request, response: Response, sessions: SessionsDep, secure: SecureCookies
) -> Tokens:
    """Sign in: an access token for 15 minutes, and a refresh token in a cookie that only this path is sent."""
    signed_in = await sessions.login(
        email=asked.email,
        password=asked.password.get_secret_value(),
        place=request.client.host if request.client else "unknown",
    )
    return _answer(signed_in, response, in_body=asked.refresh_token_in_body, secure=secure)


@router.post("/refresh", responses=problems(Unauthenticated))
async def refresh(
    *,
    response: Response,
    sessions: SessionsDep,
    secure: SecureCookies,
    asked: RefreshRequest | None = None,
    cookie: RefreshCookie = None,
) -> Tokens:
    """Exchange the refresh token for new tokens; each is used once, and a second use ends the session."""
    given = asked.refresh_token.get_secret_value() if asked and asked.refresh_token else None
    token = given or cookie
    if not token:
        raise Unauthenticated("There is no session to refresh.", remedy="Sign in at /api/v1/auth/login.")
    return _answer(await sessions.refresh(token), response, in_body=given is not None, secure=secure)


@router.post("/logout", status_code=204)
async def logout(
    response: Response, sessions: SessionsDep, asked: RefreshRequest | None = None, cookie: RefreshCookie = None
) -> None:
    """End the session of the refresh token."""
    given = asked.refresh_token.get_secret_value() if asked and asked.refresh_token else None
    if token := given or cookie:
        await sessions.logout(token)
    response.delete_cookie(_COOKIE, path=_PATH, httponly=True, samesite="strict")


@router.get("/me", responses=problems(Unauthenticated))
async def read_me(caller: CurrentCaller, sessions: SessionsDep) -> Identity:
    """Return who is asking."""
    principal = caller.principal
    if caller.session_id:
        return identity_of(await sessions.user(principal), principal.client_id)
    return Identity(
        subject=principal.subject,
        name=principal.name,
        role=principal.role,
        client_id=principal.client_id,
        home_client_id=principal.client_id,
    )


@router.post("/client", responses=problems(Unauthenticated, Forbidden, NotFound, InvalidInput))
async def switch_client(asked: SwitchRequest, caller: CurrentCaller, sessions: SessionsDep) -> Tokens:
    """Return an access token for another client (administrators and consultants)."""
    identity, token = await sessions.switch(caller.principal, session_id=caller.session_id, client_id=asked.client_id)
    return Tokens(access_token=token, expires_in=int(ACCESS_LIFETIME.total_seconds()), user=identity)


def _answer(signed_in: SignedIn, response: Response, *, in_body: bool, secure: bool) -> Tokens:
    response.headers["Cache-Control"] = "no-store"
    if not in_body:
        response.set_cookie(
            _COOKIE,
            signed_in.refresh_token,
            max_age=int(REFRESH_LIFETIME.total_seconds()),
            path=_PATH,
            httponly=True,
            samesite="strict",
            secure=secure,
        )
    return Tokens(
        access_token=signed_in.access_token,
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
        user=signed_in.identity,
        refresh_token=signed_in.refresh_token if in_body else None,
    )
