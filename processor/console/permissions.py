"""What each role may do. A route names the one permission that it needs, and a role either has it or not."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What a route can ask for."""

    READ = "read"
    ACT = "act"  # decide about what waits
    APPROVE = "approve"  # take back money, and let through what the limits hold
    AUDIT = "audit"  # the audit log and the settings
    ADMINISTER = "administer"  # accounts


_READS, _ACTS = frozenset({Permission.READ}), frozenset({Permission.READ, Permission.ACT})
ROLES: dict[str, frozenset[Permission]] = {
    "viewer": _READS,
    "operator": _ACTS,
    "approver": _ACTS | {Permission.APPROVE},
    "auditor": _READS | {Permission.AUDIT},
    "administrator": _READS | {Permission.AUDIT, Permission.ADMINISTER},  # who makes accounts moves no money
}


def may(role: str, permission: Permission) -> bool:
    """Tell whether a role has a permission; an unknown role has none."""
    return permission in ROLES.get(role, frozenset())
