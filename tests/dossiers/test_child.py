"""The drawing process: strips with documents, tags, marks, and no active content."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Name, NumberTree, Operator, Pdf
from weasyprint.urls import URLFetcher

from intake.documents.child.limits import Limits
from intake.dossiers.child import merge, pages
from intake.dossiers.child.pages import AssetFetcher, UnknownAssetError
from tests.factories.files import new_pdf, saved

PAGE = """<!doctype html>
<html lang="fr-CA"><head><title>Titre</title><link rel="stylesheet" href="asset:pdf.css"></head>
<body><main><h1>Bonjour</h1>{}</main></body></html>"""
STYLE = """@page { size: 200pt 28pt; margin: 0 10pt; @right-middle { content: counter(page) } }
h1, p { font-size: 8pt; line-height: 20pt; margin: 0 }
section { break-before: page }"""
STRIPS = "<section><p>Un</p></section><section><p>Deux</p></section><section><p>Trois</p></section>"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page and three strips after it, drawn once for the module."""
    room = tmp_path_factory.mktemp("drawn")
    (room / "pdf.css").write_text(STYLE)
    assert pages.render_pdf(PAGE.format(STRIPS), {"pdf.css": str(room / "pdf.css")}, room / "drawn.pdf") == 4
    return room / "drawn.pdf"


def changed(path: Path, to: Path, change: Callable[[Pdf], None], **options: Any) -> Path:
    """Save a changed copy of a PDF."""
    with pikepdf.open(path) as pdf:
        change(pdf)
        pdf.save(to, **options)
    return to


# -- A page is drawn


def test_a_page_is_drawn_as_pdf_ua_with_the_portals_identifier(drawn: Path) -> None:
    with pikepdf.open(drawn) as pdf:
        assert [[float(side) for side in page.mediabox] for page in pdf.pages] == [[0, 0, 200, 28]] * 4
        assert bytes(pdf.trailer.ID[0]) == b"intake"
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfuaid:part"], metadata["dc:title"]) == ("1", "Titre")
        assert (str(pdf.Root.Lang), bool(pdf.Root.MarkInfo.Marked)) == ("fr-CA", True)


@pytest.mark.parametrize(
    "name, kind", [("a.css", "text/css"), ("b.woff", "font/woff"), ("c.svg", "image/svg+xml")]
)
def test_an_asset_is_given_with_its_type(name: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"content")
    answer = AssetFetcher({name: str(tmp_path / name)}).fetch(f"asset:{name}")
    assert (answer.url, answer.read(), answer.headers["Content-Type"]) == (f"asset:{name}", b"content", kind)


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


@pytest.mark.parametrize("titles", [[], ["un", "deux"], ["un", "deux", "trois", "quatre"]])
def test_a_document_with_another_number_of_pages_is_not_read(titles: list[str]) -> None:
    with pytest.raises(pikepdf.PdfError, match=f"^3 pages, not {len(titles)}$"):
        merge.read_part(_three_pages(), titles)


def test_opening_an_invalid_pdf_raises_an_error_of_the_unreadable_ones(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"no PDF")
    with pytest.raises(merge.UNREADABLE):
        pikepdf.open(tmp_path / "x")
    (tmp_path / "x").write_bytes(saved(new_pdf(2)))
    with pikepdf.open(tmp_path / "x") as document:
        assert len(document.pages) == 2
    expected = (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RuntimeError)
    assert expected == merge.UNREADABLE


# -- Merging a document into its strips ----


@pytest.fixture
def hung(drawn: Path, tmp_path: Path) -> Pdf:
    """The dossier of a cover and three pages of a document, each page in its strip."""

    def box(pdf: Pdf) -> None:
        for page in pdf.pages:
            page.obj.CropBox = page.obj.ArtBox = Array([0, 0, 9, 9])

    waiting = changed(drawn, tmp_path / "waiting.pdf", box)
    with _three_pages() as document:
        parts = merge.read_part(document, ["un", "deux", "trois"])
        assert merge.merge(waiting, dict(enumerate(parts, start=1)), tmp_path / "out.pdf") == 4
    return pikepdf.open(tmp_path / "out.pdf")


def test_a_page_is_placed_below_its_strip_centred_at_its_own_size(hung: Pdf) -> None:
    boxes = [[float(side) for side in page.mediabox] for page in hung.pages]
    assert boxes == [[0, 0, 200, 28], [0, -50, 200, 28], [0, -160, 200, 28], [-50, -400, 250, 28]]
    other = {"/TrimBox", "/BleedBox", "/CropBox", "/ArtBox"}
    assert [other & set(page.obj.keys()) for page in hung.pages] == [other, set(), set(), set()]
    drawings = [[piece.read_bytes() for piece in page.Contents] for page in list(hung.pages)[1:]]
    # A page's box may have another origin than (0, 0), for example (5 × 2, …) on the rotated page.
    assert [(pieces[0], pieces[2]) for pieces in drawings] == [
        (b"q\n", b"\nQ\n/P <</MCID 2>> BDC\nq\n1 0 0 1 50 -50 cm\n/Document Do\nQ\n\nEMC"),
        (b"q\n", b"\nQ\n/P <</MCID 2>> BDC\nq\n1 0 0 1 50 -140 cm\n/Document Do\nQ\n\nEMC"),
        (b"q\n", b"\nQ\n/P <</MCID 2>> BDC\nq\n1 0 0 1 -50 -400 cm\n/Document Do\nQ\n\nEMC"),
    ]
    assert [len(pieces) for pieces in drawings] == [3, 3, 3]


