"""R3 (`docs/targets.md`): the broker loses all data while a thousand mails wait."""

import signal
import time

from tests.faults import portal as portals
from tests.faults.measuring import Measured, Options, measured
from tests.faults.portal import Portal

KEYS = ("R3",)
PENDING, SMOKE_PENDING = 1000, 60
RUNS = 3
MAX_SECONDS = 60
GIVE_UP_SECONDS = 300


def measure(options: Options) -> dict[str, Measured]:
    """Kill the broker with the mails waiting, start it again, and time the outbox until it is empty."""
    with portals.running(options.folder / "portal") as portal:
        pending = SMOKE_PENDING if options.smoke else PENDING
        runs = [_run(portal, run, pending) for run in range(1 if options.smoke else RUNS)]
        fell = portal.fell
    lost = sum(missing for missing, _twice, _seconds in runs)
    seconds = [taken for _missing, _twice, taken in runs]
    return {
        "R3": measured(
            max(seconds),
            f"0 lost, drained <= {MAX_SECONDS} s after it is back",
            holds=not lost and not fell and max(seconds) <= MAX_SECONDS,
            note=f"seconds to drain {pending} mails, the slowest of {len(runs)} runs; {lost} lost, "
            f"{sum(twice for _missing, twice, _seconds in runs)} sent twice"
            + "".join(f"; fell: {one}" for one in fell),
            values=seconds,
        )
    }


def _run(portal: Portal, run: int, pending: int) -> tuple[int, int, float]:
    """Return the mails lost, the mails that came twice, and the seconds from the broker's return to the last mail."""
    from django.db import transaction  # noqa: PLC0415 -- needs the portal's settings
    from django.utils import timezone  # noqa: PLC0415 -- needs the portal's settings

    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings
    from intake.outbox.services import post  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.delivery_kinds import RECEIPT_MAIL  # noqa: PLC0415 -- needs the portal's settings
    from tests.faults.outcome_check import receipt_of, wait_until_settled  # noqa: PLC0415 -- needs the portal's settings
    from tests.faults.people import Crowd  # noqa: PLC0415 -- needs the portal's settings

    person = Crowd(portal.port, prefix=f"r3-{run}").next()
    person.insist()
    receipt = receipt_of(person)
    assert receipt is not None
    wait_until_settled(portal, seconds=120)
    # No process takes a delivery until the broker has been wiped: neither the workers nor the sweep.
    for name in ("mailer", "sweep"):
        portal.signal(name, signal.SIGSTOP)
    for number in range(pending):
        with transaction.atomic():
            post(kind=RECEIPT_MAIL, key=f"r3/{run}/{number}", subject=receipt, at=timezone.now())
    portal.kill_broker()
    portal.start_broker()
    began = time.monotonic()
    for name in ("mailer", "sweep"):
        portal.signal(name, signal.SIGCONT)
    wait_until_settled(portal, seconds=GIVE_UP_SECONDS)
    seconds = time.monotonic() - began
    mails = Delivery.objects.filter(key__startswith=f"r3/{run}/", state="DONE").select_related("message")
    times = [len(portal.mailbox.arrivals(row.message.message_id)) for row in mails.order_by("pk")]
    return pending - sum(map(bool, times)), sum(count > 1 for count in times), seconds
