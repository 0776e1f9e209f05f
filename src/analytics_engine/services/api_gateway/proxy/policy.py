"""Who may do what. One table; the most specific rule wins; what no rule names is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.api_gateway.proxy.routes import API

_READ = frozenset({"GET", "HEAD"})
_CHANGE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_ASK = frozenset({"GET", "HEAD", "POST"})
_ASKED = frozenset({"calculate", "live"})
"""The areas where a POST only asks."""

EVERYONE = frozenset({Role.VIEWER, Role.ANALYST, Role.CONSULTANT, Role.OPERATOR})
ANALYSTS = frozenset({Role.ANALYST, Role.CONSULTANT})
MODELLERS = frozenset({Role.CONSULTANT})
LOADERS = frozenset({Role.CONSULTANT, Role.OPERATOR})
OPERATORS = frozenset({Role.OPERATOR})
ADMINISTRATORS: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Rule:
    """These roles (and administrators, always) may use these methods under a public prefix.

    Args:
        public: nobody needs to have signed in.
        changes: what is done goes into the audit log.
    """

    methods: frozenset[str]
    prefix: str
    roles: frozenset[Role]
    public: bool = False
    changes: bool = False


RULES: tuple[Rule, ...] = (
    Rule(_CHANGE, f"{API}/auth", frozenset(), public=True),
    Rule(_READ, f"{API}/auth/me", EVERYONE),
    Rule(_CHANGE, f"{API}/auth/client", MODELLERS),
    Rule(_READ, f"{API}/health", EVERYONE),
    Rule(_READ, f"{API}/metadata", EVERYONE),
    Rule(_CHANGE, f"{API}/metadata", MODELLERS, changes=True),
    Rule(_ASK, f"{API}/calculate", EVERYONE),
    Rule(_ASK, f"{API}/live", EVERYONE),
    Rule(_ASK, f"{API}/calculate/rows", ANALYSTS | LOADERS),
    Rule(_READ, f"{API}/alerts", EVERYONE),
    Rule(_CHANGE, f"{API}/alerts", ANALYSTS | OPERATORS, changes=True),
    Rule(_READ, f"{API}/jobs", EVERYONE),
    Rule(_CHANGE, f"{API}/jobs", ANALYSTS | OPERATORS, changes=True),
    Rule(_READ, f"{API}/schedules", EVERYONE),
    Rule(_CHANGE, f"{API}/schedules", ANALYSTS | OPERATORS, changes=True),
    Rule(_READ, f"{API}/config", EVERYONE),
    Rule(_CHANGE, f"{API}/config", MODELLERS, changes=True),
    Rule(_READ, f"{API}/connector", LOADERS),
    Rule(_CHANGE, f"{API}/connector", LOADERS, changes=True),
    Rule(_READ, f"{API}/data", ANALYSTS | LOADERS),
    Rule(_CHANGE, f"{API}/data", LOADERS, changes=True),
    Rule(_READ, f"{API}/messages", OPERATORS),
    Rule(_CHANGE, f"{API}/messages", OPERATORS, changes=True),
    Rule(_READ, f"{API}/admin", ADMINISTRATORS),
    Rule(_CHANGE, f"{API}/admin", ADMINISTRATORS),
    Rule(_READ, f"{API}/admin/log-level", OPERATORS),
    Rule(_CHANGE, f"{API}/admin/log-level", OPERATORS),
    Rule(_READ, f"{API}/admin/database", OPERATORS),
    Rule(_CHANGE, f"{API}/admin/database", OPERATORS, changes=True),
    Rule(_READ, f"{API}/admin/database/object-models", LOADERS),
    Rule(_CHANGE, f"{API}/admin/database/object-models", LOADERS, changes=True),
)


def rule_for(method: str, path: str) -> Rule | None:
    """Return the rule that decides on a request, or None where none does: then nobody may."""
    rules = [
        rule for rule in RULES if method in rule.methods and (path == rule.prefix or path.startswith(rule.prefix + "/"))
    ]
    return max(rules, key=lambda rule: len(rule.prefix), default=None)


def allows(rule: Rule, role: Role) -> bool:
    return rule.public or role is Role.ADMIN or role in rule.roles


def in_scope(scopes: Iterable[str], *, method: str, path: str) -> bool:
    """Return whether a key of these scopes (none: all) may be used for a request."""
    given = set(scopes)
    if not given:
        return True
    area = path.removeprefix(API + "/").split("/", maxsplit=1)[0]
    reads = method in _READ or area in _ASKED
    return area in given or (reads and f"{area}:read" in given)
