"""Rows of the queue: their data, read only for the rows of one page, and their cells.

The queue's query selects and orders the submissions. The data of the rows is read afterwards, by key: in the same
query, the marks cost more time to build, to plan and to read than everything else.
"""

from collections.abc import Collection, Iterator
from decimal import Decimal
from html import escape
from typing import Any, NamedTuple, TypedDict, cast

from django.contrib.admin.templatetags.admin_list import results
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Avg, Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django_stubs_ext import WithAnnotations

from intake.accounts.models import User
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.committee_membership import offers_applied_to
from intake.review.access.register_matches import is_matched
from intake.review.marks.queries import countable_assessments
from intake.review.models import Assessment, CommitteeMember
from intake.review.pages.shortcuts import acting_user
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.models import Submission


class Marks(NamedTuple):
    """Marks of a filing: the mean of the scores that count (0 to 5), their number, and the reader's own score."""

    mean: Decimal | None
    number: int
    own: Decimal | None


NO_MARK = Marks(None, 0, None)


class _Columns(TypedDict):
    receipt_number: str | None
    offer_number: str
    organisation_short: str
    is_over: bool
    """The time to complete the file is over."""
    is_matched: bool
    """By a register row entered since the filing."""
    own_first: bool
    """The reader is on the offer's committee, has an unsubmitted assessment of the file, or applied to the offer."""
    read_marks: Marks


type QueueRow = WithAnnotations[Submission, _Columns]
_TICKED, _OPENS = "action_checkbox", "number"


def queue_rows(page: QuerySet[Submission], user: User) -> list[QueueRow]:
    """Return the submissions of `page`, in its order, with only what a row of the queue shows.

    Also annotated with `is_blind`. `page` is a page of `visible_submissions`, of what `user` may read.
    """
    keys = list(page.values_list("pk", flat=True))
    seat = CommitteeMember.objects.filter(offer=OuterRef("offer"), reviewer=user.pk)
    begun = Assessment.objects.filter(submission=OuterRef("pk"), reviewer=user.pk, submitted_at=None)
    shown = (
        with_name_visibility(Submission.objects.filter(pk__in=keys), user)
        .annotate(
            receipt_number=F("standing_filing__receipt__number"),
            offer_number=F("offer__number"),
            organisation_short=F("offer__organisation_short"),
            is_over=complement_is_expired(),
            is_matched=is_matched(),
            own_first=Exists(seat) | Exists(begun) | Q(offer__in=offers_applied_to(user)),
        )
        .only(
            "public_id", "state", "reserve", "filed_name", "received_at", "filed_outcome", "standing_filing"
        )
    )
    lines = {line.pk: line for line in cast("QuerySet[QueueRow]", shown)}
    marks = _marks({line.standing_filing_id for line in lines.values()}, user)
    for line in lines.values():
        line.read_marks = marks.get(line.standing_filing_id, NO_MARK)
    return [lines[key] for key in keys if key in lines]


def _marks(filings: Collection[int | None], user: User) -> dict[int | None, Marks]:
    """Return the marks by filing, without the filings that have none."""
    counted = (
        countable_assessments(Assessment.objects.filter(filing__in=filings)).order_by().values_list("filing")
    )
    found = counted.annotate(mean=Avg("score"), number=Count("pk"), own=Max("score", filter=Q(reviewer=user)))
    return {filing: Marks(mean, number, own) for filing, mean, number, own in found}


class QueueList(ChangeList):
    """Change list of the queue. Each row links to the submission's own page.

    Rows are rendered directly: Django's own way of finding each cell took half of the page's time.
    """

    def url_for_result(self, result: Any) -> str:
        """Return the address of the submission's page."""
        return reverse("review:file", args=[result.public_id])

    def get_results(self, request: HttpRequest) -> None:
        """Find the page. Its rows are read when they are rendered: a file's page only needs its neighbours."""
        super().get_results(request)
        user, page = acting_user(request), self.result_list
        self.result_list = SimpleLazyObject(lambda: queue_rows(page, user))

    def lines(self) -> list[SafeString]:
        """Return the cells of each row of this page, as Django renders a list whose columns are methods.

        Every column is a method of the admin class that returns text; `number` links to the file.
        """
        if self.is_popup or not self.result_list:
            return [SafeString("".join(cells)) for cells in results(self)]
        return list(self._lines())

    def _lines(self) -> Iterator[SafeString]:
        columns = [(str(name), getattr(self.model_admin, str(name))) for name in self.list_display]
        opening, kept = self._opening()
        empty = self.model_admin.get_empty_value_display()
        for result in self.result_list:
            cells = []
            for name, column in columns:
                value = column(result)
                shown = (value if isinstance(value, SafeString) else escape(value.strip())) or empty
                if name == _OPENS:
                    address = f"{opening}{result.public_id}{kept}"
                    cells.append(f'<th class="field-{name}"><a href="{address}">{shown}</a></th>')
                elif name == _TICKED:
                    cells.append(f'<td class="action-checkbox">{shown}</td>')
                else:
                    cells.append(f'<td class="field-{name}">{shown}</td>')
            yield SafeString("".join(cells))

    def _opening(self) -> tuple[str, str]:
        """Return the address of a submission's page, escaped, as the parts before and after its identifier.

        The router is called once per page, not once per row: the addresses only differ by the identifier.
        """
        first = self.result_list[0]
        context: dict[str, Any] = {"preserved_filters": self.preserved_filters, "opts": self.opts}
        address = add_preserved_filters(context, self.url_for_result(first))
        opening, _identifier, kept = escape(address).partition(str(first.public_id))
        return opening, kept
