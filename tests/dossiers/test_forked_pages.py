"""A PDF has the same bytes whether its process is started for it or forked from one that has read fonts and sheets."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from intake.documents import isolated_process
from intake.documents.temp_dirs import temporary_directory
from intake.dossiers.render import DocumentSource, RenderLimitError, render_dossier, render_receipt
from tests.dossiers.pdf_samples import AT, LINE, SYMBOLS, photograph, with_answer, word_processed
from tests.factories.payloads import payload, person
from tests.factories.receipts import DIGEST, NUMBER, facts
from tests.faults.hostile import cpu_burner

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="processes are forked where Linux confines them"
)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[isolated_process._Kept]:
    """The forking process of this one, none yet."""
    fresh = isolated_process._Kept()
    monkeypatch.setattr(isolated_process, "_kept", fresh)
    yield fresh
    fresh.stop()


def check_same_bytes(
    draw: Callable[[], bytes], kept: isolated_process._Kept, *, between: Callable[[], bytes]
) -> None:
    """Draw by a process started for it, then by forked ones, with another page `between` two of them."""
    started = draw()
    assert kept.process is None
    kept.last = time.monotonic()
    assert draw() == started
    between()
    assert draw() == started
    assert kept.process is not None
    assert kept.process._jobs == 3


def receipt(first_name: str, *, in_english_too: bool = False) -> bytes:
    """Return a receipt with characters of other scripts, and some that no font has."""
    return render_receipt(
        payload(person=person(first_name=first_name)),
        facts=facts(),
        address="https://exemple.invalid/verifier/",
        in_english_too=in_english_too,
    )


def dossier(room: Path) -> bytes:
    """Return a dossier of many lines, and of documents of two kinds and one that cannot be read."""
    sources = []
    for label, content in (("Relevé", photograph()), ("Lettre", word_processed()), ("Preuve", b"%PDF-1.7")):
        path = room / f"{label}.pdf"
        path.write_bytes(content)
        sources.append(DocumentSource(label=label, path=path, pages=1))
    made = with_answer(payload(), f"{SYMBOLS}\n" + LINE * 60)
    return render_dossier(made, number=NUMBER, received_at=AT, digest=DIGEST, sources=sources).content


def test_a_forked_process_draws_the_same_receipt(kept: isolated_process._Kept) -> None:
    check_same_bytes(lambda: receipt("Zoé 🧿"), kept, between=lambda: receipt("小明", in_english_too=True))


def test_a_forked_process_stops_at_its_cpu_limit_and_the_next_one_draws(kept: isolated_process._Kept) -> None:
    kept.last = time.monotonic()
    with temporary_directory("sources") as room:
        path = room / "hostile.pdf"
        path.write_bytes(cpu_burner())
        burner = DocumentSource(label="Relevé", path=path, pages=1)
        given: dict[str, Any] = {"number": NUMBER, "received_at": AT, "digest": DIGEST, "sources": [burner]}
        with pytest.raises(RenderLimitError):
            render_dossier(payload(), **given, cpu_seconds=1)
    assert kept.process is not None
    assert kept.process.is_usable
    assert receipt("Zoé").startswith(b"%PDF")


@pytest.mark.full
def test_a_forked_process_draws_the_same_dossier(kept: isolated_process._Kept) -> None:
    with temporary_directory("sources") as room:
        check_same_bytes(lambda: dossier(room), kept, between=lambda: receipt("Zoé"))
