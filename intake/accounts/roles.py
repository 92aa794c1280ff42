"""Permissions of each role. Roles are groups; only code sets their permissions.

`intake.wiring` grants each role its permissions, and each migration run makes the groups agree.
"""

from collections import defaultdict
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The two roles of the administration; an administrator is a superuser instead."""

    REVIEWER = "REVIEWER", _("Évaluatrice ou évaluateur")
    STAFF = "STAFF", _("Personnel")


_grants: dict[Role, set[str]] = defaultdict(set)


def grant(role: Role, *permissions: str) -> None:
    """Grant `role` each of `permissions`, written `app_label.codename`.

    Called by `intake.wiring`; it takes effect in the database at the end of the next `migrate`.

    :raises ValueError: if a permission has no app label.
    """
    for permission in permissions:
        if permission.count(".") != 1:
            msg = f"a permission is written app_label.codename, not {permission!r}"
            raise ValueError(msg)
    _grants[role].update(permissions)


def granted(role: Role) -> frozenset[str]:
    """Return the permissions of `role`, written `app_label.codename`."""
    return frozenset(_grants[role])


def sync_roles(*, app_config: AppConfig, using: str = "default", **_kwargs: Any) -> None:
    """Set each role's group to exactly the granted permissions of one app.

    Receives `post_migrate`, sent once per app after Django created the app's permissions.

    :raises Permission.DoesNotExist: if a granted permission does not exist in the app.
    """
    label = app_config.label
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {name.split(".")[1] for name in _grants[role] if name.split(".")[0] == label}
        own = Permission.objects.using(using).filter(content_type__app_label=label)
        found = {permission.codename: permission for permission in own.filter(codename__in=wanted)}
        missing = wanted - found.keys()
        if missing:
            msg = f"{role}: {label} has no permission {', '.join(sorted(missing))}"
            raise Permission.DoesNotExist(msg)
        group.permissions.remove(*own.filter(~Q(codename__in=wanted), group=group))
        group.permissions.add(*found.values())
