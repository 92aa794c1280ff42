"""File faster and faster until the closing, as people do: `python -m tests.benchmarks.rush [--count 10000]`.

The whole portal runs, with its workers and a mail server. Beside the filings, other people save while they type and
the public reads. Prints one JSON object.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.benchmarks.arrivals import per_second, rush, steady
from tests.benchmarks.filing_portal import (
    Traffic,
    filed_at,
    filing_of,
    filing_portal,
    mailed_at,
    make_crowd,
    outcomes,
    receipt_mails,
    seconds_at,
    send,
    wall_clock,
)
from tests.benchmarks.sending import DONE, LATE, RECEIPT, WAITING, Request, Sent

if TYPE_CHECKING:
    from intake.devtools.deadline_drill.candidates import ReadyCandidate
    from offers.models import Offer
    from tests.faults.portal import Portal

COUNT, SECONDS, PEAK = 10_000, 300, 280.0
SAVES, READS = 10.0, 10.0
TYPISTS, WARM = 100, 40
LEAD = 20.0
"""Seconds between the publication and the first press, in which the senders read their plans."""
SENDERS = 3
WAIT = 180
PARTS = 10
SHARES = (0.5, 0.99, 1)
SECTION = "coordonnees"


def main() -> None:
    """Run the portal and the rush."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.rush")
    parser.add_argument("--count", type=int, default=COUNT, help="filings")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--peak", type=float, default=PEAK, help="presses a second just before the closing")
    parser.add_argument("--saves", type=float, default=SAVES, help="a second, while others type")
    parser.add_argument("--reads", type=float, default=READS, help="of public pages, a second")
    parser.add_argument("--lead", type=float, default=LEAD, help="seconds before the first press")
    parser.add_argument(
        "--wait", type=float, default=WAIT, help="seconds after the closing, for mails and dossiers"
    )
    parser.add_argument("--senders", type=int, default=SENDERS)
    asked = parser.parse_args()
    with filing_portal() as portal:
        found = _measure(portal, asked)
    sys.stdout.write(json.dumps(found) + "\n")


def _measure(portal: "Portal", asked: argparse.Namespace) -> dict[str, Any]:
    _other, typists = make_crowd(number="EX-P2-2", count=TYPISTS + WARM, seed=2)
    send(portal.port, [filing_of(one) for one in typists[TYPISTS:]], clients=4)  # warms every process
    closes_in = timedelta(seconds=asked.lead + asked.seconds)
    offer, people = make_crowd(number="EX-P2-1", count=asked.count, seed=1, closes_in=closes_in)
    start = time.monotonic() + (offer.closes_at - datetime.now(tz=UTC)).total_seconds() - asked.seconds
    instants = rush(count=asked.count, seconds=asked.seconds, peak=asked.peak, seed=1)
    presses = [filing_of(person, at=at) for person, at in zip(people, instants, strict=True)]
    beside = [*_saves(typists[:TYPISTS], asked), *_reads(asked)]
    traffic = send(portal.port, [*presses, *beside], processes=asked.senders, start=start)
    end = wall_clock(start) + asked.seconds
    arrived = sum(one.kind == "file" and one.outcome in {RECEIPT, WAITING} for one in traffic.sent)
    after = _work_after(portal, offer, arrived=arrived, end=end, wait=asked.wait)
    portal.tend()
    return _answers(traffic, instants, asked) | after | {"fell": portal.fell}


