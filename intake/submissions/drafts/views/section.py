"""Page of one draft section: readable answers are saved, missing ones are listed.

A draft stores unfinished answers: long pages are not answered in one go, and a lost connection must not lose a
half-answered page. Only the filing requires all answers, with the same forms (`gate`).
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from intake.accounts.login_required import pop_saved_form, save_form
from intake.profiles.forms import AnswersForm
from intake.submissions.access.decorators import CandidateRequest, require_own_submission_and_form
from intake.submissions.access.queries import open_complement, open_draft, own_submissions
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.drafts.answer_merge import Page, Shown, answer_conflicts, format_seen
from intake.submissions.drafts.closed_pages import closed_message, redirect_to_filed, redirect_without_draft
from intake.submissions.drafts.complement_progress import exclusive_scope
from intake.submissions.drafts.operations import save_section
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.lifecycle.errors import DraftClosedError, OfferNotOpenError
from intake.submissions.models import Draft, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.questions.answer_display import answered_sections
from intake.submissions.questions.grid_form import GridForm
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.questions.sections import (
    Section,
    current_questions,
    section_after,
    section_before,
    section_by_key,
    sections_for,
)
from intake.submissions.questions.study_forms import StudiesForm
from intake.web import formats

from .notice import redirect_to_notice
from .save_limits import MOST_BYTES, refuse_excess

TO_CORRECT_MESSAGE = "a-corriger"
"""Query string of a section that was saved unfinished when the candidate asked for the next page."""
ADD = "add"
"""Button that adds a programme, and the query string of the section with one more empty programme."""
SAVED = "saved"
"""Tag of the message that a section was saved: the next section shows it where it moves no field."""
_TO_CORRECT = gettext_lazy(
    "%(section)s : une réponse reste à corriger. Elle est conservée telle que vous l’avez écrite."
)
_REMOVED = gettext_lazy(
    "Un point auquel vous répondiez a été retiré de l’offre. Votre réponse n’est plus demandée ; elle reste lisible "
    "dans cette section."
)


class SeeOther(HttpResponseRedirect):
    """Redirect with status 303 after a POST."""

    status_code = HTTPStatus.SEE_OTHER


@require_own_submission_and_form
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: CandidateRequest, submission: Submission, key: str) -> HttpResponse:
    """GET: the section's questions. POST: save them, redirect to the next or previous section or to the task list."""
    asks = current_questions(submission.offer)
    section = section_by_key(key, sections_for(asks))
    if section is None:
        return dropped_section(request, submission, key)
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    page = _SectionPage(request, section, draft, asks)
    if request.method == "POST":
        return refuse_excess(request) or page.save()
    return redirect_to_notice(request, submission) or page.read()


