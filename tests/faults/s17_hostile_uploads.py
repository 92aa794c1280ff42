"""S17 (`docs/targets.md`): a public page while eight uploads take all the CPU seconds that an inspection is allowed."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.faults import portal as portals
from tests.faults.measuring import Measured, Options, measured, percentile
from tests.faults.portal import Portal

if TYPE_CHECKING:
    from offers.models import Offer

KEYS = ("S17",)
PAIRS, SMOKE_PAIRS = 5, 1
UPLOADS = 8
CLIENTS = 2
SECONDS, SMOKE_SECONDS = 8.0, 3.0  # of requests, alone and beside the uploads: less than these take
MAX_RATIO = 2
SETTLED_SECONDS = 300


def measure(options: Options) -> dict[str, Measured]:
    """Ask for the list of offers in turn alone and while eight people's uploads are inspected; compare the p99."""
    alone: list[float] = []
    beside: list[float] = []
    ratios: list[float] = []
    seconds = SMOKE_SECONDS if options.smoke else SECONDS
    refused, sent = 0, []
    with portals.running(options.folder / "portal") as portal:
        from tests.factories.submissions import make_open_offer  # noqa: PLC0415 -- needs the portal's settings

        offer = make_open_offer()
        _load(portal, 2.0)  # warms both processes
        for _pair in range(SMOKE_PAIRS if options.smoke else PAIRS):
            quiet = _load(portal, seconds)
            sent += _send_hostile(portal, offer)
            busy = _load(portal, seconds)
            refused += _under_way() == 0  # the requests must not outlast the uploads
            _drop_the_rest()
            alone += quiet
            beside += busy
            ratios.append(percentile(busy, 0.99) / percentile(quiet, 0.99))
        fell = portal.fell
    return {"S17": figure(alone, beside, ratios=ratios, sent=sent, ended_early=refused, fell=fell)}


def figure(
    alone: list[float],
    beside: list[float],
    *,
    ratios: list[float],
    sent: list[float],
    ended_early: int,
    fell: list[str],
) -> Measured:
    """Return the ratio of the two p99; `ratios` are those of each pair, `sent` the seconds of the uploads' answers."""
    quiet, busy = (percentile(times, 0.99) * 1000 for times in (alone, beside))
    return measured(
        busy / quiet,
        f"p99 of a public page with {UPLOADS} hostile uploads under way <= {MAX_RATIO}x its own",
        holds=busy <= MAX_RATIO * quiet and not fell and not ended_early,
        note=f"ms of the list of offers, alone and beside {UPLOADS} uploads: p50 {percentile(alone, 0.5) * 1000:.0f}, "
        f"{percentile(beside, 0.5) * 1000:.0f}; p99 {quiet:.0f}, {busy:.0f}; {len(alone)} and {len(beside)} requests; "
        f"an upload is answered in {max(sent) * 1000:.0f} ms at most"
        + (f"; {ended_early} times the uploads ended first" if ended_early else "")
        + "".join(f"; fell: {one}" for one in fell),
        values=ratios,
    )


def _load(portal: Portal, seconds: float) -> list[float]:
    """Ask for the public list, two requests at a time, for some seconds; return the seconds of each answer."""
    from tests.faults.people import ask  # noqa: PLC0415 -- needs the portal's settings

    ends = time.monotonic() + seconds

    def client(_number: int) -> list[float]:
        found = []
        while time.monotonic() < ends:
            status, _location, taken = ask(portal.port, "GET", "/offres/")
            assert status == 200, status
            found.append(taken)
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [taken for times in pool.map(client, range(CLIENTS)) for taken in times]


def _send_hostile(portal: Portal, offer: "Offer") -> list[float]:
    """Send a form that draws itself as each of eight new people; return the seconds of each answer."""
    from tests.factories.people import make_user  # noqa: PLC0415 -- needs the portal's settings
    from tests.factories.submissions import make_draft  # noqa: PLC0415 -- needs the portal's settings
    from tests.faults.full_journey import Browser  # noqa: PLC0415 -- needs the portal's settings
    from tests.faults.hostile import self_drawing_form  # noqa: PLC0415 -- with the others

    content, taken = self_drawing_form(), []
    asked = offer.documents.order_by("position")[0]
    for _upload in range(UPLOADS):
        draft = make_draft(offer=offer, candidate=make_user(), documents=False)
        browser = Browser(("127.0.0.1", portal.port), draft.submission.candidate)
        began = time.monotonic()
        answer = browser.send_file("document", draft.submission.public_id, asked.pk, content=content)
        taken.append(time.monotonic() - began)
        assert answer.status == 302, answer.status
    return taken


def _under_way() -> int:
    from intake.submissions.models import PendingUpload  # noqa: PLC0415 -- needs the portal's settings

    return PendingUpload.objects.filter(state=PendingUpload.State.RECEIVED).count()


def _drop_the_rest() -> None:
    """Drop the uploads that still wait, and wait for those that are being inspected: the next requests are alone."""
    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.attachments.receiving import settle  # noqa: PLC0415 -- with the others
    from intake.submissions.delivery_kinds import UPLOAD  # noqa: PLC0415 -- with the others
    from intake.submissions.models import PendingUpload  # noqa: PLC0415 -- with the others

    for pending in PendingUpload.objects.filter(state=PendingUpload.State.RECEIVED):
        settle(pending=pending, state=PendingUpload.State.DROPPED)
    ends = time.monotonic() + SETTLED_SECONDS
    while Delivery.objects.filter(kind=UPLOAD).exclude(state=Delivery.State.DONE).exists():
        if time.monotonic() > ends:
            message = "the uploads were not inspected"
            raise RuntimeError(message)
        time.sleep(0.5)
