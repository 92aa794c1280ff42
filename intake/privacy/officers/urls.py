"""Addresses of the registers of personal information, in the administration."""

from django.contrib import admin
from django.urls import path

from .views import access, consents, incidents

app_name = "officers"
_enter = admin.site.admin_view

urlpatterns = [
    path("protection/", _enter(access.home), name="home"),
    path("protection/acces/", _enter(access.access), name="access"),
    path("protection/acces/verification/", _enter(access.verify), name="verify"),
    path("protection/acces/registre.<str:file_format>", _enter(access.export_access), name="export_access"),
    path("protection/consentements/", _enter(consents.consents), name="consents"),
    path(
        "protection/consentements/registre.<str:file_format>",
        _enter(consents.export_consents),
        name="export_consents",
    ),
    path("protection/traitements/", _enter(consents.processing), name="processing"),
    path("protection/incidents/", _enter(incidents.incident_list), name="incidents"),
    path("protection/incidents/ajouter/", _enter(incidents.incident_add), name="incident_add"),
    path("protection/incidents/<int:incident_id>/", _enter(incidents.incident_page), name="incident"),
    path(
        "protection/incidents/registre.<str:file_format>",
        _enter(incidents.export_incidents),
        name="export_incidents",
    ),
]
