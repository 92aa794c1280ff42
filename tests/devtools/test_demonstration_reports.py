"""What the demonstration waits for and prints, and the counts of generated submissions, with dependencies replaced."""

import json
import os
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from intake.devtools.demonstration.filing import People
from intake.devtools.management.commands import demonstrate
from intake.devtools.synthetic.people import Tally

AT = datetime(2026, 9, 30, 18, tzinfo=UTC)


def with_plain_spaces(text: str) -> str:
    """Return a text with ordinary spaces only."""
    return text.replace("\xa0", " ")


# -- Waiting


def test_waiting_ends_with_a_result_or_at_its_time_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, naps = [100.0], []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock[0] += 1

    monkeypatch.setattr(demonstrate, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep))
    looks = iter([None, None, 0, "late"])
    assert demonstrate.wait_for(lambda: next(looks), seconds=9) == 0  # zero is a result; only None is not
    assert naps == [0.2, 0.2]
    naps.clear()
    assert demonstrate.wait_for(lambda: None, seconds=3) is None
    assert naps == [0.2] * 3
    assert demonstrate.wait_for(lambda: None, seconds=0) is None


def test_a_mail_is_found_by_its_identifier_among_the_newest_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message: Any = SimpleNamespace(message_id="<a@b>")
    assert demonstrate.find_mail_file(message, folder=tmp_path / "missing") is None
    (tmp_path / "folder").mkdir()
    for age, (name, content) in enumerate([("old", "<a@b>"), ("middle", "<c@d>"), ("new", "x <a@b> y")]):
        (tmp_path / name).write_text(content)
        os.utime(tmp_path / name, (age, age))
    assert demonstrate.find_mail_file(message, folder=tmp_path) == tmp_path / "new"
    other: Any = SimpleNamespace(message_id="<c@d>")
    monkeypatch.setattr(demonstrate, "_NEWEST_FILES", 1)
    assert demonstrate.find_mail_file(other, folder=tmp_path) is None
    monkeypatch.setattr(demonstrate, "_NEWEST_FILES", 2)
    assert demonstrate.find_mail_file(other, folder=tmp_path) == tmp_path / "middle"


# -- The demonstration
NAMES = ("candidate", "reviewer", "staff", "administrator")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> dict[str, Any]:
    """A demonstration without effects: the arguments of each step, and the results a worker would give."""
    settings.ONE_TIME_LINKS = True
    settings.DATA_DIR = tmp_path
    settings.SITE_URL = "http://127.0.0.1:8000"
    told: dict[str, Any] = {"found": [], "asked": []}
    who: list[Any] = [SimpleNamespace(email=f"{name}@x") for name in NAMES]
    people = People(*who)
    receipt = SimpleNamespace(number="R-1", filing=SimpleNamespace(submission="submission"))
    offer = SimpleNamespace(number="2027-020")

    def step(name: str, answer: Any) -> Any:
        def called(**named: Any) -> Any:
            told["asked"].append((name, {key: value for key, value in named.items() if key != "at"}))
            return answer

        return called

    def wait_for(_look: Any, *, seconds: float) -> Any:
        told["asked"].append(("wait", seconds))
        return told["found"].pop(0)

    filing = demonstrate.filing  # type: ignore[attr-defined]  # -- demonstrate imports it
    monkeypatch.setattr(filing, "invite_people", step("invite", people))
    monkeypatch.setattr(filing, "seat_committee", step("seat", None))
    monkeypatch.setattr(filing, "find_receipt", step("find", None))
    monkeypatch.setattr(filing, "file_application", step("file", receipt))
    monkeypatch.setattr(filing, "shortlist_application", step("shortlist", None))
    monkeypatch.setattr(filing, "write_shortlist", step("write", 3))
    monkeypatch.setattr(demonstrate, "load_demonstration", lambda **_at: ["another", offer])
    monkeypatch.setattr(demonstrate, "wait_for", wait_for)
    monkeypatch.setattr(demonstrate, "make_sign_in_link", lambda *, user, **_at: f"link of {user.email}")
    told.update(
        people=people, receipt=receipt, offer=offer, path=tmp_path / "demonstration" / "shortlist.xlsx"
    )
    return told


