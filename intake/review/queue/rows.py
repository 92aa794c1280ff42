"""Rows of the queue: their data, read only for the rows of one page, and their cells.

The queue's query selects and orders the submissions. The data of the rows is read afterwards, by key: in the same
query, the marks cost more time to build, to plan and to read than everything else.

A page has fifty rows, so the time of each cell counts. For text that is never lazy, `html.escape` and `SafeString` do
the same as Django's `escape` and `mark_safe`.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple, TypedDict, cast

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_list import results
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db.models import Avg, Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_noop
from django_stubs_ext import WithAnnotations

from intake.accounts.models import User
from intake.base.change_lists import DeclaredChangeList
from intake.review.access.anonymous_review import with_name_visibility
from intake.review.access.committee_membership import offers_applied_to
from intake.review.access.register_matches import is_matched
from intake.review.marks import scores
from intake.review.marks.queries import countable_assessments
from intake.review.models import Assessment, CommitteeMember
from intake.review.pages import labels
from intake.review.pages.shortcuts import acting_user
from intake.submissions.complements.queries import complement_is_expired
from intake.submissions.models import Submission
from intake.submissions.states import HumanReview
from intake.web import formats
from intake.web.admin_lists import badge


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
RECEIVED, OWN_MARK, MEAN = gettext_noop("Reçue le"), gettext_noop("Ma note"), gettext_noop("Moyenne")
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


def checkbox(number: str, key: int) -> SafeString:
    """Return the checkbox of a row, labelled with the receipt number; Django's label would contain the full row.

    Same HTML as Django's widget, without its templates, which took a seventh of the page's time.
    """
    label = _checkbox_template(get_language()) % {"number": escape(number)}
    return SafeString(
        f'<input type="checkbox" name="{ACTION_CHECKBOX_NAME}" value="{key:d}" class="action-select"'
        f' aria-label="{label}">'
    )


def received(at: datetime) -> SafeString:
    """Return the day and hour of a filing in Québec's time; `at` is aware."""
    local = at.astimezone(formats.QUEBEC)
    return _labelled(RECEIVED, f"{formats.day(local.date())}, {formats.hour(local)}", get_language())


# The rows repeat a few values: each cell is translated and rendered once per language, not once per row.
@lru_cache(maxsize=128)
def own_mark(score: Decimal | None, language: str | None) -> SafeString:
    """Return the reader's own score; a dash without one."""
    return _labelled(OWN_MARK, scores.score_text(score), language)


@lru_cache(maxsize=256)
def mean(value: Decimal | None, marks: int, language: str | None) -> SafeString:
    """Return the committee's mean and its number of marks; a dash without one."""
    return _labelled(MEAN, scores.mean_text(value, marks), language)


@lru_cache(maxsize=64)
def state_badge(state: str, _language: str | None, *, is_over: bool) -> SafeString:
    """Return the state's label for staff and, if `is_over`, that the time to complete the file is over."""
    shown = badge(*labels.state_label(state))
    return format_html("{} {}", shown, badge(*labels.TIME_OVER)) if is_over else shown


@lru_cache(maxsize=64)
def verdict_badge(outcome: str, reserve: str, _language: str | None, *, is_matched: bool) -> SafeString:
    """Return the verdict, the status of a human review if there is one, and a register match if `is_matched`."""
    shown = badge(*labels.verdict_label(outcome))
    if reserve != HumanReview.NONE:
        shown = format_html("{} {}", shown, badge(*labels.human_review_label(reserve)))
    return format_html("{} {}", shown, badge(*labels.MATCHED)) if is_matched else shown


def _labelled(label: str, value: str, language: str | None) -> SafeString:
    """Return a cell that repeats its column's name, for screens that are too narrow for a table.

    `label` is one of this module's, in French: it is translated here.
    """
    return SafeString(_label(label, language) + escape(value))


@lru_cache(maxsize=4)
def _checkbox_template(_language: str | None) -> str:
    return escape(gettext("Choisir %(number)s pour une action"))


@lru_cache(maxsize=32)
def _label(label: str, _language: str | None) -> SafeString:
    return format_html('<span class="review-cell-label">{}</span> ', gettext(label))


class QueueList(DeclaredChangeList):
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
