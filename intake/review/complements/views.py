"""Pages to request a complement from the file's page: fill in the form, read the mail as it is sent, then send it."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.base.numbers import posted_number
from intake.dossiers.services import AnonymisedError
from intake.outbox.messages import Letter
from intake.outbox.selectors import database_instant
from intake.review.access.anonymous_review import is_name_hidden
from intake.review.access.errors import AnonymousReviewError, ReviewError
from intake.review.claims.operations import FileClaimedError
from intake.review.claims.views import add_claimed_error, taken_over_from
from intake.review.decisions.errors import DecisionPendingError, FiledErasedError
from intake.review.decisions.letters import split_by_language
from intake.review.decisions.queries import pending_decision
from intake.review.evidence.queries import blocking_kinds
from intake.review.moves.operations import request_complement_as_reviewer
from intake.review.pages import labels
from intake.review.pages.queue_navigation import file_url
from intake.review.pages.sealed_filing import current_filing
from intake.review.pages.shortcuts import acting_user, file_context, refuse, visible_or_404
from intake.submissions.access.queries import open_complement
from intake.submissions.complements.operations import (
    ComplementContent,
    ComplementDays,
    ComplementTooLateError,
    ComplementTooSoonError,
    EmptyComplementError,
    complement_days,
)
from intake.submissions.lifecycle.errors import StaleSubmissionError, SubmissionError
from intake.submissions.mails.complement_mails import complement_letter
from intake.submissions.models import ComplementRequest, Submission
from intake.submissions.questions.sections import asked_sections
from intake.submissions.states import TABLE, Action, HumanReview, State
from intake.web import formats
from offers.criterion_labels import criterion_names
from offers.models import Offer
from offers.selectors import document_requests
from offers.services.lifecycle import extended_instant

from .forms import ComplementForm

MOVE = TABLE[Action.REQUEST_COMPLEMENT]
SEND = "envoyer"
"""Value of `acte` that sends the request; any other value shows the mail first."""
_NO_TIME = gettext_lazy("Le stage commence trop tôt : il reste moins de 48 heures pour répondre.")


def complement_url(user: User, submission: Submission, *, at: datetime) -> str:
    """Return the address of the complement page of the file in its current state; empty if it is not available."""
    may = user.has_perm(f"submissions.{MOVE.permission}")
    if not may or complement_refusal_message(submission, at=at):
        return ""
    return reverse("review:complement", args=[submission.public_id])


def complement_refusal_message(submission: Submission, *, at: datetime) -> str | Promise:
    """Return why this reader may not request a complement of the file at `at`; empty if they may."""
    if is_name_hidden(submission):
        return AnonymousReviewError.message
    if State(submission.state) not in MOVE.sources or submission.reserve == HumanReview.UPHELD:
        return _("L’état de cette candidature ne permet pas de demander un complément.")
    if submission.offer.status != Offer.Status.PUBLISHED:
        return _("L’offre est annulée : il n’y a plus rien à demander.")
    return _no_recipient_message(submission) or ("" if _days(submission, at).is_possible else _NO_TIME)


def _no_recipient_message(submission: Submission) -> str:
    """Return why the candidate would not read the request; empty if they would."""
    filing = submission.standing_filing
    if filing is None or filing.seal.canonical is None:
        return str(FiledErasedError())
    if not submission.candidate.is_active:
        return _("Le compte de la personne candidate est fermé : elle ne recevrait pas la demande.")
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def complement(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """GET: the form. POST: show the mail exactly as it would be sent, or send it."""
    submission = visible_or_404(request, public_id)
    acting_user(request, f"submissions.{MOVE.permission}")
    at = database_instant()
    if refusal := complement_refusal_message(submission, at=at):
        return refuse(request, refusal, file_url(request, submission))
    return _ComplementPage(request, submission, at).answer()


class _ComplementPage:
    def __init__(self, request: HttpRequest, submission: Submission, at: datetime) -> None:
        self.request, self.submission, self.at = request, submission, at
        self.open = open_complement(submission)
        if self.open is not None:
            self.open.submission = submission
        self.days = _days(submission, at)

    def answer(self) -> HttpResponseBase:
        """Show the form, show it with its mail, or send the request."""
        if self.request.method != "POST":
            return self.show(self._form(initial=self._initial()))
        form = self._form(data=self.request.POST)
        if not form.is_valid():
            return self.show(form)
        letter = self._letter(form.asked())
        if self.request.POST.get("acte") != SEND:
            return self.show(form, letter)
        if form.cleaned_data["letter"] == _digest(letter):
            return self._send(form) or self.show(form, letter)
        message = _("Le courriel a changé depuis votre lecture. Voici sa version actuelle.")
        form.add_error(None, message)
        return self.show(form, letter)

    def _form(self, **options: Any) -> ComplementForm:
        offer = self.submission.offer
        return ComplementForm(
            documents=document_requests(offer), sections=asked_sections(offer), days=self.days, **options
        )

    def _initial(self) -> dict[str, Any]:
        awaited = pending_decision(self.submission)
        shown: dict[str, Any] = {
            "version": self.submission.version,
            "despite": awaited.pk if awaited else None,
            "due_on": self.days.usual,
        }
        if self.open is None:
            return shown | {"words": _proof_words(self.submission, self.request.GET.get("constats", ""))}
        return shown | {
            "words": self.open.words,
            "documents": [document.pk for document in self.open.documents.all()],
            "sections": self.open.sections,
        }

    def _letter(self, asked: ComplementContent) -> Letter:
        filing = current_filing(self.submission)
        filing.submission = self.submission
        return complement_letter(
            filing=filing,
            words=asked.words,
            due_at=extended_instant(self.submission.offer, asked.due_on),
            sections=[row for row in asked_sections(self.submission.offer) if row.key in asked.sections],
            documents=asked.documents,
        )

    def _send(self, form: ComplementForm) -> HttpResponseBase | None:
        """Send the request and redirect to the file. Return None if the page must be shown again."""
        try:
            asked = request_complement_as_reviewer(
                submission=self.submission,
                actor=acting_user(self.request),
                asked=form.asked(),
                version=form.cleaned_data["version"],
                over=taken_over_from(self.request),
                despite=form.cleaned_data["despite"],
            )
        except FileClaimedError as refusal:
            add_claimed_error(form, refusal)
        except DecisionPendingError as refusal:
            form.update_version(despite=refusal.item.pk)
            form.add_error(None, str(refusal))
        except StaleSubmissionError as refusal:
            return self._stale(form, refusal)
        except (ComplementTooSoonError, ComplementTooLateError, EmptyComplementError) as refusal:
            form.add_error(None, " ".join((str(refusal), _("Rien n’a changé."))))
        except (ReviewError, SubmissionError, AnonymisedError) as refusal:
            message = str(FiledErasedError() if isinstance(refusal, AnonymisedError) else refusal)
            return refuse(self.request, message, file_url(self.request, self.submission))
        else:
            return self._done(asked)
        return None

    def _stale(self, form: ComplementForm, refusal: StaleSubmissionError) -> HttpResponseBase | None:
        """Accept a form that was sent twice; otherwise show it again, for the current version of the submission."""
        if self.open is not None and self._is_repeated_request(self.open, form.asked()):
            return self._done(self.open)
        form.update_version(version=self.submission.version)
        form.add_error(None, str(refusal))
        return None

    def _is_repeated_request(self, made: ComplementRequest, asked: ComplementContent) -> bool:
        return (
            made.asked_by_id == self.request.user.pk
            and made.words == asked.words.strip()
            and made.due_at == extended_instant(self.submission.offer, asked.due_on)
            and set(made.sections) == set(asked.sections)
            and {document.pk for document in made.documents.all()}
            == {document.pk for document in asked.documents}
        )

    def _done(self, asked: ComplementRequest) -> HttpResponseBase:
        asked.submission = self.submission
        messages.success(
            self.request,
            _(
                "Nous envoyons la demande par courriel. La personne candidate peut répondre "
                "jusqu’au %(until)s."
            )
            % {"until": formats.closing(asked.closing)},
        )
        return redirect(file_url(self.request, self.submission))

    def show(self, form: ComplementForm, letter: Letter | None = None) -> TemplateResponse:
        """Return the page; once the mail is shown, with the button that sends it."""
        awaited = pending_decision(self.submission)
        before = english = after = ""
        if letter is not None:
            form.update_version(letter=_digest(letter))
            before, english, after = split_by_language(letter.text, typed=form.cleaned_data["words"])
        context = file_context(self.request, self.submission) | {
            "title": MOVE.label,
            "target": labels.state_label(MOVE.target),
            "form": form,
            "open": self.open,
            "now": self.at,
            "letter": letter,
            "before": before,
            "english": english,
            "after": after,
            "send": SEND,
            "awaited": awaited,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(self.request, "review/complement.html", context, status=status)


def _proof_words(submission: Submission, positions: str) -> str:
    """Return, in French, what to ask for the findings at `positions` (`0,3`) that no document proves; else nothing."""
    kinds = blocking_kinds(current_filing(submission))
    asked = [kinds[at] for text in positions.split(",") if (at := posted_number(text)) in kinds]
    if not asked:
        return ""
    with override("fr"):
        return _("Envoyez un document qui prouve : %(facts)s.") % {"facts": ", ".join(criterion_names(asked))}


def _digest(letter: Letter) -> str:
    return hashlib.sha256(f"{letter.subject}\0{letter.text}".encode()).hexdigest()


def _days(submission: Submission, at: datetime) -> ComplementDays:
    asked = open_complement(submission)
    return complement_days(submission.offer, at=at, kept=asked.due_at if asked else None)
