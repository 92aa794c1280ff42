"""Operation that exports a user's own data."""

from datetime import datetime
from typing import Any

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record

from .queries import own_data


@transaction.atomic
def export_own_data(*, user: User, at: datetime) -> dict[str, Any]:
    """Return all that `user` supplied (see `queries.own_data`) and record the export in the journal."""
    data = own_data(user, at=at)
    record(actor=user, action="OWN_DATA_DOWNLOADED", subject=user)
    return data
