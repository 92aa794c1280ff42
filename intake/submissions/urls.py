"""URLs of the candidate's pages, from *Postuler* to the receipt."""

from django.urls import path, re_path

from intake.submissions.drafts.views import autosave, clock, conflict, notice, section, start
from offers.urls import NUMBER

from .after_filing import views as after_filing_views
from .attachments import part_views
from .attachments import views as attachments_views
from .eligibility_check import views as eligibility_check_views
from .filing import arrival_views, review_message
from .filing import views as filing_views
from .offer_changes import views as offer_changes_views
from .personal_data import views as personal_data_views
from .receipts import views as receipts_views
from .timeline import views as timeline_views

app_name = "submissions"
_OWN = "candidatures/<uuid:public_id>/"
urlpatterns = [
    re_path(rf"^offres/{NUMBER}/postuler/$", start.start, name="start"),
    re_path(rf"^offres/{NUMBER}/admissibilite/$", eligibility_check_views.check, name="check"),
    re_path(
        rf"^offres/{NUMBER}/postuler/avec-mes-reponses/$",
        eligibility_check_views.start_with_answers,
        name="start_with_answers",
    ),
    path("candidatures/", start.my_submissions, name="mine"),
    path(_OWN, start.task_list, name="tasks"),
    path(f"{_OWN}heure", clock.clock, name="clock"),
    path(f"{_OWN}avis-de-collecte/", notice.notice, name="notice"),
    path(f"{_OWN}documents/", attachments_views.overview, name="documents"),
    path(f"{_OWN}documents/<int:request_id>/", attachments_views.edit, name="document"),
    path(f"{_OWN}documents/<int:request_id>/retirer/", attachments_views.remove, name="document_remove"),
    path(f"{_OWN}documents/<int:request_id>/fichiers/", part_views.arrange, name="document_parts"),
    path(
        f"{_OWN}documents/<int:request_id>/fichiers/<int:position>/",
        part_views.show_part,
        name="document_part",
    ),
    path(f"{_OWN}documents/<int:request_id>/reprendre/", part_views.reuse, name="document_reuse"),
    path(f"{_OWN}documents/<int:request_id>/<str:which>", attachments_views.show, name="document_show"),
    path(f"{_OWN}changements/", offer_changes_views.acknowledge, name="take_note"),
    path(f"{_OWN}verifier/", filing_views.review, name="review"),
    path(f"{_OWN}deposer/", filing_views.file, name="file"),
    path(f"{_OWN}verifier/revision/", review_message.autosave_message, name="autosave_message"),
    path(f"{_OWN}arrivee/", arrival_views.arrival, name="arrival"),
    path(f"{_OWN}accuse/", receipts_views.receipt, name="receipt"),
    path(f"{_OWN}accuse/etat/", receipts_views.receipt_status, name="receipt_status"),
    path(f"{_OWN}dossier.pdf", receipts_views.dossier, name="dossier"),
    path(f"{_OWN}suivi/", timeline_views.follow, name="follow"),
    path(f"{_OWN}accuse/renvoyer/", receipts_views.resend, name="resend"),
    path(f"{_OWN}accuse/preparer/", receipts_views.prepare_receipt, name="prepare_receipt"),
    path(f"{_OWN}depots/<int:sequence>/dossier.pdf", receipts_views.dossier, name="filed_dossier"),
    path(f"{_OWN}depots/<int:sequence>/accuse.pdf", receipts_views.signed_receipt, name="signed_receipt"),
    path(f"{_OWN}depots/<int:sequence>/accuse.json", receipts_views.receipt_json, name="receipt_twin"),
    path(f"{_OWN}modifier/", after_filing_views.amend, name="amend"),
    path(f"{_OWN}modifier/abandonner/", after_filing_views.discard, name="discard"),
    path(f"{_OWN}desistement/", after_filing_views.withdraw, name="withdraw"),
    path(f"{_OWN}<slug:key>/", section.edit, name="section"),
    path(f"{_OWN}<slug:key>/brouillon/", autosave.autosave, name="autosave"),
    path(f"{_OWN}<slug:key>/choix/", conflict.settle, name="settle"),
    path("mes-renseignements/donnees.json", personal_data_views.own_data, name="own_data"),
]
