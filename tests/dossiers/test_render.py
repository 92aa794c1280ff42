"""Dossier and receipt: tagged, in French, titled, without active content, and without external requests."""

import io
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from intake.documents import isolated_process
from intake.dossiers import render
from intake.dossiers.render import (
    DocumentSource,
    RenderError,
    RenderLimitError,
    render_dossier,
    render_receipt,
)
from intake.dossiers.sealed_payload import AnsweredSection, MovedClosing, Payload, SealedComplement
from tests.dossiers.escapes import escapes
from tests.dossiers.in_process import draw_in_process
from tests.dossiers.pdf_reader import PdfReader
from tests.factories.documents import active_parts
from tests.factories.files import HONEST, pdf_bytes
from tests.factories.payloads import payload, person, render_cover, verdict
from tests.factories.receipts import facts
from tests.faults.hostile import cpu_burner

NUMBER = "2027-020-000123-N"
AT = datetime(2026, 9, 30, 18, 32, 5, 999_999, tzinfo=UTC)
DIGEST = "sha256:" + "4f" * 32
ROOT = Path(render.__file__).resolve().parents[2]


def dossier(made: Payload, sources: list[DocumentSource] | None = None) -> render.RenderedPdf:
    """Draw a dossier in an isolated process, as the portal does."""
    return render_dossier(made, number=NUMBER, received_at=AT, digest=DIGEST, sources=sources or [])


def dossier_here(made: Payload, sources: list[DocumentSource] | None = None) -> render.RenderedPdf:
    with draw_in_process():
        return dossier(made, sources)


def cover_here(made: Payload) -> bytes:
    with draw_in_process():
        return render_cover(made, number=NUMBER, received_at=AT, digest=DIGEST)


def receipt_here(made: Payload) -> bytes:
    with draw_in_process():
        return render_receipt(made, facts=facts(), address="https://exemple.invalid/", in_english_too=False)


# -- Drawn once for the module ---------------
@pytest.fixture(scope="module")
def plain() -> bytes:
    """The cover of the default payload."""
    return cover_here(payload())


MESSAGE = "Mon acte de naissance dit 2001.\nVoyez la page 2."


@pytest.fixture(scope="module")
def under_reserve() -> bytes:
    """The dossier of an amendment with a review request."""
    refused = verdict("INELIGIBLE", last="NOT_MET")
    return dossier_here(payload(verdict=refused, review_message=MESSAGE, sequence=2)).content


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> tuple[render.RenderedPdf, list[DocumentSource]]:
    """A dossier with four documents, and the documents."""
    room = tmp_path_factory.mktemp("joined")
    sideways = HONEST["inherited-page-keys"][0]()
    sources = [
        source(room, pdf_bytes(1, text="Texte du CV"), 1),
        source(room, sideways, 2, "Relevé de notes"),
        source(room, pdf_bytes(1, size=(2384, 3370)), 1, "Affiche"),
        source(room, HONEST["three-pages"][0](), 3, "Lettre"),
    ]
    return dossier_here(payload(), sources), sources


UNREADABLE = {"empty": (b"", 1), "no PDF": (b"%PDF-1.7 rien", 1), "of other pages": (pdf_bytes(2), 3)}


@pytest.fixture(scope="module")
def with_unreadable(tmp_path_factory: pytest.TempPathFactory) -> render.RenderedPdf:
    """A dossier with documents that cannot be merged, and a valid one after each."""
    room = tmp_path_factory.mktemp("unreadable")
    sources = []
    for name, (content, pages) in UNREADABLE.items():
        sources += [source(room, content, pages, name), source(room, pdf_bytes(1), 1)]
    return dossier_here(payload(), sources)


def source(directory: Path, content: bytes, pages: int, label: str = "Curriculum vitæ") -> DocumentSource:
    path = directory / f"{label}.pdf"
    path.write_bytes(content)
    return DocumentSource(label=label, path=path, pages=pages)


def texts(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in pdf]


def test_a_filing_with_a_review_request_displays_it_on_cover_and_receipt(under_reserve: bytes) -> None:
    first = texts(under_reserve)[0]
    assert "Révision Demandée" in first
    assert "Mon acte de naissance dit 2001. Voyez la page 2." in first
    assert "Dépôt n° 2 de cette candidature ; il remplace le précédent" in first.replace("\u00a0", " ")
    assert first.index("Déposée, révision demandée") < first.index("Mon acte") < first.index("L’offre")
    refused = payload(verdict=verdict("INELIGIBLE", last="NOT_MET"), review_message=MESSAGE)
    receipt = " ".join(texts(receipt_here(refused)))
    assert "Révision Demandée" in receipt
    assert "Si sa décision est favorable, le comité étudie votre dossier." in receipt


