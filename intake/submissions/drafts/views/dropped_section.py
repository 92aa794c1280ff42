"""View of a draft section that the offer no longer contains: its answers, read-only."""

from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from intake.profiles.forms import AnswersForm
from intake.submissions.access.decorators import CandidateRequest
from intake.submissions.access.queries import open_draft
from intake.submissions.complements.errors import OutOfScopeChangeError
from intake.submissions.drafts.operations import save_section
from intake.submissions.lifecycle.errors import DraftClosedError, OfferNotOpenError
from intake.submissions.models import Draft, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.grid_form import GridForm
from intake.submissions.questions.sections import Section, section_by_key
from intake.submissions.questions.study_forms import StudiesForm


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer and its question. `question` is empty for a grid line: its text was removed from the offer."""

    question: str
    text: str


def dropped_section(request: CandidateRequest, submission: Submission, key: str) -> HttpResponse:
    """GET: the stored answers of the section. POST: save the answers typed before the offer dropped it, and show them.

    :raises Http404: if there is no such section or no open draft, or on GET if the section has no answers.
    """
    section, draft = section_by_key(key), open_draft(submission)
    if section is None or draft is None:
        raise Http404
    if request.method != "POST":
        return _render(request, section, draft, _kept_answers(section, draft))
    form = section.bound_form(
        request.POST,
        draft.answers,
        on=submission.read_at.astimezone(submission.offer.zone).date(),
        partial=True,
    )
    if form.is_valid() and _save_answers(request, section, draft, form):
        return redirect("submissions:section", submission.public_id, section.key)
    return _render(request, section, draft, _posted_answers(form))


def _save_answers(request: CandidateRequest, section: Section, draft: Draft, form: AnswersForm) -> bool:
    """Save the posted answers; questions not on the page keep theirs. False if the draft cannot change."""
    said = {key: value for key, value in form.answers().items() if value not in (None, "", [], {})}
    try:
        save_section(
            draft=draft,
            section=section,
            answers=said,
            actor=request.user,
            finished=False,
        )
    except (OfferNotOpenError, OutOfScopeChangeError, DraftClosedError):
        return False
    return True


def _kept_answers(section: Section, draft: Draft) -> list[KeptAnswer]:
    if section.form is GridForm:
        return [KeptAnswer("", answer.text) for answer in GridForm().removed(draft.answers)]
    (answered,) = answered_sections((section,), draft.answers)
    return [KeptAnswer(answer.label, answer.value) for answer in answered.answers if answer.value]


def _posted_answers(form: AnswersForm) -> list[KeptAnswer]:
    """Return the posted texts unchanged. Choices are left out: they are easy to enter again."""
    if isinstance(form, GridForm):
        return [KeptAnswer("", text) for text in form.posted_removed_answers().values() if text]
    fields = list(form)
    if isinstance(form, StudiesForm):
        fields += [field for entry in form.entries.forms for field in entry]
    return [
        KeptAnswer(str(field.label), str(field.value()))
        for field in fields
        if field.value() and not isinstance(field.field, (forms.ChoiceField, forms.BooleanField))
    ]


def _render(
    request: CandidateRequest, section: Section, draft: Draft, said: list[KeptAnswer]
) -> HttpResponse:
    if not said and request.method != "POST":
        raise Http404
    context = {
        "section": section,
        "submission": draft.submission,
        "offer": draft.submission.offer,
        "news": unread_changes_of(draft),
        "now": draft.submission.read_at,
        "said": said,
    }
    return render(request, "submissions/section_gone.html", context)
