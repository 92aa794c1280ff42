"""Final check of a fault run: database, mailbox and files, after all deliveries are done."""

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO

from django.core.management import call_command
from django.db import OperationalError, connection, transaction

from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.submissions.delivery_kinds import DOSSIER_MAIL, ORIGINALS_ERASURE, RECEIPT_MAIL
from intake.submissions.models import Arrival, Filing, Receipt
from tests.faults.failure_points import Point
from tests.faults.people import Person
from tests.faults.portal import Portal
from tests.faults.records import broken_log, broken_receipts
from tests.faults.sent_files import SentFile
from tests.faults.upload_check import broken_uploads, files_without_row


@dataclass
class FilingStory:
    """One candidate's round: whether the portal confirmed the filing or the arrival, what was killed, and when.

    `insisted`: they clicked again after a click without an answer, and must have got an answer to one click. `began`
    and `ended` are seconds of `time.time`: the kill may have hit a mail of an earlier story.
    """

    person: Person
    answered: bool
    insisted: bool
    point: Point
    began: float
    ended: float
    sha256: str = ""
    """Digest of the document that they were to send; empty if their draft had all documents."""
    sent: list[SentFile] = field(default_factory=list)


@dataclass
class StoryOutcome:
    """Result of the check of all stories."""

    violations: list[str] = field(default_factory=list)
    receipt_seconds: list[tuple[str, float]] = field(default_factory=list)
    dossier_seconds: list[tuple[str, float]] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    filings: int = 0
    upload_seconds: list[tuple[str, float]] = field(default_factory=list)
    refused_uploads: list[str] = field(default_factory=list)
    """Points after which a candidate was told to send the file again."""


def receipt_of(person: Person) -> Receipt | None:
    """Return the receipt of a person's draft, or None; waits while the database starts."""
    for _ in range(100):
        try:
            return Receipt.objects.select_related("filing").filter(filing__draft=person.draft_id).first()
        except OperationalError:
            connection.close()
            time.sleep(0.2)
    message = "the database does not answer"
    raise RuntimeError(message)


def mail_seconds(portal: Portal, receipt: Receipt, kind: str) -> float | None:
    """Return the seconds from the filing to its first mail of a kind; None without a mail."""
    try:
        delivery = Delivery.objects.filter(kind=kind, key=receipt.number).select_related("message").first()
    except OperationalError:
        connection.close()
        return None
    message = getattr(delivery, "message", None)
    if message is None:
        return None
    arrivals = portal.mailbox.arrivals(message.message_id)
    return min(each.at for each in arrivals) - receipt.filing.received_at.timestamp() if arrivals else None


def unfinished() -> int:
    """Count the deliveries that are neither done nor dead, and the arrivals that wait."""
    try:
        waiting = Arrival.objects.filter(state=Arrival.State.WAITING).count()
        return waiting + Delivery.objects.filter(state__in=["PENDING", "LEASED"]).count()
    except OperationalError:
        connection.close()
        return 1


def wait_until_settled(portal: Portal, *, seconds: float) -> bool:
    """Tend the portal until no delivery is left; return whether that was reached in time."""
    ends = time.monotonic() + seconds
    while unfinished():
        if time.monotonic() > ends:
            return False
        portal.tend()
        time.sleep(0.2)
    return True


def post_job(kind: str, *, key: str) -> None:
    """Post a job of this kind, in addition to the periodic ones."""
    with transaction.atomic():
        post(kind=kind, key=key, subject=kind)


def settle_and_erase(portal: Portal, *, seconds: float) -> bool:
    """Wait until all is filed and sent, then erase what was received of it; return whether each was done in time.

    In this order: an arrival may be filed seconds after its press, and its received bytes would stay.
    """
    if not wait_until_settled(portal, seconds=seconds):
        return False
    post_job(ORIGINALS_ERASURE, key="all is filed")
    return wait_until_settled(portal, seconds=seconds)


