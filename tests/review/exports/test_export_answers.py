"""Messages of the pages for an export file that cannot be made or is not available."""

from copy import deepcopy
from importlib import import_module

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from intake.accounts.models import User
from intake.dossiers.render import RenderError
from intake.review.access.errors import OwnSubmissionError
from intake.review.exports.errors import ExportNotReadyError
from intake.review.marks.errors import MarksNotSubmittedError
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.exports import make_frozen, make_order, write_all
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_dossier, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.form_errors import error_codes
from tests.review.page_responses import page, redirect_of, refusing, url, view_context

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")


@pytest.fixture(scope="module")
def made(module_db: None) -> Submission:
    return make_shortlisted(make_open_offer())


@pytest.fixture
def shortlisted(made: Submission) -> Submission:
    """The only submission on the shortlist of `offer`."""
    return deepcopy(made)


@pytest.fixture
def offer(shortlisted: Submission) -> Offer:
    return shortlisted.offer


@pytest.fixture
def staff() -> User:
    return make_staff()


def test_a_failed_export_redirects_with_its_reason(
    offer: Offer, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = make_frozen(offer)
    client, queue = client_of(staff), f"{QUEUE}?offre={offer.number}"
    address, sent = url("export_shortlist", offer.number, "csv"), {"reason": "Envoi", "language": "fr"}
    assert redirect_of(client.post(address, {"language": "fr"})) == (
        queue,
        [("error", "Inscrivez le motif : il est obligatoire pour chaque fichier.")],
    )
    monkeypatch.setattr(page("exports.views"), "export_shortlist", refusing(RenderError("too much")))
    not_made = "Le PDF n’est pas prêt. Réessayez, ou téléchargez le classeur, qui a toutes les lignes."
    assert redirect_of(client.post(address, sent)) == (queue, [("error", not_made)])
    listed = client.post(url("shortlist", offer.number, frozen.number), sent | {"file_format": "csv"})
    assert (listed.status_code, error_codes(view_context(listed)["form"])) == (422, {"__all__": [not_made]})


OWN = "Vous avez postulé à cette offre : une autre personne doit s’occuper de la liste."
CONFLICT = (
    "Vous avez un conflit d’intérêts sur une candidature à cette offre : une autre personne doit s’occuper de la "
    "liste."
)


def test_each_refusal_code_of_an_export_has_its_message() -> None:
    exports = import_module("intake.review.exports.views")
    words = {
        code: exports.refused_message(code).replace("\u00a0", " ")
        for code in (
            "OWN_SUBMISSION",
            "IN_CONFLICT",
            "OWN_MARKS_FIRST",
            "NOT_MADE",
            "NOT_ALLOWED",
            "TOO_LATE",
            "OF_LATER",
        )
    }
    assert words == {
        "OWN_SUBMISSION": OWN,
        "IN_CONFLICT": CONFLICT,
        "OWN_MARKS_FIRST": str(MarksNotSubmittedError()).replace("\u00a0", " "),
        "NOT_MADE": "Le PDF n’est pas prêt. Réessayez, ou téléchargez le classeur, qui a toutes les lignes.",
        "NOT_ALLOWED": "Vous ne pouvez plus exporter de liste : demandez-le à une autre personne.",
        "TOO_LATE": "La préparation du fichier a pris trop de temps : demandez-le de nouveau.",
        "OF_LATER": "La préparation du fichier a échoué (OF_LATER).",
    }
    assert words["OWN_MARKS_FIRST"].startswith("Cette liste contient les moyennes du comité")


@pytest.mark.parametrize(
    "refusal, words",
    [
        (ExportNotReadyError(), "Ce fichier n’est pas disponible : voici son état."),
        (FileNotFoundError(), "Le fichier est introuvable dans le portail : demandez-le de nouveau."),
        (OwnSubmissionError(), OWN),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_refused_download_redirects_to_its_page_with_the_reason(
    offer: Offer, staff: User, monkeypatch: pytest.MonkeyPatch, refusal: Exception, words: str
) -> None:
    order = make_order(staff, make_frozen(offer), "csv")
    monkeypatch.setattr(page("exports.views"), "open_order_file", refusing(refusal))
    answer = client_of(staff).get(url("export_file", order.public_id))
    assert redirect_of(answer) == (url("export_order", order.public_id), [("error", words)])


def test_a_lost_archive_is_displayed_without_missing_dossiers(
    offer: Offer, shortlisted: Submission, staff: User
) -> None:
    make_dossier(shortlisted)
    order = make_order(staff, make_frozen(offer))
    write_all()
    order.refresh_from_db()
    default_storage.delete(order.file_name)
    seen = view_context(client_of(staff).get(url("export_order", order.public_id)))
    assert (seen["is_ready"], seen["missing"]) == (True, 0)
