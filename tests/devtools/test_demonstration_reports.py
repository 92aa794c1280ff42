"""Full responses of the health checks and the demonstration, with their dependencies replaced."""

import json
import os
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn, Self

import pytest
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import RequestFactory
from pytest_django import Settings

from intake.devtools.demonstration import polling
from intake.devtools.demonstration.filing import People
from intake.devtools.management.commands import demonstrate
from intake.devtools.synthetic.tally import Tally
from intake.operations import health, views
from intake.outbox.wake import broker_answers

AT = datetime(2026, 9, 30, 18, tzinfo=UTC)


def with_plain_spaces(text: str) -> str:
    """Return a text with ordinary spaces only."""
    return text.replace("\xa0", " ")


# -- Health


class _Cursor:
    """A cursor that returns one row for one statement."""

    def __init__(self, row: tuple[object, ...] | None, asked: list[str]) -> None:
        self.row, self.asked = row, asked

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def execute(self, statement: str) -> None:
        self.asked.append(statement)

    def fetchone(self) -> tuple[object, ...] | None:
        return self.row


def connected(monkeypatch: pytest.MonkeyPatch, row: tuple[object, ...] | None) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=lambda: _Cursor(row, asked)))
    return asked


def _fail(*_given: object) -> NoReturn:
    raise OperationalError


def test_a_database_answers_or_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = connected(monkeypatch, (1,))
    assert health.database_answers() is True
    assert asked == ["SELECT 1"]
    connected(monkeypatch, None)
    assert health.database_answers() is False
    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=_fail))
    assert health.database_answers() is False
    assert health.role_owns_nothing() is False


def test_a_role_that_may_change_the_tables_is_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for row, answer in (((False,), True), ((True,), False)):
        asked = connected(monkeypatch, row)
        assert health.role_owns_nothing() is answer
        assert asked == [health.BYPASS_QUERY]  # type: ignore[attr-defined]  # -- health imports it
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        ("ERROR", "DATABASE_URL is of a role that may change the tables")
    ]


def test_a_storage_answers_or_says_of_what_sort_its_error_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(health, "default_storage", InMemoryStorage())
    assert health.storage_answers() is True
    monkeypatch.setattr(health, "default_storage", SimpleNamespace(exists=asked.append))
    assert health.storage_answers() is True
    assert asked == ["readyz"]
    monkeypatch.setattr(health, "default_storage", SimpleNamespace(exists=_fail))
    assert health.storage_answers() is False
    assert caplog.messages == ["the storage does not answer: OperationalError"]
    folder = FileSystemStorage(location=tmp_path / "a" / "b")
    monkeypatch.setattr(health, "default_storage", folder)
    may: list[tuple[Path, int]] = []

    def access(path: Path, how: int) -> bool:
        may.append((path, how))
        return len(may) == 1

    monkeypatch.setattr(os, "access", access)
    assert (health.storage_answers(), health.storage_answers()) == (True, False)
    assert may == [(tmp_path, os.W_OK | os.X_OK)] * 2
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")  # a broken link exists, and is no folder
    monkeypatch.setattr(os, "access", lambda *_given: True)
    assert health.storage_answers() is False


def test_everything_is_asked_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {
        "database": health.database_answers,
        "role": health.role_owns_nothing,
        "broker": broker_answers,
        "storage": health.storage_answers,
    } == health.CHECKS
    for name, check in (("database", all), ("role", any), ("broker", all), ("storage", any)):
        monkeypatch.setitem(health.CHECKS, name, partial(check, ()))
    assert health.check_readiness() == {"database": True, "role": False, "broker": True, "storage": False}
    found = [True, False, None]
    monkeypatch.setattr(health, "invariants_hold", lambda: found.pop(0))
    assert [health.last_invariant_check() for _time in range(3)] == [True, False, None]
    monkeypatch.setattr(health, "invariants_hold", _fail)
    assert health.last_invariant_check() is None


