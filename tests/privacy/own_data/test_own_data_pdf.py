"""The PDF of a person's own data has the sections of their page, in the language of the request, and is tagged."""

import re

import pypdfium2
import pytest
from django.conf import settings
from django.utils import translation

from intake.dossiers.render import RenderLimitError
from intake.privacy.own_data import archive
from intake.privacy.own_data.archive import MISSING_NAME, PDF_NAME
from intake.profiles.services import accept_notice
from tests.dossiers.in_process import draw_in_process
from tests.dossiers.pdf_reader import check_accessible
from tests.factories.people import client_of, make_profile, make_user
from tests.factories.submissions import make_draft, make_waiting_upload
from tests.privacy.own_data.test_own_data import PAGE, filed_with_files, make_mail, zip_of

pytestmark = pytest.mark.django_db


def test_the_pdf_has_the_sections_and_rows_of_the_page_and_is_tagged() -> None:
    person = make_user()
    submission = filed_with_files(person)
    make_waiting_upload(make_draft(candidate=person, documents=False), name="en-attente.pdf")
    make_profile(person, city="Sainte-Foy & <Gaspé>")
    accept_notice(user=person, notice="collection", version="2026-12.2")
    sent = make_mail(person)
    with draw_in_process():
        content = zip_of(person).read(PDF_NAME)
    found = check_accessible(content, "Mes renseignements")
    with pypdfium2.PdfDocument(content) as pdf:
        text = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)
    page = client_of(person).get(PAGE).content.decode()
    titles = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    sections = titles[titles.index("Mon compte") : titles.index("La personne responsable") + 1]
    assert [title for title in sections if title not in text] == []
    assert len(found.document.of("H2")) == len(sections) == 7
    assert submission.standing_filing is not None
    for held in (
        person.email,
        "Sainte-Foy & <Gaspé>",
        submission.standing_filing.receipt.number,
        "Candidature déposée",
        "seront effacés le",
        sent.subject,
        "en-attente.pdf",
        "En analyse",
        "Version 2026-12.2, acceptée le",
        settings.PRIVACY_OFFICER_EMAIL,
    ):
        assert held in text, held


def test_an_archive_without_its_pdf_names_it_in_the_persons_language(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_html: str) -> bytes:
        raise RenderLimitError

    monkeypatch.setattr(archive, "render_html", fail)
    person = make_user()
    zipped = zip_of(person)
    assert PDF_NAME not in zipped.namelist()
    assert zipped.read(MISSING_NAME).decode() == (
        "Le PDF mes-renseignements.pdf n’est pas prêt. "
        "Téléchargez cette copie de nouveau dans quelques minutes.\n"
    )
    with translation.override("en"):
        blocks = archive.archive_of(person, {}, "")
    assert b"is not ready" in b"".join(blocks)


@pytest.mark.full
def test_the_child_draws_the_pdf() -> None:
    check_accessible(zip_of(make_user()).read(PDF_NAME), "Mes renseignements")
