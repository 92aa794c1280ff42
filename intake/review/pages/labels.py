"""French labels of codes for staff and reviewers, with the tone in which a page shows them."""

from collections import defaultdict
from typing import NamedTuple

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from intake.review.access.errors import ReviewError
from intake.review.access.visibility import COUNT_MAX
from intake.submissions.lifecycle.errors import SubmissionError
from intake.submissions.states import HumanReview, State
from intake.web import formats


class Label(NamedTuple):
    """A label, and the tone for `components/state_badge.html`."""

    label: StrOrPromise
    tone: str


VERDICTS: dict[str, Label] = {
    "ELIGIBLE": Label(_("Admissible"), "success"),
    "NEEDS_REVIEW": Label(_("À examiner par une personne"), "info"),
    "INELIGIBLE": Label(_("Non admissible"), "error"),
    "INCOMPLETE": Label(_("Incomplet"), "warning"),
}
_STATE_TONES = {
    State.DRAFT: "draft",
    State.SUBMITTED: "open",
    State.UNDER_REVIEW: "info",
    State.COMPLEMENT_REQUESTED: "warning",
    State.INADMISSIBLE: "error",
    State.SHORTLISTED: "success",
    State.DECLINED: "none",
}
TIME_OVER = Label(_("Délai passé"), "error")
"""Label of an incomplete file."""
MATCHED = Label(_("Registre à vérifier"), "warning")
"""Label of an open file with an unverified register match."""
_RESERVE_TONES = {HumanReview.PENDING: "warning", HumanReview.LIFTED: "success", HumanReview.UPHELD: "error"}


def state_label(code: str) -> Label:
    """Return the label and tone of a submission's state for staff."""
    state = State(code)
    return Label(state.label, _STATE_TONES.get(state, "none"))


def verdict_label(code: str) -> Label:
    """Return the label and tone of a verdict. An unknown code, of later rules, is its own label."""
    return VERDICTS.get(code) or Label(code, "none")


def human_review_label(code: str) -> Label:
    """Return the label and tone of a human review code. Filings with code NONE show no label."""
    reserve = HumanReview(code)
    return Label(reserve.label, _RESERVE_TONES.get(reserve, "none"))


def capped_count_text(number: int) -> str:
    """Return `number` as text, or « plus de » and `COUNT_MAX` above that bound."""
    most = formats.number(COUNT_MAX)
    return gettext("plus de %(number)s") % {"number": most} if number > COUNT_MAX else formats.number(number)


def counted(wording: str, number: int) -> str:
    """Return `wording` with its placeholder `number` filled by `capped_count_text`."""
    return wording % {"number": capped_count_text(number)}


def human_review_count_text(number: int) -> str:
    """Return the text that counts the submissions with a pending human review."""
    wording = ngettext("%(number)s candidature à réviser", "%(number)s candidatures à réviser", number)
    return counted(wording, number)


def register_match_count_text(number: int) -> str:
    """Return the text that counts the submissions with an unverified register match."""
    wording = ngettext(
        "%(number)s candidature à vérifier au registre",
        "%(number)s candidatures à vérifier au registre",
        number,
    )
    return counted(wording, number)


def stored_message(code: str, form: str, **known: object) -> str:
    """Return the sentence of the error with this stored code: its attribute `form`, else its `message`.

    `known` fills the placeholders; others become a dash. Empty if no error has this code.
    """
    kinds = (kind for base in (SubmissionError, ReviewError) for kind in base.subclasses())
    kind = next((kind for kind in kinds if kind.code == code), None)
    return str(getattr(kind, form, kind.message) % defaultdict(lambda: "—", known)) if kind else ""
