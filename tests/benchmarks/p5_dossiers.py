"""P5 (`docs/targets.md`): a dossier beside bare WeasyPrint of the same HTML and a merge by pikepdf."""

import contextlib
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks import measuring
from tests.benchmarks.measuring import Figure, benchmark, interleaved

if TYPE_CHECKING:
    from intake.dossiers.sealed_payload import Payload

NUMBER = "2027-020-000123-N"
AT = datetime(2026, 9, 30, 18, 32, 5, tzinfo=UTC)
DIGEST = "sha256:" + "4f" * 32
ROOT = Path(__file__).resolve().parents[2]
_PHASES = ("template", "layout", "PDF and tags", "merge", "digest")


@dataclass(frozen=True)
class Work:
    """One dossier to draw: how we draw it, and the files of its documents, in the folder `room`."""

    draw: Callable[[], bytes]
    sources: list[Path]
    room: Path


@dataclass(frozen=True)
class Page:
    """The HTML of a dossier as WeasyPrint gets it, and the files that it may read, by name."""

    html: str
    assets: dict[str, str]


@benchmark("P5", title="dossier to bare WeasyPrint and a merge", sign="<=", bound=1.25)
def measure(smoke: bool) -> Figure:  # noqa: FBT001 -- the one argument of every measure
    """Draw a dossier of four documents, in this process and in one of its own, beside what others need."""
    measuring.set_up_django()
    from tests.benchmarks.dossier_peers import available_peers, content_of  # noqa: PLC0415 -- needs the settings
    from tests.dossiers.in_process import draw_in_process  # noqa: PLC0415 -- needs the settings
    from tests.factories.payloads import payload  # noqa: PLC0415 -- needs the settings

    repetitions = 5 if smoke else 15
    logging.getLogger("weasyprint").disabled = True
    with work(small=smoke) as given, draw_in_process():
        page = page_of(given)
        blocks = content_of(payload(), number=NUMBER, digest=DIGEST)
        drawn = given.room / "peer.pdf"
        peers = {} if smoke else available_peers()
        contenders: dict[str, Callable[[], object]] = {
            "ours": lambda: digest_of(given.draw()),
            "bare": lambda: digest_of(bare(given, page)),
            **{name: partial(draw, blocks, given.sources, drawn) for name, draw in peers.items()},
        }
        times = interleaved(contenders, repetitions=repetitions)
        phases = _time_phases(given, repetitions=1 if smoke else 5)
    note = f"processor time in one process: {milliseconds(times)}; of ours: {milliseconds(phases)}"
    if not smoke:
        with work() as given:
            alone = {"ours": given.draw, "bare": lambda: _bare_process(given, page)}
            times_alone = interleaved(alone, repetitions=7, clock=lambda: sum(os.times()[:4]))
        note += f"; each in a process of its own, its start included: {milliseconds(times_alone)}"
    return Figure.of([mine / other for mine, other in zip(times["ours"], times["bare"], strict=True)], note)


@contextlib.contextmanager
def work(*, small: bool = False) -> Iterator[Work]:
    """Yield the dossier of `payloads.payload()` with its four documents; `small`: with one, and no answers."""
    measuring.set_up_django()
    from intake.dossiers.render import DocumentSource, render_dossier  # noqa: PLC0415 -- needs the settings
    from tests.factories.files import pdf_bytes  # noqa: PLC0415 -- needs the settings
    from tests.factories.payloads import payload  # noqa: PLC0415 -- needs the settings

    made = small_payload() if small else payload()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        sources = []
        for rank, document in enumerate(made.documents):
            path = room / f"{rank}.pdf"
            path.write_bytes(pdf_bytes(document.pages))
            sources.append(DocumentSource(label=document.label, path=path, pages=document.pages))

        def draw() -> bytes:
            options: dict[str, Any] = {
                "number": NUMBER,
                "received_at": AT,
                "digest": DIGEST,
                "sources": sources,
            }
            return render_dossier(made, **options).content

        yield Work(draw, [source.path for source in sources], room)