@pytest.mark.parametrize("broken", ["", "database", "broker"])
def test_a_portal_says_whether_it_is_ready(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {name: name != broken for name in ("database", "broker")}
    monkeypatch.setattr(views, "check_readiness", lambda: answers)
    monkeypatch.setattr(views, "last_invariant_check", lambda: False)
    said = views.readyz(RequestFactory().get("/readyz"))
    assert said.status_code == (503 if broken else 200)
    invariants = None if broken == "database" else False
    assert json.loads(said.content) == {"ready": not broken, **answers, "invariants": invariants}
    assert "no-store" in said["Cache-Control"]
    assert views.readyz(RequestFactory().post("/readyz")).status_code == 405
    up = views.healthz(RequestFactory().get("/healthz"))
    assert (up.content, up["Content-Type"]) == (b"ok", "text/plain; charset=utf-8")
    assert views.healthz(RequestFactory().post("/healthz")).status_code == 405


# -- Waiting


def test_what_is_waited_for_is_looked_for_until_it_is_there_or_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, naps = [100.0], []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock[0] += 1

    monkeypatch.setattr(polling, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep))
    looks = iter([None, None, 0, "late"])
    assert polling.wait_for(lambda: next(looks), seconds=9) == 0  # zero is a result; only None is not
    assert naps == [0.2, 0.2]
    naps.clear()
    assert polling.wait_for(lambda: None, seconds=3) is None
    assert naps == [0.2] * 3
    assert polling.wait_for(lambda: None, seconds=0) is None


def test_a_mail_is_found_by_its_identifier_among_the_newest_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message: Any = SimpleNamespace(message_id="<a@b>")
    assert polling.find_mail_file(message, folder=tmp_path / "missing") is None
    (tmp_path / "folder").mkdir()
    for age, (name, content) in enumerate([("old", "<a@b>"), ("middle", "<c@d>"), ("new", "x <a@b> y")]):
        (tmp_path / name).write_text(content)
        os.utime(tmp_path / name, (age, age))
    assert polling.find_mail_file(message, folder=tmp_path) == tmp_path / "new"
    monkeypatch.setattr(polling, "_NEWEST_FILES", 1)
    assert polling.find_mail_file(SimpleNamespace(message_id="<c@d>"), folder=tmp_path) is None  # type: ignore[arg-type]  # -- only message_id is read
    monkeypatch.setattr(polling, "_NEWEST_FILES", 2)
    assert polling.find_mail_file(SimpleNamespace(message_id="<c@d>"), folder=tmp_path) == tmp_path / "middle"  # type: ignore[arg-type]  # -- only message_id is read


# -- The demonstration


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> dict[str, Any]:
    """A demonstration without effects: the arguments of each step, and the results a worker would give."""
    settings.ONE_TIME_LINKS = True
    settings.DATA_DIR = tmp_path
    settings.SITE_URL = "http://127.0.0.1:8000"
    told: dict[str, Any] = {"found": [], "asked": []}
    who: list[Any] = [SimpleNamespace(email=f"{name}@x") for name in ("candidate", "reviewer", "staff")]
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
    "Liens d’entrée, chacun valable une fois, pendant 12 heures :",
    *("  Candidate (candidate@x)", "    link of candidate@x"),
    *("  Évaluation (reviewer@x)", "    link of reviewer@x"),
    *("  Personnel (staff@x)", "    link of staff@x"),
]
FILED = [
    "Démonstration : une candidature passe par les vrais services.",
    "  1. Candidature déposée par Camille Tremblay ; accusé de réception n° R-1",
]
LINKS = {name: f"link of {name}@x" for name in ("candidate", "reviewer", "staff")}


def test_a_first_start_says_each_step_and_where_each_thing_is(shown: dict[str, Any], tmp_path: Path) -> None:
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


def test_without_a_folder_of_mails_and_of_files_what_is_known_is_said(
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
def test_what_no_worker_did_is_said_and_is_a_failure_and_is_not_kept(
    found: list[Any], shown: dict[str, Any], tmp_path: Path
) -> None:
    known = {
        "mail": SimpleNamespace(to_address="a@b", message_id="<a@b>"),
        "dossier": SimpleNamespace(file=SimpleNamespace(path="/d.pdf")),
    }
    shown["found"] = [known.get(one, one) for one in found]
    status, said, words = demonstrated()
    why = "Un travailleur Celery est-il en marche ? « manage.py check_outbox » dit ce qui attend."
    assert (status, said["complete"], said["links"]) == (1, False, LINKS)
    assert (f"  2. Courriel : pas parti après 60 s. {why}" in words) is (found[0] is None)
    assert (f"  3. Dossier : pas produit après 120 s. {why}" in words) is (found[-1] is None)
    assert not (tmp_path / "demonstration" / "shown.json").exists()


def test_settings_without_links_are_told_why() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("demonstrate")
    message = "the demonstration is for embedded settings: these do not allow one-time sign-in links"
    assert (str(refused.value), refused.value.returncode) == (message, 2)


# -- Counts of generated submissions ---


def test_what_was_generated_is_counted_by_its_outcome_and_its_state() -> None:
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
