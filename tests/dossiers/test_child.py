"""The drawing process: strips with documents, tags, marks, and no active content."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pikepdf import Array, Pdf
from weasyprint.urls import URLFetcher

from intake.documents.child.limits import Limits
from intake.dossiers.child import merge
from intake.dossiers.child.pages import AssetFetcher, UnknownAssetError
from tests.factories.files import new_pdf, saved

PAGE = """<!doctype html>
<html lang="fr-CA"><head><title>Titre</title><link rel="stylesheet" href="asset:pdf.css"></head>
<body><main><h1>Bonjour</h1>{}</main></body></html>"""
STYLE = """@page { size: 200pt 28pt; margin: 0 10pt; @right-middle { content: counter(page) } }
h1, p { font-size: 8pt; line-height: 20pt; margin: 0 }
section { break-before: page }"""


# -- A page is drawn


@pytest.mark.parametrize("url", ["asset:b.css", "a.css", "file:a.css", "asset:", "http://127.0.0.1/a.css"])
def test_an_unlisted_asset_is_refused_by_the_fetcher_and_by_the_library(url: str, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_bytes(b"content")
    fetcher = AssetFetcher({"a.css": str(tmp_path / "a.css")})
    with pytest.raises(UnknownAssetError, match=f"^{url}$"):
        fetcher.fetch(url)
    with pytest.raises(ValueError, match="URI uses disallowed protocol"):
        URLFetcher.fetch(fetcher, (tmp_path / "a.css").as_uri())


# -- Reading a document ---


def _three_pages() -> Pdf:
    """Return three pages: a small one; one that is cropped, rotated and has a UserUnit; and a large one."""
    document = new_pdf(3, size=(100, 50))
    odd = document.pages[1].obj
    odd.Rotate, odd.CropBox, odd.UserUnit = 90, Array([10, 5, 90, 45]), 2
    document.pages[2].obj.MediaBox = Array([300, 400, 0, 0])
    return document


def test_a_document_s_page_has_the_size_that_a_reader_sees() -> None:
    document = _three_pages()
    found = merge.read_part(document, ["un", "deux", "trois"])
    assert [(one.width, one.height, one.title) for one in found] == [
        (100, 50, "un"),
        (80, 160, "deux"),
        (300, 400, "trois"),
    ]
    assert [one.page.objgen for one in found] == [page.objgen for page in document.pages]
    for rotation, turned in ((0, False), (180, False), (270, True), (-90, True), (360, False)):
        document.pages[0].obj.Rotate = rotation
        expected = (50, 100) if turned else (100, 50)
        assert merge._visible_size(document.pages[0]) == expected


# -- Merging a document into its strips ----


# -- The main function ---


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[Any]]:
    """Run the process's main function here, with limits and sandbox recorded instead of applied."""
    from intake.dossiers.child import __main__, sandbox  # noqa: PLC0415 -- imported by this fixture only

    asked: list[Any] = []

    def apply(limits: Limits) -> None:
        asked.append(limits)

    monkeypatch.setattr(__main__, "exit_with_parent", lambda: asked.append("ends with its parent"))
    monkeypatch.setattr(Limits, "apply", apply)
    monkeypatch.setattr(sandbox, "enter_sandbox", lambda readable, room: asked.append((readable, room)))

    def run(room: Path) -> list[Any]:
        asked.clear()
        __main__.main(room)
        return asked

    return run


def job(room: Path, **changes: Any) -> None:
    """Write a job of three documents, the second of which is unreadable."""
    (room / "pdf.css").write_text(STYLE)
    for name, count in (("a", 2), ("c", 1)):
        (room / f"{name}.pdf").write_bytes(saved(new_pdf(count, size=(100, 50), text=name)))
    (room / "b.pdf").write_bytes(b"no PDF")
    before, _mark, after = PAGE.format("").partition("</main>")
    plain = {
        "before": before,
        "after": f"</main>{after}",
        "assets": {"pdf.css": str(room / "pdf.css")},
        "parts": [
            {
                "label": name.upper(),
                "paths": [str(room / f"{name}.pdf")],
                "titles": [f"{name} {rank}" for rank in range(1, count + 1)],
                "strips": [
                    f'<section class="strip"><p>{name} {rank}</p></section>' for rank in range(1, count + 1)
                ],
                "replacement": f"<section><p>sans {name}</p></section>",
            }
            for name, count in (("a", 2), ("b", 1), ("c", 1))
        ],
        "archival": False,
        "receipt": None,
        "cpu_seconds": 12,
    }
    (room / "job.json").write_text(json.dumps(plain | changes))


def test_the_process_limits_itself_before_it_reads_and_reads_only_given_files(
    main: Callable[[Path], list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.dossiers.child.__main__.time.process_time", lambda: 2.6)  # for its libraries
    job(tmp_path)
    gib, mib = 1024**3, 1024**2
    readable = {str(tmp_path / name) for name in ("pdf.css", "a.pdf", "b.pdf", "c.pdf")}
    assert main(tmp_path) == [
        "ends with its parent",
        Limits(30, gib, 256 * mib, 256),
        Limits(15, gib, 256 * mib, 256),
        (readable, tmp_path),
    ]
