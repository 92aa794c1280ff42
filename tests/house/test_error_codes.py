"""Each error class has a stable code: codes are stored in rows, sent to pages and read by scripts."""

import ast
import builtins
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

TABLE = Path(__file__).with_name("error_codes.txt").read_text(encoding="utf-8").splitlines()
"""One line per error class: its package, code and name. A changed code changes stored data."""
OF_THE_CASE = {
    "intake.accounts AddressBusyError": "it carries the sentence that is shown",
    "intake.accounts CodeNotSent": "it carries the sentence that is shown",
    "intake.accounts ProofRefused": "its page says one thing whatever is wrong",
    "intake.accounts NetworkBusyError": "it carries the sentence that is shown",
    "intake.accounts OneTimeLinksOff": "a setting says so, and its route does not exist",
    "intake.documents Refused": "a member of `Reason` is given with each",
    "intake.documents ScannerUnavailableError": "a member of `Reason` is its code",
    "intake.documents UploadRefused": "a member of `Reason` is given with each",
    "intake.documents VirusFoundError": "a member of `Reason` is its code",
    "intake.dossiers UnknownAssetError": "it stays within the process that draws pages",
    "intake.devtools EmbeddedError": "its message is the line that is read in the terminal",
    "intake.privacy ErasureFailedError": "it ends a job, whose log counts what failed",
    "intake.profiles DateRefused": "its code is given with each, and has its words in the field",
    "intake.review MissingFilingError": "the database's own constraints forbid it",
    "intake.review _AlteredError": "it never leaves its module",
    "intake.review _OrderClosedError": "it never leaves its module",
    "intake.submissions InvalidSignedAnswers": "its page says what to do with the answers that it holds",
    "intake.transparency ProofRefusedError": "a member of `Refusal` is given with each",
    "offers PageUnreadableError": "a `Problem` is given with each",
    "intake.base PortalError": "the base class of those of offers, register, submissions and review",
}
"""Error classes without a class-level code, with the reason."""
OF_ALL_ROOMS = {"REASON_MISSING", "REFUSED"}
"""Codes that several packages share with one meaning: a missing reason, and the base class that is never raised."""


def _room(path: Path) -> str:
    first, second, *_rest = path.relative_to(settings.BASE_DIR).parts
    return first if first == "offers" else f"{first}.{second}"


def _own_code(node: ast.ClassDef) -> str | None:
    for line in node.body:
        target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
        if isinstance(target, ast.Name) and target.id == "code":
            value = getattr(line, "value", None)
            return str(value.value) if isinstance(value, ast.Constant) else None
    return None


def _classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for package in ("intake", "offers"):
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    yield _room(path), node


def _errors() -> Iterator[tuple[str, str, str | None]]:
    """Yield package, name and code of each class that derives from an exception, directly or not."""
    known = {name for name, value in vars(builtins).items() if isinstance(value, type)}
    errors = {name for name in known if issubclass(getattr(builtins, name), BaseException)}
    classes = list(_classes())
    while more := {
        node.name
        for _room_of_it, node in classes
        if node.name not in errors and any(ast.unparse(base).split(".")[-1] in errors for base in node.bases)
    }:
        errors |= more
    for room, node in classes:
        if node.name in errors:
            yield room, node.name, _own_code(node)


def test_each_error_class_has_the_code_of_the_table() -> None:
    found = list(_errors())
    coded = sorted(f"{room} {code} {name}" for room, name, code in found if code)
    assert coded == sorted(" ".join(line.split()) for line in TABLE)
    assert {f"{room} {name}" for room, name, code in found if not code} == OF_THE_CASE.keys()


def test_each_error_code_belongs_to_one_class_per_package() -> None:
    rooms: dict[str, list[str]] = defaultdict(list)
    for line in TABLE:
        room, code, _name = line.split()
        rooms[code].append(room)
    twice = {code for code, given_by in rooms.items() if max(Counter(given_by).values()) > 1}
    assert twice == set(), "one room gives the same code for two things"
    assert {code for code, given_by in rooms.items() if len(given_by) > 1} == OF_ALL_ROOMS


def test_two_errors_of_one_app_have_different_names() -> None:
    names = Counter((room, name) for room, name, _code in _errors())
    assert [key for key, count in names.items() if count > 1] == []
