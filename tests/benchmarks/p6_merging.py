"""P6 (`docs/targets.md`): ten documents of 1 MB cleaned and merged, beside a copy of their bytes."""

import contextlib
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.benchmarks import measuring
from tests.benchmarks.measuring import Figure, benchmark, interleaved
from tests.benchmarks.p5_dossiers import AT, DIGEST, NUMBER, milliseconds, small_payload

FILES = 10
BYTES, SMOKE_BYTES = 1_000_000, 20_000
MAX_PAGES = 40


@benchmark(
    "P6", title="ten documents of 1 MB cleaned and merged to a copy of their bytes", sign="<=", bound=2
)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Clean and merge scans and texts as the portal does, beside a copy, pypdf and qpdf."""
    size = SMOKE_BYTES if smoke else BYTES
    with files(size) as (room, received), merging(room, received, size) as merge:
        cleaned = [room / f"clean-{rank}.pdf" for rank in range(len(received))]
        contenders: dict[str, Callable[[], object]] = {
            "copy": lambda: copy(received, room / "copy"),
            "cleaning": lambda: clean(received, cleaned),
            "merging": merge,
            "qpdf, merging alone": lambda: _qpdf(received, room / "qpdf.pdf"),
        }
        if has_pypdf():
            contenders["pypdf, merging alone"] = lambda: _pypdf(received, room / "pypdf.pdf")
        times = interleaved(contenders, repetitions=5 if smoke else 9)
        alone = {} if smoke else _time_alone(received)
    both = [sum(pair) for pair in zip(times["cleaning"], times["merging"], strict=True)]
    ratios = [mine / other for mine, other in zip(both, times["copy"], strict=True)]
    of_qpdf = median(times["qpdf, merging alone"]) / median(times["copy"])
    note = (
        f"processor time of {FILES} files, half of them scans and half of them pages of text, in one process: "
        f"{milliseconds(times)}; qpdf, which cleans nothing, takes {of_qpdf:.1f} times the copy"
    )
    if alone:
        note += f"; each inspected in a process of its own, first page drawn: {milliseconds(alone)}"
    return Figure.of(ratios, note)


@contextlib.contextmanager
def files(size: int) -> Iterator[tuple[Path, list[Path]]]:
    """Yield a folder with `FILES` PDFs of about `size` bytes."""
    measuring.set_up_django()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        received = []
        for rank in range(FILES):
            path = room / f"received-{rank}.pdf"
            path.write_bytes(scan(size, seed=rank) if rank % 2 else text_pages(size, seed=rank))
            received.append(path)
        yield room, received


def scan(size: int, *, seed: int) -> bytes:
    """Return a page with one picture, compressed as a scanner does."""
    import io  # noqa: PLC0415 -- of this function only
    import random  # noqa: PLC0415 -- of this function only

    import pikepdf  # noqa: PLC0415 -- not needed by the list of benchmarks
    from pikepdf import Dictionary, Name, Stream  # noqa: PLC0415 -- the same
    from PIL import Image  # noqa: PLC0415 -- the same

    from tests.factories.files import new_pdf, saved  # noqa: PLC0415 -- the same

    side = int((size * 1.55) ** 0.5)
    picture = Image.frombytes("L", (side, side), random.Random(seed).randbytes(side * side))  # noqa: S311 -- noise
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=60)
    pdf = new_pdf()
    drawn = Stream(pdf, out.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=side, Height=side)
    drawn.ColorSpace, drawn.BitsPerComponent, drawn.Filter = Name.DeviceGray, 8, Name.DCTDecode
    page: pikepdf.Page = pdf.pages[0]
    page.obj.Resources.XObject = Dictionary(Scan=drawn)
    page.obj.Contents = Stream(pdf, b"q 612 0 0 792 0 0 cm /Scan Do Q")
    return saved(pdf)


def text_pages(size: int, *, seed: int) -> bytes:
    """Return pages of text that hardly repeats itself, one for 50 kB."""
    import base64  # noqa: PLC0415 -- of this function only
    import random  # noqa: PLC0415 -- of this function only

    from pikepdf import Stream  # noqa: PLC0415 -- not needed by the list of benchmarks

    from tests.factories.files import new_pdf, saved  # noqa: PLC0415 -- the same

    chance, pages = random.Random(seed), pages_of(size)  # noqa: S311 -- noise
    pdf = new_pdf(pages)
    for page in pdf.pages:
        letters = base64.b64encode(chance.randbytes(size // pages)).decode()
        lines = [letters[start : start + 90] for start in range(0, len(letters), 90)]
        text = "".join(f"({line}) Tj 0 -1 Td\n" for line in lines)
        page.obj.Contents = Stream(pdf, f"BT /F1 2 Tf 36 756 Td\n{text}ET".encode())
    return saved(pdf)


def pages_of(size: int) -> int:
    """Return the number of pages of a text of this size."""
    return max(size // 50_000, 1)


def copy(received: Sequence[Path], to: Path) -> None:
    """Copy the bytes of all files, one after the other, into one."""
    with to.open("wb") as out:
        for path in received:
            out.write(path.read_bytes())


def clean(received: Sequence[Path], cleaned: Sequence[Path]) -> None:
    """Clean each file, as an inspection does before it draws the first page."""
    from intake.documents.child import pdf  # noqa: PLC0415 -- imports pikepdf

    for path, into in zip(received, cleaned, strict=True):
        pdf.clean(path, into, max_pages=MAX_PAGES)


@contextlib.contextmanager
def merging(room: Path, received: Sequence[Path], size: int) -> Iterator[Callable[[], int]]:
    """Yield a function that merges the cleaned files into a dossier whose own pages are drawn."""
    from intake.dossiers.child import merge as module  # noqa: PLC0415 -- imports pikepdf
    from intake.dossiers.render import DocumentSource, render_dossier  # noqa: PLC0415 -- needs the settings
    from tests.dossiers.in_process import draw_in_process  # noqa: PLC0415 -- needs the settings

    cleaned = [room / f"clean-{rank}.pdf" for rank in range(len(received))]
    clean(received, cleaned)
    sources = [
        DocumentSource(label=f"Document {rank}", path=path, pages=1 if rank % 2 else pages_of(size))
        for rank, path in enumerate(cleaned)
    ]
    places: list[int] = []

    def keep(drawn: Path, drawings: dict[int, Any], out: Path, **options: Any) -> int:
        (room / "drawn.pdf").write_bytes(drawn.read_bytes())
        places[:] = drawings
        return merged(drawn, drawings, out, **options)

    merged = module.merge
    with pytest.MonkeyPatch.context() as patch, draw_in_process():
        patch.setattr(module, "merge", keep)
        made = render_dossier(small_payload(), number=NUMBER, received_at=AT, digest=DIGEST, sources=sources)
    assert made.replaced == ()

    def merge() -> int:
        import pikepdf  # noqa: PLC0415 -- not needed by the list of benchmarks

        with contextlib.ExitStack() as opened:
            placed = []
            for source in sources:
                document = opened.enter_context(pikepdf.open(source.path))
                placed += module.read_part(document, [f"page {rank}" for rank in range(source.pages)])
            return merged(room / "drawn.pdf", dict(zip(places, placed, strict=True)), room / "out.pdf")

    yield merge


def _qpdf(received: Sequence[Path], to: Path) -> None:
    import pikepdf  # noqa: PLC0415 -- not needed by the list of benchmarks

    pikepdf.Job(["qpdf", "--empty", "--pages", *map(str, received), "--", str(to)]).run()


def has_pypdf() -> bool:
    """True if pypdf is installed by `scripts/bench`."""
    if str(measuring.PEERS_FOLDER) not in sys.path:
        sys.path.append(str(measuring.PEERS_FOLDER))
    return importlib.util.find_spec("pypdf") is not None


def _pypdf(received: Sequence[Path], to: Path) -> None:
    with importlib.import_module("pypdf").PdfWriter() as writer:
        for path in received:
            writer.append(str(path))
        writer.write(str(to))


def _time_alone(received: Sequence[Path]) -> dict[str, list[float]]:
    """Return the seconds in which all files are inspected one after the other, by clock."""
    from intake.documents.inspection import inspect_file  # noqa: PLC0415 -- needs the settings

    times: dict[str, list[float]] = {"processor": [], "wall clock": []}
    for _repetition in range(5):
        processor, wall = sum(os.times()[:4]), time.monotonic()
        for path in received:
            with tempfile.TemporaryDirectory() as into:
                found = inspect_file(
                    path, name="cv.pdf", max_pages=MAX_PAGES, max_bytes=10 * BYTES, into=Path(into)
                )
            assert found.is_accepted, found.reason
        times["processor"].append(sum(os.times()[:4]) - processor)
        times["wall clock"].append(time.monotonic() - wall)
    return times
