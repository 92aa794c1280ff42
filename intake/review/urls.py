"""URLs of the review pages, beside Django's admin pages. `admin_view` checks access to each of them.

Exports and releases ask for the second factor again if its last check is not recent.
"""

from django.contrib import admin
from django.urls import path

from intake.accounts.second_factor.required import recent_second_factor as _recent

from .application_page.downloads import dossier, page_picture, receipt
from .application_page.findings import rule, uphold, verify
from .application_page.views import file_page
from .assignment.views.assignments import assign_by_file, assign_due, assignments
from .assignment.views.evenly import assign_evenly
from .bulk.views import bulk_run, bulk_start
from .calibration.views import calibration
from .claims.views import claim_file_page
from .committees.views import anonymous_review, conflict
from .complements.views import complement
from .decisions.views.batches import decision_batch, decisions, release_decisions, revoke_decisions
from .decisions.views.prepare import change_decisions, prepare_decisions
from .decisions.views.reserve_list import reserve_list_page
from .exports.views import export, export_file, export_order
from .marks.views import weights
from .moves.views import move
from .queue.views import saved_view, saved_views
from .ranking.views import ranking
from .reading.views import read, read_next, reading_keys
from .shortlist_page.views import freeze, shortlist_page

app_name = "review"
_enter = admin.site.admin_view

urlpatterns = [
    path("candidatures/actions/", _enter(bulk_start), name="bulk_start"),
    path("candidatures/actions/<uuid:run_id>/", _enter(bulk_run), name="bulk_run"),
    path("lecture/", _enter(read_next), name="read_next"),
    path("lecture/touches/", _enter(reading_keys), name="reading_keys"),
    path("candidatures/vues/", _enter(saved_views), name="saved_views"),
    path("candidatures/vues/<uuid:view_id>/", _enter(saved_view), name="saved_view"),
    path("candidatures/<uuid:public_id>/", _enter(file_page), name="file"),
    path("candidatures/<uuid:public_id>/lecture/", _enter(read), name="read"),
    path("candidatures/<uuid:public_id>/pages/<int:page>/", _enter(page_picture), name="page"),
    path("candidatures/<uuid:public_id>/dossier.pdf", _enter(dossier), name="dossier"),
    path("candidatures/<uuid:public_id>/accuse.pdf", _enter(receipt), name="receipt"),
    path("candidatures/<uuid:public_id>/conflit/", _enter(conflict), name="conflict"),
    path("candidatures/<uuid:public_id>/complement/", _enter(complement), name="complement"),
    path("candidatures/<uuid:public_id>/decision/<slug:slug>/", _enter(move), name="move"),
    path("candidatures/<uuid:public_id>/constats/<int:position>/", _enter(rule), name="rule"),
    path("candidatures/<uuid:public_id>/revision/approuver/", _enter(uphold), name="uphold"),
    path("candidatures/<uuid:public_id>/verifications/<int:position>/", _enter(verify), name="verify"),
    path("candidatures/<uuid:public_id>/main/", _enter(claim_file_page), name="hand"),
    path("offres/<str:number>/ponderations/", _enter(weights), name="weights"),
    path("offres/<str:number>/aveugle/", _enter(anonymous_review), name="blind_reading"),
    path("offres/<str:number>/repartition/", _enter(assignments), name="assignments"),
    path("offres/<str:number>/repartition/egale/", _enter(assign_evenly), name="assign_evenly"),
    path("offres/<str:number>/repartition/echeances/", _enter(assign_due), name="assign_due"),
    path("offres/<str:number>/repartition/fichier/", _enter(assign_by_file), name="assign_by_file"),
    path("offres/<str:number>/calibrage/", _enter(calibration), name="calibration"),
    path("offres/<str:number>/classement/", _enter(ranking), name="ranking"),
    path(
        "offres/<str:number>/preselection.<str:file_format>", _enter(_recent(export)), name="export_shortlist"
    ),
    path("fichiers/<uuid:order_id>/", _enter(export_order), name="export_order"),
    path("fichiers/<uuid:order_id>/telecharger/", _enter(_recent(export_file)), name="export_file"),
    path("offres/<str:number>/preselection/figer/", _enter(_recent(freeze)), name="freeze_shortlist"),
    path(
        "offres/<str:number>/preselection/<int:list_number>/",
        _enter(_recent(shortlist_page)),
        name="shortlist",
    ),
    path("offres/<str:number>/reserve/", _enter(reserve_list_page), name="reserve_list"),
    path("decisions/", _enter(decisions), name="decisions"),
    path("decisions/preparer/", _enter(prepare_decisions), name="prepare_decisions"),
    path("decisions/<int:batch_id>/", _enter(decision_batch), name="decision_batch"),
    path("decisions/<int:batch_id>/modifier/", _enter(change_decisions), name="change_decisions"),
    path("decisions/<int:batch_id>/approuver/", _enter(_recent(release_decisions)), name="release_decisions"),
    path("decisions/<int:batch_id>/annuler/", _enter(revoke_decisions), name="revoke_decisions"),
]
