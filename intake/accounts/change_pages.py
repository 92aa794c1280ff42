"""Pages of the administration for changes of accounts, for administrators alone: ask, decide, and what waits."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from intake.accounts.change_forms import FORMS
from intake.accounts.changes import approve_change, ask_change, close_account, current_value, refuse_change
from intake.accounts.errors import AccountChangeError, AddressTakenError
from intake.accounts.models import NO, YES, AccountChange, User
from intake.accounts.roles import Role
from intake.accounts.second_factor.errors import InvitationNotNeededError
from intake.accounts.second_factor.invitations import give_invitation, invitation_of, may_be_invited
from intake.accounts.second_factor.required import recent_second_factor
from intake.accounts.selectors import changes_to_decide
from intake.journal.readings import record_shown
from intake.web import security_events
from intake.web.security_events import record_security_event

Kind = AccountChange.Kind


def change_urls(admin_view: Any) -> list[URLPattern]:
    """Return the addresses of these pages, below those of accounts."""
    return [
        path("changements/", admin_view(changes_page), name="accounts_user_changes"),
        path(
            "changements/<int:change_id>/",
            admin_view(recent_second_factor(decide_page)),
            name="accounts_user_decide",
        ),
        path(
            "<int:user_id>/changer/<str:kind>/",
            admin_view(recent_second_factor(ask_page)),
            name="accounts_user_ask",
        ),
        path(
            "<int:user_id>/inviter/",
            admin_view(recent_second_factor(invite_page)),
            name="accounts_user_invite",
        ),
    ]


def administrator(request: HttpRequest) -> User:
    """Return the acting administrator. Called first: a 404 for others would show which rows exist.

    :raises PermissionDenied: if the user is not one.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_superuser:
        raise PermissionDenied
    return user


@never_cache
@require_http_methods(["GET", "HEAD"])
def changes_page(request: HttpRequest) -> HttpResponse:
    """GET: the changes that wait for a second person."""
    reader = administrator(request)
    waiting = [change_display(change, reader) for change in changes_to_decide(at=timezone.now())]
    return _show(request, "changes", {"title": _("Changements à approuver"), "waiting": waiting})


@never_cache
@sensitive_post_parameters("email", "reason")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_page(request: HttpRequest, user_id: int, kind: str) -> HttpResponse:
    """GET: the form of a change. POST: ask for it, or close the account."""
    actor = administrator(request)
    if kind not in FORMS:
        raise Http404
    person, wanted, at = get_object_or_404(User, pk=user_id), Kind(kind), timezone.now()
    form = FORMS[wanted](request.POST if request.method == "POST" else None, person=person)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if wanted == Kind.CLOSING:
                close_account(person=person, reason=reason, actor=actor, at=at)
                messages.success(request, _("Le compte est fermé, avec toutes ses sessions."))
            else:
                ask_change(person=person, kind=wanted, value=form.value(), reason=reason, actor=actor, at=at)
                messages.success(
                    request, _("La demande est enregistrée. Une autre personne doit l’approuver.")
                )
        except AccountChangeError as refusal:
            form.add_error("email" if isinstance(refusal, AddressTakenError) else None, _as_error(refusal))
        else:
            return redirect("admin:accounts_user_change", person.pk)
    current = value_label(wanted, current_value(user=person, kind=wanted))
    record_shown(request, [person])
    context = {"title": change_title(wanted, person), "person": person, "form": form, "current": current}
    return _show(request, "ask", context, refused=bool(form.errors))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide_page(request: HttpRequest, change_id: int) -> HttpResponse:
    """GET: one change. POST: `approve` it or `refuse` it."""
    actor = administrator(request)
    changes = AccountChange.objects.select_related("person", "asked_by", "decided_by")
    change = get_object_or_404(changes, pk=change_id)
    refusal: AccountChangeError | None = None
    if request.method == "POST":
        try:
            messages.success(request, _decide_from_form(request, change, actor))
        except AccountChangeError as error:
            refusal = error
        else:
            return redirect("admin:accounts_user_change", change.person_id)
    context = {
        "title": change_title(Kind(change.kind), change.person),
        "change": change_display(change, actor),
        "refusal": refusal,
    }
    record_shown(request, [change.person])
    return _show(request, "decide", context, refused=refusal is not None)


