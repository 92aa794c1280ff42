"""The committees, in the administration."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.review.errors import ReviewError
from intake.review.models import CommitteeMember
from intake.review.selectors import reviewers
from intake.review.services import add_committee_member, remove_committee_member
from offers.models import Offer

if TYPE_CHECKING:
    from django.db.models import ForeignKey
    from django.forms import ModelChoiceField, ModelForm

    from intake.accounts.models import User

    CommitteeBase = admin.ModelAdmin[CommitteeMember]
else:
    # Its parameter exists for the type checker alone.
    CommitteeBase = admin.ModelAdmin


@admin.register(CommitteeMember)
class CommitteeMemberAdmin(CommitteeBase):
    """Who sits on which committee. Seated and unseated by services, one at a time."""

    list_display = ("offer", "reviewer", "added_at")
    list_select_related = ("offer", "reviewer")
    list_filter = (("offer", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("offer__number", "reviewer__email", "reviewer__display_name")
    search_help_text = gettext_lazy("Numéro de l’offre, nom ou adresse courriel.")
    ordering = ("offer__number", "reviewer__email", "pk")
    fields = ("offer", "reviewer")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: CommitteeMember | None = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Refuse: somebody sits or does not."""
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Name the page for what it does."""
        context = {"subtitle": _("Inscrire une personne à un comité"), "show_save_and_continue": False}
        return super().add_view(request, form_url, context | (extra_context or {}))

    def get_form(self, *args: Any, **kwargs: Any) -> "type[ModelForm[CommitteeMember]]":
        """Leave out the shortcuts to other pages: an offer or an account is not made from here."""
        form = super().get_form(*args, **kwargs)
        for field in form.base_fields.values():
            for shortcut in (
                "can_add_related",
                "can_change_related",
                "can_delete_related",
                "can_view_related",
            ):
                setattr(field.widget, shortcut, False)
        return form

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        """Offer only those who may assess, and the offers by number."""
        if db_field.name == "reviewer":
            kwargs["queryset"] = reviewers()
        elif db_field.name == "offer":
            kwargs["queryset"] = Offer.objects.filter(number__isnull=False).order_by("-number")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(
        self,
        request: HttpRequest,
        obj: CommitteeMember,
        form: "ModelForm[CommitteeMember]",  # noqa: ARG002 -- Django's signature
        change: bool,  # noqa: ARG002, FBT001 -- same
    ) -> None:
        """Seat the person, through the service.

        :raises ValidationError: if they cannot sit, which the form's choices prevent.
        """
        try:
            member = add_committee_member(
                offer=obj.offer, reviewer=obj.reviewer, actor=cast("User", request.user)
            )
        except ReviewError as refusal:
            raise ValidationError(refusal.code) from refusal
        obj.pk = member.pk

    def delete_model(self, request: HttpRequest, obj: CommitteeMember) -> None:
        """Unseat the person, through the service."""
        remove_committee_member(member=obj, actor=cast("User", request.user))
