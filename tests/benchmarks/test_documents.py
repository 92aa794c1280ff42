"""The benchmarks of documents compare the same work: as many pages, from the same files."""

from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pikepdf import Dictionary

from tests.benchmarks import p5_dossiers, p6_merging
from tests.benchmarks.dossier_peers import PEERS, available_peers, content_of
from tests.dossiers.in_process import draw_in_process
from tests.factories.payloads import payload


def _texts(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return [page.get_textpage().get_text_range() for page in pdf]


def test_bare_weasyprint_draws_the_same_page_and_the_same_documents() -> None:
    with p5_dossiers.work(small=True) as given, draw_in_process():
        ours = _texts(given.draw())
        bare = _texts(p5_dossiers.bare(given, p5_dossiers.page_of(given)))
    # Our documents are on the pages of their strips, theirs behind.
    assert bare[0] == ours[0]
    assert len(bare) == len(ours) + 2
    assert "Page 1" in bare[-2]
    assert "Page 1" in ours[-2]


def test_ten_documents_are_cleaned_and_merged_with_all_their_pages() -> None:
    with p6_merging.files(p6_merging.SMOKE_BYTES) as (room, received):
        assert len(received) == p6_merging.FILES
        with p6_merging.merging(room, received, p6_merging.SMOKE_BYTES) as merge:
            assert merge() >= p6_merging.FILES
        with pikepdf.open(room / "out.pdf") as merged:
            drawn = [
                page for page in merged.pages if "/Document" in page.resources.get("/XObject", Dictionary())
            ]
        p6_merging.copy(received, room / "copy")
        assert (room / "copy").stat().st_size == sum(path.stat().st_size for path in received)
    assert len(drawn) == p6_merging.FILES


@pytest.mark.full
@pytest.mark.skipif(not available_peers(), reason="scripts/bench installs the programs to compare with")
@pytest.mark.parametrize("name", PEERS)
def test_each_peer_draws_all_texts_and_documents(name: str, tmp_path: Path) -> None:
    with p5_dossiers.work() as given:
        blocks = content_of(payload(), number=p5_dossiers.NUMBER, digest=p5_dossiers.DIGEST)
        available_peers()[name](blocks, given.sources, tmp_path / "peer.pdf")
    read = "".join("".join(_texts((tmp_path / "peer.pdf").read_bytes())).split())
    texts = [str(content) for kind, content in blocks if kind != "rows"]
    texts += [str(cell) for kind, content in blocks if kind == "rows" for row in content for cell in row]
    assert [text for text in texts if "".join(text.split()) not in read] == []
    assert read.count("Page1") == 4
