"""Eligibility check without an account, and import of its answers into a draft on request.

The check stores nothing on the server: no row, no session. Answers are only in the body of a form, so that no log
contains them, and in a cookie that displays their result by GET.
"""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from eligibility import Finding, Rulebook, Verdict
from intake.accounts.login_required import Notice, pop_saved_form, require_login
from intake.accounts.models import User
from intake.base.numbers import posted_number
from intake.outbox.selectors import database_instant
from intake.submissions.access.decorators import CandidateRequest
from intake.submissions.access.queries import open_draft, submission_on, window_of
from intake.submissions.complements.scope import OutOfScopeChangeError
from intake.submissions.drafts.answer_merge import differing_keys
from intake.submissions.drafts.closed_pages import redirect_without_draft
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import import_answers, start_draft
from intake.submissions.drafts.views.notice import notice_form
from intake.submissions.gate.verdict_display import (
    FindingDisplay,
    display_verdict,
    observed_text,
    passing_text,
)
from intake.submissions.lifecycle.errors import DraftClosedError, OfferNotOpenError, StaleDraftError
from intake.submissions.models import Draft, FilingWindow, Submission
from intake.submissions.offer_changes.queries import unread_changes_of
from intake.submissions.questions.answer_display import display_answers
from intake.submissions.questions.answers import clean_answers
from intake.web.kept_answer import displays_kept_fields, kept_fields
from offers.models import Offer, RulebookVersion
from offers.selectors import current_rulebook, published

from .questionnaire import Questionnaire, anchor_of
from .signed_answers import InvalidSignedAnswers, read_signed_answers, sign_answers

ANSWERS = "answers"
"""Name of the form field with the signed answers."""


