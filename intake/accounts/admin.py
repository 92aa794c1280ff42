"""Accounts in the administration: administrators open and close accounts and give roles. There are no passwords."""

from typing import Any, override

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from intake.accounts import services
from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.accounts.selectors import matching
from intake.web.admin_lists import BoundedList, badge

# Code writes the roles, and the email address is a field of the account: neither has a page.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


class UserForm(forms.ModelForm[User]):
    """Form of an account and its roles."""

    roles = forms.MultipleChoiceField(
        label=_("Rôles"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Ce qu’un rôle permet est écrit dans le code du portail."),
    )

    class Meta:
        model = User
        fields = ("email", "display_name", "is_active", "is_superuser")
        labels = {"is_superuser": _("Administration")}
        help_texts = {"is_superuser": _("Peut tout, sans autre rôle.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["roles"] = list(self.instance.groups.values_list("name", flat=True))


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
class UserAdmin(BoundedList, admin.ModelAdmin[User]):
    """Accounts. An account is closed, never deleted: the journal names it."""

    form = UserForm
    list_display = ("email", "display_name", "role_names", "open_or_closed", "last_login")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("email",)  # shows the search box; `matching` does the search
    search_help_text = _("Début de l’adresse courriel ou nom affiché")
    ordering = ("email",)
    list_per_page = 50
    readonly_fields = ("public_id", "date_joined", "last_login")
    fields = ("email", "display_name", "roles", "is_active", "is_superuser", *readonly_fields)

    @override
    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        return matching(queryset, search_term), False

    @admin.display(description=_("rôles"))
    def role_names(self, user: User) -> str:
        """Return the labels of the user's roles."""
        names = {group.name for group in user.groups.all()}
        labels = [str(role.label) for role in Role if role.value in names]
        return ", ".join([*labels, str(_("Administration"))] if user.is_superuser else labels)

    @admin.display(description=_("compte"))
    def open_or_closed(self, user: User) -> SafeString:
        """Return a badge: whether the user may sign in."""
        return badge(_("Ouvert"), "success") if user.is_active else badge(_("Fermé"), "error")

    @override
    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @override
    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        roles = {Role(name) for name in form.cleaned_data["roles"]}
        obj.is_staff = obj.is_superuser or bool(roles)
        super().save_model(request, obj, form, change)
        actor = request.user if isinstance(request.user, User) else None
        services.set_roles(user=obj, roles=roles, actor=actor)