class _SectionPage:
    """One section of one draft, for one request."""

    def __init__(
        self, request: CandidateRequest, section: Section, draft: Draft, asks: OfferQuestions
    ) -> None:
        self.request, self.section, self.draft, self.asks = request, section, draft, asks
        self.sections = sections_for(asks)
        self.submission = draft.submission
        self.at = draft.submission.read_at
        self.on = self.at.astimezone(draft.submission.offer.zone).date()
        self.scope = exclusive_scope(draft.submission, at=self.at)
        if self.scope is not None and self.is_asked:
            # Previous and next then stay within the scope of the complement.
            self.sections = tuple(each for each in self.sections if self.scope.has_section(each.key))

    @property
    def is_asked(self) -> bool:
        """True if this section may change: any change may be filed, or the section is in scope of the complement."""
        return self.scope is None or self.scope.has_section(self.section.key)

    @property
    def leaves(self) -> bool:
        """True if the candidate leaves the section without stating that it is finished."""
        return "stay" in self.request.POST or "previous" in self.request.POST

    @property
    def address(self) -> str:
        """Path of this page."""
        return reverse("submissions:section", args=[self.submission.public_id, self.section.key])

    def read(self) -> HttpResponse:
        """Show the form that could not be saved, else the saved answers, with errors after an unfinished save."""
        kept = pop_saved_form(self.request)
        if kept is not None:
            return self.show_unsaved(kept)
        if not self.submission.window.is_open(self.at):
            # That page shows all answers, read-only.
            return redirect("submissions:review", self.submission.public_id)
        if not self.is_asked:
            return redirect_to_filed(self.request, self.submission, str(self.section.title), self.section.key)
        answers = self.draft.answers
        if ADD in self.request.GET and issubclass(self.section.form, StudiesForm):
            return self.show(self.section.show_with_empty_entry(answers, on=self.on))
        if TO_CORRECT_MESSAGE in self.request.GET:
            form = self.section.judge(answers, on=self.on)
            if not form.is_valid():
                return self.show(form, saved_unfinished=True)
        return self.show(self.section.show(answers, on=self.on))

    def show_unsaved(self, posted: QueryDict, *, status: int = 200) -> HttpResponse:
        """Show a posted form that is not saved, with the reason; posted again, it replaces what its page displayed."""
        form = self.section.bound_form(posted, self.draft.answers, on=self.on, partial=True)
        if not self.submission.window.is_open(self.at):
            closed = closed_message(self.request, self.submission, "")
            return self.show(form, closed=True, why=closed, status=status)
        if not self.is_asked:
            return self.show(form, closed=True, why=str(OutOfScopeChangeError()), status=status)
        if ADD in posted and isinstance(form, StudiesForm) and not form.is_damaged:
            more = form.with_empty_entry(posted.dict())
            form = self.section.bound_form(more, self.draft.answers, on=self.on, partial=True)
        fields = {name: posted.get(name, "") for name in ("seen", "page")}
        return self.show(form, kept=True, status=status, **fields)

    def save(self) -> HttpResponse:
        """Save the posted answers and unreadable texts; redirect where the candidate goes, or here for what is wrong.

        Always a redirect, unless the form is too long for the session: *back* and *reload* then post nothing.
        """
        posted = self.request.POST
        if ADD in posted and not issubclass(self.section.form, StudiesForm):
            raise Http404
        form = self.section.bound_form(posted, self.draft.answers, on=self.on, partial=True)
        finished = self.section.bound_form(posted, self.draft.answers, on=self.on).is_valid()
        refused = self._keep(form, finished=finished)
        if refused is not None:
            return refused
        if ADD in posted:
            index = len(self.section.of(self.draft.answers).get(StudiesForm.ENTRIES) or ())
            return SeeOther(f"{self.address}?{ADD}#id_{StudiesForm.ENTRIES}-{index}-level")
        if finished or self.leaves:
            return self._go_on(form)
        return SeeOther(f"{self.address}?{TO_CORRECT_MESSAGE}")

    def _keep(self, form: AnswersForm, *, finished: bool) -> HttpResponse | None:
        """Save what `form` could read and what it could not. Return None, or the response if not all was saved."""
        form.is_valid()
        if form.is_damaged:
            return self.show_again()
        try:
            saved = save_section(
                draft=self.draft,
                section=self.section,
                answers=form.answers(),
                unreadable=form.unreadable(),
                shown=Shown.parse(self.request.POST),
                actor=self.request.user,
                finished=finished,
            )
        except DraftClosedError:
            messages.error(self.request, _("Ces réponses n’ont pas été enregistrées."))
            return redirect("submissions:receipt", self.submission.public_id)
        except (OfferNotOpenError, OutOfScopeChangeError):
            return self.show_again()
        self.draft = saved.draft
        if isinstance(form, GridForm) and any(form.posted_removed_answers().values()):
            messages.warning(self.request, _REMOVED)
        return SeeOther(self.address) if saved.conflicts else None

    def show_again(self) -> HttpResponse:
        """Redirect to the posted form, which was not saved or not entirely."""
        if save_form(self.request):
            return SeeOther(self.address)
        self.submission = own_submissions(self.request.user).get(pk=self.submission.pk)
        return self.show_unsaved(self.request.POST, status=409)

    def _go_on(self, form: AnswersForm) -> HttpResponse:
        """Redirect where the candidate chose to go; by default to the next section, after the last to the documents."""
        values = {"section": self.section.title, "time": formats.hour(self.at)}
        saved = _("%(section)s : enregistré à %(time)s.") % values
        messages.success(self.request, saved, extra_tags=SAVED)
        if form.unreadable():
            messages.warning(self.request, _TO_CORRECT % values)
        public_id = self.submission.public_id
        if "stay" in self.request.POST:
            return redirect("submissions:tasks", public_id)
        if "previous" in self.request.POST:
            before = section_before(self.section, self.sections)
            return redirect("submissions:section", public_id, (before or self.section).key)
        following = section_after(self.section, self.sections)
        if following is None:
            has_documents = self.scope is None or self.scope.documents
            return redirect("submissions:documents" if has_documents else "submissions:tasks", public_id)
        return redirect("submissions:section", public_id, following.key)

    def show(self, form: AnswersForm, *, status: int = 200, **extra: Any) -> HttpResponse:
        """Show the section with `form`, and what the whole draft lacks."""
        if ADD not in self.request.GET:  # that address leads to the new programme
            form.focus_first_error()
        context = {
            "application": read_draft_details(self.submission, self.draft, at=self.at, asks=self.asks),
            "section": self.section,
            "previous": section_before(self.section, self.sections),
            "place": self.sections.index(self.section) + 1,
            "places": len(self.sections),
            "submission": self.submission,
            "offer": self.submission.offer,
            "draft": self.draft,
            "complement": open_complement(self.submission),
            "news": unread_changes_of(self.draft),
            "form": form,
            "conflicts": answer_conflicts((self.section,), self.draft.answers),
            "seen": format_seen(self.section.digests(self.draft.answers)),
            "page": Page(get_random_string(8), 0),
            "now": self.at,
            "most_bytes": MOST_BYTES,
            **extra,
        }
        if isinstance(form, GridForm):
            removed = form.removed(self.draft.answers)
            context |= {"removed": removed, "lines": form.sign_lines(removed)}
        return render(self.request, _template(form), context, status=status)


