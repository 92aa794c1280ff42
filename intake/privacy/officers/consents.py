"""Consents by version: who accepted which text of which notice, and when.

Acceptances of a notice are rows of their own. The declarations of a filing are in its seal, with their text: each
person reads theirs on their page, and the committee with the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.journal.selectors import subject_key
from intake.journal.services import record, record_list
from intake.profiles.models import NoticeAcceptance
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.web.batches import read_in_batches

NOTICE_LABELS: Final[dict[str, Promise]] = {COLLECTION.key: _("Avis de collecte")}
NOTICE_TEXTS: Final = {(COLLECTION.key, COLLECTION.version): "submissions/notice_text.html"}
"""Template of each version's text. A new version keeps the template of the one before under another name."""
HEADER: Final[tuple[Promise, ...]] = (_("Adresse courriel"), _("Avis"), _("Version"), _("Accepté le"))
_CHUNK: Final = 2_000


@dataclass(frozen=True, slots=True)
class NoticeVersion:
    """One version of a notice: how many people accepted it, and between which instants (None: nobody)."""

    notice: str
    label: str | Promise
    version: str
    people: int
    first_at: datetime | None
    last_at: datetime | None
    template: str
    """Template of its text; empty if the portal no longer has it."""
    is_current: bool


def notice_versions() -> list[NoticeVersion]:
    """Return the versions that somebody accepted and the current ones, latest first. One query."""
    accepted = NoticeAcceptance.objects.values_list("notice", "version").annotate(
        people=Count("pk"), first=Min("at"), last=Max("at")
    )
    found = {
        (notice, version): (people, first, last)
        for notice, version, people, first, last in accepted.order_by("notice", "version")
    }
    return [
        _version_of(notice, version, *found.get((notice, version), (0, None, None)))
        for notice, version in sorted({*found, *NOTICE_TEXTS}, reverse=True)
    ]


def _version_of(
    notice: str, version: str, people: int, first: datetime | None, last: datetime | None
) -> NoticeVersion:
    return NoticeVersion(
        notice=notice,
        label=NOTICE_LABELS.get(notice, notice),
        version=version,
        people=people,
        first_at=first,
        last_at=last,
        template=NOTICE_TEXTS.get((notice, version), ""),
        is_current=(notice, version) == (COLLECTION.key, COLLECTION.version),
    )


def acceptances_listed(*, notice: str = "", version: str = "") -> QuerySet[NoticeAcceptance]:
    """Return the acceptances with their users, latest first; of one version if it is given."""
    rows = NoticeAcceptance.objects.select_related("user").order_by("-at", "-pk")
    if notice:
        rows = rows.filter(notice=notice, version=version)
    return rows


@transaction.atomic
def record_consents_export(*, actor: User, rows: QuerySet[NoticeAcceptance], page: str) -> None:
    """Record that `actor` exported these acceptances, for each person who is in the file too."""
    people = {acceptance.user_id: acceptance.user for acceptance in read_in_batches(rows, size=_CHUNK)}
    record(actor=actor, action="CONSENTS_EXPORTED", subject=None, detail=f"people={len(people)}")
    record_list(actor=actor, page=page, keys=(subject_key(user) for user in people.values()))


def consent_lines(rows: QuerySet[NoticeAcceptance]) -> Iterator[tuple[object, ...]]:
    """Yield each acceptance under `HEADER`."""
    for row in read_in_batches(rows, size=_CHUNK):
        yield (row.user.email, str(NOTICE_LABELS.get(row.notice, row.notice)), row.version, row.at)
