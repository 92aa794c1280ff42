"""Programmes in the administration: a new one needs only its wording, and no code."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from intake.base.change_lists import PortalAdmin
from offers.models import Programme


@admin.register(Programme)
class ProgrammeAdmin(PortalAdmin[Programme]):
    """Programmes: code, name, and the wording of their offers, mails and PDF dossiers."""

    list_display = ("name", "code")
    ordering = ("name", "code")
    fieldsets = (
        (None, {"fields": ["code", "name"]}),
        (
            _("Ses textes"),
            {
                "fields": ["dates_label", "allowance_label", "at_start", "lead", "next_steps"],
                "description": _(
                    "Les personnes candidates liront ces textes, en français. Ils s’appliquent "
                    "aussitôt à toutes les offres du programme, mais les dépôts gardent les leurs. Le "
                    "premier programme du portail les laisse tous vides : le portail a ses propres "
                    "textes, en français et en anglais."
                ),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Use a text area for the fields that contain sentences."""
        if db_field.name in {"lead", "next_steps"}:
            kwargs["widget"] = forms.Textarea(attrs={"rows": 3, "cols": 70})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, _request: HttpRequest, obj: Programme | None = None) -> tuple[str, ...]:
        """Make the code of a stored programme read-only."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Programme | None = None) -> bool:
        """False for a programme that has offers, and for deletion in bulk."""
        return obj is not None and super().has_delete_permission(request, obj) and not obj.offers.exists()