def _template(form: AnswersForm) -> str:
    if isinstance(form, StudiesForm):
        return "submissions/section_studies.html"
    if isinstance(form, GridForm):
        return "submissions/section_grid.html"
    return "submissions/section.html"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer and its question. `question` is empty for a grid line: its text was removed from the offer."""

    question: str
    text: str


def dropped_section(request: CandidateRequest, submission: Submission, key: str) -> HttpResponse:
    """GET: the stored answers of the section. POST: save the answers typed before the offer dropped it, and show them.

    Redirect to the arrival while the draft waits to be filed.

    :raises Http404: if there is no such section or no open draft, or on GET if the section has no answers.
    """
    section, draft = section_by_key(key), open_draft(submission)
    if section is not None and submission.arrived_at is not None:
        return redirect_without_draft(request, submission)
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
    answers = {key: value for key, value in form.answers().items() if value not in (None, "", [], {})}
    try:
        save_section(
            draft=draft,
            section=section,
            answers=answers,
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
    request: CandidateRequest, section: Section, draft: Draft, answers: list[KeptAnswer]
) -> HttpResponse:
    if not answers and request.method != "POST":
        raise Http404
    context = {
        "application": read_draft_details(draft.submission, draft, at=draft.submission.read_at),
        "section": section,
        "submission": draft.submission,
        "offer": draft.submission.offer,
        "news": unread_changes_of(draft),
        "now": draft.submission.read_at,
        "said": answers,
    }
    return render(request, "submissions/section_gone.html", context)