def test_a_strip_draws_its_own_document_and_no_other(hung: Pdf) -> None:
    forms = [page.Resources.XObject for page in hung.pages]
    assert [list(form.keys()) for form in forms] == [[], *[["/Document"]] * 3]
    assert [form.Document.read_bytes() for form in forms[1:]] == [
        f"BT /F1 24 Tf 72 -46 Td (Page {rank}) Tj ET".encode() for rank in (1, 2, 3)
    ]


def test_a_page_is_one_paragraph_in_the_section_of_its_strip(hung: Pdf) -> None:
    parents = NumberTree(hung.Root.StructTreeRoot.ParentTree)
    for page, title in zip(list(hung.pages)[1:], ("un", "deux", "trois"), strict=True):
        marks = parents[int(page.obj.StructParents)]
        assert len(marks) == 3  # the strip's text, its running header, and the page
        tag = marks[2]
        assert {key: str(tag[key]) for key in ("/Type", "/S", "/T")} == {
            "/Type": "/StructElem",
            "/S": "/P",
            "/T": title,
        }
        assert set(tag.keys()) == {"/Type", "/S", "/P", "/Pg", "/T", "/K"}
        assert [int(mark) for mark in tag.K] == [2]
        assert tag.Pg.objgen == page.obj.objgen
        assert Name.Sect == tag.P.S
        assert [kid.objgen for kid in tag.P.K][-1] == tag.objgen
        assert len(tag.P.K) == 2


def test_a_dossier_is_packed_of_version_1_7_and_the_same_bytes_each_time(drawn: Path, tmp_path: Path) -> None:
    old = changed(drawn, tmp_path / "old.pdf", lambda _pdf: None, force_version="1.4")
    for name in ("one", "two"):
        assert merge.merge(old, {}, tmp_path / name) == 4
    content = (tmp_path / "one").read_bytes()
    assert content == (tmp_path / "two").read_bytes()
    assert content.startswith(b"%PDF-1.7")
    assert b"/ObjStm" in content


def test_a_page_without_a_strip_takes_no_document(drawn: Path, tmp_path: Path) -> None:
    document = new_pdf()
    (small,) = merge.read_part(document, ["un"])
    with pytest.raises(ValueError, match="a strip has no section"):
        merge.merge(drawn, {0: small}, tmp_path / "out.pdf")


# -- Running headers


def test_running_headers_are_artifacts_and_content_is_not(hung: Pdf) -> None:
    assert [_marks(page) for page in hung.pages] == [
        ["/Span 0", "/Artifact /Pagination"],
        *[["/Span 0", "/Artifact /Pagination", "/P 2"]] * 3,
    ]


def _marks(page: pikepdf.Page) -> list[str]:
    found = []
    for instruction in pikepdf.parse_content_stream(page):
        if instruction.operator == Operator("BDC"):
            kind, properties = instruction.operands
            found.append(f"{kind} {properties.get('/MCID', properties.get('/Type'))}")
    return found


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
                "path": str(room / f"{name}.pdf"),
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


def test_documents_are_placed_in_order_and_an_unreadable_one_is_replaced(
    main: Callable[[Path], list[Any]], tmp_path: Path
) -> None:
    job(tmp_path)
    main(tmp_path)
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8")) == {
        "pages": 5,
        "replaced": ["B"],
        "starts": [2, 4, 5],
    }
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        drawn = [[form.read_bytes() for form in dict(page.Resources.XObject).values()] for page in pdf.pages]
        assert drawn == [
            [],
            [b"BT /F1 24 Tf 72 -46 Td (a 1) Tj ET"],
            [b"BT /F1 24 Tf 72 -46 Td (a 2) Tj ET"],
            [],
            [b"BT /F1 24 Tf 72 -46 Td (c 1) Tj ET"],
        ]
        assert "/AcroForm" not in pdf.Root


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


def test_a_receipt_gets_its_facts_and_its_signature_field(
    main: Callable[[Path], list[Any]], tmp_path: Path
) -> None:
    job(
        tmp_path,
        parts=[],
        receipt={"facts": "les faits", "words": "Signature"},
    )
    main(tmp_path)
    with pikepdf.open(io.BytesIO((tmp_path / "out.pdf").read_bytes())) as pdf:
        assert str(pdf.Root.AcroForm.Fields[0].TU) == "Signature"
    assert json.loads((tmp_path / "result.json").read_text()) == {"pages": 1, "replaced": [], "starts": []}
