"""Accounts in the administration. Addresses, roles and rights are changes, which two people make. No passwords."""

from typing import Any, override

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from intake.accounts.change_forms import AccountForm, StaffAccountForm
from intake.accounts.change_pages import administrator, change_display, change_urls, invitation_display
from intake.accounts.changes import ask_change, open_staff_account, rename_account, roles_value
from intake.accounts.models import AccountChange, User
from intake.accounts.roles import Role
from intake.accounts.second_factor.required import recent_second_factor
from intake.accounts.second_factor.selectors import has_factor
from intake.accounts.selectors import changes_of, changes_to_decide, matching, visible_accounts
from intake.base.change_lists import PortalAdmin
from intake.journal.readings import RecordedList
from intake.web.admin_lists import BoundedList, badge

# Code writes the roles, the email address is a field of the account, and a second factor is its owner's: no pages.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)


class RoleFilter(admin.SimpleListFilter):
    """Filter of accounts by role; "aucun" selects accounts without a role, that is, candidates."""

    title = _("rôle")
    parameter_name = "role"
    NOBODY = "aucun"

    @override
    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[User]") -> list[tuple[str, str]]:
        roles = [(role.value, str(role.label)) for role in Role]
        return [*roles, ("administration", str(_("Administration"))), (self.NOBODY, str(_("Aucun")))]

    @override
    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        match self.value():
            case None:
                return queryset
            case "administration":
                return queryset.filter(is_superuser=True)
            case self.NOBODY:
                return queryset.filter(is_staff=False)
            case role:
                return queryset.filter(groups__name=role)


@admin.register(User)
class UserAdmin(RecordedList, BoundedList, PortalAdmin[User]):
    """Accounts. The form changes the displayed name alone. No account is deleted, since the journal names it."""

    form = AccountForm
    list_display = ("email", "display_name", "role_names", "open_or_closed", "last_login")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("email",)  # shows the search box; `matching` does the search
    search_help_text = _("Début de l’adresse courriel ou nom affiché")
    ordering = ("email",)
    list_per_page = 50
    readonly_fields = ("email", "role_names", "open_or_closed", "public_id", "date_joined", "last_login")
    fields = ("email", "display_name", *readonly_fields[1:])

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        reader = request.user
        users = visible_accounts(reader) if isinstance(reader, User) else User.objects.none()
        return users.order_by(*self.ordering).prefetch_related("groups")

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        return matching(queryset, search_term), False

    @admin.display(description=_("rôles"))
    def role_names(self, user: User) -> str:
        """Return the labels of the user's roles."""
        held = {group.name for group in user.groups.all()}
        labels = [str(role.label) for role in Role if role.value in held]
        names = ", ".join([*labels, str(_("Administration"))] if user.is_superuser else labels)
        return names or "—"  # the page of an account does not use `empty_value`

    @admin.display(description=_("compte"))
    def open_or_closed(self, user: User) -> SafeString:
        """Return a badge: whether the user may sign in."""
        return badge(_("Ouvert"), "success") if user.is_active else badge(_("Fermé"), "error")

    @override
    def get_urls(self) -> list[URLPattern]:
        return [*change_urls(self.admin_site.admin_view), *super().get_urls()]

    @override
    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @override
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Return the page of an account; who may change it confirms with the second factor, if not recently."""
        view: Any = super().changeform_view
        if self.has_change_permission(request):
            view = recent_second_factor(view)
        return view(request, object_id, form_url, extra_context)

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return self.readonly_fields if obj is not None else ()

    @override
    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = self.fields if obj is not None else ("email", "display_name", "roles", "reason")
        return [(None, {"fields": fields})]

    @override
    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            return StaffAccountForm
        return super().get_form(request, obj, change=change, **kwargs)

    @override
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the number of changes that wait, for administrators."""
        is_administrator = getattr(request.user, "is_superuser", False)
        waiting = changes_to_decide(at=timezone.now()).count() if is_administrator else 0
        context = {"shows_changes": is_administrator, "waiting": waiting}
        return super().changelist_view(request, context | (extra_context or {}))

    @override
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Add the account's changes, and those that may be asked for."""
        user, reader = self.get_object(request, object_id), request.user
        context: dict[str, Any] = {}
        if user is not None and isinstance(reader, User) and reader.is_superuser:
            closes = AccountChange.Kind.CLOSING if user.is_active else AccountChange.Kind.REOPENING
            context = {
                "kinds": [
                    AccountChange.Kind.ADDRESS,
                    AccountChange.Kind.ROLES,
                    AccountChange.Kind.ADMINISTRATION,
                    *([AccountChange.Kind.SECOND_FACTOR] if has_factor(user) else []),
                    closes,
                ],
                "invitation": invitation_display(user),
                "changes": [change_display(each, reader) for each in changes_of(user)],
            }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    @override
    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Change the displayed name alone; or open an account, and ask for its roles.

        :raises AccountChangeError: if the operation refuses, which the form prevents but for a race.
        """
        actor, at = administrator(request), timezone.now()
        if change:
            rename_account(person=obj, display_name=obj.display_name, actor=actor)
            return
        asked = form.cleaned_data
        with transaction.atomic():
            user = open_staff_account(
                email=asked["email"], display_name=asked["display_name"], actor=actor, at=at
            )
            if asked["roles"]:
                value = roles_value({Role(code) for code in asked["roles"]})
                kind = AccountChange.Kind.ROLES
                ask_change(person=user, kind=kind, value=value, reason=asked["reason"], actor=actor, at=at)
                messages.info(request, _("Une autre personne doit approuver les rôles."))
        obj.pk = user.pk
