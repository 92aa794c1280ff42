"""Rule on what the rules refuse, from the submission's own page: one finding, one form, one operation."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from intake.accounts.models import User
from intake.dossiers.services import read_seal
from intake.review.access.errors import InConflictError
from intake.review.access.impartiality import is_impartial
from intake.review.claims.operations import FileClaimedError
from intake.review.claims.views import add_claimed_error, taken_over_from
from intake.review.pages.forms import INCOMPLETE
from intake.review.pages.queue_navigation import file_url
from intake.review.pages.shortcuts import acting_user, receipt_number, refuse, visible_or_404
from intake.review.rulings.forms import RulingForm
from intake.review.rulings.operations import rule_as_reviewer
from intake.review.rulings.panel import prefix_of
from intake.submissions.lifecycle.errors import ComplementOpenError, ReasonMissingError, StaleSubmissionError
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.rulings.operations import RulingNotAllowedError, StaleRulingError
from intake.submissions.rulings.queries import current_rulings, refused_positions
from intake.submissions.states import HumanReview, State
from intake.web import formats

from .views import show_file

_SECTION = "#revision"


_RUNNING = gettext_lazy(
    "Un complément est demandé, et la personne a encore le temps de l’envoyer : ce refus se juge ensuite. Rien n’a été "
    "enregistré."
)
_REPLACED = gettext_lazy(
    "La personne a remplacé son dépôt pendant que vous lisiez. Le nouveau dépôt est affiché ; "
    "votre jugement portait sur l’ancien et n’est pas enregistré."
)


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, public_id: UUID, position: int) -> HttpResponseBase:
    """POST: rule on one finding. If it is not possible, the page comes back with what was typed."""
    submission = visible_or_404(request, public_id)
    actor = acting_user(request, "submissions.decide_submission")
    back = file_url(request, submission) + _SECTION
    if request.method != "POST":
        return redirect(back)
    if not is_impartial(user=actor, offer=submission.offer):
        return refuse(request, InConflictError(), back)
    form = RulingForm(request.POST, prefix=prefix_of(position))
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
        return False
    except ReasonMissingError:
        form.add_error("reason", form.fields["reason"].error_messages["required"])
        return False
    except (ComplementOpenError, StaleSubmissionError) as refusal:
        form.add_error(None, _RUNNING if isinstance(refusal, ComplementOpenError) else _REPLACED)
        return False
    except (StaleRulingError, RulingNotAllowedError):
        last = filing.rulings.filter(position=position).select_related("actor").order_by("-pk").first()
        if not _is_the_same(last, actor, data):
            form.add_error(None, _stale_message(last))
            return False
        judged = Submission.objects.get(pk=submission.pk)  # the form was sent twice
    messages.success(request, _settled_message(judged, filing))
    return True


def _is_the_same(last: Ruling | None, actor: User, data: dict[str, str]) -> bool:
    return last is not None and (last.actor_id, last.decision, last.reason) == (
        actor.pk,
        data["decision"],
        data["reason"],
    )


def _stale_message(last: Ruling | None) -> str:
    if last is None:
        return str(RulingNotAllowedError())
    return _(
        "%(actor)s a jugé ce refus le %(day)s, à %(hour)s, pendant que vous lisiez. Son jugement est affiché ; le "
        "vôtre n’est pas enregistré."
    ) % {"actor": last.actor, "day": formats.day(last.at), "hour": formats.hour(last.at)}


def _settled_message(submission: Submission, filing: Filing) -> str:
    """Return the effect of the ruling that was just saved, as a message."""
    reserve = HumanReview(submission.reserve)
    if reserve == HumanReview.PENDING:
        waiting = len(
            refused_positions(read_seal(filing.seal).verdict).keys() - current_rulings(filing).keys()
        )
        return ngettext(
            "Votre jugement est enregistré. Il reste %(number)s refus à juger ; rien n’est encore envoyé à la "
            "personne.",
            "Votre jugement est enregistré. Il reste %(number)s refus à juger ; rien n’est encore envoyé à la "
            "personne.",
            waiting,
        ) % {"number": waiting}
    number = receipt_number(submission)
    if submission.state == State.WITHDRAWN:
        worded = _(
            "Votre jugement est enregistré. La personne s’étant désistée, la candidature %(number)s reste un "
            "désistement ; chaque motif lui est envoyé par courriel."
        )
    elif reserve == HumanReview.LIFTED:
        worded = _(
            "La réserve est levée : la candidature %(number)s peut maintenant être mise à l’étude, comme les autres. "
            "La personne l’apprend par courriel, avec chaque motif."
        )
    else:
        worded = _(
            "La réserve est maintenue : la candidature %(number)s est maintenant non admissible. La personne "
            "l’apprend par courriel, avec chaque motif."
        )
    return worded % {"number": number}
