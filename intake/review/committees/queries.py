"""Query of the users who may be committee members."""

from django.db.models import Q, QuerySet

from intake.accounts.models import User


def reviewers() -> QuerySet[User]:
    """Return the active users whose role lets them assess, by email address."""
    return (
        User.objects.filter(is_active=True, is_staff=True)
        .filter(
            Q(is_superuser=True)
            | Q(
                groups__permissions__codename="assess_submission",
                groups__permissions__content_type__app_label="review",
            )
        )
        .distinct()
        .order_by("email")
    )
