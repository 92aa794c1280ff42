"""The shortlist as a file: equal for every user, safe to open, and recorded."""

import csv
import errno
import gc
import hashlib
import io
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from intake.accounts.models import User
from intake.dossiers.models import Dossier, Seal
from intake.dossiers.render import RenderError
from intake.journal.models import Entry
from intake.profiles.services import remember_answers
from intake.review.access.errors import ReasonMissingError
from intake.review.exports.archive import NAME_MAX, safe_name
from intake.review.exports.columns import COLUMNS, SCHEMA
from intake.review.exports.operations import ListFile, export_shortlist, write_shortlist
from intake.review.models import ShortlistExport
from intake.review.shortlists import lines
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Draft, Filing, Ruling, Submission
from intake.submissions.rulings.operations import rule_on_finding
from intake.submissions.states import Action
from intake.web import formats
from offers.models import Offer
from tests.factories.exports import make_frozen
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_assessment,
    make_dossier,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_ruling,
    make_shortlisted,
)
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of
from tests.review.reading import content_of, filing_of

pytestmark = pytest.mark.django_db

ASKED = {"reason": "Envoi à l’hôte", "language": "fr"}
AGE = 1  # position in the demonstration's rulebook


HOSTILE = [
    "=1+1",
    "+1+1",
    "-Ève",
    "@SUM(A1)",
    '=HYPERLINK("http://exemple.invalid")',
    "a;=1+1",
    "https://exemple.invalid/",
]


class CaseData(NamedTuple):
    """Shortlists, each of its own offer."""

    one: Submission
    """The only one on its list."""
    three: list[Submission]
    hostile: Offer
    """An offer with a formula in each name."""
    lifted: Offer
    """An offer with a resolved review request on its list, one without, and one unlisted that is still pending."""


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer, other, hostile, lifted = (make_open_offer() for _each in range(4))
    for text in HOSTILE:
        make_shortlisted(hostile, last_name=text, city=text)
    reserved = make_filed_for_review(lifted, last_name="Réservée")
    rule_on_finding(
        filing=filing_of(reserved),
        position=AGE,
        decision=Ruling.Decision.CONFIRMED,
        reason="Née trop tard.",
        actor=make_staff(),
    )
    make_ruling(reserved, AGE, Ruling.Decision.OVERTURNED, reason="Vu son acte de naissance.")
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=reserved, action=action, actor=make_staff())
    make_shortlisted(lifted, last_name="Ordinaire")
    make_filed_for_review(lifted, last_name="Attend")
    return CaseData(
        one=make_shortlisted(offer, birth_date="1999-02-28"),
        three=[make_shortlisted(other, last_name=name) for name in ("Première", "Seconde", "Troisième")],
        hostile=hostile,
        lifted=lifted,
    )


one = copy_of("one")


def exported(offer: Offer, file_format: str, actor: User | None = None) -> bytes:
    to = io.BytesIO()
    export_shortlist(offer=offer, file_format=file_format, to=to, actor=actor, reason="Envoi")
    return to.getvalue()


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_rows_of_the_shortlist_are_read_from_the_seal(one: Submission) -> None:
    make_filed(one.offer)
    remember_answers(user=one.candidate, answers={"last_name": "Autrement"})
    Draft.objects.filter(submission=one).update(answers={})
    (row,) = read_csv(exported(one.offer, "csv"))
    assert one.standing_filing is not None
    assert row["Numéro de dépôt"] == one.standing_filing.receipt.number
    assert (row["Nom"], row["Prénom"]) == ("Tremblay-Nguyễn", "Alex")
    assert row["Date de naissance"] == "1999-02-28"
    assert row["Courriel"] == one.candidate.email
    assert row["Téléphone"] == "418 555-0142"
    assert row["Ville"] == "Québec"
    assert "Université d’essai" in row["Études"]
    assert row["Admissibilité"] == "Admissible"
    assert (row["Moyenne"], row["Notes"]) == ("", "0")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]:00", row["Reçue le"])


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "zip"])
def test_a_favourable_review_is_exported_with_its_rulings_without_reasons(
    kept: CaseData, file_format: str
) -> None:
    content = exported(kept.lifted, file_format)
    if file_format == "zip":
        content = ZipFile(io.BytesIO(content)).read("liste.csv")
    rows = _rows_of_book(content) if file_format == "xlsx" else read_csv(content)
    told = {row["Nom"]: (row["Révision demandée"], row["Révision par une personne"]) for row in rows}
    day = formats.day(Ruling.objects.latest("pk").at)
    assert told == {
        "Réservée": ("Révision favorable", f"Âge\u00a0: critère écarté le {day}"),
        "Ordinaire": ("", ""),
    }