def test_the_cover_states_a_moved_closing_only_if_it_was_moved(plain: bytes) -> None:
    moved = payload(moved=MovedClosing("2026-09-25T04:00:00Z", "2026-09-20T14:30:00Z"))
    first = texts(cover_here(moved))[0]
    said = " ".join(first.split())
    assert "Date limite reportée d’abord fixée au 24 septembre 2026, 23 h 59" in said
    assert "reportée pour tout le monde, en dernier lieu le 20 septembre 2026, 10 h 30" in said
    assert "reportée" not in " ".join(texts(plain))


def test_cover_and_receipt_name_the_answered_complement_request(plain: bytes) -> None:
    answering = payload(
        complement=SealedComplement("2026-10-12T14:30:00Z", "Il manque une page.", "2026-10-23T04:00:00Z")
    )
    said = " ".join(texts(cover_here(answering))[0].split())
    for part in (
        "Déposée en réponse à une demande de complément",
        "demandé le 12 octobre 2026, 10 h 30",
        "jusqu’au 22 octobre 2026, 23 h 59",
        "Il manque une page.",
    ):
        assert part in said
    proof = receipt_here(answering)
    assert "en réponse au complément demandé le 12 octobre 2026" in " ".join(" ".join(texts(proof)).split())
    assert "complément" not in " ".join(texts(plain))


def test_the_cover_lists_the_filed_content_in_order(plain: bytes) -> None:
    whole = " ".join(texts(plain))
    spoken = [
        "Dossier de candidature",
        "Maïté Côté-L’Écuyer",
        NUMBER,
        "30 septembre 2026, 14 h 32 min 05 s (heure de l’Est, Québec)",
        "Une personne examinera un critère",
        "5 critères respectés, 1 critère à examiner par une personne",
        "Documents déposés page 3",
        "du 11 janvier au 9 juillet 2027",
        "1er octobre 2026, 23 h 59 (heure de l’Est, Québec)",
        "Première participation",
        "La participation au programme est unique et non renouvelable.",
        "1234, rue Saint-Denis, app. 5",
        "Sans réponse",
        "Je déclare que les renseignements",
        "cv-maite.pdf",
    ]
    places = [whole.replace("\u00a0", " ").find(words) for words in spoken]
    assert -1 not in places, spoken[places.index(-1)]
    assert places == sorted(places)


@pytest.mark.parametrize("lines", [4, *(pytest.param(lines, marks=pytest.mark.full) for lines in (7, 10))])
def test_a_title_never_stays_alone_at_the_foot_of_a_page(lines: int) -> None:
    made = payload()
    place = " ".join(["Lieu de stage à une adresse que rien ne raccourcit,"] * lines)
    pages = texts(dossier_here(replace(made, call=replace(made.call, place=place))).content)
    titles = (
        "d’après les réponses de la personne candidate et le texte de l’offre.",
        "critère par critère",
        "Réponses déposées",
        "Documents déposés",
        "L’empreinte est celle du fichier reçu.",
        "Déclarations acceptées",
    )
    assert [title for title in titles if title not in " ".join(pages)] == []
    # The text of the page is followed by its footer, which starts with the number or the portal's name.
    foot = r"(2027-020-000123-N — .*|Stages en organisations .*)page \d+ sur \d+"
    assert [page for page in pages if not re.search(foot, page)] == []
    assert [page for page in pages if re.search(f"({'|'.join(map(re.escape, titles))}) {foot}", page)] == []


def test_documents_follow_uncropped_under_a_strip_with_their_name(
    joined: tuple[render.RenderedPdf, list[DocumentSource]],
) -> None:
    made, sources = joined
    cover = made.pages - 7
    pages = texts(made.content)
    assert "Curriculum vitæ, page 1 sur 1" in pages[cover]
    assert "Texte du CV 1" in pages[cover]
    assert "Relevé de notes, page 2 sur 2" in pages[cover + 2]
    assert "Lettre, page 3 sur 3" in pages[cover + 6]
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        with pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == [
                "Dossier de candidature",
                *[made_from.label for made_from in sources],
            ]
        drawings = [set(page.resources.XObject.keys()) for page in pdf.pages[cover:]]
    assert all(len(names) == 1 for names in drawings)


def test_the_cover_gives_the_page_at_which_each_document_begins(
    joined: tuple[render.RenderedPdf, list[DocumentSource]],
) -> None:
    made, sources = joined
    _head, *rows = PdfReader(made.content).document.of("Table")[-1].of("TR")
    cover = made.pages - sum(each.pages for each in sources)
    assert [row.kids[-1].text for row in rows] == [str(cover + page) for page in (1, 2, 4, 5)]


