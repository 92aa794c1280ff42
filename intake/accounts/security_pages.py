"""Page « Connexion et sécurité »: a user's second factors and open sessions; the same sessions for administrators."""

from typing import Final, cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intake.accounts.login_required import require_login
from intake.accounts.models import User
from intake.accounts.open_sessions import end_other_sessions, end_session, sessions_of
from intake.accounts.second_factor.errors import NotInvitedError
from intake.accounts.second_factor.invitation_pages import invitation_in
from intake.accounts.second_factor.invitations import check_invited
from intake.accounts.second_factor.selectors import factors_among, factors_of
from intake.journal.readings import record_shown

_LEFT: Final = "factors_left"
"""Key of the session: the factors that the sessions which it ended may have left."""


@require_login()
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """GET: how the user signs in, and their open sessions."""
    user = _user(request)
    context = {
        "factors": factors_of(user),
        "left": factors_among(user, request.session.get(_LEFT, [])),
        "may_add_factor": _may_add_factor(request, user),
        "sessions": sessions_of(user, at=timezone.now(), current=request.session.session_key),
    }
    return render(request, "accounts/security.html", context)


@require_login()
@require_POST
def end_one_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """POST: end one of the user's own sessions. Another user's is answered like one that ended by itself."""
    left = end_session(user=_user(request), public_id=session_id)
    if left is not None:
        _offer_removal(request, left)
        messages.success(request, _("La session est terminée."))
    else:
        messages.info(request, _("Cette session était déjà terminée."))
    return redirect("accounts:security")


@require_login()
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """POST: end all sessions of the user but this one."""
    user = _user(request)
    left = end_other_sessions(user=user, current=request.session.session_key, actor=user)
    _offer_removal(request, left)
    messages.success(request, _("Vos autres sessions sont terminées."))
    return redirect("accounts:security")


@require_http_methods(["GET", "HEAD", "POST"])
def account_sessions(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """GET: the open sessions of any account, for administrators. POST: end them all, but the reader's own."""
    reader = _user(request)
    if not reader.has_perm("accounts.change_user"):
        raise PermissionDenied
    person = get_object_or_404(User, public_id=person_id)
    current = request.session.session_key
    if request.method == "POST":
        end_other_sessions(user=person, current=current, actor=reader)
        messages.success(request, _("Les sessions de ce compte sont terminées."))
        return redirect("account_sessions", person_id=person_id)
    record_shown(request, [person])
    context = admin.site.each_context(request) | {
        "title": _("Sessions ouvertes"),
        "person": person,
        "sessions": sessions_of(person, at=timezone.now(), current=current),
    }
    return TemplateResponse(request, "admin/accounts/sessions.html", context)


def _offer_removal(request: HttpRequest, left: list[int]) -> None:
    """Let this session's page list the factors that ended sessions may have left."""
    request.session[_LEFT] = sorted({*request.session.get(_LEFT, []), *left})


def _may_add_factor(request: HttpRequest, user: User) -> bool:
    try:
        check_invited(user=user, public_id=invitation_in(request), at=timezone.now())
    except NotInvitedError:
        return False
    return True


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)  # `require_login` ensures it