def _rows_of_book(content: bytes) -> list[dict[str, str]]:
    header, *lines = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(header, (value or "" for value in line), strict=True)) for line in lines]


def test_files_are_ordered_by_mean_then_number_and_unassessed_last() -> None:
    offer = make_open_offer()
    names = {"Aucune": (), "Trois": (3,), "Quatre": (5, 3), "Encore-trois": (3, 3)}
    for last_name, marks in names.items():
        submission = make_shortlisted(offer, last_name=last_name)
        for value in marks:
            make_assessment(submission, make_reviewer(offer), value)
    rows = read_csv(exported(offer, "csv"))
    assert [(row["Rang"], row["Nom"], row["Moyenne"], row["Notes"]) for row in rows] == [
        ("1", "Quatre", "4.00", "2"),
        ("2", "Trois", "3.00", "1"),
        ("3", "Encore-trois", "3.00", "2"),
        ("", "Aucune", "", "0"),
    ]


def test_csv_opens_as_a_spreadsheet_expects(one: Submission) -> None:
    content = exported(one.offer, "csv")
    assert content.startswith(b"\xef\xbb\xbfRang,Num")
    assert content.endswith(b"\r\n")
    assert content.count(b"\xef\xbb\xbf") == 1


def test_csv_never_starts_a_cell_with_a_formula(kept: CaseData) -> None:
    offer = kept.hostile
    content = exported(offer, "csv").decode("utf-8-sig")
    for separator in (",", ";", "\t"):
        for line in csv.reader(io.StringIO(content, newline=""), delimiter=separator):
            assert not [cell for cell in line if cell.lstrip(' "\u00a0')[:1] in set("=+-@")], line
    assert "'-Ève" in {row["Nom"] for row in read_csv(exported(offer, "csv"))}


