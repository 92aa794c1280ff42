"""R6 (`docs/targets.md`): a document that kills the renderer is given up after five attempts; others keep their pace.

The document replaces an accepted file in the storage: inspection would reject it, and dossiers must not rely on that.
"""

import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.faults import portal as portals
from tests.faults.hostile import cpu_burner, memory_bomb
from tests.faults.measuring import Measured, Options, measured
from tests.faults.portal import Portal

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from intake.outbox.models import Delivery
    from tests.faults.people import Crowd, Person

KEYS = ("R6",)
PAIRS, SMOKE_PAIRS = 5, 1
DOSSIERS, SMOKE_DOSSIERS = 24, 3  # per rate: more than run before the hostile one's second attempt
HOSTILE: dict[str, Callable[[], bytes]] = {"memory": memory_bomb, "CPU": cpu_burner}
MIN_RATE = 0.8
GIVE_UP_SECONDS = 600
QUARANTINED_AFTER = 5


def measure(options: Options) -> dict[str, Measured]:
    """Time `count` dossiers with and without a hostile one before them, in turn; run each kind to its end once."""
    with portals.running(options.folder / "portal") as portal:
        from tests.faults.people import Crowd  # noqa: PLC0415 -- needs the portal's settings

        crowd = Crowd(portal.port)
        count = SMOKE_DOSSIERS if options.smoke else DOSSIERS
        rates: dict[str, list[float]] = {sort: [] for sort in HOSTILE}
        attempts: dict[str, int] = {}
        for _pair in range(SMOKE_PAIRS if options.smoke else PAIRS):
            alone, _none = _time(portal, crowd, count)
            for sort, document in HOSTILE.items():
                beside, attacker = _time(portal, crowd, count, hostile=document())
                rates[sort].append(alone / beside)
                if sort in attempts:
                    _postpone(attacker)
                else:
                    attempts[sort] = _run_all_attempts(portal, attacker)
        fell = portal.fell
    return {"R6": figure(rates, attempts, count=count, fell=fell)}


def figure(
    rates: dict[str, list[float]], attempts: dict[str, int], *, count: int, fell: list[str]
) -> Measured:
    """Return the lowest rate over the kinds of document; the outbox must give up every kind."""
    medians = {sort: sorted(values)[len(values) // 2] for sort, values in rates.items()}
    given_up = all(tried == QUARANTINED_AFTER for tried in attempts.values())
    worst = min(medians, key=lambda sort: medians[sort])
    return measured(
        medians[worst],
        f"given up after {QUARANTINED_AFTER} attempts; the others keep >= {MIN_RATE} of their rate",
        holds=given_up and not fell and medians[worst] >= MIN_RATE,
        note=f"rate of {count} dossiers behind a hostile one over their rate alone, medians: "
        + ", ".join(f"{sort} {median:.2f}" for sort, median in medians.items())
        + f"; attempts before it was given up: {', '.join(map(str, attempts.values()))}"
        + "".join(f"; fell: {one}" for one in fell),
        values=[rate for values in rates.values() for rate in values],
    )


def _time(
    portal: Portal, crowd: "Crowd", count: int, *, hostile: bytes = b""
) -> "tuple[float, Person | None]":
    """Return the seconds that `count` dossiers take, and the person of the `hostile` document, filed first."""
    for name in ("dossiers", "sweep"):
        portal.signal(name, signal.SIGSTOP)
    attacker = crowd.next() if hostile else None
    if attacker is not None:
        attacker.insist()
        _poison(attacker, hostile)
    people = [crowd.next() for _ in range(count)]
    for person in people:
        person.insist()
    for name in ("dossiers", "sweep"):
        portal.signal(name, signal.SIGCONT)
    began = time.monotonic()
    while _count_dossiers(people) < count:
        if time.monotonic() - began > GIVE_UP_SECONDS:
            message = f"the dossiers were not made in {GIVE_UP_SECONDS} s"
            raise RuntimeError(message)
        portal.tend()
        time.sleep(0.05)
    return time.monotonic() - began, attacker


def _poison(person: "Person", hostile: bytes) -> None:
    """Overwrite the person's stored document with the hostile bytes."""
    from intake.submissions.models import FiledDocument  # noqa: PLC0415 -- needs the portal's settings

    for row in (
        FiledDocument.objects.filter(filing__draft=person.draft_id).select_related("upload").order_by("pk")
    ):
        with row.upload.file.storage.open(str(row.upload.file.name), "wb") as file:
            file.write(hostile)


def _count_dossiers(people: "list[Person]") -> int:
    from intake.dossiers.models import Dossier  # noqa: PLC0415 -- needs the portal's settings

    drafts = [person.draft_id for person in people]
    return Dossier.objects.filter(seal__filing__draft__in=drafts).count()


def _postpone(attacker: "Person | None") -> None:
    """Postpone the next attempt at the hostile dossier by a day, once the current one has ended."""
    from django.utils import timezone  # noqa: PLC0415 -- needs the portal's settings

    ends = time.monotonic() + GIVE_UP_SECONDS
    while not _hostile(attacker).filter(state="PENDING").update(due_at=timezone.now() + timedelta(days=1)):
        assert time.monotonic() < ends, "an attempt does not end"
        time.sleep(0.1)


def _hostile(attacker: "Person | None") -> "QuerySet[Delivery]":
    """Return the delivery that generates the hostile dossier."""
    from intake.outbox.models import Delivery  # noqa: PLC0415 -- needs the portal's settings
    from intake.submissions.delivery_kinds import DOSSIER  # noqa: PLC0415 -- needs the portal's settings
    from tests.faults.outcome_check import receipt_of  # noqa: PLC0415 -- needs the portal's settings

    assert attacker is not None
    receipt = receipt_of(attacker)
    assert receipt is not None
    return Delivery.objects.filter(kind=DOSSIER, key=receipt.number)


def _run_all_attempts(portal: Portal, attacker: "Person | None") -> int:
    """Make each next attempt due at once; return the number of attempts when the outbox gave up, or -1."""
    from django.utils import timezone  # noqa: PLC0415 -- needs the portal's settings

    which = _hostile(attacker)
    ends = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < ends:
        row = which.get()
        if row.state == row.State.DEAD:
            return row.attempts
        which.filter(state="PENDING").update(due_at=timezone.now())
        portal.tend()
        time.sleep(0.2)
    return -1
