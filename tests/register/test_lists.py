"""Lists of past participants: imported completely or refused line by line, by command and by page."""

import datetime as dt
import io
import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from intake.journal.models import Entry
from intake.register.csv_import import read_list
from intake.register.models import Participation
from offers.models import Programme
from tests.factories.offers import make_programme
from tests.factories.participants import is_known, make_participation, portal_programme
from tests.factories.people import client_of, make_staff

ON = dt.date(2026, 11, 24)
HEADER = "last_name,first_name,birth_date,year"
PROGRAMME = Programme(code="ESSAI")
IMPORT = "/admin/register/participation/importer/"


NOT_UTF8 = "le texte n’est pas en UTF-8"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\nRoy,Alex,1990-05-04,2014\n",
        f"{HEADER}\r\nRoy,Alex,4 mai 1990,2014\r\n",
        "last_name;first_name;birth_date;year\nRoy;Alex;May 4, 1990;2014\n",
        "Year, Birth_Date ,FIRST_NAME,last_name\n2014,31/05/1990,Alex,Roy",
        f'\n{HEADER}\n\n"Roy","Alex","4 mai 1990"," 2014 "\n,,,\n',
        f'{HEADER}\n"Roy, fils","Alex","4 mai 1990",2014\n',
        f"{HEADER}\n'-Ève,Alex,4 mai 1990,2014\n",
    ],
)
def test_lists_are_read_as_spreadsheets_save_them(text: str) -> None:
    read = read_list(text, programme=PROGRAMME, on=ON)
    assert not read.problems
    assert [(row.year, row.person.birth_date.year) for row in read.rows] == [(2014, 1990)]


# -- Command ---------------------------------------------------------------------------------------------------
def run(text: str | bytes, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, Any]:
    data = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    printed = io.StringIO()
    call_command("import_participants", "-", *options, stdout=printed)
    (line,) = printed.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("year, entered", [(2031, True), (2032, False)])
def test_the_last_year_of_a_list_is_that_after_the_day_in_quebec(
    monkeypatch: pytest.MonkeyPatch, year: int, *, entered: bool
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2031, 1, 1, 2, tzinfo=dt.UTC))
    text = f"{HEADER}\nRoy,Alex,1990-05-04,{year}\n"
    with nullcontext() if entered else pytest.raises(CommandError, match="colonne year"):
        run(text, monkeypatch, "--dry-run")
    given = {"programme": portal_programme().pk, "file": SimpleUploadedFile("l.csv", text.encode())}
    page = client_of(make_staff()).post(IMPORT, given)
    assert page.status_code == (200 if entered else 422)


@pytest.mark.django_db
def test_the_command_counts_then_enters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_participation(last_name="Roy", first_name="Alex", birth_date="1990-05-04", year=2014)
    text = f"\ufeff{HEADER}\nROY,alex,4 mai 1990,2014\nGagnon,Luc,1991-02-03,2015\n"
    assert run(text, monkeypatch, "--dry-run") == {
        "rows": 2,
        "new": 1,
        "known": 1,
        "rekeyed": 0,
        "files": None,
    }
    assert Participation.objects.count() == 1
    path = tmp_path / "liste.csv"
    path.write_text(text, encoding="utf-8")
    call_command("import_participants", str(path), stdout=io.StringIO())
    assert Participation.objects.count() == 2
    assert is_known(
        last_name="Gagnon", first_name="Luc", birth_date=dt.date(1991, 2, 3), programme=portal_programme()
    )


@pytest.mark.django_db
def test_the_command_takes_another_programme(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = make_programme()
    run(f"{HEADER}\nRoy,Alex,4 mai 1990,2014", monkeypatch, "--programme", programme.code)
    assert Participation.objects.get().programme == programme


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text, options, said",
    [
        (
            f"{HEADER}\nRoy,Alex,1990-05-04,quatorze\nRoy,Alex,hier,2014\n",
            [],
            "ligne 2, colonne year : Inscrivez l’année en quatre chiffres. (et 1 autres erreurs)",
        ),
        (HEADER, [], "ligne 1 : la liste est vide"),
        (HEADER, ["--programme", "RIEN"], "--programme : aucun programme n’a le code « RIEN »"),
        (f"{HEADER}\nRoy,Luc,1991-02-03,2015\nC\xf4t\xe9".encode("latin-1"), [], f"ligne 3 : {NOT_UTF8}"),
        (f"{HEADER}\nRoy\0,Alex,1990-05-04,2014", [], f"ligne 2 : {NOT_UTF8}"),
        (f"{HEADER}\nRoy,Alex,1990-05-04,2014".encode("utf-16"), [], f"ligne 1 : {NOT_UTF8}"),
        (b"x" * (1024 * 1024 + 1), [], "- : plus de 1048576 octets ; importez la liste en plusieurs fois"),
    ],
)
def test_a_refused_list_stores_no_row(
    text: str | bytes, options: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError) as refused:
        run(text, monkeypatch, *options)
    assert (str(refused.value).replace("\u00a0", " "), refused.value.returncode) == (said, 2)
    assert not Participation.objects.exists()
    assert not Entry.objects.filter(action__startswith="PARTICIPATION").exists()


@pytest.mark.django_db
def test_the_rebuild_prints_its_counts_and_rows_with_lost_keys(settings: Settings) -> None:
    printed = io.StringIO()
    call_command("rebuild_register", stdout=printed)
    counts = {"completed": 0, "new": 0, "known": 0, "rekeyed": 0, "older_keys": 0, "lost_keys": 0}
    assert json.loads(printed.getvalue()) == counts
    make_participation()
    settings.REGISTER_KEYS = {"other": "x" * 40}
    printed = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rebuild_register", stdout=printed, stderr=io.StringIO())
    assert ended.value.code == 1
    assert json.loads(printed.getvalue()) == counts | {"lost_keys": 1}


# -- Page ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_reads_a_file_of_maximum_size_and_explains_unreadable_ones(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = f"{HEADER}\nRoy,Alex,1990-05-04,2014\n".ljust(1024 * 1024, "\n")
    assert run(full, monkeypatch) == {"rows": 1, "new": 1, "known": 0, "rekeyed": 0, "files": 0}
    assert Entry.objects.get(action="PARTICIPATIONS_IMPORTED").actor is None

    def denied(*_asked: object, **_options: object) -> None:
        raise PermissionError

    said = {}
    for name, path in (("folder", tmp_path), ("none", tmp_path / "rien"), ("nul", Path("a\0b"))):
        with pytest.raises(CommandError) as refused:
            call_command("import_participants", str(path))
        said[name] = str(refused.value).replace("\u00a0", " ")
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(CommandError, match=r"^liste.csv : la lecture est refusée$"):
        call_command("import_participants", "liste.csv")
    assert said == {
        "folder": f"{tmp_path} : un dossier, pas un fichier",
        "none": f"{tmp_path}/rien : introuvable",
        "nul": "a\0b : impossible à lire",
    }
    settings.REGISTER_KEYS = {}
    without = "REGISTER_KEYS manque : le registre n’a pas de clé (docs/operations/keys.md dit comment)"
    for command in ("import", "rebuild"):
        with pytest.raises(CommandError) as refused:
            run(full, monkeypatch) if command == "import" else call_command("rebuild_register")
        assert (str(refused.value), refused.value.returncode) == (without, 2)