def small_payload() -> "Payload":
    """Return a payload of few lines, with one document."""
    from tests.factories.payloads import payload  # noqa: PLC0415 -- needs the settings

    made = payload()
    return replace(made, sections=(), documents=made.documents[:1], declarations=())


def page_of(given: Work) -> Page:
    """Return the page of a dossier, taken from a drawing in this process."""
    from intake.dossiers.child import pages  # noqa: PLC0415 -- imports weasyprint
    from tests.dossiers.in_process import draw_in_process  # noqa: PLC0415 -- needs the settings

    seen: list[Page] = []
    render_pdf = pages.render_pdf

    def keep(html: str, assets: dict[str, str], to: Path, **options: Any) -> int:
        seen.append(Page(html, assets))
        return render_pdf(html, assets, to, **options)

    with pytest.MonkeyPatch.context() as patch, draw_in_process():
        patch.setattr(pages, "render_pdf", keep)
        given.draw()
    return seen[0]


def bare(given: Work, page: Page) -> bytes:
    """Draw the same HTML as PDF/UA-1 by WeasyPrint alone, and append the documents by pikepdf alone."""
    import pikepdf  # noqa: PLC0415 -- not needed by the list of benchmarks
    import weasyprint  # noqa: PLC0415 -- slow to import

    from intake.dossiers.child.pages import AssetFetcher  # noqa: PLC0415 -- imports weasyprint

    drawn = given.room / "bare.pdf"
    read = AssetFetcher(page.assets)
    weasyprint.HTML(string=page.html, base_url="asset:", url_fetcher=read).write_pdf(
        drawn, pdf_variant="pdf/ua-1"
    )
    with pikepdf.open(drawn) as pdf:
        for path in given.sources:
            with pikepdf.open(path) as source:
                pdf.pages.extend(source.pages)
        pdf.save(given.room / "merged.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return (given.room / "merged.pdf").read_bytes()


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a PDF."""
    return hashlib.sha256(content).hexdigest()


def _bare_process(given: Work, page: Page) -> None:
    job = {"html": page.html, "assets": page.assets, "sources": [str(path) for path in given.sources]}
    (given.room / "bare.json").write_text(json.dumps(job))
    command = [sys.executable, "-m", "tests.benchmarks.bare_dossier", str(given.room)]
    subprocess.run(command, check=True, cwd=ROOT, stderr=subprocess.DEVNULL)


def _time_phases(given: Work, *, repetitions: int) -> dict[str, list[float]]:
    """Return the seconds of each part of our dossier, by repetition."""
    import weasyprint  # noqa: PLC0415 -- slow to import

    from intake.dossiers import render  # noqa: PLC0415 -- needs the settings
    from intake.dossiers.child import merge  # noqa: PLC0415 -- imports pikepdf

    found: dict[str, list[float]] = {phase: [] for phase in _PHASES}
    spent: dict[str, float] = {}

    def timed(phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            began = time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                spent[phase] = spent.get(phase, 0) + time.process_time() - began

        return run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "render_to_string", timed("template", render.__dict__["render_to_string"]))
        patch.setattr(weasyprint.HTML, "render", timed("layout", weasyprint.HTML.render))
        patch.setattr(weasyprint.Document, "write_pdf", timed("PDF and tags", weasyprint.Document.write_pdf))
        patch.setattr(merge, "merge", timed("merge", merge.merge))
        for _repetition in range(repetitions):
            spent.clear()
            timed("digest", digest_of)(given.draw())
            for phase in _PHASES:
                found[phase].append(spent[phase])
    return found


def milliseconds(times: Mapping[str, list[float]]) -> str:
    """Return the median and the spread of each contender, in words."""
    return ", ".join(
        f"{name} {median(taken) * 1000:.0f} ms ({min(taken) * 1000:.0f} to {max(taken) * 1000:.0f})"
        for name, taken in times.items()
    )
