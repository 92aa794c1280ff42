"""Each file of the corpus is refused, cleaned or accepted as expected."""

import pytest

from intake.documents import inspection
from intake.documents.child.refusal import Reason
from tests.documents.corpus.case import Case
from tests.documents.corpus.running import run
from tests.documents.corpus.table import CASES, HONEST, HOSTILE
from tests.documents.in_process import inspect_in_process

# The first light file of each family, for every run; inspected in this process.
QUICK = list({case.family: case for case in reversed(CASES) if not case.is_heavy}.values())


# One file of each outcome, for every run; inspected in its own process.
APART = {
    "active content: JavaScript, at the opening",
    "active content: older list: form-that-sends",
    "polyglots: archive with a directory after a PDF",
    "bombs: picture of 90,000 pixels a side",
    "bombs: PNG of 60,000 pixels a side",
    "locked: password to open, revision 6",
    "another type: word processor named cv.pdf",
    "cut short: JPEG, 40 %",
    "PDF: older list: filled-form",
    "pictures: older list: photo-48-megapixels",
    "photographs of phones: HEIC",
}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=() if case.id in APART else pytest.mark.full, id=case.id) for case in CASES],
)
def test_a_file_of_the_corpus_has_its_expected_result(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "WALL_SECONDS", 300)  # the limit of processor time comes first
    assert run(case).faults == ()


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.id)
def test_one_file_of_each_family_has_its_expected_result(case: Case) -> None:
    with inspect_in_process():
        assert run(case).faults == ()


def test_the_corpus_is_as_large_and_as_varied_as_its_target() -> None:
    assert {case.id for case in CASES} > APART
    assert len({case.id for case in CASES}) == len(CASES)
    assert len(HOSTILE) >= 200
    assert len(HONEST) >= 50
    assert sum(case.family == "polyglots" for case in HOSTILE) >= 20
    tried = {code for case in HOSTILE for code in case.refused}
    # A timeout and a size come from the machine and the request, not from the content of a file.
    by_others = {Reason.TIMED_OUT, Reason.TOO_LARGE, Reason.VIRUS_FOUND, Reason.SCANNER_UNAVAILABLE}
    assert {"", *Reason} - tried <= {"", *by_others}
