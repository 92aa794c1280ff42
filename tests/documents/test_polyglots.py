"""A file with the bytes of two formats is refused, and honest bytes around a document are not."""

from pathlib import Path

import pytest

from intake.documents.child.inspect import HEAD_BYTES, PDF, sniff
from intake.documents.child.pdf import clean
from intake.documents.child.polyglots import (
    MAX_BYTES_BETWEEN_OBJECTS,
    MAX_NOISE_BYTES,
    refuse_polyglot_pdf,
    refuse_polyglot_picture,
)
from intake.documents.child.refusal import Refused
from intake.documents.child.structure import RawPdf
from tests.documents.corpus.case import Case
from tests.documents.corpus.honest_pdf import CASES as HONEST_PDF
from tests.documents.corpus.honest_pictures import CASES as HONEST_PICTURES
from tests.documents.corpus.polyglots import CASES
from tests.documents.corpus.raw import objects, raw_pdf
from tests.factories.files import pdf_bytes, picture_bytes


def refusal_of(content: bytes) -> tuple[str, object] | None:
    try:
        if content.startswith((b"\xff\xd8", b"\x89PNG")):
            refuse_polyglot_picture(content)
        else:
            refuse_polyglot_pdf(RawPdf(content))
    except Refused as refused:
        return str(refused), refused.facts.get("detected")
    return None


@pytest.mark.parametrize(
    "case", [one for one in CASES if one.family.startswith("polyglot")], ids=lambda case: case.name
)
def test_a_file_of_two_formats_is_refused(case: Case) -> None:
    content = case.build()
    media_type = sniff(content[:HEAD_BYTES])
    if media_type in {PDF, "image/jpeg", "image/png"}:
        assert (refusal_of(content) or ("",))[0] == "POLYGLOT"
    else:
        assert "NOT_ACCEPTED_TYPE" in case.refused


def test_honest_bytes_around_a_document_are_not_refused() -> None:
    light = [case for case in (*HONEST_PDF, *HONEST_PICTURES) if "older list" not in case.name]
    light = [case for case in light if not case.name.startswith(("scan", "long text", "panorama"))]
    assert len(light) > 50
    assert [case.name for case in light if refusal_of(case.build()) is not None] == []


@pytest.mark.parametrize(
    "content, found",
    [
        (pdf_bytes() + b"PK\x05\x06" + b"\0" * 18, "ZIP"),
        (pdf_bytes() + b"<?php 1", "WEB"),
        (pdf_bytes() + b"other", "OTHER"),
        (picture_bytes() + pdf_bytes(), "PDF"),
    ],
)
def test_the_refusal_of_a_file_of_two_formats_names_the_second(content: bytes, found: str) -> None:
    assert refusal_of(content) == ("POLYGLOT", found)


@pytest.mark.parametrize(
    "before", [b"\0\1\x4a\x3c", b"% Comment\n", b"Content-Type: application/pdf\r\n\r\n"]
)
def test_honest_bytes_before_a_pdf_are_cut_off(before: bytes, tmp_path: Path) -> None:
    for name, content in (("alone", pdf_bytes()), ("behind", before + pdf_bytes())):
        (tmp_path / name).write_bytes(content)
        clean(tmp_path / name, tmp_path / f"{name}.pdf", max_pages=1)
    assert (tmp_path / "behind.pdf").read_bytes() == (tmp_path / "alone.pdf").read_bytes()


@pytest.mark.parametrize(
    "before, is_refused", [(b"\x80" * MAX_NOISE_BYTES, False), (b"\x80" * (MAX_NOISE_BYTES + 1), True)]
)
def test_only_a_few_bytes_of_no_format_are_honest(before: bytes, *, is_refused: bool) -> None:
    assert (refusal_of(before + pdf_bytes()) is not None) == is_refused


def test_the_remains_of_an_object_after_the_end_are_a_damage() -> None:
    assert refusal_of(pdf_bytes() + b"12 0 obj\n<</Type/Page") == ("DAMAGED", None)


def test_some_remains_between_objects_are_honest() -> None:
    start = b"%PDF-1.7\n" + b"x" * (MAX_BYTES_BETWEEN_OBJECTS - 1) + b"\n"
    assert refusal_of(raw_pdf(objects(), previous=start)) is None
    assert refusal_of(raw_pdf(objects(), previous=start + b"xx\n")) == ("POLYGLOT", "OTHER")
