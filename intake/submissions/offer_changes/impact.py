"""Evaluate all submissions of an offer under other criteria: drafts by current answers, filings by sealed facts.

The profile is not read. Nothing is stored: a filing keeps its verdict.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from eligibility import Rulebook, Verdict, evaluate
from eligibility.codec import MalformedError, facts_from_json, verdict_from_json
from intake.dossiers.sealed_payload import UnknownSchemaError
from intake.dossiers.services import AnonymisedError, read_seal
from intake.journal.selectors import subjects_hidden_from
from intake.submissions.models import Draft, Filing, Submission
from intake.submissions.questions.answers import facts_of
from intake.submissions.states import State
from intake.web.batches import read_in_batches
from offers.impact import ReevaluatedSubmission, SubmissionStage, Viewer
from offers.models import Offer

_CHUNK = 500
"""Rows read from the database at a time: bounds memory."""

type Readable = Callable[[Any], QuerySet[Submission]]
_readers: list[tuple[Readable, str]] = []


def register_file_reader(readable: Readable, *, view: str) -> None:
    """Register the page of a submission for users who may read it. Idempotent.

    `readable(user)`: submissions that `user` may read. `view`: name of a URL with argument `public_id`. Called from
    `intake.wiring`; without it, there are no links.
    """
    if (readable, view) not in _readers:
        _readers.append((readable, view))


def reevaluate_submissions(
    offer: Offer, current: Rulebook, proposed: Rulebook, viewer: Viewer
) -> Iterator[ReevaluatedSubmission]:
    """Yield each open draft, then each current filing that is not withdrawn; see `offers.impact.register`.

    Filings hidden from `viewer` are left out: a count would reveal their verdicts. `before`: for a draft, its verdict
    under `current`; for a filing, the sealed verdict.
    """
    yield from _drafts(offer, current, proposed)
    yield from _filings(offer, proposed, viewer)


def _drafts(offer: Offer, current: Rulebook, proposed: Rulebook) -> Iterator[ReevaluatedSubmission]:
    drafts = Draft.objects.filter(submission__offer=offer, closed_at=None).order_by("pk")
    for draft in read_in_batches(drafts.only("answers"), size=_CHUNK):
        try:
            facts = facts_of(draft.answers)
        except MalformedError:
            yield ReevaluatedSubmission(SubmissionStage.DRAFT, None, None)
        else:
            yield ReevaluatedSubmission(
                SubmissionStage.DRAFT, evaluate(current, facts), evaluate(proposed, facts)
            )


def _filings(offer: Offer, proposed: Rulebook, viewer: Viewer) -> Iterator[ReevaluatedSubmission]:
    addresses = [
        (set(readable(viewer).filter(offer=offer).order_by().values_list("pk", flat=True)), view)
        for readable, view in _readers
    ]
    standing = Filing.objects.filter(submission__offer=offer, submission__standing_filing=F("pk")).exclude(
        submission__state=State.WITHDRAWN
    )
    for subjects in subjects_hidden_from(viewer):
        if subjects.model is Filing:
            standing = standing.exclude(pk__in=subjects.values("pk"))
    filings = standing.select_related("seal", "receipt", "submission").order_by("received_at", "pk")
    for filing in read_in_batches(filings, size=_CHUNK):
        submission = filing.submission
        view = next((view for theirs, view in addresses if submission.pk in theirs), None)
        before, after = _verdict_pair(filing, proposed)
        yield ReevaluatedSubmission(
            SubmissionStage.FILED,
            before,
            after,
            label=filing.receipt.number if view else "",
            address=reverse(view, args=[submission.public_id]) if view else "",
        )


def _verdict_pair(filing: Filing, proposed: Rulebook) -> tuple[Verdict, Verdict] | tuple[None, None]:
    """Return the sealed verdict and the proposed one; None for both if the seal is anonymised or unreadable."""
    try:
        payload = read_seal(filing.seal)
        sealed = verdict_from_json(dict(payload.verdict))
        return sealed, evaluate(proposed, facts_from_json(dict(payload.facts)))
    except (AnonymisedError, UnknownSchemaError, MalformedError):
        return None, None
