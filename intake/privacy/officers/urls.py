"""Addresses of the registers of personal information, in the administration."""

from typing import Any

from django.contrib import admin
from django.urls import path

from intake.accounts.second_factor.required import recent_second_factor

from .views import access, consents, incidents

app_name = "officers"
_enter = admin.site.admin_view


def _read(view: Any) -> Any:
    """Let a person enter who confirms with the second factor, if not recently: these pages name people."""
    return _enter(recent_second_factor(view))


urlpatterns = [
    path("protection/", _enter(access.home), name="home"),
    path("protection/acces/", _read(access.access), name="access"),
    path("protection/acces/verification/", _read(access.verify), name="verify"),
    path("protection/acces/registre.<str:file_format>", _read(access.export_access), name="export_access"),
    path("protection/consentements/", _read(consents.consents), name="consents"),
    path(
        "protection/consentements/registre.<str:file_format>",
        _read(consents.export_consents),
        name="export_consents",
    ),
    path("protection/traitements/", _enter(consents.processing), name="processing"),
    path("protection/incidents/", _read(incidents.incident_list), name="incidents"),
    path("protection/incidents/ajouter/", _read(incidents.incident_add), name="incident_add"),
    path("protection/incidents/<int:incident_id>/", _read(incidents.incident_page), name="incident"),
    path(
        "protection/incidents/registre.<str:file_format>",
        _read(incidents.export_incidents),
        name="export_incidents",
    ),
]
