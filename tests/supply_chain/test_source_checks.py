"""No file of the repository has a secret, and the security rules of the linter are on."""

import re
import subprocess
import tomllib
from collections.abc import Iterator

import pytest

from tests.supply_chain.locks import ROOT

_SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{40,}",
    "a key of Amazon": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(?:gh[opsru]_[A-Za-z0-9]{36}|github_pat_\w{60,})\b",
    "a token of GitLab": r"\bglpat-[\w-]{20}\b",
    "a token of a package index": r"\bpypi-AgE[\w-]{50,}",
    "a token of npm": r"\bnpm_[A-Za-z0-9]{36}\b",
    "a token of Slack": r"\bxox[abprs]-[0-9]{8,}-[\w-]{10,}",
    "a key of Google": r"\bAIza[\w-]{35}\b",
    "a signed token": r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}",
    "a password in an address": r"\b(?:postgres|postgresql|redis|smtp|amqp)(?:\+\w+)?://[\w.-]+:(?=[^\s@/{$<]{16,}@)"
    r"(?=[^\s@]*\d)(?=[^\s@]*[A-Za-z])[A-Za-z0-9_-]{16,}@",
    "a secret of the portal": r"\b(?:SECRET_KEY|VALKEY_PASSWORD|INTAKE_\w+_PASSWORD)=[\"']?[0-9a-f]{32,}"
    r"|\b(?:REGISTER|SIGNING)_KEYS=[\"']?\w+:[0-9a-f]{64}",
}
_BINARY = {".png", ".woff", ".woff2", ".mo", ".pdf", ".jpg", ".ico"}


def _files() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, listed):
        path = ROOT / name
        if path.is_file() and path.suffix not in _BINARY:
            yield name, path.read_text(encoding="utf-8", errors="replace")


def _secrets_in(text: str) -> list[str]:
    return [what for what, pattern in _SECRETS.items() if re.search(pattern, text)]


def test_no_file_of_the_repository_has_a_secret() -> None:
    files = dict(_files())
    assert len(files) > 1_000
    assert {name: found for name, text in files.items() if (found := _secrets_in(text))} == {}


def test_the_secrets_of_an_installation_are_not_in_the_repository() -> None:
    named = [name for name, _text in _files()]
    assert [
        name for name in named if name.startswith(("deploy/secrets/", "var/")) or name.endswith(".env")
    ] == []


@pytest.mark.parametrize(
    "what, text",
    [
        ("a private key", "-----BEGIN EC PRIVATE " + "KEY-----\n" + "MHcCAQEEIB0" * 5),
        ("a key of Amazon", "AKIA" + "IOSFODNN7EXAMPLE"),
        ("a token of GitHub", "ghp_" + "a1B2" * 9),
        ("a token of a package index", "pypi-" + "AgEIcHlwaS5vcmcC" * 5),
        (
            "a signed token",
            "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N",
        ),
        ("a password in an address", "postgres://intake_app:" + "0a1b2c3d" * 4 + "@db/intake"),
        ("a secret of the portal", "SECRET_KEY=" + "0a1b2c3d" * 8),
        ("a secret of the portal", "SIGNING_KEYS=2027:" + "0a1b2c3d" * 8),
    ],
)
def test_a_secret_of_each_kind_is_found(what: str, text: str) -> None:
    assert _secrets_in(text) == [what]


def test_the_linter_checks_security_in_all_code_of_the_portal() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert lint["select"] == ["ALL"]
    security = re.compile(r"S\d*")
    assert [rule for rule in lint["ignore"] if security.fullmatch(rule)] == []
    loosened = {
        where: [rule for rule in rules if security.fullmatch(rule)]
        for where, rules in lint["per-file-ignores"].items()
    }
    assert {where for where, rules in loosened.items() if rules} <= {"tests/**", "tests/database/**"}


def test_the_image_gets_neither_the_history_nor_the_secrets_of_the_clone() -> None:
    first, *others = [
        line
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    ]
    assert first == "*"  # the others name what is let in
    let_in = {line.removeprefix("!").partition("/")[0] for line in others if line.startswith("!")}
    assert let_in & {".git", ".env", "var", "deploy", "tests", "build"} == set()
    assert "intake" in let_in
