"""An export of a frozen list has the same bytes, whatever happens to its submissions afterwards."""

import csv
import hashlib
import io
from typing import NamedTuple
from zipfile import ZipFile

import pikepdf
import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation
from openpyxl import load_workbook

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.dossiers import render
from intake.profiles.services import remember_answers
from intake.review.access.errors import OwnSubmissionError
from intake.review.exports.errors import UnknownLanguageError
from intake.review.exports.operations import export_shortlist
from intake.review.models import Shortlist, ShortlistExport
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.people import give_role, make_staff
from tests.factories.review import make_assessment, make_dossier, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db

PATIENCE = 300


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer time limit: on a busy machine a page takes longer than in service."""
    monkeypatch.setattr(render, "WALL_SECONDS", PATIENCE)


class CaseData(NamedTuple):
    """A frozen shortlist of two with the marks 4 and 2; the first has a dossier."""

    first: Submission
    second: Submission
    reviewer: User
    frozen: Shortlist
    pdf: bytes
    """Its PDF export in French, made once: it takes a second."""


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer()
    first, second = (make_shortlisted(offer, last_name=name) for name in ("<b>Ève</b>", "Seconde"))
    reviewer = make_reviewer(offer)
    make_assessment(first, reviewer, 4)
    make_assessment(second, reviewer, 2)
    make_dossier(first)
    frozen = freeze(offer)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(render, "WALL_SECONDS", PATIENCE)
        return CaseData(first, second, reviewer, frozen, exported(frozen, "pdf"))


def freeze(offer: Offer) -> Shortlist:
    return freeze_shortlist(offer=offer, actor=make_staff(), reason="Pour l’hôte", at=timezone.now())


def exported(
    frozen: Shortlist, file_format: str, actor: User | None = None, *, language: str = "fr", reason: str = ""
) -> bytes:
    to = io.BytesIO()
    export_shortlist(
        offer=frozen.offer,
        shortlist=frozen,
        file_format=file_format,
        to=to,
        actor=actor,
        language=language,
        reason=reason or "Envoi",
    )
    return to.getvalue()


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "zip", "pdf"])
def test_a_frozen_list_exports_the_same_bytes_after_later_changes(kept: CaseData, file_format: str) -> None:
    first, second, reviewer, frozen, pdf = kept
    before = pdf if file_format == "pdf" else exported(frozen, file_format)
    make_assessment(first, reviewer, 1)
    move_submission(
        submission=second, action=Action.LEAVE_SHORTLIST, actor=make_staff(), reason="Place prise"
    )
    make_shortlisted(frozen.offer, last_name="Troisième")
    remember_answers(user=first.candidate, answers={"last_name": "Autrement"})
    with translation.override("en"):
        assert exported(frozen, file_format, make_staff()) == before
    digests = ShortlistExport.objects.filter(file_format=file_format).values_list("sha256", flat=True)
    assert set(digests) == {hashlib.sha256(before).hexdigest()}
    assert len(digests) == 2


def test_a_frozen_list_is_written_with_its_own_order_and_means(kept: CaseData) -> None:
    frozen = kept.frozen
    make_assessment(kept.first, kept.reviewer, 0)
    with ZipFile(io.BytesIO(exported(frozen, "zip"))) as archive:
        inside = archive.read("liste.csv")
        assert len(archive.read("MISSING.txt").decode().splitlines()) == 1
    for content in (exported(frozen, "csv"), inside):
        lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert [(row["Rang"], row["Nom"], row["Moyenne"]) for row in lines] == [
            ("1", "<b>Ève</b>", "4.00"),
            ("2", "Seconde", "2.00"),
        ]
    about = load_workbook(io.BytesIO(exported(frozen, "xlsx")))["À propos"]
    assert frozen.digest in {row[1].value for row in about.iter_rows()}


def test_headers_and_labels_are_in_the_requested_language(kept: CaseData) -> None:
    frozen = kept.frozen
    header, row, _other = exported(frozen, "csv", language="en").decode("utf-8-sig").splitlines()
    assert header.startswith("Rank,Submission number,")
    assert "Eligible" in row
    sheet = load_workbook(io.BytesIO(exported(frozen, "xlsx", language="en"))).active
    assert sheet["A1"].value == "Rank"
    with pytest.raises(UnknownLanguageError):
        exported(frozen, "csv", language="de")


@pytest.mark.parametrize(
    "language, tag, words", [("fr", "fr-CA", ["Nom", "Moyenne", "4,00"]), ("en", "en-CA", ["Rank", "4.00"])]
)
def test_the_pdf_is_a_tagged_table(kept: CaseData, language: str, tag: str, words: list[str]) -> None:
    submission, frozen = kept.first, kept.frozen
    content = kept.pdf if language == "fr" else exported(frozen, "pdf", language=language)
    with pypdfium2.PdfDocument(content) as document:
        (page,) = [page.get_textpage().get_text_range() for page in document]
    assert submission.standing_filing is not None
    for said in (*words, "<b>Ève</b>", submission.standing_filing.receipt.number, frozen.digest):
        assert said in page
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert str(pdf.Root.Lang) == tag
        assert pdf.Root.MarkInfo.Marked
        assert {"/Table", "/TH", "/TD", "/H1"} <= _tags(pdf.Root.StructTreeRoot)


def _tags(tree: pikepdf.Object) -> set[str]:
    found, pending = set(), list(tree.K)
    while pending:
        tag = pending.pop()
        if isinstance(tag, pikepdf.Dictionary) and "/S" in tag:
            found.add(str(tag.S))
            kids = tag.get("/K", pikepdf.Array([]))
            pending += list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return found


def test_the_export_history_records_user_file_and_reason(kept: CaseData) -> None:
    frozen, candidate, staff = kept.frozen, kept.first.candidate, make_staff()
    offer, before = frozen.offer, set(ShortlistExport.objects.values_list("pk", flat=True))
    content = exported(frozen, "csv", staff, reason=" Envoi à  l’hôte ", language="en")
    line = ShortlistExport.objects.exclude(pk__in=before).get()
    assert (line.offer, line.shortlist, line.actor, line.reason) == (offer, frozen, staff, "Envoi à l’hôte")
    assert (line.file_format, line.language, line.rows_count, line.size) == ("csv", "en", 2, len(content))
    give_role(user=candidate, role=Role.STAFF)
    with pytest.raises(OwnSubmissionError):
        exported(frozen, "csv", User.objects.get(pk=candidate.pk))
    with pytest.raises(PermissionDenied):
        exported(frozen, "csv", make_reviewer(offer))
    assert ShortlistExport.objects.exclude(pk__in=before).get() == line
