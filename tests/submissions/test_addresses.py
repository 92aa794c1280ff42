"""Addresses of the candidate's pages are stable: links in sent mails and bookmarks lead to the same views."""

from importlib import import_module

from intake.submissions import urls
from intake.submissions.extensions import urls as extensions_urls
from offers.urls import NUMBER

A_PERSONS = "candidatures/<uuid:public_id>/"
ADDRESSES = {
    "mine": ("candidatures/", "drafts.views.start.my_submissions"),
    "own_data": ("mes-renseignements/donnees.json", "personal_data.views.own_data"),
    "start": (r"^offres/(?P<number>OFFER)/postuler/$", "drafts.views.start.start"),
    "check": (r"^offres/(?P<number>OFFER)/admissibilite/$", "eligibility_check.views.check"),
    "start_with_answers": (
        r"^offres/(?P<number>OFFER)/postuler/avec-mes-reponses/$",
        "eligibility_check.views.start_with_answers",
    ),
    "tasks": (A_PERSONS, "drafts.views.start.task_list"),
    "clock": (f"{A_PERSONS}heure", "drafts.views.clock.clock"),
    "notice": (f"{A_PERSONS}avis-de-collecte/", "drafts.views.notice.notice"),
    "documents": (f"{A_PERSONS}documents/", "attachments.views.overview"),
    "document": (f"{A_PERSONS}documents/<int:request_id>/", "attachments.views.edit"),
    "document_parts": (f"{A_PERSONS}documents/<int:request_id>/fichiers/", "attachments.part_views.arrange"),
    "document_part": (
        f"{A_PERSONS}documents/<int:request_id>/fichiers/<int:position>/",
        "attachments.part_views.show_part",
    ),
    "document_reuse": (f"{A_PERSONS}documents/<int:request_id>/reprendre/", "attachments.part_views.reuse"),
    "document_remove": (f"{A_PERSONS}documents/<int:request_id>/retirer/", "attachments.views.remove"),
    "document_show": (f"{A_PERSONS}documents/<int:request_id>/<str:which>", "attachments.views.show"),
    "take_note": (f"{A_PERSONS}changements/", "offer_changes.views.acknowledge"),
    "review": (f"{A_PERSONS}verifier/", "filing.views.review"),
    "file": (f"{A_PERSONS}deposer/", "filing.views.file"),
    "arrival": (f"{A_PERSONS}arrivee/", "filing.arrival_views.arrival"),
    "receipt": (f"{A_PERSONS}accuse/", "receipts.views.receipt"),
    "dossier": (f"{A_PERSONS}dossier.pdf", "receipts.views.dossier"),
    "follow": (f"{A_PERSONS}suivi/", "timeline.views.follow"),
    "resend": (f"{A_PERSONS}accuse/renvoyer/", "receipts.views.resend"),
    "prepare_receipt": (f"{A_PERSONS}accuse/preparer/", "receipts.views.prepare_receipt"),
    "filed_dossier": (f"{A_PERSONS}depots/<int:sequence>/dossier.pdf", "receipts.views.dossier"),
    "signed_receipt": (f"{A_PERSONS}depots/<int:sequence>/accuse.pdf", "receipts.views.signed_receipt"),
    "receipt_twin": (f"{A_PERSONS}depots/<int:sequence>/accuse.json", "receipts.views.receipt_json"),
    "amend": (f"{A_PERSONS}modifier/", "after_filing.views.amend"),
    "discard": (f"{A_PERSONS}modifier/abandonner/", "after_filing.views.discard"),
    "withdraw": (f"{A_PERSONS}desistement/", "after_filing.views.withdraw"),
    "section": (f"{A_PERSONS}<slug:key>/", "drafts.views.section.edit"),
    "autosave_message": (f"{A_PERSONS}verifier/revision/", "filing.review_message.autosave_message"),
    "settle": (f"{A_PERSONS}<slug:key>/choix/", "drafts.views.conflict.settle"),
    "autosave": (f"{A_PERSONS}<slug:key>/brouillon/", "drafts.views.autosave.autosave"),
    "receipt_status": (f"{A_PERSONS}accuse/etat/", "receipts.views.receipt_status"),
}
"""The candidate's addresses, each with its view."""
DESK_ADDRESSES = {
    "offer": ("offres/<str:number>/delais/", "offer_extensions"),
    "give": ("offres/<str:number>/delais/<uuid:person_id>/", "give_extension"),
}


def _view(name: str) -> object:
    module, _dot, function = name.rpartition(".")
    return getattr(import_module(f"intake.submissions.{module}"), function)


def test_each_candidate_address_resolves_to_its_view() -> None:
    found = {
        pattern.name: (str(pattern.pattern).replace(NUMBER, "(?P<number>OFFER)"), pattern.callback)
        for pattern in urls.urlpatterns
    }
    assert found == {name: (address, _view(view)) for name, (address, view) in ADDRESSES.items()}
    assert len(urls.urlpatterns) == len(ADDRESSES)
    assert urls.app_name == "submissions"


def test_fixed_addresses_are_matched_before_section_keys() -> None:
    names = [pattern.name for pattern in urls.urlpatterns]
    assert all(
        names.index(name) < names.index("section")
        for name in names
        if name not in {"section", "settle", "autosave", "own_data"}
    )


def test_each_extension_address_resolves_to_its_view() -> None:
    found = {
        pattern.name: (str(pattern.pattern), pattern.callback.__name__)
        for pattern in extensions_urls.urlpatterns
    }
    assert found == DESK_ADDRESSES
    assert extensions_urls.app_name == "extensions"
