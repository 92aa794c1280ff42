"""The reviewers' own pages, beside the administration's. Every one passes its door: `admin_view`."""

from django.contrib import admin
from django.urls import path

from . import views

app_name = "review"
_enter = admin.site.admin_view

urlpatterns = [
    path("candidatures/actions/", _enter(views.bulk_start), name="bulk_start"),
    path("candidatures/actions/<uuid:run_id>/", _enter(views.bulk_run), name="bulk_run"),
    path("candidatures/vues/", _enter(views.saved_views), name="saved_views"),
    path("candidatures/vues/<uuid:view_id>/", _enter(views.saved_view), name="saved_view"),
    path("candidatures/<uuid:public_id>/", _enter(views.file_page), name="file"),
    path("candidatures/<uuid:public_id>/dossier.pdf", _enter(views.dossier), name="dossier"),
    path("candidatures/<uuid:public_id>/accuse.pdf", _enter(views.receipt), name="receipt"),
    path("candidatures/<uuid:public_id>/conflit/", _enter(views.conflict), name="conflict"),
    path("candidatures/<uuid:public_id>/complement/", _enter(views.complement), name="complement"),
    path("candidatures/<uuid:public_id>/decision/<slug:slug>/", _enter(views.move), name="move"),
    path("candidatures/<uuid:public_id>/constats/<int:position>/", _enter(views.rule), name="rule"),
    path("candidatures/<uuid:public_id>/verifications/<int:position>/", _enter(views.verify), name="verify"),
    path("candidatures/<uuid:public_id>/main/", _enter(views.hand), name="hand"),
    path("offres/<str:number>/ponderations/", _enter(views.weights), name="weights"),
    path("offres/<str:number>/aveugle/", _enter(views.blind_reading), name="blind_reading"),
    path("offres/<str:number>/repartition/", _enter(views.assignments), name="assignments"),
    path("offres/<str:number>/repartition/egale/", _enter(views.assign_evenly), name="assign_evenly"),
    path("offres/<str:number>/repartition/echeances/", _enter(views.assign_due), name="assign_due"),
    path("offres/<str:number>/repartition/fichier/", _enter(views.assign_by_file), name="assign_by_file"),
    path("offres/<str:number>/classement/", _enter(views.ranking), name="ranking"),
    path("offres/<str:number>/preselection.<str:file_format>", _enter(views.export), name="export_shortlist"),
    path("fichiers/<uuid:order_id>/", _enter(views.export_order), name="export_order"),
    path("fichiers/<uuid:order_id>/telecharger/", _enter(views.export_file), name="export_file"),
    path("offres/<str:number>/preselection/figer/", _enter(views.freeze), name="freeze_shortlist"),
    path(
        "offres/<str:number>/preselection/<int:list_number>/",
        _enter(views.shortlist_page),
        name="shortlist",
    ),
    path("offres/<str:number>/reserve/", _enter(views.reserve_list_page), name="reserve_list"),
    path("decisions/", _enter(views.decisions), name="decisions"),
    path("decisions/preparer/", _enter(views.prepare_decisions), name="prepare_decisions"),
    path("decisions/<int:batch_id>/", _enter(views.decision_batch), name="decision_batch"),
    path("decisions/<int:batch_id>/modifier/", _enter(views.change_decisions), name="change_decisions"),
    path("decisions/<int:batch_id>/approuver/", _enter(views.release_decisions), name="release_decisions"),
    path("decisions/<int:batch_id>/annuler/", _enter(views.revoke_decisions), name="revoke_decisions"),
]
