"""Cells of the queue's rows. A page has fifty rows, so the time of each cell counts.

For text that is never lazy, `html.escape` and `SafeString` do the same as Django's `escape` and `mark_safe`.
"""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from html import escape

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_noop

from intake.review.marks import labels as marks_labels
from intake.review.pages import labels
from intake.submissions.states import HumanReview
from intake.web import formats
from intake.web.admin_lists import badge

RECEIVED, OWN_MARK, MEAN = gettext_noop("Reçue le"), gettext_noop("Ma note"), gettext_noop("Moyenne")


def checkbox(number: str, key: int) -> SafeString:
    """Return the checkbox of a row, labelled with the receipt number; Django's label would contain the full row.

    Same HTML as Django's widget, without its templates, which took a seventh of the page's time.
    """
    named = _checkbox_template(get_language()) % {"number": escape(number)}
    return SafeString(
        f'<input type="checkbox" name="{ACTION_CHECKBOX_NAME}" value="{key:d}" class="action-select"'
        f' aria-label="{named}">'
    )


def received(at: datetime) -> SafeString:
    """Return the day and hour of a filing in Québec's time; `at` is aware."""
    local = at.astimezone(formats.QUEBEC)
    return _labelled(RECEIVED, f"{formats.day(local.date())}, {formats.hour(local)}", get_language())


def own_mark(score: Decimal | None) -> SafeString:
    """Return the reader's own score; a dash without one."""
    return _own_mark(score, get_language())


def mean(value: Decimal | None, marks: int) -> SafeString:
    """Return the committee's mean and its number of marks; a dash without one."""
    return _mean(value, marks, get_language())


def state_badge(state: str, *, is_over: bool) -> SafeString:
    """Return the state's label for staff and, if `is_over`, that the time to complete the file is over."""
    return _state_badge(state, is_over, get_language())


def verdict_badge(outcome: str, reserve: str, *, is_matched: bool) -> SafeString:
    """Return the verdict, the status of a human review if there is one, and a register match if `is_matched`."""
    return _verdict_badge(outcome, reserve, is_matched, get_language())


def _labelled(label: str, value: str, language: str | None) -> SafeString:
    """Return a cell that repeats its column's name, for screens that are too narrow for a table.

    `label` is one of this module's, in French: it is translated here.
    """
    return SafeString(_label(label, language) + escape(value))


# The rows repeat a few labels: each is translated and rendered once per language, not once per row.
@lru_cache(maxsize=4)
def _checkbox_template(_language: str | None) -> str:
    return escape(gettext("Choisir %(number)s pour une action"))


@lru_cache(maxsize=32)
def _label(label: str, _language: str | None) -> SafeString:
    return format_html('<span class="review-cell-label">{}</span> ', gettext(label))


@lru_cache(maxsize=128)
def _own_mark(score: Decimal | None, language: str | None) -> SafeString:
    return _labelled(OWN_MARK, marks_labels.score_text(score), language)


@lru_cache(maxsize=256)
def _mean(value: Decimal | None, marks: int, language: str | None) -> SafeString:
    return _labelled(MEAN, marks_labels.mean_text(value, marks), language)


@lru_cache(maxsize=64)
def _state_badge(state: str, is_over: bool, _language: str | None) -> SafeString:  # noqa: FBT001 -- a key of the cache
    said = badge(*labels.state_label(state))
    return format_html("{} {}", said, badge(*labels.TIME_OVER)) if is_over else said


@lru_cache(maxsize=64)
def _verdict_badge(outcome: str, reserve: str, is_matched: bool, _language: str | None) -> SafeString:  # noqa: FBT001 -- a key of the cache
    said = badge(*labels.verdict_label(outcome))
    if reserve != HumanReview.NONE:
        said = format_html("{} {}", said, badge(*labels.human_review_label(reserve)))
    return format_html("{} {}", said, badge(*labels.MATCHED)) if is_matched else said
