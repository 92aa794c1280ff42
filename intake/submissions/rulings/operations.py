"""A person's judgement on what the rules refuse (access act, s. 65.2): a row each; the last settles the reserve."""

from django.db import transaction

from intake.accounts.models import User
from intake.dossiers.services import read_seal
from intake.journal.services import record
from intake.outbox.services import post
from intake.submissions.delivery_kinds import RULINGS_MAIL, rulings_key
from intake.submissions.lifecycle.complement_endings import end_request_by_move
from intake.submissions.lifecycle.errors import ReasonMissingError, StaleSubmissionError
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.lifecycle.operations import check_complement_closed, write_move
from intake.submissions.models import Filing, Ruling, Submission
from intake.submissions.states import TABLE, Action, HumanReview, State

from .errors import RulingNotAllowedError, StaleRulingError
from .kept_rulings import KeptRulings
from .queries import latest_in_round, refused_positions, review_round, rulings_on


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
    """Judge one finding of a filing under reserve; return the submission as it now stands.

    `position` is the finding's in the sealed verdict, from 0; the candidate reads `reason`; `seen` is how many rulings
    on this finding the actor had read, `None` judges whatever was judged before. A finding may be judged again while
    another waits: the latest ruling stands. The ruling after which none waits settles the reserve: LIFTED when every
    finding was overturned, and the file is then studied like any other; UPHELD when one was confirmed, and the
    submission is INADMISSIBLE. Either way the candidate is told by mail. A review that was opened again (`JUDGE_AGAIN`)
    begins anew: the rulings before it are kept, and settle nothing.

    :raises NotToBeRuledError: if the filing is not under a reserve that waits, the finding is not one that the rules
        refuse, or the actor may not decide, of their own application least of all.
    :raises ReasonMissingError: if `reason` is blank.
    :raises StaleSubmissionError: if another filing replaced this one since.
    :raises ComplementRunningError: if a complement is asked for, and the candidate still has time to send it.
    :raises RuledMeanwhileError: if the finding has other rulings than those `seen`.
    """
    submission = with_row_locks(Submission.objects.filter(pk=filing.submission_id)).get()
    if submission.standing_filing_id != filing.pk:
        raise StaleSubmissionError(state=State(submission.state))
    may = actor.has_perm("submissions.decide_submission") and submission.candidate_id != actor.pk
    kinds = refused_positions(read_seal(filing.seal).verdict)
    if not may or submission.reserve != HumanReview.PENDING or position not in kinds:
        raise RulingNotAllowedError
    if seen is not None and filing.rulings.filter(position=position).count() != seen:
        raise StaleRulingError
    if not reason.strip():
        raise ReasonMissingError
    check_complement_closed(submission, Action.FIND_INADMISSIBLE, submission.db_now)
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
    if rulings.keys() == kinds.keys():
        _end_human_review(submission, rulings, actor)
        key = rulings_key(filing.receipt.number, turn)
        post(kind=RULINGS_MAIL, key=key, subject=filing.receipt, at=submission.db_now)
    return submission


def _end_human_review(submission: Submission, rulings: dict[int, Ruling], actor: User) -> None:
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
    else:  # withdrawn meanwhile: the judgement is kept, and moves nothing
        submission.save(update_fields=["reserve"])
    record(actor=actor, action=f"RESERVE_{submission.reserve}", subject=submission)


def copy_rulings(*, lifted: KeptRulings, filing: Filing, submission: Submission, actor: User) -> None:
    """Write of `filing` what was ruled of the one that it replaces, each by whom and when it was; nobody is told.

    The caller holds the lock, and has judged that the rules refuse the same findings.
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
