"""Preparing an application: a draft is opened once per offer, and saved section by section.

Whether it may still be is judged by the database's instant, as the filing is: no other clock opens or closes an offer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.selectors import database_instant
from intake.profiles.selectors import answers_from_profile
from intake.profiles.services import accept_notice, remember_answers
from intake.submissions.access.queries import open_complement, window_of
from intake.submissions.complements.errors import OutOfScopeChangeError
from intake.submissions.complements.scope import Scope, scope_of
from intake.submissions.lifecycle.errors import OfferNotOpenError, StaleDraftError
from intake.submissions.lifecycle.locks import lock_open_draft, with_row_locks
from intake.submissions.models import Draft, Submission
from intake.submissions.questions.sections import Section
from offers.models import Offer

from .answer_merge import merge_answers, replace_answers
from .collection_notice import Notice
from .prefill import prefilled_answers


@transaction.atomic
def start_draft(
    *,
    candidate: User,
    offer: Offer,
    answers: Mapping[str, Any] | None = None,
    accepts: Notice | None = None,
) -> Draft:
    """Return the candidate's open draft on `offer`, opened now and prefilled if there is none.

    It is prefilled from their profile, and from their latest other application with what holds for any offer.
    `answers`, given just before (in the check), win over both, and the profile remembers them; an existing draft does
    not take them: see `take_answers`. `accepts` is the notice that the candidate accepted on the way,
    which is recorded.

    A second click finds the first draft. A submission that was filed already has no open draft: its last one is
    returned, closed, so that the caller can show what stands.

    :raises OfferNotOpenError: if there is no submission yet and the offer does not take any now.
    """
    now = database_instant()
    existing = Submission.objects.filter(candidate=candidate, offer=offer).first()
    if existing is None:
        if not window_of(candidate, offer).is_open(now):
            raise OfferNotOpenError
        if accepts is not None:
            accept_notice(user=candidate, notice=accepts.key, version=accepts.version)
        existing, created = Submission.objects.get_or_create(candidate=candidate, offer=offer)
        if created:
            record(actor=candidate, action="DRAFT_STARTED", subject=existing)
    submission = with_row_locks(Submission.objects.filter(pk=existing.pk)).get()
    latest = submission.drafts.order_by("-pk").first()
    if latest is not None:
        return latest
    if answers:
        remember_answers(user=candidate, answers=answers)
    known = prefilled_answers(candidate, to=submission) | answers_from_profile(candidate)
    given = merge_answers(known, answers or {})
    return Draft.objects.create(submission=submission, answers=given, saved_at=now, changes_noted_at=now)


@transaction.atomic
def import_answers(
    *, draft: Draft, answers: Mapping[str, Any], actor: User, seen: int | None = None
) -> Draft:
    """Put `answers` (as a draft keeps them) in the draft, in place of its own; what they do not say stays.

    `seen` is the draft's version as the page showed it; `None` replaces whatever is there.

    :raises DraftClosedError: if the draft was filed, or let go, meanwhile.
    :raises OfferNotOpenError: if their time is over: the draft stays readable and no longer changes.
    :raises NotAskedError: if only a complement may still be sent, and this is not asked for.
    :raises StaleDraftError: if the draft was saved since the page was shown.
    """
    submission, fresh, now = lock_open_draft(draft)
    scope = _scope(submission, now)
    if scope is not None and scope.of(answers) != answers:
        raise OutOfScopeChangeError
    if seen is not None and fresh.version != seen:
        raise StaleDraftError(saved_at=fresh.saved_at)
    fresh.answers = merge_answers(fresh.answers, answers)
    fresh.version += 1
    fresh.saved_at = now
    fresh.save(update_fields=["answers", "version", "saved_at"])
    remember_answers(user=actor, answers=answers)
    return fresh


@transaction.atomic
def save_section(
    *,
    draft: Draft,
    section: Section,
    answers: dict[str, Any],
    actor: User,
    seen: str | None = None,
    finished: bool = True,
) -> Draft:
    """Save one section's `answers` (its form's `answers()`), and remember them in the actor's profile.

    `seen` is the fingerprint of the section's answers as the page showed them (`Section.fingerprint`); `None`
    overwrites whatever is there. The very answers that the draft has already are saved, and are no other version of it:
    what was read of it stands. When they are not `finished` (read by a partial form), those that are missing are
    missing in the draft, and leave the profile as it was.

    :raises DraftClosedError: if the draft was filed, or let go, meanwhile.
    :raises OfferNotOpenError: if their time is over: the draft stays readable and no longer changes.
    :raises NotAskedError: if only a complement may still be sent, and this is not asked for.
    :raises StaleDraftError: if another tab changed this very section since, and to something else.
    """
    submission, fresh, now = lock_open_draft(draft)
    scope = _scope(submission, now)
    if scope is not None and not scope.has_section(section.key):
        raise OutOfScopeChangeError(sections=(section.key,))
    unknown = answers.keys() - section.form.answer_keys()
    if unknown:
        msg = f"{section.key} has no answers {sorted(unknown)}"
        raise ValueError(msg)
    stored, given = section.fingerprint(fresh.answers), replace_answers(fresh.answers, answers)
    if seen is not None and stored not in {seen, section.fingerprint(given)}:
        raise StaleDraftError(saved_at=fresh.saved_at)
    if given != fresh.answers:
        fresh.answers = given
        fresh.version += 1
    fresh.saved_at = now
    fresh.save(update_fields=["answers", "version", "saved_at"])
    told = answers if finished else {key: value for key, value in answers.items() if value is not None}
    remember_answers(user=actor, answers=told)
    return fresh


def _scope(submission: Submission, now: datetime) -> Scope | None:
    """Return what alone may change of `submission`, locked, at the database's instant `now`; None: whatever they will.

    One query more where a complement is asked for.

    :raises OfferNotOpenError: if their time is over.
    """
    if not submission.window.is_open(now):
        raise OfferNotOpenError
    asked = open_complement(submission) if submission.window.is_for_complement_alone(now) else None
    return scope_of(asked) if asked is not None else None


def _increment_version(draft: Draft, now: datetime) -> None:
    draft.version += 1
    draft.saved_at = now
    draft.save(update_fields=["version", "saved_at"])
