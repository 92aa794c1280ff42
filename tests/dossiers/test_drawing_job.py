"""The job for the drawing process: its text, files, drawings and limits, and the handling of its result."""

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from intake.documents.isolated_process import ProcessTimeoutError
from intake.dossiers import other_scripts, render
from intake.dossiers.render import (
    DocumentSource,
    RenderedPdf,
    RenderError,
    RenderLimitError,
    render_dossier,
    render_receipt,
)
from intake.dossiers.sealed_payload import Payload
from tests.factories.payloads import payload, person, verdict
from tests.factories.receipts import DIGEST, NUMBER, facts

AT = datetime(2026, 9, 30, 18, 32, 5, tzinfo=UTC)


@dataclass
class Child:
    """Replaces the drawing process: records its input, and writes a result."""

    ends: int | Exception = 0
    job: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    given: tuple[Any, ...] = ()
    prepared: dict[str, Any] = field(default_factory=dict)

    def run(
        self,
        module: str,
        *arguments: str,
        room: Path,
        seconds: float,
        environment: Mapping[str, str],
        readable: Sequence[Path],
        prepared: str,
    ) -> int:
        """Record the input, write the result, and end as the test defines."""
        self.job = json.loads((room / "job.json").read_text(encoding="utf-8"))
        self.files = {path.name: path.read_bytes() for path in room.iterdir()}
        assets, parts = self.job["assets"].values(), self.job["parts"]
        assert [str(path) for path in readable] == [
            *assets,
            *(path for part in parts for path in part["paths"]),
        ]
        self.prepared = json.loads(prepared)
        self.given = (module, arguments == (str(room),), seconds, dict(environment))
        if isinstance(self.ends, Exception):
            raise self.ends
        answer = {"pages": 7, "replaced": ["Lettre"], "starts": [4, 6]}
        (room / "result.json").write_text(json.dumps(answer))
        (room / "out.pdf").write_bytes(b"%PDF")
        return self.ends


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Child:
    made = Child()
    monkeypatch.setattr(render, "run_isolated", made.run)
    monkeypatch.delenv("FONTCONFIG_PATH", raising=False)
    return made


def draw(made: Payload, *sources: DocumentSource, **options: Any) -> RenderedPdf:
    return render_dossier(made, number=NUMBER, received_at=AT, digest=DIGEST, sources=sources, **options)


# -- Its input and its result -------------


def test_the_cpu_limit_and_the_fonts_are_configurable(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FONTCONFIG_PATH", "/polices")
    draw(payload(), cpu_seconds=9)
    assert child.job["cpu_seconds"] == 9
    assert child.given[-1] == {"SOURCE_DATE_EPOCH": "0", "FONTCONFIG_PATH": "/polices"}


@pytest.mark.parametrize(
    "ends, error",
    [
        (1, RenderError),
        (-signal.SIGKILL, RenderLimitError),
        (-1, RenderLimitError),
        (ProcessTimeoutError(), RenderLimitError),
    ],
)
def test_a_failed_process_raises_the_error_of_its_exit_code(
    ends: int | Exception, error: type[Exception], child: Child
) -> None:
    child.ends = ends
    with pytest.raises(RenderError) as raised:
        draw(payload())
    assert type(raised.value) is error


def test_the_style_sheet_and_the_fonts_alone_may_be_read(
    child: Child, settings: Settings, tmp_path: Path
) -> None:
    settings.NODE_MODULES, settings.STATIC_ROOT = tmp_path / "packages", tmp_path / "static"
    font = "open-sans-latin-400-normal.woff"
    from_packages = tmp_path / "packages" / "@fontsource" / "open-sans" / "files"
    collected = tmp_path / "static" / "vendor" / "open-sans" / "files"
    for folder in (from_packages, collected):
        folder.mkdir(parents=True)
    (from_packages / font).touch()
    (collected / font).touch()
    (collected / "open-sans-latin-ext-700-normal.woff").touch()
    (collected / "beside.woff").touch()
    draw(payload())
    assert child.job["assets"] == {
        "pdf-fonts.css": str(settings.BASE_DIR / "static" / "css" / "pdf-fonts.css"),
        "pdf.css": str(settings.BASE_DIR / "static" / "css" / "pdf.css"),
        font: str(from_packages / font),
        "open-sans-latin-ext-700-normal.woff": str(collected / "open-sans-latin-ext-700-normal.woff"),
    }


def test_every_part_of_the_fonts_of_other_scripts_is_installed() -> None:
    for family in other_scripts._FAMILIES:
        parts = other_scripts._parts(family)
        assert parts
        assert [path.name for path, _codes in parts if not path.is_file()] == []


def test_without_the_front_end_libraries_a_page_is_drawn_with_the_numbers(
    child: Child, settings: Settings, tmp_path: Path
) -> None:
    settings.NODE_MODULES = tmp_path
    other_scripts._parts.cache_clear()
    try:
        draw(payload(person=person(first_name="小明")))
    finally:
        other_scripts._parts.cache_clear()
    assert not [name for name in child.job["assets"] if name.startswith("noto-sans")]


# -- The receipt


def test_the_job_of_a_receipt_prepares_nothing_of_one_person(child: Child) -> None:
    with translation.override("en"):  # dossiers and receipts are in French for any page language
        content = render_receipt(
            payload(), facts=facts(), address="https://exemple.invalid/verifier/", in_english_too=False
        )
    assert content == b"%PDF"
    assert child.job["receipt"]["facts"] == facts().canonical().decode()
    assert child.job["archival"] is True
    assert child.prepared["assets"] == {
        name: path for name, path in child.job["assets"].items() if name != "code.svg"
    }, "what is read before all receipts is not one person's"
    said = " ".join(child.job["before"].split())
    assert f"<title>Accusé de réception {NUMBER} — Maïté Côté-L’Écuyer</title>" in said


# -- The text of a cover ---


def context(made: Payload) -> dict[str, Any]:
    with translation.override("fr"):
        return render._context("Dossier %(number)s — %(name)s", made, NUMBER, AT, DIGEST)


def test_the_instants_on_the_cover_are_in_the_time_zone_of_the_offer() -> None:
    made = payload()
    found = context(replace(made, call=replace(made.call, time_zone="America/Vancouver")))
    assert {str(found[name].tzinfo) for name in ("closes_at", "received_at")} == {"America/Vancouver"}


def test_a_reason_on_the_cover_is_about_the_candidate_and_not_to_them() -> None:
    sealed = verdict()
    sealed["findings"][0]["reason_fr"] = "Votre date de naissance, le 4 mai 2003, vous donne 22 ans."
    found = context(payload(verdict=sealed))
    assert found["findings"][0]["reason"] == "La date de naissance, le 4 mai 2003, donne 22 ans."