@never_cache
@require_POST
def invite_page(request: HttpRequest, user_id: int) -> HttpResponse:
    """POST: give an account an invitation to add its first second factor; an earlier one is no longer valid."""
    actor = administrator(request)
    person = get_object_or_404(User, pk=user_id)
    try:
        give_invitation(user=person, actor=actor, at=timezone.now())
    except InvitationNotNeededError as refusal:
        messages.error(request, str(refusal))
    else:
        record_security_event(
            request, security_events.Kind.FACTOR_CHANGED, reason="INVITATION_GIVEN", subject=person
        )
        messages.success(request, _("L’invitation part par courriel. La précédente n’est plus valide."))
    return redirect("admin:accounts_user_change", person.pk)


def invitation_display(person: User) -> dict[str, Any] | None:
    """Return the invitation of an account as its page shows it; None if the account needs none."""
    if not may_be_invited(person):
        return None
    given = invitation_of(person)
    is_open = given is not None and timezone.now() < given.expires_at
    return {"row": given, "is_open": is_open}


def _decide_from_form(request: HttpRequest, change: AccountChange, actor: User) -> str:
    """Do what the pressed button says; return the message.

    :raises AccountChangeError: if the operation refuses, or no button was pressed.
    """
    if "approve" in request.POST:
        approve_change(change=change, actor=actor, at=timezone.now())
        return _("Le changement est fait. Un courriel l’annonce à la personne.")
    if "refuse" in request.POST:
        refuse_change(change=change, actor=actor)
        return _("La demande est refusée. Le compte ne change pas.")
    raise AccountChangeError


def change_display(change: AccountChange, reader: User) -> dict[str, Any]:
    """Return a change as pages show it to `reader`: labels, people, instants, and what they may do."""
    kind = Kind(change.kind)
    is_open = change.state == AccountChange.State.ASKED and timezone.now() < change.expires_at
    return {
        "row": change,
        "title": change_title(kind, change.person),
        "before": value_label(kind, change.before),
        "after": value_label(kind, change.value),
        "state": _("Retiré") if change.is_withdrawn else change.get_state_display(),
        "tone": _TONES[AccountChange.State(change.state)],
        "url": reverse("admin:accounts_user_decide", args=[change.pk]),
        "is_open": is_open,
        "may_approve": is_open and reader.pk not in {change.asked_by_id, change.person_id},
        "is_own": change.asked_by_id == reader.pk,
    }


_TONES = {
    AccountChange.State.ASKED: "warning",
    AccountChange.State.APPLIED: "success",
    AccountChange.State.REFUSED: "error",
    AccountChange.State.EXPIRED: "none",
}


def change_title(kind: AccountChange.Kind, person: User) -> str:
    """Return what a change of this kind does to the account of `person`, for headings."""
    return f"{kind.label} – {person}"


def value_label(kind: AccountChange.Kind, value: str) -> str:
    """Return a value of a change as people read it; empty if the kind has none."""
    match kind, value:
        case Kind.ROLES, _roles:
            labels = [str(role.label) for role in Role if role in value.split()]
            return ", ".join(labels) or _("Aucun rôle")
        case Kind.ADMINISTRATION, answer:
            return {YES: _("Oui"), NO: _("Non")}[answer]
        case Kind.SECOND_FACTOR, _keys:
            return ""  # keys say nothing to a reader
    return value


def _as_error(refusal: AccountChangeError) -> forms.ValidationError:
    return forms.ValidationError(str(refusal), code=refusal.code)


def _show(request: HttpRequest, page: str, context: dict[str, Any], *, refused: bool = False) -> HttpResponse:
    frame = admin.site.each_context(request) | {"opts": User._meta, "errors": refused}
    status = 422 if refused else 200
    return TemplateResponse(request, f"admin/accounts/user/{page}.html", frame | context, status=status)
