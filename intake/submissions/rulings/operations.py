"""Rule on what the rules refuse (access act, s. 65.2): one row per ruling; the last one ends the human review."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.dossiers.services import read_seal
from intake.journal.services import record
from intake.outbox.services import post
from intake.submissions.delivery_kinds import RULINGS_MAIL, rulings_key
from intake.submissions.lifecycle.errors import ReasonMissingError, StaleSubmissionError, SubmissionError
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.lifecycle.operations import check_complement_closed, end_request_by_move, write_move
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.states import TABLE, Action, HumanReview, State

from .queries import KeptRulings, confirmed_by, latest_in_round, refused_positions, review_round, rulings_on


class RulingNotAllowedError(SubmissionError):
    """The finding waits for no ruling, or the actor may not rule on it."""

    code = "NOT_TO_BE_RULED"
    message = _("Ce constat n’est pas à réviser. Rien n’est enregistré.")


class SecondReviewerError(SubmissionError):
    """The actor confirmed a finding: another person must approve that the file is inadmissible."""

    code = "SECOND_REVIEWER"
    message = _(
        "Vous avez confirmé un de ces critères : une autre personne doit approuver la non-admissibilité."
    )


class StaleRulingError(SubmissionError):
    """Another ruling was stored after the actor read the file."""

    code = "RULED_MEANWHILE"


@transaction.atomic
def rule_on_finding(
    *,
    filing: Filing,
    position: int,
    decision: Ruling.Decision,
    reason: str,
    actor: User,
    seen: int | None = None,
) -> Submission:
    """Store a ruling on one finding of a filing whose human review is PENDING; return the submission.

    `position`: of the finding in the sealed verdict, from 0. `reason`: the candidate reads it. `seen`: number of
    rulings on this finding that the actor read; None skips that check. A finding may be ruled on again while another
    waits: the latest ruling counts. The ruling after which every finding is overturned ends the human review, LIFTED:
    the file is studied like any other, and a mail is posted to the candidate. If a finding is confirmed, the review
    stays PENDING until `uphold_review`. After `JUDGE_AGAIN`, earlier rulings stay stored and no longer count.

    :raises RulingNotAllowedError: if the human review is not PENDING, the rules do not refuse the finding, or the actor
        lacks the permission or is the candidate.
    :raises ReasonMissingError: if `reason` is blank.
    :raises StaleSubmissionError: if another filing replaced this one.
    :raises ComplementOpenError: if the candidate may still file a complement.
    :raises StaleRulingError: if the number of rulings on the finding differs from `seen`.
    """
    submission, kinds, now = _lock_pending_review(filing, actor)
    if position not in kinds:
        raise RulingNotAllowedError
    if seen is not None and filing.rulings.filter(position=position).count() != seen:
        raise StaleRulingError
    if not reason.strip():
        raise ReasonMissingError
    check_complement_closed(submission, Action.FIND_INADMISSIBLE, now)
    turn = review_round(filing)
    Ruling.objects.create(
        filing=filing,
        turn=turn,
        position=position,
        kind=kinds[position],
        decision=decision,
        reason=reason.strip(),
        actor=actor,
    )
    record(actor=actor, action=f"FINDING_{decision}", subject=submission, detail=kinds[position])
    rulings = latest_in_round(turn, rulings_on(filing))
    if rulings.keys() == kinds.keys() and not confirmed_by(rulings.values()):
        _end_human_review(submission, filing, turn, rulings, actor, now)
    return submission


@transaction.atomic
def uphold_review(*, filing: Filing, actor: User, seen: int) -> Submission:
    """Approve that the file is inadmissible: end the human review as UPHELD, and mail the candidate. Return the file.

    Every finding was ruled on, and another person confirmed at least one. `seen`: primary key of the latest ruling that
    the actor read.

    :raises RulingNotAllowedError: if the human review is not PENDING, a finding waits for a ruling, none is confirmed,
        or the actor lacks the permission or is the candidate.
    :raises SecondReviewerError: if the actor confirmed one of the findings.
    :raises StaleSubmissionError, ComplementOpenError: as `rule_on_finding`.
    :raises StaleRulingError: if a ruling was stored after `seen`.
    """
    submission, kinds, now = _lock_pending_review(filing, actor)
    turn = review_round(filing)
    rulings = latest_in_round(turn, rulings_on(filing))
    confirmers = confirmed_by(rulings.values())
    if rulings.keys() != kinds.keys() or not confirmers:
        raise RulingNotAllowedError
    if actor.pk in confirmers:
        raise SecondReviewerError
    if seen != max(row.pk for row in rulings.values()):
        raise StaleRulingError
    check_complement_closed(submission, Action.FIND_INADMISSIBLE, now)
    _end_human_review(submission, filing, turn, rulings, actor, now)
    return submission


def _lock_pending_review(filing: Filing, actor: User) -> tuple[Submission, dict[int, str], datetime]:
    """Lock a submission whose pending review `actor` may act on. Return it, its refused kinds and the instant."""
    submission = with_row_locks(Submission.objects.filter(pk=filing.submission_id)).get()
    if submission.standing_filing_id != filing.pk:
        raise StaleSubmissionError(state=State(submission.state))
    may = actor.has_perm("submissions.decide_submission") and submission.candidate_id != actor.pk
    if not may or submission.reserve != HumanReview.PENDING:
        raise RulingNotAllowedError
    return submission, refused_positions(read_seal(filing.seal).verdict), submission.db_now


def _end_human_review(
    submission: Submission, filing: Filing, turn: int, rulings: dict[int, Ruling], actor: User, now: datetime
) -> None:
    confirmed = [row for row in rulings.values() if row.decision == Ruling.Decision.CONFIRMED]
    submission.reserve = HumanReview.UPHELD if confirmed else HumanReview.LIFTED
    if not confirmed:
        submission.version += 1
        submission.save(update_fields=["reserve", "version"])
    elif submission.state in TABLE[Action.FIND_INADMISSIBLE].sources:
        reasons = "\n".join(row.reason for row in confirmed)
        was_incomplete = submission.is_incomplete
        write_move(submission=submission, action=Action.FIND_INADMISSIBLE, actor=actor, reason=reasons)
        if was_incomplete:
            end_request_by_move(submission=submission, action=Action.FIND_INADMISSIBLE)
    else:  # withdrawn concurrently: store the result without a move
        submission.save(update_fields=["reserve"])
    record(actor=actor, action=f"RESERVE_{submission.reserve}", subject=submission)
    key = rulings_key(filing.receipt.number, turn)
    post(kind=RULINGS_MAIL, key=key, subject=filing.receipt, at=now)


def copy_rulings(*, lifted: KeptRulings, filing: Filing, submission: Submission, actor: User) -> None:
    """Copy the `lifted` rulings of the replaced filing to `filing`, with their actors and instants. Posts no mail.

    The caller locked the submission and checked that the rules refuse the same findings.
    """
    Ruling.objects.bulk_create(
        Ruling(
            filing=filing,
            turn=row.turn,
            position=row.position,
            kind=row.kind,
            decision=row.decision,
            reason=row.reason,
            actor_id=row.actor_id,
            at=row.at,
        )
        for row in lifted.rulings
    )
    record(actor=actor, action="RESERVE_KEPT_LIFTED", subject=submission)
