"""The demonstration's documents and people: exact text."""

import hashlib
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from intake.devtools.demonstration import sample_texts

if TYPE_CHECKING:
    from offers.models import Offer

# -- Text -------


OFFER = cast(
    "Offer",
    SimpleNamespace(
        starts_on=date(2027, 1, 11),
        grid_lines=SimpleNamespace(
            order_by=lambda name: (
                [SimpleNamespace(pk=pk) for pk in (9, 8, 7, 6, 5)] if name == "position" else []
            )
        ),
    ),
)
PAPERS = {
    "CV": ("Camille Tremblay", "7040d075349c2da0"),
    "MOTIVATION_LETTER": ("Lettre de motivation", "45371efcda00f455"),
    "TRANSCRIPT": ("Relevé de notes", "046d132a80de7313"),
    "ENROLMENT_PROOF": ("Attestation d’inscription", "b606ed42599241a3"),
    "OTHER": ("Document de démonstration", "9aaab69e97e27879"),
}


@pytest.mark.parametrize("kind", PAPERS)
def test_the_text_of_a_sample_document_stays_the_same(kind: str) -> None:
    title, blocks = sample_texts.document_for(kind, OFFER)
    text = "\n".join(f"{element} {said}" for element, said in blocks)
    assert (title, hashlib.sha256(text.encode()).hexdigest()[:16]) == PAPERS[kind]


def test_sample_people_and_files_have_their_names() -> None:
    assert (sample_texts.CANDIDATE, sample_texts.REVIEWER, sample_texts.STAFF) == (
        ("camille.tremblay@exemple.invalid", "Camille Tremblay"),
        ("dominique.roy@exemple.invalid", "Dominique Roy"),
        ("claude.gagnon@exemple.invalid", "Claude Gagnon"),
    )
    assert sample_texts.FILE_NAMES == {
        "CV": "curriculum-vitae.pdf",
        "MOTIVATION_LETTER": "lettre-de-motivation.pdf",
        "TRANSCRIPT": "releve-de-notes.pdf",
        "ENROLMENT_PROOF": "preuve-inscription.pdf",
    }


def test_sample_answers_follow_the_dates_of_the_offer() -> None:
    answers: dict[str, Any] = sample_texts.answers_for(OFFER)
    grid = answers.pop("grid")
    assert list(grid) == ["9", "8", "7", "6", "5"]
    assert [grid[key] == sample_texts._GRID_ANSWERS[rank % 4] for rank, key in enumerate(grid)] == [True] * 5
    levels = {f"language_fr_{use}": "FLUENT" for use in ("read", "spoken", "written")}
    levels |= {
        "language_en_read": "FLUENT",
        "language_en_spoken": "ADVANCED",
        "language_en_written": "ADVANCED",
    }
    assert answers == levels | {
        "first_name": "Camille",
        "last_name": "Tremblay",
        "birth_date": "2001-05-04",
        "phone": "+14185550142",
        "address_line": "1200, rue des Érables, app. 4",
        "city": "Québec",
        "province": "QC",
        "postal_code": "G1R 2L6",
        "legal_status": "CITIZEN",
        "domicile_province": "QC",
        "quebec_resident_since": "2001-05-04",
        "resident_for_health_insurance": True,
        "resident_for_tax": True,
        "studies": [
            {
                "level": "MASTER",
                "field_of_study": "Éthique appliquée",
                "institution": "Université Laval",
                "state": "IN_PROGRESS",
                "completed_on": None,
                "expected_on": "2027-04-30",
            },
            {
                "level": "BACHELOR",
                "field_of_study": "Philosophie et informatique",
                "institution": "Université de Montréal",
                "state": "COMPLETED",
                "completed_on": "2025-05-31",
                "expected_on": None,
            },
        ],
        "bar_school": False,
        "professional_order_stage": False,
        "attests_writing_fr": True,
        "attests_writing_en": True,
        "attests_skills": True,
        "past_participant": False,
        "other_languages": "Espagnol, lecture",
    }