def test_xlsx_writes_hostile_text_as_text(kept: CaseData) -> None:
    content = exported(kept.hostile, "xlsx")
    with ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        sheets = [archive.read(name).decode() for name in names if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 2
    for sheet in sheets:
        assert "<f>" not in sheet
        assert "<f " not in sheet
        assert "hyperlink" not in sheet
    assert not [name for name in names if "rels/sheet" in name or "externalLink" in name]
    shown = {cell.value for cell in load_workbook(io.BytesIO(content)).active["D"]}
    assert shown == {"Nom", *HOSTILE}


def test_xlsx_is_typed_frozen_and_explains_itself(one: Submission) -> None:
    submission, offer = one, one.offer
    make_assessment(submission, make_reviewer(offer), 4)
    book = load_workbook(io.BytesIO(exported(offer, "xlsx")))
    assert book.sheetnames == ["Liste de présélection", "À propos"]
    sheet = book.active
    assert sheet.freeze_panes == "C2"
    assert [cell.value for cell in sheet[1]] == [str(column.header) for column in COLUMNS]
    rank, _number, received, *_rest = sheet[2]
    assert rank.value == 1
    assert submission.standing_filing is not None
    local = submission.standing_filing.received_at.astimezone(offer.zone)
    assert received.value == local.replace(tzinfo=None, microsecond=0)
    assert sheet["F2"].value.date().isoformat() == "1999-02-28"
    assert sheet["F2"].is_date
    assert sheet["M2"].value == 4
    about = {row[0].value: row[1].value for row in book["À propos"].iter_rows(min_row=3, max_row=6)}
    assert about == {
        "Offre": offer.number,
        "Organisation": offer.organisation,
        "Candidatures": "1",
        "Version des colonnes": str(SCHEMA),
    }


def test_zip_contains_each_dossier_its_digest_and_the_missing_list() -> None:
    offer = make_open_offer()
    whole, altered, absent, gone = (
        make_shortlisted(offer, last_name=name) for name in ("Ève/../é", "Altéré", "Absent", "Disparu")
    )
    dossier = make_dossier(whole)
    wrong = make_dossier(altered)
    with wrong.file.storage.open(wrong.file.name or "", "wb") as file:
        file.write(b"%PDF-1.7 autre chose")
    lost = make_dossier(gone)
    lost.file.storage.delete(lost.file.name or "")
    with ZipFile(io.BytesIO(exported(offer, "zip"))) as archive:
        assert archive.testzip() is None
        (name,) = [name for name in archive.namelist() if name.startswith("dossiers/")]
        assert re.fullmatch(r"dossiers/[A-Za-z0-9_-]+\.pdf", name)
        assert f"{dossier.sha256}  {name}\n" in archive.read("SHA256SUMS").decode()
        assert hashlib.sha256(archive.read(name)).hexdigest() == dossier.sha256
        missing = archive.read("MISSING.txt").decode()
        assert len(missing.splitlines()) == 3
        for submission in (altered, absent, gone):
            assert submission.standing_filing is not None
            assert submission.standing_filing.receipt.number in missing
        (line,) = read_csv(archive.read("manifest.csv"))
        assert line["Fichier"] == name
        assert len(read_csv(archive.read("liste.csv"))) == 4


def test_an_unreadable_storage_fails_the_archive(one: Submission, monkeypatch: pytest.MonkeyPatch) -> None:
    make_dossier(one)

    def unreadable(*_asked: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Dossier._meta.get_field("file").storage, "_open", unreadable)
    with pytest.raises(OSError, match="Input/output"):
        exported(one.offer, "zip")
    assert not ShortlistExport.objects.exists()


def test_every_file_of_the_archive_is_checked_by_sha256sum(kept: CaseData, tmp_path: Path) -> None:
    for submission in kept.three[:2]:
        make_dossier(submission)  # the third has no dossier: MISSING.txt lists it
    with ZipFile(io.BytesIO(exported(kept.three[0].offer, "zip"))) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    # macOS has no sha256sum; shasum does the same.
    command = ["sha256sum"] if shutil.which("sha256sum") else ["shasum", "-a", "256"]
    check = [*command, "--strict", "-c", "SHA256SUMS"]
    told = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    checked = {line.removesuffix(": OK") for line in told.stdout.splitlines()}
    assert checked == set(names) - {"SHA256SUMS"}
    assert len(checked) == 5
    (tmp_path / "MISSING.txt").write_bytes(b"")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    "parts, name",
    [
        (("2027-020-000123-K", "Tremblay", "Ève"), "2027-020-000123-K_Tremblay_Eve.pdf"),
        (("2027-020-000123-K", "Nguyễn", "../../etc"), "2027-020-000123-K_Nguyen_etc.pdf"),
        (("2027-020-000123-K", "Trần", "Søren"), "2027-020-000123-K_Tran_Soren.pdf"),
        (("2027-020-000123-K", "Bélanger-Cœur", "Æsa"), "2027-020-000123-K_Belanger-Coeur_AEsa.pdf"),
        (("2027-020-000123-K", "Đặng", "Łukß"), "2027-020-000123-K_Dang_Lukss.pdf"),
        (("2027-020-000123-K", "L\u2019Heureux", "Þór\u2013Ǿrn"), "2027-020-000123-K_L-Heureux_THor-Orn.pdf"),
        (("2027-020-000123-K", "李", "明"), "2027-020-000123-K.pdf"),
        (("2027-020-000123-K", "con", "aux"), "2027-020-000123-K_con_aux.pdf"),
        (("2027-020-000123-K",), "2027-020-000123-K.pdf"),
    ],
)
def test_file_names_in_the_archive_are_safe(parts: tuple[str, ...], name: str) -> None:
    assert safe_name(*parts, suffix=".pdf") == name


def test_an_empty_shortlist_has_only_its_header() -> None:
    offer = make_open_offer()
    assert read_csv(exported(offer, "csv")) == []
    assert load_workbook(io.BytesIO(exported(offer, "xlsx"))).active.max_row == 1
    with ZipFile(io.BytesIO(exported(offer, "zip"))) as archive:
        assert archive.read("MISSING.txt") == b""


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "zip"])
def test_an_export_runs_as_many_queries_for_three_rows_as_for_one(kept: CaseData, file_format: str) -> None:
    def queries(*listed: Submission) -> int:
        for submission in listed:
            make_dossier(submission)
        with CaptureQueriesContext(connection) as captured:
            exported(listed[0].offer, file_format)
        return len(captured)

    assert queries(*kept.three) == queries(kept.one)


