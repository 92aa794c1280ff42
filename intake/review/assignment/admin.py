"""Committee memberships in the administration. Removing a member divides their files among the others."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.accounts.models import User
from intake.base.change_lists import PortalAdmin
from intake.review.access.committee_membership import VOID_MEMBERSHIP, reviewers
from intake.review.access.errors import InConflictError, OwnSubmissionError, ReviewError
from intake.review.access.impartiality import lacks_impartiality
from intake.review.committees.operations import add_committee_member, check_membership
from intake.review.models import CommitteeMember
from intake.review.pages.shortcuts import acting_user
from intake.web.admin_lists import FoldedSearch, badge
from offers.models import Offer

from .views.removal import remove_member


class CommitteeMemberForm(forms.ModelForm[CommitteeMember]):
    """Form of a new membership. `actor` is the signed-in user, set on the class by `get_form`."""

    actor: User | None = None

    def clean(self) -> dict[str, Any]:
        """Add an error if the operation would refuse the membership."""
        super().clean()  # reports an existing membership
        cleaned = self.cleaned_data
        offer, reviewer = cleaned.get("offer"), cleaned.get("reviewer")
        if offer is not None and reviewer is not None:
            try:
                check_membership(offer=offer, reviewer=reviewer, actor=self.actor)
            except ReviewError as refusal:
                about = "offer" if isinstance(refusal, OwnSubmissionError | InConflictError) else "reviewer"
                self.add_error(about, ValidationError(str(refusal), code=refusal.code))
        return cleaned


@admin.register(CommitteeMember)
class CommitteeMemberAdmin(FoldedSearch, PortalAdmin[CommitteeMember]):
    """List of committee memberships. Operations add and remove them, one at a time."""

    list_display = ("offer", "reviewer", "added_at", "holds")
    list_select_related = ("offer", "reviewer")
    list_filter = (("offer", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("offer__number", "reviewer__email", "reviewer__display_name")
    search_help_text = gettext_lazy("Numéro de l’offre, nom ou adresse courriel.")
    ordering = ("offer__number", "reviewer__email", "pk")
    fields = ("offer", "reviewer")
    form = CommitteeMemberForm
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[CommitteeMember]:
        """Annotate `is_void` on each membership."""
        memberships: QuerySet[CommitteeMember] = super().get_queryset(request)
        return memberships.annotate(is_void=VOID_MEMBERSHIP)

    @admin.display(description=gettext_lazy("état"))
    def holds(self, member: Any) -> str:
        """Return the state of a membership. If void, with the reason: its marks do not count."""
        if not member.is_void:
            return _("siège valide")
        void = badge(_("siège sans effet"), "warning")
        return format_html("{} {}", void, _("cette personne a une candidature à cette offre"))

    def has_change_permission(self, request: HttpRequest, obj: CommitteeMember | None = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Return False: a membership is added or removed, never edited."""
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Set the page's subtitle."""
        context = {"subtitle": _("Inscrire une personne à un comité"), "show_save_and_continue": False}
        return super().add_view(request, form_url, context | (extra_context or {}))

    def has_delete_permission(self, request: HttpRequest, obj: CommitteeMember | None = None) -> bool:
        """Return False for the user's own membership and for an offer about which the user is not impartial."""
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or not (
            obj.reviewer_id == request.user.pk or lacks_impartiality(obj.offer, acting_user(request))
        )

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a user who is not impartial about the offer why there is no delete button."""
        member = self.get_object(request, object_id) if request.method == "GET" else None
        if member is not None and lacks_impartiality(member.offer, acting_user(request)):
            messages.warning(request, str(InConflictError()))
        return super().change_view(request, object_id, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[ModelForm[CommitteeMember]]:
        """Remove the related-object links: offers and accounts are not created from this form."""
        form = super().get_form(request, *args, **kwargs)
        cast("type[CommitteeMemberForm]", form).actor = acting_user(request)
        for field in form.base_fields.values():
            for link in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{link}_related", False)
        return form

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Offer only users who may assess, and the offers by number."""
        if db_field.name == "reviewer":
            kwargs["queryset"] = reviewers().exclude(pk=acting_user(request).pk)
        elif db_field.name == "offer":
            kwargs["queryset"] = Offer.objects.filter(number__isnull=False).order_by("-number")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: CommitteeMember, *_args: Any, **_kwargs: Any) -> None:
        """Add the member through the operation.

        :raises ValidationError: if it refuses the member, which the form's choices prevent.
        """
        try:
            member = add_committee_member(offer=obj.offer, reviewer=obj.reviewer, actor=acting_user(request))
        except ReviewError as refusal:
            raise ValidationError(refusal.code) from refusal
        obj.pk = member.pk

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what removing the member changes, then remove them; Django answers a user who may not."""
        member = self.get_object(request, unquote(object_id))
        if member is None or not self.has_delete_permission(request, member):
            return super().delete_view(request, object_id, extra_context)
        return remove_member(request, member)