def test_the_dossier_stays_tagged_and_has_no_active_content(
    joined: tuple[render.RenderedPdf, list[DocumentSource]],
) -> None:
    made, sources = joined
    assert len(PdfReader(made.content).document.of("Sect")) == sum(each.pages for each in sources)
    assert active_parts(made.content) == []


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_document_is_replaced_by_a_page_with_a_notice(
    name: str, with_unreadable: render.RenderedPdf
) -> None:
    assert with_unreadable.replaced == tuple(UNREADABLE)
    place = 2 * list(UNREADABLE).index(name) - 2 * len(UNREADABLE)
    instead, after, *_others = texts(with_unreadable.content)[place:]
    assert name in instead
    assert "Ce document n’est pas dans le dossier." in instead
    assert "Page 1" in after


def test_the_same_payload_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    sources = [source(tmp_path, pdf_bytes(2), 2)]
    assert dossier(payload(), sources) == dossier_here(payload(), sources)


# -- Nothing is fetched ------------------------------------------------------------------------------------------


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """A server that records its requests, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        knocks: list[str] = []
        yield f"http://127.0.0.1:{server.getsockname()[1]}/piege", knocks
        with suppress(TimeoutError):
            knocks.append(str(server.accept()))
    assert knocks == []


@pytest.mark.usefixtures("trap")
def test_markup_in_any_field_is_text(trap: tuple[str, list[str]]) -> None:
    ways = (
        "img",
        "link-stylesheet",
        "import",
        "font-face",
        "object",
        "svg-image",
        "css-background",
        "a",
        "base",
    )
    attacks = [attack for way in ways for attack in escapes(way, web=trap[0], file="/etc/passwd")[:2]]
    answers = tuple(
        replace(payload().sections[0].answers[0], key=f"k{rank}", label=attack, value=attack)
        for rank, attack in enumerate(attacks)
    )
    made = dossier(
        payload(
            person=person(first_name=f"Nom{attacks[0]}", last_name=attacks[2], city=attacks[4]),
            sections=(AnsweredSection(key="x", title=f"Titre{attacks[6]}", answers=answers),),
            documents=tuple(
                replace(document, name=attacks[8], label=attacks[10]) for document in payload().documents
            ),
        )
    )
    assert active_parts(made.content) == []
    squeezed = "".join("".join(texts(made.content)).split())
    for text in (f"Nom{attacks[0]}", f"Titre{attacks[6]}"):  # the answers have these attacks too
        assert "".join(text.split()) in squeezed
    assert "root:x:0" not in squeezed


FENCE = """
import sys, socket, subprocess, os
from pathlib import Path
from intake.dossiers.child import sandbox
sandbox.DRAWING.apply()
sandbox.enter_sandbox({sys.argv[1]}, Path(sys.argv[2]))
def refused(act):
    try:
        act()
    except PermissionError:
        return True
    return False
assert refused(lambda: socket.create_connection(("127.0.0.1", 9)))
assert refused(lambda: subprocess.run(["true"]))
assert refused(lambda: os.system("true"))
assert refused(lambda: open("/etc/hostname"))
assert refused(lambda: open(sys.argv[1] + ".autre", "w"))
open(sys.argv[1]).close()
(Path(sys.argv[2]) / "made").write_text("x")
print("held")
"""


def test_the_sandbox_refuses_without_any_list(tmp_path: Path) -> None:
    listed, room = tmp_path / "listed", tmp_path / "room"
    listed.touch()
    room.mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-c", FENCE, str(listed), str(room)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "held\n", done.stderr


def test_a_renderer_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "WALL_SECONDS", 0.05)
    with pytest.raises(RenderLimitError):
        dossier(payload())


def test_a_hostile_document_is_stopped_at_its_cpu_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        isolated_process, "_kept", isolated_process._Kept()
    )  # its process is a child of this one
    path = tmp_path / "hostile.pdf"
    path.write_bytes(cpu_burner())
    burner = DocumentSource(label="Relevé de notes", path=path, pages=1)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(RenderLimitError):
        render_dossier(
            payload(), number=NUMBER, received_at=AT, digest=DIGEST, sources=[burner], cpu_seconds=1
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 3


def test_a_crashed_renderer_raises_and_leaves_no_partial_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(isolated_process, "_kept", isolated_process._Kept())  # its process is started
    with pytest.raises(RenderError):
        dossier(payload())