@pytest.mark.parametrize("file_format", ["csv", pytest.param("xlsx", marks=pytest.mark.full)])
def test_a_long_list_keeps_a_part_of_its_entries_and_no_row_in_memory(
    kept: CaseData, file_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = kept.hostile
    monkeypatch.setattr(lines, "_CHUNK", 2)
    most: Counter[str] = Counter()

    def living() -> Counter[str]:
        counted = (
            type(one).__name__ for one in gc.get_objects() if isinstance(one, lines.Entry | Filing | Seal)
        )
        return Counter(counted)

    def look() -> None:
        nonlocal most
        most |= living() - before

    gc.collect()
    before = living()
    gc.disable()  # a list must not wait for it: it comes late where few objects are large
    try:
        file = ListFile(offer, file_format, None, "fr")
        assert write_shortlist(file=file, to=io.BytesIO(), tick=look) == len(HOSTILE)
    finally:
        gc.enable()
    assert most.keys() == {"Entry"}
    assert most["Entry"] <= 4, "two that are written, two that are read"


# -- Permissions and records ---------------------------------------------------------------------------------
def test_every_export_enters_the_journal_with_user_and_digest(one: Submission) -> None:
    offer, staff = one.offer, make_staff()
    content = exported(offer, "csv", staff)
    entry = Entry.objects.get(action="SHORTLIST_EXPORTED")
    assert (entry.actor, entry.subject_kind, entry.subject_id) == (
        staff,
        "offers.offer",
        str(offer.public_id),
    )
    digest = hashlib.sha256(content).hexdigest()
    assert entry.detail == f"csv, rows=1, bytes={len(content)}, sha256:{digest}"


def test_the_download_contains_the_export(one: Submission) -> None:
    offer = one.offer
    address = reverse("review:export_shortlist", args=[offer.number, "xlsx"])
    client = client_of(make_staff())
    answer = client.post(address, ASKED)
    assert answer["Content-Disposition"] == f'attachment; filename="preselection-{offer.number}.xlsx"'
    content = content_of(answer)
    assert hashlib.sha256(content).hexdigest() in Entry.objects.get(action="SHORTLIST_EXPORTED").detail
    assert client.get(address).status_code == 405
    assert client.post(reverse("review:export_shortlist", args=[offer.number, "docx"])).status_code == 404
    assert client.post(reverse("review:export_shortlist", args=["0000-000", "csv"])).status_code == 404
    assert client_of(make_reviewer(offer)).post(address).status_code == 403


def test_an_export_requires_a_reason_and_has_the_selected_language(one: Submission) -> None:
    offer = one.offer
    address = reverse("review:export_shortlist", args=[offer.number, "csv"])
    client = client_of(make_staff())
    for reason in ("", "   "):
        refused = client.post(address, ASKED | {"reason": reason}, follow=True)
        assert "Inscrivez le motif" in refused.content.decode()
        assert refused.redirect_chain[-1][0].endswith(f"?offre={offer.number}")
    assert not ShortlistExport.objects.exists()
    with pytest.raises(ReasonMissingError):
        export_shortlist(offer=offer, file_format="csv", to=io.BytesIO(), actor=make_staff(), reason=" ")
    assert "Date of birth" in content_of(client.post(address, ASKED | {"language": "en"})).decode()
    line = ShortlistExport.objects.get()
    assert (line.reason, line.language) == (ASKED["reason"], "en")


def test_a_table_that_cannot_be_drawn_is_reported_on_its_page(
    one: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = make_frozen(one.offer)

    def too_large(**_asked: Any) -> None:
        raise RenderError

    monkeypatch.setattr("intake.review.exports.pdf_file.render_table", too_large)
    client = client_of(make_staff())
    answer = client.post(
        reverse("review:export_shortlist", args=[one.offer.number, "pdf"]), ASKED, follow=True
    )
    assert "Le PDF n’est pas prêt." in answer.content.decode()
    page = reverse("review:shortlist", args=[one.offer.number, frozen.number])
    answer = client.post(page, ASKED | {"file_format": "pdf"})
    assert (answer.status_code, "Le PDF n’est pas prêt." in answer.content.decode()) == (422, True)
    assert not ShortlistExport.objects.exists()


def test_a_name_in_the_archive_is_shortened_with_its_folder() -> None:
    offer = make_open_offer()
    for _each in range(2):
        make_dossier(make_shortlisted(offer, last_name="A" * 80, first_name="B" * 80))
    with ZipFile(io.BytesIO(exported(offer, "zip"))) as archive:
        names = [name for name in archive.namelist() if name.startswith("dossiers/")]
    assert len(set(names)) == 2
    assert [len(name) for name in names] == [NAME_MAX, NAME_MAX]
