"""`manage.py export_shortlist`, as `docs/contracts.md` documents it."""

import hashlib
import json
import os
from copy import deepcopy
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from intake.journal.models import Entry
from intake.review.models import ShortlistExport
from intake.review.shortlists.operations import freeze_shortlist
from offers.models import Offer
from tests.factories.people import make_staff
from tests.factories.review import make_dossier, make_shortlisted
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(module_db: None) -> Offer:
    offer = make_open_offer()
    make_dossier(make_shortlisted(offer))
    return offer


@pytest.fixture
def offer(made: Offer) -> Offer:
    return deepcopy(made)


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "zip"])
def test_the_command_writes_the_file_and_prints_one_object(
    offer: Offer, file_format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"liste.{file_format}"
    call_command("export_shortlist", "--offer", offer.number, "--format", file_format, "--out", str(out))
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    content = out.read_bytes()
    assert answer == {
        "offer": offer.number,
        "format": file_format,
        "rows": 1,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "path": str(out),
        "schema": 2,
        "list": None,
        "language": "fr",
    }
    assert "the list as it stands" in printed.err
    assert printed.out.count("\n") == 1
    assert list(tmp_path.iterdir()) == [out]
    entry = Entry.objects.get(action="SHORTLIST_EXPORTED")
    assert entry.actor is None


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"--offer": "0000-000"}, "0000-000"),
        ({"--format": "docx"}, "xlsx, csv, zip, pdf"),
        ({"--language": "de"}, "fr, en"),
        ({"--list": "1"}, "'1' is not the number of a frozen list"),
        ({"--list": "la dernière"}, "frozen list"),
        ({"--reason": "m" * 251}, "251"),
        ({"--out": "nulle-part/liste.csv"}, "nulle-part"),
        ({"--out": "."}, "--out"),
    ],
)
def test_bad_input_is_reported_in_one_line_without_a_file(
    offer: Offer,
    changes: dict[str, str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"--offer": offer.number or "", "--format": "csv", "--out": "liste.csv"} | changes
    with pytest.raises(CommandError) as refused:
        call_command("export_shortlist", *[part for pair in given.items() for part in pair])
    assert refused.value.returncode == 2
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())
    assert not Entry.objects.filter(action="SHORTLIST_EXPORTED").exists()


def test_a_pipe_or_a_device_is_never_replaced_by_a_file(offer: Offer, tmp_path: Path) -> None:
    out = tmp_path / "tuyau"
    os.mkfifo(out)
    with pytest.raises(CommandError) as refused:
        call_command("export_shortlist", "--offer", offer.number, "--format", "csv", "--out", str(out))
    assert refused.value.returncode == 2
    assert out.is_fifo()


def test_an_earlier_file_is_replaced_completely(offer: Offer, tmp_path: Path) -> None:
    out = tmp_path / "liste.csv"
    out.write_text("une liste plus ancienne et bien plus longue\n" * 1000)
    call_command("export_shortlist", "--offer", offer.number, "--format", "csv", "--out", str(out))
    assert out.read_bytes().startswith(b"\xef\xbb\xbfRang")


def test_the_latest_frozen_list_is_written_unless_another_is_named(
    offer: Offer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for rows in (1, 2):
        freeze_shortlist(offer=offer, actor=make_staff(), reason=f"{rows} noms", at=timezone.now())
        make_shortlisted(offer)
    out = tmp_path / "liste.csv"
    given = ["--offer", offer.number, "--format", "csv", "--out", str(out), "--language", "en"]
    call_command("export_shortlist", *given, "--reason", "Demande de l’hôte")
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert (answer["rows"], answer["list"], answer["language"]) == (2, 2, "en")
    assert "frozen list 2" in printed.err
    assert out.read_bytes().startswith(b"\xef\xbb\xbfRank,")
    call_command("export_shortlist", *given, "--list", "1")
    assert json.loads(capsys.readouterr().out)["rows"] == 1
    kept = ShortlistExport.objects.order_by("pk").values_list("shortlist__number", "reason")
    assert list(kept) == [(2, "Demande de l’hôte"), (1, "")]
    assert not ShortlistExport.objects.filter(actor__isnull=False).exists()
