"""What a line of the queue shows: there are fifty in a page, so that each cell costs little."""

from functools import lru_cache

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_noop

from intake.review import words
from intake.submissions.states import Reserve
from intake.web.badges import badge

RECEIVED, OWN_MARK, MEAN = gettext_noop("Reçue le"), gettext_noop("Ma note"), gettext_noop("Moyenne")


def labelled(label: str, value: str) -> SafeString:
    """Return a cell that repeats its column's name where the list is too narrow to be a table.

    `label` is one of this module's, in French: it is translated here.
    """
    return _label(label, get_language()) + conditional_escape(value)


def tick_box(number: str, key: int) -> SafeString:
    """Return the box that ticks a line, named by the candidature's number: Django names it by all that it says.

    As Django's widget writes it, without its templates, which took a seventh of the page's time.
    """
    return format_html(
        '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
        ACTION_CHECKBOX_NAME,
        key,
        gettext("Choisir %(number)s pour une action") % {"number": number},
    )


def state_badge(state: str) -> SafeString:
    """Return the state as staff read it."""
    return _state_badge(state, get_language())


def verdict_badge(outcome: str, reserve: str) -> SafeString:
    """Return the verdict and, of a filing under reserve, where its review is."""
    return _verdict_badge(outcome, reserve, get_language())


# Every line shows some of the same few words: each is translated and written once in a language, not once a line.
@lru_cache(maxsize=32)
def _label(label: str, _language: str | None) -> SafeString:
    return format_html('<span class="review-cell-label">{}</span> ', gettext(label))


@lru_cache(maxsize=64)
def _state_badge(state: str, _language: str | None) -> SafeString:
    return badge(*words.state_word(state))


@lru_cache(maxsize=64)
def _verdict_badge(outcome: str, reserve: str, _language: str | None) -> SafeString:
    verdict = badge(*words.verdict_word(outcome))
    if reserve == Reserve.NONE:
        return verdict
    return format_html("{} {}", verdict, badge(*words.reserve_word(reserve)))
