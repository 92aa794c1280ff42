"""The dossier of an anonymous review: nothing in its bytes says who the candidate is."""

import io
import re
from typing import Any

import pikepdf
import pypdfium2
import pytest

from intake.dossiers.sealed_payload import Payload, SealedComplement, SealedExtension
from tests.dossiers.pdf_reader import PdfReader
from tests.dossiers.pdf_samples import LINE, anonymous, with_answer
from tests.factories.payloads import payload

NAMED = "Je suis Maïté Côté-L’Écuyer, écrivez à maite.cote@exemple.invalid ou au 514-555-0199."


@pytest.fixture(scope="module")
def made() -> Payload:
    """A payload whose texts name the candidate wherever a text can be."""
    return with_answer(
        payload(
            review_message=NAMED,
            extension=SealedExtension("2026-10-09T04:00:00Z"),
            complement=SealedComplement("2026-10-12T14:30:00Z", NAMED, "2026-10-23T04:00:00Z"),
        ),
        NAMED,
    )


@pytest.fixture(scope="module")
def drawn(made: Payload) -> bytes:
    return anonymous(made)


def everything(content: bytes) -> str:
    """Return all that a PDF holds as text: pages, tags, metadata, outline, and each string of each object."""
    with pypdfium2.PdfDocument(content) as pdf:
        parts = [page.get_textpage().get_text_range() for page in pdf]
    parts.append(PdfReader(content).text)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        parts.append(pdf.Root.Metadata.read_bytes().decode())
        pending: list[Any] = list(pdf.objects)
        while pending:
            node = pending.pop()
            if isinstance(node, pikepdf.String):
                parts.append(str(node))
            elif isinstance(node, (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)):
                kids = (
                    list(node) if isinstance(node, pikepdf.Array) else [item for _key, item in node.items()]
                )
                pending += [kid for kid in kids if not getattr(kid, "is_indirect", True)]
    return "\n".join(parts).replace("\u00a0", " ")


def test_no_part_of_an_anonymous_dossier_identifies_the_candidate(drawn: bytes) -> None:
    held = everything(drawn)
    assert "Maîtrise" not in held  # replaced by the text that names the candidate
    assert "▒▒▒" in held
    identifying = (
        *("Maït", "Côté", "cuyer", "maite", "exemple.invalid", "1998", "4 mai", "0199", "H2X", "Saint-Denis"),
        *("cv-maite", "lettre-UNESCO", "ab12", "28 ans", "8 octobre", "12 octobre", "4f4f"),
    )
    assert [part for part in identifying if part in held] == []


def test_an_anonymous_dossier_has_what_a_committee_reads(drawn: bytes) -> None:
    found = PdfReader(drawn)
    said = re.sub(r"\s+", " ", found.text)
    for part in (
        "Nom masqué",
        "2027-020-000123-N",
        "Études",
        "Respecté",
        "Lettre de motivation",
        "Paris, France",
    ):
        assert part in said
    assert found.title == "Dossier anonyme 2027-020-000123-N"
    assert [text for _kind, text in found.spoken if text in {"Identité", "Résidence"}] == []


def test_the_same_anonymous_dossier_has_the_same_bytes(made: Payload, drawn: bytes) -> None:
    assert anonymous(made) == drawn
    assert anonymous(with_answer(made, LINE)) != drawn
