"""Prepare a submission: open one draft per offer, and save it by section.

The filing window is compared with the database's clock, as for a filing: no other clock opens or closes an offer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import QueryDict

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.selectors import database_instant
from intake.profiles.forms import AnswersForm
from intake.profiles.selectors import answers_from_profile
from intake.profiles.services import accept_notice, remember_answers
from intake.submissions.access.queries import window_of
from intake.submissions.complements.scope import OutOfScopeChangeError, Scope
from intake.submissions.lifecycle.errors import OfferNotOpenError, StaleDraftError
from intake.submissions.lifecycle.locks import (
    lock_open_draft,
    read_own_draft,
    save_if_unchanged,
    with_row_locks,
)
from intake.submissions.models import Draft, Submission
from intake.submissions.questions.sections import Section, asked_sections, section_by_key
from offers.models import Offer

from .answer_merge import Merged, Shown, answer_conflicts, merge_answers, merge_section, settle_answer
from .collection_notice import Notice
from .complement_progress import exclusive_scope
from .queries import prefilled_answers


@transaction.atomic
def start_draft(
    *,
    candidate: User,
    offer: Offer,
    answers: Mapping[str, Any] | None = None,
    accepts: Notice | None = None,
) -> Draft:
    """Return the candidate's latest draft for `offer`; create and prefill one if there is none.

    The draft is prefilled from the profile, and from the latest other draft with answers that are valid for any offer.
    `answers`, from the check, take precedence over both and update the profile. An existing draft ignores them: see
    `import_answers`. `accepts`: notice that the candidate has just accepted; the acceptance is stored.

    Idempotent: a second click returns the first draft. After a filing, the returned draft can be a closed one.

    :raises OfferNotOpenError: if there is no submission and the candidate may not file now.
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
    """Update the draft with `answers` (in the shape of a draft's), and the profile of `actor`.

    `seen`: version of the draft that the page displayed; None skips that check.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    :raises OfferNotOpenError: if the filing window is over: the draft stays readable and no longer changes.
    :raises OutOfScopeChangeError: if only a complement may be filed, and an answer is out of its scope.
    :raises StaleDraftError: if the version of the draft differs from `seen`.
    """
    submission, fresh, now = lock_open_draft(draft)
    scope = scope_of_changes(submission, now)
    if scope is not None and scope.of(answers) != answers:
        raise OutOfScopeChangeError
    if seen is not None and fresh.version != seen:
        raise StaleDraftError(saved_at=fresh.saved_at)
    fresh.answers = merge_answers(fresh.answers, answers)
    save_next_version(fresh, now, "answers")
    remember_answers(user=actor, answers=answers)
    return fresh


@dataclass(frozen=True, slots=True)
class SavedSection:
    """A draft after one of its sections was saved."""

    draft: Draft
    conflicts: frozenset[str] = frozenset()
    """Parts (`Section.digests`) that another page changed: these keep the answer of that page."""
    seen: Mapping[str, str] = field(default_factory=dict)
    """Digests, by part, that the page sends with its next save."""


@transaction.atomic
def save_section(
    *,
    draft: Draft,
    section: Section,
    answers: Mapping[str, Any],
    actor: User,
    unreadable: Mapping[str, str] | None = None,
    shown: Shown | None = None,
    finished: bool = True,
) -> SavedSection:
    """Save a page of one section in the draft: its form's `answers()` and its `unreadable()` texts.

    `shown`: what the page displayed, to save only what it changed, and nothing that another page changed meanwhile.
    None: everything is saved. The version is incremented if an answer changed.

    The profile of `actor` takes the answers too; unless `finished`, a missing one leaves it unchanged.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    :raises OfferNotOpenError: if the filing window is over: the draft stays readable and no longer changes.
    :raises OutOfScopeChangeError: if only a complement may be filed, and the section is out of its scope.
    :raises ValueError: if `answers` has a key of another section.
    """
    unknown = answers.keys() - section.form.answer_keys()
    if unknown:
        msg = f"{section.key} has no answers {sorted(unknown)}"
        raise ValueError(msg)
    merge = partial(merge_section, section, answers=answers, texts=unreadable or {}, shown=shown)
    saved = _save_locked(draft, section, merge)
    known = {
        key: value
        for key, value in answers.items()
        if key not in saved.conflicts and (finished or value is not None)
    }
    remember_answers(user=actor, answers=known)
    return saved