def compare_stories(portal: Portal, stories: list[FilingStory]) -> StoryOutcome:
    """Compare the answers that candidates got with the rows and mails, after all deliveries are done."""
    verdict = StoryOutcome()
    excuses = [
        (story.began, story.ended, story.point.name) for story in stories if story.point.may_send_twice
    ]
    for story in stories:
        _judge_one(portal, story, verdict, excuses)
        verdict.upload_seconds += [(story.point.name, sent.seconds) for sent in story.sent]
        verdict.refused_uploads += [story.point.name for sent in story.sent if sent.told == "refused"]
    known = set(Delivery.objects.filter(message__isnull=False).values_list("message__message_id", flat=True))
    verdict.violations += [
        f"phantom: a mail nobody asked for, to {arrivals[0].to}"
        for message_id, arrivals in portal.mailbox.everything().items()
        if message_id not in known
    ]
    verdict.violations += [
        f"undone: {row.kind} {row.key} is {row.state} after {row.attempts} attempts: {row.last_error}"
        for row in Delivery.objects.exclude(state=Delivery.State.DONE).order_by("pk")
    ]
    unsent = Delivery.objects.filter(message__sent_at=None, state="DONE", message__isnull=False)
    verdict.violations += [f"unsent: {row.kind} {row.key} is done" for row in unsent.order_by("pk")]
    verdict.violations += [f"fell: {process}" for process in portal.fell]
    verdict.violations += broken_uploads(stories) + files_without_row()
    verdict.violations += broken_invariants() + broken_receipts() + broken_log()
    return verdict


def _judge_one(
    portal: Portal, story: FilingStory, verdict: StoryOutcome, excuses: list[tuple[float, float, str]]
) -> None:
    filings = Filing.objects.filter(draft=story.person.draft_id).count()
    receipts = list(
        Receipt.objects.filter(filing__draft=story.person.draft_id).select_related("filing").order_by("pk")
    )
    said = f"{story.person.email} ({story.point.name})"
    if story.answered and not filings:
        verdict.violations.append(f"lost: {said} was told that it was filed")
    if story.insisted and not story.answered:
        verdict.violations.append(f"unanswered: {said} clicked again and again and got no receipt")
    if filings > 1 or len(receipts) != filings:
        verdict.violations.append(f"double: {said} has {filings} filings and {len(receipts)} receipts")
    mails = [
        arrivals for arrivals in portal.mailbox.everything().values() if arrivals[0].to == story.person.email
    ]
    if not receipts:
        if mails:
            verdict.violations.append(f"phantom: {said} has mail and no filing")
        return
    verdict.filings += 1
    _time_mails(portal, receipts[0], story, verdict)
    if len(mails) > 2:
        verdict.violations.append(f"double: {said} has {len(mails)} different mails")
    for arrivals in mails:
        if len(arrivals) > 1:
            first, last = arrivals[0].at, arrivals[-1].at
            # A kill explains the second mail: the process had sent the first one but not recorded it when the next
            # round began.
            excuse = next((name for began, ended, name in excuses if began <= last and first <= ended), "")
            verdict.duplicates.append(excuse or story.point.name)
            if not excuse:
                verdict.violations.append(f"twice: a mail to {said} came {len(arrivals)} times")


def _time_mails(portal: Portal, receipt: Receipt, story: FilingStory, verdict: StoryOutcome) -> None:
    for kind, kept in ((RECEIPT_MAIL, verdict.receipt_seconds), (DOSSIER_MAIL, verdict.dossier_seconds)):
        seconds = mail_seconds(portal, receipt, kind)
        if seconds is None:
            verdict.violations.append(f"lost: the {kind} of {story.person.email} ({story.point.name})")
        else:
            kept.append((story.point.name, seconds))


def broken_invariants() -> list[str]:
    """Return the violations that `manage.py check_invariants --files` finds; this process is set up like the portal."""
    answer = StringIO()
    with suppress(SystemExit):  # it ends so when there are violations
        call_command("check_invariants", "--files", stdout=answer)
    violations = json.loads(answer.getvalue())["violations"]
    return [f"invariant: {row['invariant']} ({row['id']})" for row in violations]
