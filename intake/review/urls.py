"""The reviewers' own pages, beside the administration's. Every one passes its door: `admin_view`."""

from django.contrib import admin
from django.urls import path

from . import views

app_name = "review"
_enter = admin.site.admin_view

urlpatterns = [
    path("candidatures/<uuid:public_id>/", _enter(views.file_page), name="file"),
    path("candidatures/<uuid:public_id>/dossier.pdf", _enter(views.dossier), name="dossier"),
    path("candidatures/<uuid:public_id>/conflit/", _enter(views.conflict), name="conflict"),
    path("candidatures/<uuid:public_id>/decision/<slug:slug>/", _enter(views.move), name="move"),
    path("candidatures/<uuid:public_id>/constats/<int:position>/", _enter(views.rule), name="rule"),
    path("offres/<str:number>/ponderations/", _enter(views.weights), name="weights"),
    path("offres/<str:number>/classement/", _enter(views.ranking), name="ranking"),
    path("offres/<str:number>/preselection.<str:file_format>", _enter(views.export), name="export_shortlist"),
    path("offres/<str:number>/preselection/figer/", _enter(views.freeze), name="freeze_shortlist"),
    path(
        "offres/<str:number>/preselection/<int:list_number>/",
        _enter(views.shortlist_page),
        name="shortlist",
    ),
]
