"""R6: a document that the renderer cannot survive is given up after five attempts; the others keep their pace.

What inspection would have refused is put in the storage's place of an accepted file: the dossier must not rely on it.
"""

import signal
import time
from typing import TYPE_CHECKING

from tests.faults import portal as portals
from tests.faults.measuring import Measured, Options, measured
from tests.faults.portal import Portal

if TYPE_CHECKING:
    from tests.faults.people import Crowd, Person

KEYS = ("R6",)
PAIRS, SMOKE_PAIRS = 5, 1
DOSSIERS, SMOKE_DOSSIERS = 12, 3
LEAST_RATE = 0.8
GIVE_UP_SECONDS = 600
QUARANTINED_AFTER = 5


def hostile_pdf() -> bytes:
    """Return one page whose content grows 64 times at each of four filters: 16 million times, past any memory."""
    content = b"\x81" * 1_000_000  # 129: repeat the next byte, itself 129, 128 times
    filters = b"/RunLengthDecode" * 4
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter[%b]>>\nstream\n%b\nendstream" % (len(content), filters, content),
    ]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table)
    return bytes(out)


def measure(options: Options) -> dict[str, Measured]:
    """Time as many dossiers with and without a hostile one before them, by turns; then try that one to its end."""
    with portals.running(options.folder / "portal") as portal:
        from tests.faults.people import Crowd  # noqa: PLC0415 -- models are not loaded before the portal runs

        crowd = Crowd(portal.port)
        count = SMOKE_DOSSIERS if options.smoke else DOSSIERS
        rates: list[float] = []
        attempts: list[int] = []
        for _pair in range(SMOKE_PAIRS if options.smoke else PAIRS):
            alone, _none = _time(portal, crowd, count, hostile=False)
            beside, attacker = _time(portal, crowd, count, hostile=True)
            rates.append(alone / beside)
            attempts.append(_to_its_end(portal, attacker))
        fell = portal.fell
    rate = sorted(rates)[len(rates) // 2]
    given_up = all(tried == QUARANTINED_AFTER for tried in attempts)
    return {
        "R6": measured(
            rate,
            f"given up after {QUARANTINED_AFTER} attempts; the others keep >= {LEAST_RATE} of their rate",
            holds=given_up and not fell and rate >= LEAST_RATE,
            note=f"rate of {count} dossiers behind a hostile one over their rate alone, median; attempts before it was "
            f"given up: {', '.join(map(str, attempts))}" + "".join(f"; fell: {one}" for one in fell),
            values=rates,
        )
    }


def _time(portal: Portal, crowd: "Crowd", count: int, *, hostile: bool) -> "tuple[float, Person | None]":
    """Return the seconds that `count` dossiers take, and who filed the hostile document, first of all."""
    for name in ("dossiers", "sweep"):
        portal.signal(name, signal.SIGSTOP)
    attacker = crowd.next() if hostile else None
    if attacker is not None:
        attacker.insist()
        _poison(attacker)
    people = [crowd.next() for _ in range(count)]
    for person in people:
        person.insist()
    for name in ("dossiers", "sweep"):
        portal.signal(name, signal.SIGCONT)
    began = time.monotonic()
    while _made(people) < count:
        if time.monotonic() - began > GIVE_UP_SECONDS:
            message = f"the dossiers were not made in {GIVE_UP_SECONDS} s"
            raise RuntimeError(message)
        portal.tend()
        time.sleep(0.05)
    return time.monotonic() - began, attacker


def _poison(person: "Person") -> None:
    """Put the hostile bytes where the person's document is kept."""
    from intake.submissions.models import FiledDocument  # noqa: PLC0415 -- see above

    for row in (
        FiledDocument.objects.filter(filing__draft=person.draft_id).select_related("upload").order_by("pk")
    ):
        with row.upload.file.storage.open(str(row.upload.file.name), "wb") as file:
            file.write(hostile_pdf())


def _made(people: "list[Person]") -> int:
    from intake.dossiers.models import Dossier  # noqa: PLC0415 -- see above

    drafts = [person.draft_id for person in people]
    return Dossier.objects.filter(seal__filing__draft__in=drafts).count()


def _to_its_end(portal: Portal, attacker: "Person | None") -> int:
    """Make each next attempt due at once; return how many there were when the outbox gave it up."""
    from django.utils import timezone  # noqa: PLC0415 -- see above

    from intake.outbox.models import Delivery  # noqa: PLC0415 -- see above
    from intake.submissions.kinds import DOSSIER  # noqa: PLC0415 -- see above
    from tests.faults.truth import receipt_of  # noqa: PLC0415 -- see above

    assert attacker is not None
    receipt = receipt_of(attacker)
    assert receipt is not None
    which = Delivery.objects.filter(kind=DOSSIER, key=receipt.number)
    ends = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < ends:
        row = which.get()
        if row.state == Delivery.State.DEAD:
            return row.attempts
        which.filter(state="PENDING").update(due_at=timezone.now())
        portal.tend()
        time.sleep(0.2)
    return -1