@displays_kept_fields
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("questionnaire")
def check(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the questions of the offer's criteria. POST: the findings. Also for an offer that is closed."""
    at = database_instant()
    offer = get_object_or_404(published(at), number=number)
    rulebook, on = _rulebook(offer), at.astimezone(offer.zone).date()
    data = request.POST if request.method == "POST" else kept_fields(request)
    adds = data is not None and "add" in data
    questionnaire = Questionnaire(rulebook, on=on, data=data, more=adds)
    if data is None or adds:
        return _show(request, offer, questionnaire, at)
    if not questionnaire.is_valid:
        return _show(request, offer, questionnaire, at, status=422)
    return _show(request, offer, questionnaire, at, verdict=questionnaire.verdict())


@require_login(
    keeps_form=True,
    when_kept=Notice.ANSWERS_WAIT,
)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("sent", "answers")
def start_with_answers(request: CandidateRequest, number: str) -> HttpResponse:
    """Start a draft with the answers of a check; ask before they replace answers of an existing draft.

    After sign-in, the user returns by GET, which changes nothing: it shows the answers, and the user confirms by POST.
    """
    at = database_instant()
    offer = get_object_or_404(published(at), number=number)
    sent = request.POST if request.method == "POST" else pop_saved_form(request)
    if sent is None:
        messages.warning(
            request,
            _(
                "Vos réponses à la vérification ne sont plus gardées. Vérifiez de nouveau, ou commencez sans elles."
            ),
        )
        return redirect("submissions:start", number)
    packed = sent.get(ANSWERS, "")
    try:
        answers = read_signed_answers(packed, number=number)
    except InvalidSignedAnswers as lost:
        # Show the check with the expired answers, if any, and why they must be posted again.
        on = at.astimezone(offer.zone).date()
        questionnaire = Questionnaire(_rulebook(offer), on=on, answers=lost.answers)
        return _show(request, offer, questionnaire, at, lost=lost, status=422)
    window = window_of(request.user, offer)
    context = {"offer": offer, "now": at, "packed": packed, "is_open": window.is_open(at), "window": window}
    submission = submission_on(request.user, offer)
    if submission is None:
        return _start(request, answers, context)
    return _merge_into_draft(request, submission, answers, context)


def _start(request: CandidateRequest, answers: dict[str, Any], context: dict[str, Any]) -> HttpResponse:
    """Start the draft. After sign-in, or if the notice is not accepted, show the answers first."""
    read = "read" in request.POST  # posted from the page with the answers, not from the check
    form = notice_form(request, sent=read)
    if request.method != "POST" or (form is not None and not read):
        status = 409 if request.method == "POST" and not context["is_open"] else 200
    elif form is not None and not form.is_valid():
        status = 422
    else:
        try:
            draft = start_draft(
                candidate=request.user,
                offer=context["offer"],
                answers=answers,
                accepts=COLLECTION,
            )
        except OfferNotOpenError:
            status = 409
        else:
            messages.success(request, _("Vos réponses sont dans le brouillon. Il n’est pas encore déposé."))
            return redirect("submissions:tasks", draft.submission.public_id)
    shown = context | {"rows": display_answers(answers), "form": form}
    return render(request, "submissions/start_with_answers.html", shown, status=status)


def _merge_into_draft(
    request: CandidateRequest, submission: Submission, answers: dict[str, Any], context: dict[str, Any]
) -> HttpResponse:
    """Import the answers into the existing draft, or show the differences. Redirect if it is no longer open."""
    draft = open_draft(submission)
    if draft is None:
        return redirect_without_draft(request, submission)
    if "replace" in request.POST:
        return _replace(request, draft, answers, context)
    if not differing_keys(draft.answers, answers):
        messages.success(request, _("Votre brouillon contient déjà ces réponses."))
        return redirect("submissions:tasks", submission.public_id)
    return _show_differences(request, draft, answers, context)


def _replace(
    request: CandidateRequest, draft: Draft, answers: dict[str, Any], context: dict[str, Any]
) -> HttpResponse:
    try:
        import_answers(
            draft=draft,
            answers=answers,
            actor=request.user,
            seen=posted_number(request.POST.get("seen", "")),
        )
    except StaleDraftError:
        draft.refresh_from_db()
        return _show_differences(request, draft, answers, context | {"stale": True}, status=409)
    except OutOfScopeChangeError as refusal:
        messages.error(request, str(refusal))
        return redirect("submissions:review", draft.submission.public_id)
    except OfferNotOpenError:
        return redirect("submissions:review", draft.submission.public_id)
    except DraftClosedError:
        return redirect("submissions:receipt", draft.submission.public_id)
    messages.success(request, _("Les réponses de la vérification sont dans le brouillon."))
    return redirect("submissions:tasks", draft.submission.public_id)


def _show_differences(
    request: CandidateRequest,
    draft: Draft,
    answers: dict[str, Any],
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    changed = {key: answers[key] for key in differing_keys(draft.answers, answers)}
    saved = clean_answers(draft.answers)
    mine = {row.key: row.value for row in display_answers({key: saved.get(key) for key in changed})}
    rows = [(row.label, mine.get(row.key, ""), row.value) for row in display_answers(changed)]
    shown = {
        "stale": False,
        **context,
        "draft": draft,
        "submission": draft.submission,
        "news": unread_changes_of(draft),
        "rows": rows,
    }
    return render(request, "submissions/answers_differ.html", shown, status=status)


def _rulebook(offer: Offer) -> Rulebook:
    try:
        return current_rulebook(offer).as_rulebook()
    except RulebookVersion.DoesNotExist as error:
        raise Http404 from error


def _show(
    request: HttpRequest,
    offer: Offer,
    questionnaire: Questionnaire,
    at: datetime,
    *,
    verdict: Verdict | None = None,
    lost: InvalidSignedAnswers | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    groups = questionnaire.groups
    window = window_of(user, offer) if isinstance(user, User) else FilingWindow(offer)
    context: dict[str, Any] = {
        "offer": offer,
        "now": at,
        "phase": offer.phase(at),
        "is_open": window.is_open(at),
        "window": window,
        "groups": groups,
        "mistakes": questionnaire.mistakes,
        "lost": lost,
        "submission": submission_on(user, offer) if isinstance(user, User) else None,
        "verdict": None,
    }
    if verdict is not None:
        anchors = {group.anchor for group in groups}
        shown = display_verdict(verdict)
        # Findings that are not MET come first; each part is in the offer's order.
        pairs = sorted(
            zip(shown.findings, verdict.findings, strict=True), key=lambda pair: pair[0].outcome == "MET"
        )
        context["verdict"] = shown
        context["findings"] = [_finding(row, finding, anchors) for row, finding in pairs]
        context["not_met"] = [
            row.title for row in shown.findings if row.outcome == "NOT_MET" and not row.advisory
        ]
        context["packed"] = sign_answers(questionnaire.answers(), number=offer.number or "")
    return render(request, "submissions/check.html", context, status=status)


def _finding(shown: FindingDisplay, finding: Finding, anchors: set[str]) -> dict[str, Any]:
    """Return the template context of a finding. If it is MET, its reason is sufficient."""
    met = shown.outcome == "MET"
    anchor = anchor_of(finding.kind.value)
    return {
        "shown": shown,
        "observed": "" if met else observed_text(finding),
        "passing": "" if met else passing_text(finding),
        "mend_url": f"#{anchor}" if anchor in anchors and not met else "",
    }
