"""Quotas of one person: files and bytes received in a day, bytes stored for no filing."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.documents.models import Upload
from intake.submissions.access.queries import is_upload_filed
from intake.submissions.lifecycle.errors import SubmissionError
from intake.submissions.models import PendingUpload
from intake.web import formats

_MIB: Final = 1024 * 1024
_LOCK: Final = 0x0A1  # first key of the lock of a person's quota; the second is the person


class DailyQuotaError(SubmissionError):
    """The person sent as many files, or bytes, as a day allows. `until`: end of that day, in words."""

    code = "UPLOADS_OF_A_DAY"
    message = _(
        "Vous avez envoyé beaucoup de fichiers aujourd’hui. Vous pourrez en envoyer d’autres à compter du %(until)s."
    )

    def __init__(self, *, until: str) -> None:
        self.until = until


class StoredQuotaError(SubmissionError):
    """The person's files that no filing uses are as heavy as allowed. `limit`: in words."""

    code = "UPLOADS_NOT_FILED"
    message = _(
        "Vos brouillons contiennent déjà %(limit)s de fichiers. Retirez un document, ou déposez une candidature, pour "
        "envoyer ce fichier."
    )

    def __init__(self, *, limit: str) -> None:
        self.limit = limit


def check_quota(*, owner: User, size: int, at: datetime, locks: bool = False) -> None:
    """Check that `owner` may send `size` bytes more at `at`.

    With `locks`, other requests of this person wait for the end of the transaction: each counts those before it.

    :raises DailyQuotaError: if the day's number of files, or of bytes, is reached.
    :raises StoredQuotaError: if the bytes stored for no filing would be too many.
    """
    if locks:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, owner.pk])
    zone = ZoneInfo(settings.TIME_ZONE)
    today = datetime.combine(at.astimezone(zone).date(), time(), tzinfo=zone)
    sent = PendingUpload.objects.filter(owner=owner, received_at__gte=today).aggregate(
        files=Count("pk"), size=Sum("size", default=0)
    )
    if sent["files"] >= settings.UPLOADS_PER_DAY or sent["size"] + size > settings.UPLOAD_MIB_PER_DAY * _MIB:
        tomorrow = datetime.combine(today.date() + timedelta(days=1), time(), tzinfo=zone)
        raise DailyQuotaError(until=formats.day(tomorrow.date()))
    if _not_filed(owner) + size > settings.UPLOAD_MIB_NOT_FILED * _MIB:
        raise StoredQuotaError(limit=formats.file_size(settings.UPLOAD_MIB_NOT_FILED * _MIB))


def _not_filed(owner: User) -> int:
    """Return the received bytes of the files of `owner` that no filing uses."""
    kept = Upload.objects.filter(~is_upload_filed(), owner=owner).aggregate(size=Sum("size", default=0))
    waiting = PendingUpload.objects.filter(owner=owner, state=PendingUpload.State.RECEIVED)
    return int(kept["size"]) + int(waiting.aggregate(size=Sum("size", default=0))["size"])
