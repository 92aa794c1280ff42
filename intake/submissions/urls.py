"""The candidate's addresses: from *Postuler* to the receipt."""

from django.urls import path, re_path

from offers.urls import NUMBER

from .views import afterwards, apply, changes, check, documents, filing, made, notice, sections

app_name = "submissions"
urlpatterns = [
    re_path(rf"^offres/{NUMBER}/postuler/$", apply.start, name="start"),
    re_path(rf"^offres/{NUMBER}/admissibilite/$", check.check, name="check"),
    re_path(
        rf"^offres/{NUMBER}/postuler/avec-mes-reponses/$",
        check.start_with_answers,
        name="start_with_answers",
    ),
    path("candidatures/", apply.mine, name="mine"),
    path("candidatures/<uuid:public_id>/", apply.tasks, name="tasks"),
    path("candidatures/<uuid:public_id>/avis-de-collecte/", notice.notice, name="notice"),
    path("candidatures/<uuid:public_id>/documents/", documents.overview, name="documents"),
    path("candidatures/<uuid:public_id>/documents/<int:request_id>/", documents.edit, name="document"),
    path(
        "candidatures/<uuid:public_id>/documents/<int:request_id>/retirer/",
        documents.remove,
        name="document_remove",
    ),
    path(
        "candidatures/<uuid:public_id>/documents/<int:request_id>/<str:which>",
        documents.show,
        name="document_show",
    ),
    path("candidatures/<uuid:public_id>/changements/", changes.take_note, name="take_note"),
    path("candidatures/<uuid:public_id>/verifier/", filing.review, name="review"),
    path("candidatures/<uuid:public_id>/deposer/", filing.file, name="file"),
    path("candidatures/<uuid:public_id>/accuse/", filing.receipt, name="receipt"),
    path("candidatures/<uuid:public_id>/dossier.pdf", made.dossier, name="dossier"),
    path("candidatures/<uuid:public_id>/suivi/", afterwards.follow, name="follow"),
    path("candidatures/<uuid:public_id>/accuse/renvoyer/", afterwards.resend, name="resend"),
    path(
        "candidatures/<uuid:public_id>/accuse/preparer/",
        afterwards.prepare_receipt,
        name="prepare_receipt",
    ),
    path(
        "candidatures/<uuid:public_id>/depots/<int:sequence>/dossier.pdf",
        made.dossier,
        name="filed_dossier",
    ),
    path(
        "candidatures/<uuid:public_id>/depots/<int:sequence>/accuse.pdf",
        made.signed_receipt,
        name="signed_receipt",
    ),
    path(
        "candidatures/<uuid:public_id>/depots/<int:sequence>/accuse.json",
        made.receipt_twin,
        name="receipt_twin",
    ),
    path("candidatures/<uuid:public_id>/modifier/", afterwards.amend, name="amend"),
    path("candidatures/<uuid:public_id>/modifier/abandonner/", afterwards.discard, name="discard"),
    path("candidatures/<uuid:public_id>/desistement/", afterwards.withdraw, name="withdraw"),
    path("candidatures/<uuid:public_id>/<slug:key>/", sections.edit, name="section"),
    path("mes-renseignements/donnees.json", afterwards.own_data, name="own_data"),
]