def _answers(traffic: Traffic, instants: Sequence[float], asked: argparse.Namespace) -> dict[str, Any]:
    """Return counts and percentiles of the answers, by kind of request."""
    by_kind: dict[str, Any] = {}
    for kind in ("file", "save", "read"):
        sent = sorted((one for one in traffic.sent if one.kind == kind), key=lambda one: one.at)
        size = max(1, len(sent) // PARTS)
        parts = [sent[first : first + size] for first in range(0, size * PARTS, size)]
        by_kind[kind] = {
            "count": len(sent),
            "outcomes": outcomes(sent),
            "errors": sum(is_error(one, closing=asked.seconds) for one in sent),
            "answered": [seconds_at(share, [one.answered for one in sent]) for share in SHARES],
            "seen": [
                seconds_at(share, [one.seen for one in sent if one.outcome == RECEIPT]) for share in SHARES
            ],
            "parts": [seconds_at(0.99, [one.answered for one in part]) for part in parts if part],
        }
    return {
        "kinds": by_kind,
        "seconds": asked.seconds,
        "arrivals": per_second(instants, seconds=asked.seconds),
        "left": max(one.left for one in traffic.sent),
        "processor": traffic.processor,
    }


def is_error(one: Sent, *, closing: float) -> bool:
    """Return whether a request should have been answered otherwise.

    A press that its sender, busy with others, sent only after the closing is late.
    """
    if one.outcome == LATE:
        return one.at + one.left < closing
    return one.outcome not in {RECEIPT, WAITING, DONE}


def _saves(typists: "Sequence[ReadyCandidate]", asked: argparse.Namespace) -> Iterator[Request]:
    """Yield saves while typing, each of another text, of people whose drafts are not filed."""
    from urllib.parse import urlencode  # noqa: PLC0415 -- with the others

    from django.urls import reverse  # noqa: PLC0415 -- needs the portal's settings

    from intake.submissions.drafts.answer_merge import format_seen  # noqa: PLC0415 -- with the others
    from intake.submissions.models import Draft  # noqa: PLC0415 -- with the others
    from intake.submissions.questions.sections import section_by_key  # noqa: PLC0415 -- with the others

    section = section_by_key(SECTION)
    assert section is not None
    drafts = {
        draft.submission_id: draft
        for draft in Draft.objects.select_related("submission").filter(
            submission__in=[person.submission for person in typists]
        )
    }
    for rank, at in enumerate(steady(rate=asked.saves, seconds=asked.seconds, seed=3)):
        person = typists[rank % len(typists)]
        draft = drafts[person.submission]
        fields = section.form.as_post_data(section.of(draft.answers)) | {
            "seen": format_seen(section.digests(draft.answers)),
            "city": f"Ville {rank}",
            "page": f"rush.{rank}",
        }
        path = reverse("submissions:autosave", args=[draft.submission.public_id, SECTION])
        yield Request("save", path, at=at, cookies=person.cookies, body=urlencode(fields))


def _reads(asked: argparse.Namespace) -> Iterator[Request]:
    """Yield requests of two public pages in turn."""
    from django.urls import reverse  # noqa: PLC0415 -- needs the portal's settings

    paths = reverse("offers:list"), reverse("web:privacy")
    for rank, at in enumerate(steady(rate=asked.reads, seconds=asked.seconds, seed=4)):
        yield Request("read", paths[rank % len(paths)], at=at)


def _work_after(portal: "Portal", offer: "Offer", *, arrived: int, end: float, wait: float) -> dict[str, Any]:
    """Wait for the filings of those who arrived, their receipt mails and dossiers, at most `wait` seconds."""
    from intake.dossiers.models import Dossier  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.models import Filing  # noqa: PLC0415 -- with the others

    filings = Filing.objects.filter(submission__offer=offer)
    mails = receipt_mails(offer).exclude(done_at=None)
    dossiers = Dossier.objects.filter(seal__filing__in=filings)
    while time.time() < end + wait and {filings.count(), mails.count(), dossiers.count()} != {arrived}:
        portal.tend()
        time.sleep(1)
    waited = time.time() - end
    sent = [second - end for second in mailed_at(offer)]
    built = sorted(instant.timestamp() - end for instant in dossiers.values_list("built_at", flat=True))
    recent = sum(instant > waited - 60 for instant in built) / min(60.0, max(waited, 1.0))
    filed = [second - end for second in filed_at(offer)]
    left = len(filed) - len(built)
    return {
        "arrived": arrived,
        "filed": filed,
        "mails": sent,
        "taken": sum(
            arrival.at > end - 1e6 for some in portal.mailbox.everything().values() for arrival in some
        ),
        "dossiers": built,
        "waited": waited,
        "dossiers_done_by": (built[-1] if built else 0.0)
        if not left
        else waited + left / recent
        if recent
        else None,
    }


if __name__ == "__main__":
    main()
