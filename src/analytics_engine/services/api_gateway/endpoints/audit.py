from __future__ import annotations

from fastapi import APIRouter, Depends

from analytics_engine.errors import Forbidden, Unauthenticated
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.services.api_gateway.audit.schemas import AuditEntry, Verification
from analytics_engine.services.api_gateway.deps import AuditTrailDep, authorized

router = APIRouter(
    prefix="/api/v1/admin/audit",
    tags=["audit"],
    dependencies=[Depends(authorized)],
    responses=problems(Unauthenticated, Forbidden),
)


@router.get("")
async def list_audit_entries(
    trail: AuditTrailDep,
    page: PageHere,
    actor: str | None = None,
    action: str | None = None,
) -> Page[AuditEntry]:
    """Return the audit log, newest first."""
    return await trail.page(page, actor=actor, action=action)


@router.get("/verification")
async def verify_audit_log(trail: AuditTrailDep) -> Verification:
    """Return whether the log's chain is whole, or where it was tampered with."""
    return await trail.verify()
