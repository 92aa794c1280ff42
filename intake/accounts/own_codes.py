"""Codes by which a signed-in person proves a mailbox: that of their account, or one that they want to give it."""

import datetime as dt
import logging
from http import HTTPStatus

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from intake.accounts import limits
from intake.accounts.codes import PendingSignIn, ProofRefused, issue_code, use_up
from intake.accounts.mailers import send_address_code
from intake.accounts.models import User
from intake.accounts.views import CodeNotSent
from intake.web.security_events import Kind, record_security_event

logger = logging.getLogger(__name__)


@sensitive_variables("code")
def send_own_code(request: HttpRequest, *, user: User, to: str, at: dt.datetime) -> PendingSignIn:
    """Send `user` a code at the address `to` (folded); return what checks it, for the session.

    :raises CodeNotSent: if a limit or the mail server refuses.
    """
    try:
        limits.check_may_send_address_code(
            request, account=str(user.public_id), email=to, ticket=request.POST.get("ticket", ""), at=at
        )
    except limits.NetworkBusyError as busy:
        raise CodeNotSent(str(busy), HTTPStatus.TOO_MANY_REQUESTS, ticket=busy.ticket) from busy
    except limits.AddressBusyError as busy:
        raise CodeNotSent(
            _(
                "Nous avons déjà envoyé plusieurs codes. Recopiez celui du courriel le plus récent, ou revenez demain."
            ),
            HTTPStatus.TOO_MANY_REQUESTS,
        ) from busy
    pending, code = issue_code(email=to, at=at)
    try:
        send_address_code(pending=pending, code=code, is_new=to != user.email)
    except OSError as error:
        logger.error("a code of an account could not be sent: %s", type(error).__name__)  # noqa: TRY400 -- the traceback would hold the address and the code
        raise CodeNotSent(
            _("Le courriel n’est pas envoyé. Rien n’est perdu : réessayez dans une minute."),
            HTTPStatus.SERVICE_UNAVAILABLE,
        ) from None
    return pending


@sensitive_variables("code")
def take_own_code(
    request: HttpRequest, *, user: User, proof: PendingSignIn, code: str, at: dt.datetime
) -> None:
    """Use up the code that proves a mailbox of `user`.

    :raises ProofRefused: unless `code` is the one that was sent, and the limits allow the guess; its text says why.
    """
    if proof.expired(at=at):
        _record_refused(request, proof, "EXPIRED")
        raise ProofRefused(_("Ce code a expiré. Demandez-en un nouveau ci-dessous."))
    if not limits.may_guess_address_code(
        request, reference=proof.reference, account=str(user.public_id), email=proof.email
    ):
        raise ProofRefused(
            _("Trop d’essais : ce code n’est plus valide. Demandez-en un nouveau, ou revenez demain.")
        )
    if not proof.matches(code):
        _record_refused(request, proof, "WRONG")
        raise ProofRefused(_("Ce n’est pas le bon code. Recopiez celui du courriel le plus récent."))
    try:
        use_up(proof)
    except ProofRefused as refused:
        _record_refused(request, proof, "USED")
        raise ProofRefused(_("Ce code a déjà servi. Demandez-en un nouveau ci-dessous.")) from refused


def _record_refused(request: HttpRequest, proof: PendingSignIn, reason: str) -> None:
    record_security_event(request, Kind.CODE_REFUSED, reason=reason, address=proof.email)
