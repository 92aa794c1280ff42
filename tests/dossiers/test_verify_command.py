"""The command that verifies receipts: its input, its queries, and its exact output."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from intake.dossiers.management.commands import verify_receipt as command
from intake.dossiers.receipts.receipt_file import TooLargeError, UnreadableReceiptError, make_json_receipt
from intake.dossiers.receipts.verifying import Answer, Outcome
from intake.signing.services import known_keys, published_keys, sign
from tests.factories.receipts import DIGEST, NUMBER, facts

CODE = "7K3M-9QXD-2TBC"


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    out, status = StringIO(), 0
    try:
        call_command("verify_receipt", *arguments, stdout=out)
    except SystemExit as ended:
        status = int(str(ended.code))
    return status, json.loads(out.getvalue())


def with_plain_spaces(text: object) -> str:
    """Return a text with ordinary spaces only."""
    return str(text).replace("\xa0", " ")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "keys.json").write_text(json.dumps(published_keys()))
    twin: dict[str, Any] = json.loads(make_json_receipt(facts(), sign(facts().canonical())))
    (tmp_path / "twin.json").write_text(json.dumps(twin))
    (tmp_path / "changed.json").write_text(json.dumps(twin | {"signature": None}))
    return tmp_path


AUTHENTIC = {
    "authentic": True,
    "number": NUMBER,
    "received_at": "2026-09-30T18:32:05.999999Z",
    "offer": "2027-020",
    "closes_at": "2026-10-02T04:00:00Z",
    "time_zone": "America/Toronto",
    "replaces": None,
    "seal": DIGEST,
    "documents": ["ab12" * 16] * 4,
}


def test_the_command_prints_a_receipt_verified_by_its_signature_only(files: Path) -> None:
    keys = ("--keys", str(files / "keys.json"))
    key = next(iter(known_keys().keys))
    assert run(str(files / "twin.json"), *keys) == (0, AUTHENTIC | {"checked": "SIGNATURE", "key": key})
    assert run(str(files / "changed.json"), *keys) == (
        1,
        {"authentic": False, "reason": "BYTES", "checked": "SIGNATURE"},
    )


@pytest.mark.parametrize(
    "typed, asked",
    [
        (CODE, {"code": CODE}),
        ("7k3m 9qxd 2tbc", {"code": CODE}),
        (f" {NUMBER.lower()} {CODE} ", {"code": CODE, "number": NUMBER}),
        (f"{NUMBER} 7k3m9qxd2tbc", {"code": CODE, "number": NUMBER}),
    ],
)
def test_the_command_accepts_a_code_with_or_without_its_number(
    typed: str, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, str]] = []

    def verify_code(**named: str) -> Answer:
        given.append(named)
        return Answer(Outcome.UNKNOWN)

    monkeypatch.setattr(command, "verify_code", verify_code)
    assert run(typed)[0] == 1
    assert given == [asked]


@pytest.mark.parametrize(
    "typed, message",
    [
        ("ABCD", "ABCD : ni un fichier, ni un code de douze caractères"),
        ("nulle-part.PDF", "nulle-part.PDF : No such file or directory"),
        ("nulle/part", "nulle/part : No such file or directory"),
        ("nulle-part.json", "nulle-part.json : No such file or directory"),
        (f"2027-020-000123-A {CODE}", "2027-020-000123-A : ce numéro de dépôt a une faute"),
    ],
)
def test_the_command_reports_an_argument_that_is_no_file_and_no_code(typed: str, message: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("verify_receipt", typed)
    assert (with_plain_spaces(refused.value), refused.value.returncode) == (message, 2)


@pytest.mark.parametrize(
    "error, message",
    [
        (TooLargeError, "trop gros pour un accusé de réception"),
        (UnreadableReceiptError, "illisible dans les limites de temps et de mémoire"),
    ],
)
def test_the_command_reports_an_unreadable_file(
    error: type[Exception], message: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_content: bytes) -> Answer:
        raise error

    monkeypatch.setattr(command, "verify_file", fail)
    path = str(files / "twin.json")
    with pytest.raises(CommandError) as refused:
        call_command("verify_receipt", path)
    assert (with_plain_spaces(refused.value), refused.value.returncode) == (f"{path} : {message}", 2)


@pytest.mark.parametrize(
    "option, message",
    [
        ("--keys", "pas un fichier de clés publiées par le portail"),
        ("--proof", "pas une preuve d’inscription au registre public"),
    ],
)
def test_the_command_names_the_invalid_file_of_an_option(option: str, message: str, files: Path) -> None:
    (files / "x").write_text("[")
    keys = () if option == "--keys" else ("--keys", str(files / "keys.json"))
    with pytest.raises(CommandError) as refused:
        call_command("verify_receipt", str(files / "twin.json"), *keys, option, str(files / "x"))
    assert (with_plain_spaces(refused.value), refused.value.returncode) == (f"{files / 'x'} : {message}", 2)
