"""The addresses of the candidatures: links in mails that were sent and bookmarks go on leading to the same view."""

from importlib import import_module

from intake.submissions import staff_urls, urls
from offers.urls import NUMBER

A_PERSONS = "candidatures/<uuid:public_id>/"
ADDRESSES = {
    "mine": ("candidatures/", "apply.mine"),
    "own_data": ("mes-renseignements/donnees.json", "afterwards.own_data"),
    "start": (r"^offres/(?P<number>OFFER)/postuler/$", "apply.start"),
    "check": (r"^offres/(?P<number>OFFER)/admissibilite/$", "check.check"),
    "start_with_answers": (
        r"^offres/(?P<number>OFFER)/postuler/avec-mes-reponses/$",
        "check.start_with_answers",
    ),
    "tasks": (A_PERSONS, "apply.tasks"),
    "notice": (f"{A_PERSONS}avis-de-collecte/", "notice.notice"),
    "documents": (f"{A_PERSONS}documents/", "documents.overview"),
    "document": (f"{A_PERSONS}documents/<int:request_id>/", "documents.edit"),
    "document_remove": (f"{A_PERSONS}documents/<int:request_id>/retirer/", "documents.remove"),
    "document_show": (f"{A_PERSONS}documents/<int:request_id>/<str:which>", "documents.show"),
    "take_note": (f"{A_PERSONS}changements/", "changes.take_note"),
    "review": (f"{A_PERSONS}verifier/", "filing.review"),
    "file": (f"{A_PERSONS}deposer/", "filing.file"),
    "receipt": (f"{A_PERSONS}accuse/", "filing.receipt"),
    "dossier": (f"{A_PERSONS}dossier.pdf", "made.dossier"),
    "follow": (f"{A_PERSONS}suivi/", "afterwards.follow"),
    "resend": (f"{A_PERSONS}accuse/renvoyer/", "afterwards.resend"),
    "prepare_receipt": (f"{A_PERSONS}accuse/preparer/", "afterwards.prepare_receipt"),
    "filed_dossier": (f"{A_PERSONS}depots/<int:sequence>/dossier.pdf", "made.dossier"),
    "signed_receipt": (f"{A_PERSONS}depots/<int:sequence>/accuse.pdf", "made.signed_receipt"),
    "receipt_twin": (f"{A_PERSONS}depots/<int:sequence>/accuse.json", "made.receipt_twin"),
    "amend": (f"{A_PERSONS}modifier/", "afterwards.amend"),
    "discard": (f"{A_PERSONS}modifier/abandonner/", "afterwards.discard"),
    "withdraw": (f"{A_PERSONS}desistement/", "afterwards.withdraw"),
    "section": (f"{A_PERSONS}<slug:key>/", "sections.edit"),
}
"""Each of the candidate's addresses, and the view that answers it."""
DESK_ADDRESSES = {
    "offer": ("offres/<str:number>/delais/", "offer_extensions"),
    "give": ("offres/<str:number>/delais/<uuid:person_id>/", "give_extension"),
}


def _view(name: str) -> object:
    module, _dot, function = name.partition(".")
    return getattr(import_module(f"intake.submissions.views.{module}"), function)


def test_each_address_of_a_candidate_leads_to_its_view() -> None:
    found = {
        pattern.name: (str(pattern.pattern).replace(NUMBER, "(?P<number>OFFER)"), pattern.callback)
        for pattern in urls.urlpatterns
    }
    assert found == {name: (address, _view(view)) for name, (address, view) in ADDRESSES.items()}
    assert len(urls.urlpatterns) == len(ADDRESSES)
    assert urls.app_name == "submissions"


def test_a_word_of_the_portal_is_never_read_as_the_key_of_a_section() -> None:
    names = [pattern.name for pattern in urls.urlpatterns]
    assert all(
        names.index(name) < names.index("section") for name in names if name not in {"section", "own_data"}
    )


def test_each_address_of_the_extensions_leads_to_its_view() -> None:
    found = {
        pattern.name: (str(pattern.pattern), pattern.callback.__name__) for pattern in staff_urls.urlpatterns
    }
    assert found == DESK_ADDRESSES
    assert staff_urls.app_name == "extensions"