def demonstrated(*arguments: str) -> tuple[int, dict[str, Any], list[str]]:
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command("demonstrate", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        status = int(str(ended.code))
    return (
        status,
        json.loads(out.getvalue()),
        [with_plain_spaces(line) for line in err.getvalue().splitlines()],
    )


OPEN = [
    "",
    "Le portail est ouvert : http://127.0.0.1:8000",
    "Liens de connexion, chacun valide une fois, pendant 12 heures :",
    *("  Candidate (candidate@x)", "    link of candidate@x"),
    *("  Évaluation (reviewer@x)", "    link of reviewer@x"),
    *("  Personnel (staff@x)", "    link of staff@x"),
    *("  Administration (administrator@x)", "    link of administrator@x"),
]
FILED = [
    "Démonstration : une candidature passe par les vrais services.",
    "  1. Candidature déposée par Camille Tremblay ; accusé de réception n° R-1",
]
LINKS = {name: f"link of {name}@x" for name in NAMES}


def test_a_first_start_prints_each_step_with_its_file(shown: dict[str, Any], tmp_path: Path) -> None:
    message = SimpleNamespace(to_address="a@b", message_id="<a@b>")
    dossier = SimpleNamespace(file=SimpleNamespace(path="/media/d.pdf"))
    shown["found"] = [message, tmp_path / "mail" / "1.eml", dossier]
    status, said, words = demonstrated()
    path = shown["path"]
    assert words == [
        *FILED,
        f"  2. Courriel : {tmp_path / 'mail' / '1.eml'}",
        "  3. Dossier PDF : /media/d.pdf",
        f"  4. Liste de présélection (candidatures : 3) : {path}",
        *OPEN,
    ]
    kept = {
        "complete": True,
        "offer": "2027-020",
        "receipt": "R-1",
        "mail": str(tmp_path / "mail" / "1.eml"),
        "dossier": "/media/d.pdf",
        "shortlist": str(path),
    }
    assert (status, said) == (0, kept | {"site": "http://127.0.0.1:8000", "links": LINKS})
    assert json.loads((tmp_path / "demonstration" / "shown.json").read_text(encoding="utf-8")) == kept
    offer, people = shown["offer"], shown["people"]
    assert shown["asked"] == [
        ("invite", {}),
        ("seat", {"offer": offer, "people": people}),
        ("find", {"offer": offer, "candidate": people.candidate}),
        ("file", {"offer": offer, "candidate": people.candidate}),
        *[("wait", seconds) for seconds in (60, 5, 120)],
        ("shortlist", {"submission": "submission", "people": people}),
        ("write", {"offer": offer, "people": people, "path": path}),
    ]


class _NoFolder:
    """A file in a storage that has no folders."""

    @property
    def path(self) -> str:
        raise NotImplementedError

    def __str__(self) -> str:
        return "dossiers/R-1.pdf"


def test_without_local_folders_the_known_names_are_printed(
    shown: dict[str, Any],
) -> None:
    message = SimpleNamespace(to_address="a@b", message_id="<a@b>")
    shown["found"] = [message, None, SimpleNamespace(file=_NoFolder())]
    status, said, words = demonstrated("--wait", "2.5")
    assert words[2:4] == ["  2. Courriel remis au serveur pour a@b", "  3. Dossier PDF : dossiers/R-1.pdf"]
    assert (status, said["mail"], said["dossier"], said["complete"]) == (0, "<a@b>", "dossiers/R-1.pdf", True)
    assert [what for what in shown["asked"] if what[0] == "wait"] == [
        ("wait", 2.5),
        ("wait", 5),
        ("wait", 2.5),
    ]


@pytest.mark.parametrize("found", [[None, None], [None, "dossier"], ["mail", "file", None]])
def test_a_missing_mail_or_dossier_is_reported_fails_and_is_not_kept(
    found: list[Any], shown: dict[str, Any], tmp_path: Path
) -> None:
    known = {
        "mail": SimpleNamespace(to_address="a@b", message_id="<a@b>"),
        "dossier": SimpleNamespace(file=SimpleNamespace(path="/d.pdf")),
    }
    shown["found"] = [known.get(one, one) for one in found]
    status, said, words = demonstrated()
    why = "Un travailleur Celery est-il en marche ? « manage.py check_outbox » montre ce qui attend."
    assert (status, said["complete"], said["links"]) == (1, False, LINKS)
    assert (f"  2. Courriel : non envoyé après 60 s. {why}" in words) is (found[0] is None)
    assert (f"  3. Dossier : pas produit après 120 s. {why}" in words) is (found[-1] is None)
    assert not (tmp_path / "demonstration" / "shown.json").exists()


def test_settings_without_links_are_refused_with_the_reason() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("demonstrate")
    message = "the demonstration is for embedded settings: these do not allow one-time sign-in links"
    assert (str(refused.value), refused.value.returncode) == (message, 2)


# -- Counts of generated submissions ---


def test_generated_submissions_are_counted_by_outcome_and_state() -> None:
    tally = Tally(already=4)
    for state, outcome in (("B", "X"), ("A", None), ("B", "Y"), ("A", "X"), ("A", "X")):
        tally.count(SimpleNamespace(state=state), outcome)  # type: ignore[arg-type]  # -- only its state is read
    said = tally.as_json()
    assert said == {
        "created": 5,
        "already": 4,
        "filed": 4,
        "drafts": 1,
        "outcomes": {"X": 3, "Y": 1},
        "states": {"A": 3, "B": 2},
    }
    assert list(said["outcomes"]) == ["X", "Y"]
    assert list(said["states"]) == ["A", "B"]
