"""R7 (`docs/targets.md`): fifty clicks at once on one draft make one filing and receipt; a lost answer is found."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from intake.devtools.deadline_drill.candidates import ReadyCandidate, sign_in
from intake.devtools.deadline_drill.web import web_server
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.submissions.models import Filing, Receipt, Submission
from tests.factories.submissions import make_draft
from tests.faults.figures_from_tests import runs, write_figures
from tests.faults.http_client import Answer, ask, click, click_without_waiting, receipt_number_in

CLICKS = 50


@pytest.mark.usefixtures("served")
def test_fifty_simultaneous_clicks_create_one_filing() -> None:
    faults = []
    with web_server(processes=2) as address:
        for _run in range(runs()):
            draft = make_draft()
            faults.append(_fifty(address, draft.submission, sign_in(draft)))
            draft = make_draft()
            faults[-1] += _lost(address, draft.submission, sign_in(draft))
    write_figures(
        "R7",
        faults,
        target="1 filing, 1 receipt, 50 identical answers",
        note=f"{CLICKS} POSTs at once of each of {len(faults)} drafts through gunicorn, 2 processes of 4 threads; then "
        "one more draft each, whose first answer was never read",
    )
    assert sum(faults) == 0


def _fifty(address: tuple[str, int], submission: Submission, person: ReadyCandidate) -> int:
    """Return the number of answers that differ from the most common, plus missing and duplicate rows."""
    together = threading.Barrier(CLICKS, timeout=60)

    def one(_number: int) -> Answer:
        together.wait()
        return click(address, person)

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(one, range(CLICKS)))
    told = Counter((answer.status, answer.location, answer.body) for answer in answers)
    [(first, same)] = told.most_common(1)
    assert first[0] == 302, answers[0]
    assert first[1].endswith("/accuse/"), answers[0]
    receipt = Receipt.objects.get(filing__submission=submission)
    pages = {receipt_number_in(ask(address, "GET", first[1], person.cookies).body) for _time in range(3)}
    assert pages == {receipt.number}
    return CLICKS - same + _twice(submission, receipt)


def _lost(address: tuple[str, int], submission: Submission, person: ReadyCandidate) -> int:
    """Return 0 if a candidate who never got the answer gets the one receipt by clicking again."""
    click_without_waiting(address, person)
    ends = time.monotonic() + 60
    while not Receipt.objects.filter(filing__submission=submission).exists():
        assert time.monotonic() < ends, "nothing was filed"
        time.sleep(0.05)
    again = click(address, person)
    receipt = Receipt.objects.get(filing__submission=submission)
    page = ask(address, "GET", again.location, person.cookies).body
    return (receipt_number_in(page) != receipt.number) + _twice(submission, receipt)


def _twice(submission: Submission, receipt: Receipt) -> int:
    """Count the rows that do not exist exactly once."""
    counts = (
        Filing.objects.filter(submission=submission).count(),
        Delivery.objects.filter(kind="RECEIPT_MAIL", key=receipt.number).count(),
        Delivery.objects.filter(kind="DOSSIER", key=receipt.number).count(),
        Entry.objects.filter(action="SUBMISSION_FILE", subject_id=str(submission.public_id)).count(),
    )
    return sum(count != 1 for count in counts)
