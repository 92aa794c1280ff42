"""Results of inspections for each end of the child process, and downloads; without process and database."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from intake.documents import inspection, reasons, services
from intake.documents.child.refusal import Reason
from intake.documents.downloads import safe_response
from intake.documents.inspection import Inspection, inspect_file
from intake.documents.isolated_process import ProcessTimeoutError
from intake.documents.models import Upload


def with_plain_spaces(text: str) -> str:
    """Return a text with ordinary spaces only."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


# -- An inspection


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The result that the child will write to its directory, and the calls it received."""
    told: dict[str, Any] = {"result": None, "asked": [], "code": 0}

    def run_apart(module: str, *arguments: str, room: Path, seconds: float, readable: list[Path]) -> int:
        assert [str(path) for path in readable] == [arguments[0]]
        told["asked"].append((module, arguments, room, seconds))
        if isinstance(told["result"], Exception):
            raise told["result"]
        if told["result"] is not None:
            text = told["result"] if isinstance(told["result"], str) else json.dumps(told["result"])
            (room / "result.json").write_text(text)
        return int(told["code"])

    monkeypatch.setattr(inspection, "run_isolated", run_apart)
    return told


def inspect(tmp_path: Path, content: bytes = b"x" * 10, max_bytes: int = 10) -> Inspection:
    (tmp_path / "received").write_bytes(content)
    (tmp_path / "made").mkdir(exist_ok=True)
    with translation.override("fr"):
        return inspect_file(
            tmp_path / "received",
            name="Mon CV.docx",
            max_pages=3,
            max_bytes=max_bytes,
            into=tmp_path / "made",
        )


def refused_inspection(code: str, reason: str, pages: int | None = None) -> Inspection:
    return Inspection("REFUSED", Reason(code), reason, "Mon-CV", None, pages, ())


def test_the_inspection_of_an_accepted_file_fills_every_field(
    answers: dict[str, Any], tmp_path: Path
) -> None:
    answers["result"] = {
        "media_type": "image/png",
        "pages": 2,
        "neutralised": ["LINK", "METADATA"],
        "warnings": ["BLANK_PAGE:2"],
    }
    found = inspect(tmp_path)
    assert found == Inspection(
        outcome="ACCEPTED",
        reason_code=None,
        reason=reasons.accepted(2, ("LINK", "METADATA"), ("BLANK_PAGE:2",)),
        stored_name="Mon-CV.png",
        media_type="image/png",
        pages=2,
        neutralised=("LINK", "METADATA"),
        warnings=("BLANK_PAGE:2",),
        clean_path=tmp_path / "made" / "clean.pdf",
        thumbnail_path=tmp_path / "made" / "thumbnail.jpg",
        small_thumbnail_path=tmp_path / "made" / "small.jpg",
    )
    assert found.is_accepted
    arguments = (str(tmp_path / "received"), str(tmp_path / "made"), "3")
    assert answers["asked"] == [("intake.documents.child", arguments, tmp_path / "made", 50)]


def test_a_refusal_of_the_child_is_explained_with_its_figures(
    answers: dict[str, Any], tmp_path: Path
) -> None:
    answers["result"] = {"refused": "TOO_MANY_PAGES", "facts": {"pages": 7, "max_pages": 99}}
    found = inspect(tmp_path)
    reason = "Ce document a 7 pages. Réduisez le document à 3 pages au plus, puis téléversez-le de nouveau."
    assert with_plain_spaces(found.reason) == reason
    assert found == refused_inspection("TOO_MANY_PAGES", found.reason, 7)
    assert not found.is_accepted


@pytest.mark.parametrize(
    "result, code",
    [
        (ProcessTimeoutError(), "TIMED_OUT"),
        (None, "TOO_COMPLEX"),
        ("{", "TOO_COMPLEX"),
        ('{"pages": "' + "x" * 64 * 1024 + '"}', "TOO_COMPLEX"),
    ],
    ids=["no time", "no answer", "half of one", "too long a one"],
)
def test_a_child_that_does_not_answer_refuses_the_file(
    result: object, code: str, answers: dict[str, Any], tmp_path: Path
) -> None:
    answers["result"] = result
    found = inspect(tmp_path)
    assert found == refused_inspection(code, found.reason)


@pytest.mark.parametrize(
    "number, code",
    [
        (signal.SIGKILL, "TIMED_OUT"),  # by the kernel for lack of memory, or by an operator
        (signal.SIGXCPU, "TOO_COMPLEX"),
        (signal.SIGSEGV, "TOO_COMPLEX"),
        (signal.SIGABRT, "TOO_COMPLEX"),
    ],
)
def test_a_child_that_another_process_kills_does_not_blame_the_file(
    number: int, code: str, answers: dict[str, Any], tmp_path: Path
) -> None:
    answers["code"] = -number
    found = inspect(tmp_path)
    assert found == refused_inspection(code, found.reason)


@pytest.mark.parametrize("size, code", [(0, "EMPTY"), (10, "TOO_COMPLEX"), (11, "TOO_LARGE")])
def test_a_file_of_refused_size_starts_no_process(
    size: int, code: str, answers: dict[str, Any], tmp_path: Path
) -> None:
    found = inspect(tmp_path, b"x" * size)
    assert found == refused_inspection(code, found.reason)
    assert len(answers["asked"]) == (1 if code == "TOO_COMPLEX" else 0)
    if code == "TOO_LARGE":
        assert with_plain_spaces(found.reason).startswith(
            "Ce fichier fait 11 octets ; la limite est de 10 octets."
        )


# -- A request's files -------


def test_an_incomplete_inspection_is_not_stored(tmp_path: Path) -> None:
    clean, thumbnail, small = (tmp_path / name for name in ("clean.pdf", "thumbnail.jpg", "small.jpg"))
    whole = Inspection("ACCEPTED", None, "", "x.pdf", "application/pdf", 1, (), clean, thumbnail, small)
    for missing in ("clean_path", "thumbnail_path", "small_thumbnail_path", "media_type"):
        made = Inspection(**{name: getattr(whole, name) for name in whole.__slots__} | {missing: None})
        with pytest.raises(
            ValueError, match="an accepted file has a cleaned PDF, two thumbnails and a media type"
        ):
            services._store(Upload(), tmp_path / "received", made)


# -- A download


def test_a_served_file_may_be_displayed_and_run_no_script() -> None:
    nothing = "default-src 'none'; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
    for media_type, policy in (
        ("application/pdf", f"{nothing}; object-src 'self'"),
        ("image/jpeg", nothing),
        ("application/json", nothing),
    ):
        response = safe_response(
            ContentFile(b"x"), "x.bin", media_type, as_attachment=media_type != "image/jpeg"
        )
        headers = {name: response[name] for name in response.headers if name != "Content-Length"}
        assert headers == {
            "Content-Type": media_type,
            "Content-Disposition": f'{"inline" if media_type == "image/jpeg" else "attachment"}; filename="x.bin"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        }
