"""Decide on a finding from the submission's own page: rule on what the rules refuse, or verify it in the documents.

One finding, one form, one operation. If the operation is not possible, the page comes back with what was typed.
"""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from intake.base.numbers import posted_number
from intake.dossiers.services import read_seal
from intake.review.access.anonymous_review import is_name_hidden
from intake.review.access.errors import (
    HumanReviewPendingError,
    InConflictError,
    ReviewError,
    StaleFilingError,
)
from intake.review.access.impartiality import is_impartial
from intake.review.claims.operations import FileClaimedError
from intake.review.claims.views import add_claimed_error, taken_over_from
from intake.review.evidence.errors import PageOutOfBoundsError, UnknownDocumentError
from intake.review.evidence.forms import EvidenceForm
from intake.review.evidence.forms import prefix_of as evidence_prefix
from intake.review.evidence.operations import verify_finding
from intake.review.evidence.panel import documents_of
from intake.review.evidence.queries import confirmed_counts
from intake.review.models import Evidence
from intake.review.pages.forms import INCOMPLETE
from intake.review.pages.queue_navigation import file_url
from intake.review.pages.shortcuts import acting_user, receipt_number, refuse, visible_or_404
from intake.review.rulings.operations import rule_as_reviewer, uphold_as_reviewer
from intake.review.rulings.panel import RulingForm
from intake.review.rulings.panel import prefix_of as ruling_prefix
from intake.submissions.lifecycle.errors import (
    ComplementOpenError,
    ReasonMissingError,
    StaleSubmissionError,
    SubmissionError,
)
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.rulings.operations import RulingNotAllowedError, StaleRulingError
from intake.submissions.rulings.queries import current_rulings, refused_positions
from intake.submissions.states import HumanReview, State
from intake.web import formats

from .views import show_file


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, public_id: UUID, position: int) -> HttpResponseBase:
    """POST: rule on one finding."""
    submission = visible_or_404(request, public_id)
    actor = acting_user(request, "submissions.decide_submission")
    back = f"{file_url(request, submission)}#revision"
    if request.method != "POST":
        return redirect(back)
    if not is_impartial(user=actor, offer=submission.offer):
        return refuse(request, InConflictError(), back)
    form = RulingForm(request.POST, prefix=ruling_prefix(position))
    if form.is_valid() and _rule_from_form(request, submission, position, form):
        return redirect(back)
    return show_file(request, visible_or_404(request, public_id), sent={position: form})


