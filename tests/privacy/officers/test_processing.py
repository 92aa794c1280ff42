"""The register of processing says the same in the administration and in the documentation."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings as installed
from django.utils import translation
from pytest_django import Settings

from intake.privacy.officers.processing import PROCESSING
from tests.factories.incidents import make_officer
from tests.factories.people import client_of

DOCUMENT = Path(installed.BASE_DIR) / "docs" / "privacy-assessment.md"
_BLOCK = re.compile(r"(<!-- begin: processing -->\n).*?(<!-- end: processing -->\n)", re.DOTALL)


def table() -> str:
    """Return the register as the document has it, in English."""
    with translation.override("en"):
        rows = [
            " | ".join(
                map(str, (row.name, row.purpose, row.data, row.readers, row.place, row.retention, row.law))
            )
            for row in PROCESSING
        ]
    header = "| what | why | information | who reads it | where | how long | law |\n|---|---|---|---|---|---|---|\n"
    return header + "".join(f"| {row} |\n" for row in rows).replace("\xa0", " ")


def test_the_privacy_assessment_has_the_register_of_processing() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    if os.environ.get("HELD") == "rewrite":
        page = _BLOCK.sub(lambda found: f"{found[1]}{table()}{found[2]}", page)
        DOCUMENT.write_text(page, encoding="utf-8")
    found = _BLOCK.search(page)
    assert found is not None
    assert found[0] == f"{found[1]}{table()}{found[2]}", "HELD=rewrite with this test writes the code's"


@pytest.mark.django_db
def test_the_page_shows_each_processing_and_the_person_responsible(settings: Settings) -> None:
    settings.PRIVACY_OFFICER_NAME = "Dominique Roy"
    page = client_of(make_officer()).get("/admin/protection/traitements/").content.decode()
    for row in PROCESSING:
        assert str(row.name) in page
    assert "Dominique Roy" in page


@pytest.mark.django_db
def test_the_public_page_names_the_person_responsible(settings: Settings) -> None:
    settings.PRIVACY_OFFICER_NAME = "Dominique Roy"
    settings.PRIVACY_OFFICER_EMAIL = "protection@exemple.ca"
    client = client_of(make_officer())
    for address in ("/confidentialite/", "/mes-renseignements/", "/mes-renseignements/consultations/"):
        page = client.get(address).content.decode()
        assert "Dominique Roy" in page
        assert "mailto:protection@exemple.ca" in page
