"""No text or document makes a renderer or an inspection fetch or read anything: counted by the kernel, not by Python.

Each attack aims at a beacon, a listening socket, and at a canary, a file beside the portal's. Attempts count.
"""

import io
import json
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from intake.documents.inspection import inspect_file
from intake.documents.isolated_process import run_isolated
from intake.dossiers import render
from intake.dossiers.render import (
    DocumentSource,
    RenderError,
    TableColumn,
    render_dossier,
    render_receipt,
    render_table,
)
from intake.dossiers.sealed_payload import Payload
from tests.documents.kernel_calls import Trace, traced_processes
from tests.documents.outward import OUTWARD, PICTURES, outward_pdf
from tests.dossiers.escapes import WAYS, escapes, in_every_field
from tests.factories.documents import active_parts
from tests.factories.files import HOSTILE, pdf_bytes
from tests.factories.payloads import payload
from tests.factories.receipts import facts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace reads the calls of Linux alone")

AT = datetime(2026, 9, 30, 18, 32, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Trap:
    """The beacon's address and the canary's path."""

    web: str
    file: Path

    def attacks(self, *ways: str) -> list[str]:
        """Return the attacks of some ways, on both."""
        return [text for way in ways for text in escapes(way, web=self.web, file=str(self.file))]


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    """A beacon that nothing may reach, and a canary that nothing may open."""
    canary = tmp_path / "secret_key"
    canary.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Trap(f"http://127.0.0.1:{server.getsockname()[1]}/beacon", canary)
        server.settimeout(0.01)
        with suppress(TimeoutError):
            server.accept()[0].close()
            pytest.fail("something connected to the beacon")


def check_reached_nothing(trace: Trace, *given: Path) -> None:
    """Check that a process asked for no connection, program or process, nor for another file than `given`."""
    assert trace.sockets == []
    assert trace.programs == []
    assert trace.outside(*given) == []
    assert len(trace.opened) > 100, "the calls were not read"


def assets() -> list[Path]:
    return [Path(path) for path in render._assets().values()]


def draw_in_every_field(texts: list[str], *, source: Path) -> Payload:
    """Draw a dossier whose every text is one of `texts`; check that it reached nothing; return its payload."""
    made = in_every_field(texts)
    part = DocumentSource(label=texts[0], path=source, pages=1)
    with traced_processes() as traces:
        drawn = render_dossier(made, number=texts[-1], received_at=AT, digest=texts[0], sources=[part])
    assert (active_parts(drawn.content), drawn.replaced) == ([], ())
    check_reached_nothing(traces[0], source, *assets())
    return made


WITHOUT_A_PAGE = "css-profile"  # WeasyPrint lets the refusal of this address end the whole page


def draw_markup(trap: Trap, *ways: str) -> None:
    """Draw a page whose markup is the attacks of these ways; check that it reached nothing and has no picture."""
    markup = "".join(f"<div>{attack}</div>" for attack in trap.attacks(*ways))
    drawn = b""
    with traced_processes() as traces, suppress(*([RenderError] if ways == (WITHOUT_A_PAGE,) else [])):
        drawn = render.render_html(f"<html lang=fr><title>x</title><body><p>Texte</p>{markup}</body></html>")
    check_reached_nothing(traces[0], *assets())
    if drawn:
        with pikepdf.open(io.BytesIO(drawn)) as pdf:
            assert list(pdf.attachments) == []
            assert [list(page.get_images()) for page in pdf.pages] == [[]] * len(pdf.pages)


def test_the_count_has_what_is_granted_and_what_is_refused(tmp_path: Path) -> None:
    canary, room = tmp_path / "canary", tmp_path / "room"
    canary.write_text("secret")
    room.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as beacon, traced_processes(as_served=True) as traces:
        port = str(beacon.getsockname()[1])
        for confined_to in ("-", str(room)):
            arguments = (confined_to, port, str(canary))
            assert run_isolated("tests.documents.reach_out", *arguments, room=room, seconds=60) == 0
        beacon.settimeout(5)
        beacon.accept()[0].close()
        beacon.settimeout(0.01)
        with pytest.raises(TimeoutError):
            beacon.accept()
    free, confined = traces
    for trace in traces:
        assert set(trace.outside()) == {str(canary)}
        assert trace.programs
    assert [call.name for call in free.sockets] == ["socket", "connect"]
    assert [call.name for call in confined.sockets] == ["socket"]


def outward(trap: Trap, **ways: tuple[str, ...]) -> bytes:
    return outward_pdf(trap.web, f"file://{trap.file}", str(trap.file), **ways)


def inspect_traced(content: bytes, room: Path, *, name: str = "cv.pdf") -> Trace:
    """Inspect a file in an isolated process; check that it reached nothing but its room and the file."""
    file, into = room / "received", room / "into"
    file.write_bytes(content)
    into.mkdir()
    with traced_processes() as traces:
        inspect_file(file, name=name, max_pages=3, max_bytes=10**7, into=into)
    check_reached_nothing(traces[0], file)
    return traces[0]


def test_no_text_makes_a_dossier_reach_anything_nor_its_document(trap: Trap, tmp_path: Path) -> None:
    inspect_traced(outward(trap), tmp_path, name=f"{trap.attacks('svg-image')[0]}.pdf")
    # The beacon and the canary in turn: the exhaustive form has each attack in each field.
    attacks = [trap.attacks(way)[rank % 2] for rank, way in enumerate(WAYS)]
    assert len(attacks) >= 40
    made = draw_in_every_field(attacks, source=tmp_path / "into" / "clean.pdf")
    assert [
        attack for attack in attacks if json.dumps(attack, ensure_ascii=False) not in made.canonical()
    ] == []


def test_no_markup_that_is_not_escaped_makes_a_page_reach_anything(trap: Trap) -> None:
    """The second barrier: the renderer fetches the listed files only."""
    draw_markup(trap, *(way for way in WAYS if way != WITHOUT_A_PAGE))


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS)
def test_one_way_in_every_field_of_dossier_receipt_and_table_reaches_nothing(
    way: str, trap: Trap, tmp_path: Path
) -> None:
    attacks = trap.attacks(way)
    source = tmp_path / "cv.pdf"
    source.write_bytes(pdf_bytes())
    made = draw_in_every_field(attacks, source=source)
    text = attacks[0]
    with traced_processes() as traces:
        receipt = facts(number=text, offer=text, organisation=text)
        render_receipt(made, facts=receipt, address=text, in_english_too=True)
        columns = [TableColumn(header=attack, width=60) for attack in attacks[:4]]
        rows = [attacks[: len(columns)]]
        render_table(title=text, subject=text, portal=text, facts=[(text, text)], columns=columns, rows=rows)
    for trace in traces:
        check_reached_nothing(trace, *assets())
    draw_markup(trap, way)


@pytest.mark.full
@pytest.mark.parametrize("way", OUTWARD)
def test_one_way_of_a_document_reaches_nothing_when_inspected_and_merged(
    way: str, trap: Trap, tmp_path: Path
) -> None:
    inspect_traced(outward(trap, ways=(way,)), tmp_path)
    # A document that was not cleaned: merging does not rely on inspection.
    source = DocumentSource(label="Curriculum vitæ", path=tmp_path / "received", pages=1)
    with traced_processes() as traces:
        render_dossier(payload(), number="x", received_at=AT, digest="x", sources=[source])
    check_reached_nothing(traces[0], source.path, *assets())


@pytest.mark.full
@pytest.mark.parametrize("name", PICTURES)
def test_no_file_of_another_format_makes_an_inspection_reach_anything(
    name: str, trap: Trap, tmp_path: Path
) -> None:
    for rank, target in enumerate((trap.web, f"file://{trap.file}", str(trap.file))):
        room = tmp_path / str(rank)
        room.mkdir()
        inspect_traced(PICTURES[name](target), room)


@pytest.mark.full
@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_upload_makes_an_inspection_reach_anything(name: str, tmp_path: Path) -> None:
    inspect_traced(HOSTILE[name][0](), tmp_path)
