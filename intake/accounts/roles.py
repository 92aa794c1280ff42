"""Permissions of each role. Roles are groups; only code sets their permissions, at the end of each `migrate`."""

from typing import Any, Final

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The roles of the administration; an administrator is a superuser instead."""

    REVIEWER = "REVIEWER", _("Membre du comité")
    STAFF = "STAFF", _("Personnel")
    PRIVACY = "PRIVACY", _("Responsable de la protection des renseignements personnels")


_TRIAGE: Final = frozenset(
    {
        "submissions.view_submission",
        "submissions.triage_submission",
        "review.assess_submission",
        "review.verify_finding",
    }
)
ROLE_PERMISSIONS: Final = {
    Role.REVIEWER: _TRIAGE,
    Role.STAFF: _TRIAGE
    | {
        "accounts.view_user",
        "journal.view_entry",
        "outbox.resend_delivery",
        "outbox.view_delivery",
        "operations.change_sitepreferences",
        "outbox.view_message",
        "register.add_participation",
        "register.delete_participation",
        "register.view_participation",
        "submissions.add_personalextension",
        "submissions.decide_submission",
        "submissions.export_shortlist",
        "submissions.view_personalextension",
        "review.add_committeemember",
        "review.assign_submission",
        "review.change_lineweight",
        "review.delete_committeemember",
        "review.freeze_shortlist",
        "review.lift_conflict",
        "review.prepare_decisions",
        "review.release_decisions",
        "review.set_blind_reading",
        "review.share_savedview",
        "review.view_committeemember",
        "review.view_conflict",
        "review.view_shortlistexport",
        "offers.add_documentrequest",
        "offers.add_gridline",
        "offers.add_offer",
        "offers.add_programme",
        "offers.add_section",
        "offers.add_synonymgroup",
        "offers.change_documentrequest",
        "offers.change_gridline",
        "offers.change_offer",
        "offers.change_openpoint",
        "offers.change_programme",
        "offers.change_section",
        "offers.change_synonymgroup",
        "offers.delete_documentrequest",
        "offers.delete_gridline",
        "offers.delete_section",
        "offers.delete_synonymgroup",
        "offers.publish_offer",
        "offers.view_documentrequest",
        "offers.view_gridline",
        "offers.view_offer",
        "offers.view_offerchange",
        "offers.view_offerextension",
        "offers.view_openpoint",
        "offers.view_programme",
        "offers.view_rulebookversion",
        "offers.view_section",
        "offers.view_synonymgroup",
    },
    # Reads the registers, not the files: access act, s. 8 and 63.11.
    Role.PRIVACY: frozenset({"privacy.add_incident", "privacy.read_registers", "privacy.view_incident"}),
}
"""What each role may do, as `app_label.codename`. A superuser may do everything; see `docs/rules-review.md#roles`."""


def sync_roles(*, app_config: AppConfig, using: str = "default", **_kwargs: Any) -> None:
    """Set each role's group to exactly its permissions of one app, at `post_migrate`, which Django sends once per app.

    :raises Permission.DoesNotExist: if one of them does not exist in the app.
    """
    label = app_config.label
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {name.split(".")[1] for name in ROLE_PERMISSIONS[role] if name.split(".")[0] == label}
        own = Permission.objects.using(using).filter(content_type__app_label=label)
        granted = {permission.codename: permission for permission in own.filter(codename__in=wanted)}
        missing = wanted - granted.keys()
        if missing:
            msg = f"{role}: {label} has no permission {', '.join(sorted(missing))}"
            raise Permission.DoesNotExist(msg)
        group.permissions.remove(*own.filter(~Q(codename__in=wanted), group=group))
        group.permissions.add(*granted.values())