def _rule_from_form(request: HttpRequest, submission: Submission, position: int, form: RulingForm) -> bool:
    """Save the ruling and report its effect. Return False if the page must be shown again."""
    actor, data = acting_user(request), form.cleaned_data
    filing = Filing.objects.filter(submission=submission, pk=data["filing"]).select_related("seal").first()
    if filing is None:
        form.add_error(None, INCOMPLETE)
        return False
    judged = None
    try:
        judged = rule_as_reviewer(
            filing=filing,
            position=position,
            decision=Ruling.Decision(data["decision"]),
            reason=data["reason"],
            actor=actor,
            seen=data["seen"],
            over=taken_over_from(request),
        )
    except FileClaimedError as refusal:
        add_claimed_error(form, refusal)
    except ReasonMissingError:
        form.add_error("reason", form.fields["reason"].error_messages["required"])
    except ComplementOpenError:
        message = _(
            "Un complément est demandé, et la personne candidate a encore le temps de "
            "répondre. Révisez ce critère ensuite. Rien n’est enregistré."
        )
        form.add_error(None, message)
    except StaleSubmissionError:
        message = _(
            "La personne candidate a remplacé son dépôt pendant votre lecture. Le nouveau "
            "dépôt est affiché ; votre décision sur l’ancien n’est pas enregistrée."
        )
        form.add_error(None, message)
    except (StaleRulingError, RulingNotAllowedError):
        last = filing.rulings.filter(position=position).select_related("actor").order_by("-pk").first()
        if last and (last.actor_id, last.decision, last.reason) == (
            actor.pk,
            data["decision"],
            data["reason"],
        ):
            judged = Submission.objects.get(pk=submission.pk)  # the form was sent twice
        else:
            form.add_error(None, _stale_message(last))
    if judged is None:
        return False
    messages.success(request, _settled_message(judged, filing))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def uphold(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """POST: approve, as a second person, that the file is inadmissible."""
    submission = visible_or_404(request, public_id)
    actor = acting_user(request, "submissions.decide_submission")
    back = f"{file_url(request, submission)}#revision"
    filing = submission.standing_filing
    if request.method != "POST" or filing is None:
        return redirect(back)
    try:
        judged = uphold_as_reviewer(
            filing=filing, actor=actor, seen=posted_number(request.POST.get("seen", "")) or 0
        )
    except StaleRulingError:
        return refuse(request, _("Une décision a changé pendant votre lecture. Relisez-la."), back)
    except (ReviewError, SubmissionError) as refusal:
        return refuse(request, str(refusal), back)
    messages.success(request, _settled_message(judged, filing))
    return redirect(back)


def _stale_message(last: Ruling | None) -> str:
    if last is None:
        return str(RulingNotAllowedError())
    return _(
        "%(actor)s a révisé ce critère le %(day)s, %(hour)s, pendant votre lecture. Cette "
        "décision est affichée ; la vôtre n’est pas enregistrée."
    ) % {"actor": last.actor, "day": formats.day(last.at), "hour": formats.hour(last.at)}


def _settled_message(submission: Submission, filing: Filing) -> str:
    reserve = HumanReview(submission.reserve)
    if reserve == HumanReview.PENDING:
        refused = refused_positions(read_seal(filing.seal).verdict)
        waiting = len(refused.keys() - current_rulings(filing).keys())
        if not waiting:
            return _(
                "Votre décision est enregistrée. Une autre personne doit maintenant approuver la "
                "non-admissibilité ; rien n’est encore envoyé."
            )
        return ngettext(
            "Votre décision est enregistrée. Critères à réviser encore : %(number)s. Rien "
            "n’est encore envoyé à la personne candidate.",
            "Votre décision est enregistrée. Critères à réviser encore : %(number)s. Rien "
            "n’est encore envoyé à la personne candidate.",
            waiting,
        ) % {"number": formats.number(waiting)}
    number = receipt_number(submission)
    if submission.state == State.WITHDRAWN:
        message = _(
            "Votre décision est enregistrée. La personne candidate s’est désistée : la "
            "candidature %(number)s reste un désistement. Un courriel envoie chaque motif."
        )
    elif reserve == HumanReview.LIFTED:
        message = _(
            "Révision terminée : vous pouvez mettre la candidature %(number)s à l’étude. Un "
            "courriel l’annonce à la personne candidate, avec chaque motif."
        )
    else:
        message = _(
            "Révision terminée : la candidature %(number)s est non admissible. Un courriel "
            "l’annonce à la personne candidate, avec chaque motif."
        )
    return message % {"number": number}


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, public_id: UUID, position: int) -> HttpResponseBase:
    """POST: confirm or contradict one finding."""
    submission = visible_or_404(request, public_id)
    # Without the documents there is nothing to verify against.
    if is_name_hidden(submission) or not acting_user(request).has_perm("review.verify_finding"):
        raise PermissionDenied
    back = f"{file_url(request, submission)}#critere-{position}"
    if request.method != "POST":
        return redirect(back)
    filing = submission.standing_filing
    documents = documents_of(filing) if filing else ()
    form = EvidenceForm(request.POST, prefix=evidence_prefix(position), documents=documents)
    if form.is_valid() and _verify_from_form(request, submission, position, form):
        return redirect(back)
    return show_file(request, visible_or_404(request, public_id), verifications={position: form})


def _verify_from_form(
    request: HttpRequest, submission: Submission, position: int, form: EvidenceForm
) -> bool:
    """Save the verification and report what remains. Return False if the page must be shown again."""
    data = form.cleaned_data
    filings = Filing.objects.filter(submission=submission, pk=data["filing"])
    filing = filings.select_related("seal", "verdict").first()
    if filing is None:
        form.add_error(None, INCOMPLETE)
        return False
    try:
        verify_finding(
            filing=filing,
            position=position,
            outcome=Evidence.Outcome(data["outcome"]),
            basis=form.basis(),
            actor=acting_user(request),
            seen=data["seen"],
            over=taken_over_from(request),
        )
    except FileClaimedError as refusal:
        add_claimed_error(form, refusal)
    except PageOutOfBoundsError as refusal:
        form.add_error("page", str(refusal))
    except ReviewError as refusal:
        form.add_error(None, _refusal_message(refusal))
    else:
        done, wanted = confirmed_counts(filing)
        message = ngettext(
            "Votre vérification est enregistrée : %(done)s constat sur %(wanted)s est confirmé.",
            "Votre vérification est enregistrée : %(done)s constats sur %(wanted)s sont confirmés.",
            done,
        )
        messages.success(request, message % {"done": formats.number(done), "wanted": formats.number(wanted)})
        return True
    return False


def _refusal_message(refusal: ReviewError) -> str:
    match refusal:
        case StaleFilingError():
            return str(UnknownDocumentError())
        case HumanReviewPendingError():
            return _(
                "Cette candidature est en révision : révisez d’abord chaque critère en cause. "
                "Votre vérification n’est pas enregistrée."
            )
        case _:
            return str(refusal)