def autosave_section(
    *, user: User, public_id: UUID, key: str, posted: QueryDict
) -> tuple[SavedSection, Section, AnswersForm] | None:
    """Save what a page of the section `key` posted while it was being typed; return it with the bound form.

    Three statements, unless the draft changes between the first and the last. Answers of a section that the offer
    dropped are kept too. Nothing is saved if the form is damaged. None if the user has no such open draft, or
    there is no such section.

    :raises DraftClosedError: as `save_section`.
    :raises OfferNotOpenError: as `save_section`.
    :raises OutOfScopeChangeError: as `save_section`.
    """
    found = read_own_draft(user, public_id)
    if found is None:
        return None
    draft, now = found
    offer = draft.submission.offer
    section = section_by_key(key, asked_sections(offer)) or section_by_key(key)
    if section is None:
        return None
    _check_scope(draft.submission, section, now)
    form = section.bound_form(posted, draft.answers, on=now.astimezone(offer.zone).date(), partial=True)
    form.is_valid()
    if form.is_damaged:
        return SavedSection(draft), section, form
    merge = partial(
        merge_section, section, answers=form.answers(), texts=form.unreadable(), shown=Shown.parse(posted)
    )
    merged = merge(draft.answers)
    at = save_if_unchanged(draft, answers=merged.answers, closes_at=draft.submission.window.closes_at)
    if at is None:
        with transaction.atomic():
            return _save_locked(draft, section, merge), section, form
    draft.answers, draft.saved_at = merged.answers, at
    return SavedSection(draft, merged.conflicts, merged.seen), section, form


@transaction.atomic
def settle_conflict(*, draft: Draft, section: Section, shown: str, keeps_typed: bool) -> bool:
    """Keep one of two answers to a part of `section`: the saved one, or with `keeps_typed` the other one.

    `shown`: `AnswerConflict.shown` of the page. False, and nothing changes, if that is not what is in conflict now.

    :raises DraftClosedError: if the draft was filed or discarded concurrently.
    :raises OfferNotOpenError: if the filing window is over.
    :raises OutOfScopeChangeError: if only a complement may be filed, and it does not ask for the section.
    """
    submission, fresh, now = lock_open_draft(draft)
    _check_scope(submission, section, now)
    found = next((each for each in answer_conflicts((section,), fresh.answers) if each.shown == shown), None)
    if found is None:
        return False
    fresh.answers = settle_answer(section, fresh.answers, found.part, keeps_typed=keeps_typed)
    save_next_version(fresh, now, "answers")
    return True


def _save_locked(draft: Draft, section: Section, merge: Callable[[object], Merged]) -> SavedSection:
    """Save what `merge` makes of the answers that the draft has under its lock."""
    submission, fresh, now = lock_open_draft(draft)
    _check_scope(submission, section, now)
    merged = merge(fresh.answers)
    if merged.answers != fresh.answers:
        fresh.answers = merged.answers
        fresh.version += 1
    fresh.saved_at = now
    fresh.save(update_fields=["answers", "version", "saved_at"])
    return SavedSection(fresh, merged.conflicts, merged.seen)


def _check_scope(submission: Submission, section: Section, now: datetime) -> None:
    scope = scope_of_changes(submission, now)
    if scope is not None and not scope.has_section(section.key):
        raise OutOfScopeChangeError(sections=(section.key,))


def scope_of_changes(submission: Submission, now: datetime) -> Scope | None:
    """Return the `exclusive_scope` of the locked `submission` at `now`, the transaction timestamp.

    :raises OfferNotOpenError: if the filing window is not open.
    """
    if not submission.window.is_open(now):
        raise OfferNotOpenError
    return exclusive_scope(submission, at=now)


def save_next_version(draft: Draft, now: datetime, *changed: str) -> None:
    """Save the `changed` fields of `draft`, whose answers or documents changed at `now`, with the next version."""
    draft.version += 1
    draft.saved_at = now
    draft.save(update_fields=[*changed, "version", "saved_at"])
