"""Who enters the registers of personal information."""

from typing import Final

from django.http import HttpRequest

from intake.accounts.models import User
from intake.review.pages.shortcuts import acting_user

READ: Final = "privacy.read_registers"
ADD_INCIDENT: Final = "privacy.add_incident"
VIEW_INCIDENT: Final = "privacy.view_incident"


def officer(request: HttpRequest, permission: str = READ) -> User:
    """Return the signed-in user.

    :raises PermissionDenied: if they lack `permission`.
    """
    return acting_user(request, permission)
