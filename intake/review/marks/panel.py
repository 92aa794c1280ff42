"""Assessment panel of the submission's page: the reader's own, and the others' once the reader may see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from intake.accounts.models import User
from intake.dossiers.sealed_payload import Payload
from intake.outbox.selectors import database_instant
from intake.review.access.committee_membership import memberships_on
from intake.review.access.errors import (
    HumanReviewPendingError,
    NotOnCommitteeError,
    ReviewError,
    StaleFilingError,
)
from intake.review.access.visibility import grid_lines_of, may_assess
from intake.review.models import Assessment, LineMark
from intake.review.pages.shortcuts import acting_user
from intake.submissions.models import Submission
from intake.submissions.questions.offer_questions import GRID
from intake.submissions.states import HumanReview
from offers.models import GridLine

from . import scores
from .errors import MarkDuringComplementError, StaleAssessmentError, UnmarkedError
from .forms import AssessmentForm
from .operations import save_assessment, submit_assessment
from .queries import countable_assessments, may_read_marks, mean_of, weights_of
from .typed import forget_typed, typed_fields

SUBMIT = "remettre"
"""Value of `acte` sent by the submit button. Any other value saves the draft."""


def bound_form(submission: Submission, data: QueryDict) -> AssessmentForm:
    """Return the form bound to the posted data."""
    return AssessmentForm(data, lines=grid_lines_of(submission.offer))


def save_from_form(request: HttpRequest, submission: Submission, form: AssessmentForm) -> bool:
    """Save or submit the assessment and add a message. Return False, values kept, if the page must be shown again."""
    submits = request.POST.get("acte") == SUBMIT
    user = acting_user(request)
    try:
        (submit_assessment if submits else save_assessment)(
            submission=submission,
            reviewer=user,
            given=form.given(),
            version=form.cleaned_data["version"],
            filing_id=form.cleaned_data["filing"],
            at=database_instant(),
        )
    except UnmarkedError as refusal:
        form.add_missing_errors(refusal.lines)
        form.add_error(None, str(refusal))
    except NotOnCommitteeError:
        form.add_error(None, _("Vous ne siégez pas au comité de cette offre : rien n’a été enregistré."))
    except ReviewError as refusal:
        form.add_error(None, str(refusal))
        _update_form_version(refusal, user, submission, form)
    else:
        forget_typed(submission, user)
        messages.success(
            request,
            _("Votre évaluation est remise.")
            if submits
            else _("Votre brouillon est enregistré : il est visible pour vous seulement."),
        )
        return True
    return False


def _update_form_version(
    refusal: ReviewError, user: User, submission: Submission, form: AssessmentForm
) -> None:
    if isinstance(refusal, StaleAssessmentError):
        form.update_version(version=Assessment.objects.get(submission=submission, reviewer=user).version)
    elif isinstance(refusal, StaleFilingError):
        submission.refresh_from_db(fields=["standing_filing", "reserve", "state"])
        form.update_version(filing=submission.standing_filing_id)
    elif isinstance(refusal, HumanReviewPendingError | MarkDuringComplementError):
        submission.refresh_from_db(fields=["reserve", "state"])


def assessment_context(
    request: HttpRequest, submission: Submission, payload: Payload | None, form: AssessmentForm | None
) -> dict[str, Any]:
    """Return the context of the assessment panel. `form` is the posted form if it has errors."""
    user = acting_user(request)
    lines = grid_lines_of(submission.offer)
    own = (
        Assessment.objects.filter(submission=submission, reviewer=user).prefetch_related("line_marks").first()
    )
    typed = {} if form else typed_fields(submission, user, own)
    initial = _initial(submission, own)
    shown = form or AssessmentForm(initial=initial | typed, lines=lines)
    old = own is not None and own.filing_id != submission.standing_filing_id
    sits = may_assess(user=user, offer_id=submission.offer_id)
    reads = may_read_marks(user=user, submission=submission)
    read: list[Assessment] = []
    if reads:
        found = countable_assessments(Assessment.objects.filter(submission=submission))
        seats = memberships_on(submission.offer_id).filter(reviewer=OuterRef("reviewer"))
        found = found.annotate(sits=Exists(seats)).select_related("reviewer")
        read = list(found.order_by("submitted_at", "pk"))
    sections = payload.sections if payload else ()
    answers = {answer.key: answer.value for section in sections for answer in section.answers}
    weights = weights_of(lines)
    counted = [row for row in read if row.filing_id == submission.standing_filing_id]
    return {
        "form": shown,
        "own": own,
        "own_is_old": old,
        "is_changed": own is not None and own.submitted_at is not None and _differs(initial, typed),
        "own_is_in": own is not None and own.submitted_at is not None and not old,
        "own_score": scores.score_text(own.score) if own else "",
        "sits": sits,
        "incomplete": submission.is_incomplete,
        "under_reserve": submission.reserve == HumanReview.PENDING,
        "grid": [
            {
                "line": line,
                "weight": weights[line.pk],
                # None if it was not requested, or erased.
                "said": answers.get(f"{GRID}.{line.pk}"),
                "mark": shown[f"line_{line.pk}"],
                "remark": shown[f"remark_{line.pk}"],
            }
            for line in lines
        ],
        "unseen": not reads and sits,
        "left": not reads and not sits and own is not None,
        "assessments": [_assessment_row(row, submission) for row in read if row.reviewer_id != user.pk]
        if reads
        else None,
        "compared": [_assessment_row(row, submission) for row in counted] if lines else [],
        "compared_lines": _by_line(submission, lines, counted) if reads and lines else [],
        "mean": scores.mean_text(*mean_of(submission)) if reads else "",
    }


def _differs(initial: Mapping[str, Any], typed: Mapping[str, str]) -> bool:
    """True if what is typed is not what is stored; a field without a stored value is empty."""
    stored = {name: "" if value is None else str(value) for name, value in initial.items()}
    fields = (name for name in typed if name.startswith(("line_", "remark_", "note", "mark")))
    return any(typed[name] != stored.get(name, "") for name in fields)


def _initial(submission: Submission, own: Assessment | None) -> dict[str, Any]:
    marks = own.line_marks.all() if own else []
    return {
        "mark": own.mark if own else None,
        "note": own.note if own else "",
        "version": own.version if own else 0,
        "filing": submission.standing_filing_id,
        **{f"line_{row.line_id}": row.mark for row in marks},
        **{f"remark_{row.line_id}": row.remark for row in marks},
    }


def _assessment_row(assessment: Any, submission: Submission) -> dict[str, Any]:
    return {
        "reviewer": assessment.reviewer,
        "score": scores.score_text(assessment.score),
        "note": assessment.note,
        "old": assessment.filing_id != submission.standing_filing_id,
        "left": not assessment.sits,
    }


def _by_line(
    submission: Submission, lines: Sequence[GridLine], counted: Sequence[Assessment]
) -> list[dict[str, Any]]:
    """Return each line with its mark row in each assessment, in their order. None if the assessment has no row."""
    # One query for all assessments of the file.
    rows = LineMark.objects.filter(assessment__submission=submission)
    marks = {(row.assessment_id, row.line_id): row for row in rows}
    return [{"text": line.text, "marks": [marks.get((row.pk, line.pk)) for row in counted]} for line in lines]
