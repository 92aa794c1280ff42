"""Filed with a review request, and ruled on by a person, finding by finding."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from intake.outbox.models import Delivery
from intake.submissions.access.queries import own_submissions
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.lifecycle.candidate_status import candidate_status_of
from intake.submissions.lifecycle.errors import (
    HumanReviewPendingError,
    HumanReviewUpheldError,
    MoveNotAllowedError,
    ReasonMissingError,
    StaleSubmissionError,
)
from intake.submissions.lifecycle.operations import announce_move, move_submission, write_move
from intake.submissions.mails.filing_mails import compose_rulings
from intake.submissions.models import Draft, Receipt, Ruling, Submission
from intake.submissions.rulings.operations import (
    RulingNotAllowedError,
    SecondReviewerError,
    StaleRulingError,
    rule_on_finding,
    uphold_review,
)
from intake.submissions.states import Action, HumanReview, State
from intake.submissions.timeline.queries import events_of
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import uphold
from tests.factories.submissions import make_draft, make_filing
from tests.submissions.pages import file_now, text_of

pytestmark = pytest.mark.django_db

CONFIRMED, OVERTURNED = Ruling.Decision.CONFIRMED, Ruling.Decision.OVERTURNED
MESSAGE = "Mon acte de naissance porte une autre date."
AGE, DOMICILE = 1, 3  # positions in the demonstration's rulebook


def _file(draft: Draft, message: str = MESSAGE) -> Receipt:
    return file_now(draft, review_message=message)


def _too_old(**more: Any) -> Draft:
    return make_draft(birth_date="1970-01-01", **more)


def _fresh(receipt: Receipt) -> Submission:
    return Submission.objects.get(pk=receipt.filing.submission_id)


def _rule(receipt: Receipt, position: int, decision: Ruling.Decision, reason: str = "Vu la pièce.") -> None:
    uphold(
        rule_on_finding(
            filing=receipt.filing, position=position, decision=decision, reason=reason, actor=make_staff()
        )
    )


@pytest.fixture(autouse=True)
def _reserves_stand_on_their_rulings(db: None) -> Iterator[None]:
    del db
    yield
    (invariant,) = (row for row in INVARIANTS if row.name == "a_settled_reserve_stands_on_its_rulings")
    assert list(invariant.violations()) == []


@pytest.fixture(scope="module")
def kept_receipt(module_db: None) -> Receipt:
    return _file(_too_old())


def test_a_pending_review_blocks_every_other_move() -> None:
    submission = _fresh(_file(_too_old()))
    with pytest.raises(HumanReviewPendingError):
        move_submission(submission=submission, action=Action.START_REVIEW, actor=make_staff())
    with pytest.raises(HumanReviewPendingError):
        announce_move(
            submission=submission,
            action=Action.FIND_INADMISSIBLE,
            actor=make_staff(),
            version=None,
            words="Trop tôt",
        )


def test_overturning_every_finding_clears_the_human_review(receipt: Receipt) -> None:
    _rule(receipt, AGE, OVERTURNED)
    submission = _fresh(receipt)
    assert (submission.state, submission.reserve) == (State.SUBMITTED, HumanReview.LIFTED)
    move_submission(submission=submission, action=Action.START_REVIEW, actor=make_staff())


def test_one_confirmed_finding_upholds_the_review_once_all_are_ruled_on() -> None:
    receipt = _file(_too_old(domicile_province="ON"))
    _rule(receipt, AGE, CONFIRMED, "Né en 1970, comme l’acte le dit.")
    assert _fresh(receipt).reserve == HumanReview.PENDING
    _rule(receipt, DOMICILE, OVERTURNED)
    submission = _fresh(receipt)
    assert (submission.state, submission.reserve) == (State.INADMISSIBLE, HumanReview.UPHELD)
    assert submission.transitions.latest("pk").reason == "Né en 1970, comme l’acte le dit."
    with pytest.raises(HumanReviewUpheldError):
        move_submission(submission=submission, action=Action.REOPEN, actor=make_staff(), reason="À relire")


def _open_again(receipt: Receipt, reason: str = "Une pièce est arrivée.") -> Submission:
    return move_submission(
        submission=_fresh(receipt), action=Action.JUDGE_AGAIN, actor=make_staff(), reason=reason
    )


def test_an_upheld_review_is_reopened_and_each_finding_ruled_on_again() -> None:
    receipt = _file(_too_old(domicile_province="ON"))
    for position in (AGE, DOMICILE):
        _rule(receipt, position, CONFIRMED, f"Premier motif {position}.")
    with pytest.raises(ReasonMissingError):
        _open_again(receipt, " ")
    opened = _open_again(receipt)
    assert (opened.state, opened.reserve) == (State.SUBMITTED, HumanReview.PENDING)
    moved = opened.transitions.latest("pk")
    assert (moved.action, moved.reason) == ("JUDGE_AGAIN", "Une pièce est arrivée.")
    assert moved.actor != receipt.filing.rulings.latest("pk").actor
    with pytest.raises(HumanReviewPendingError):
        move_submission(submission=opened, action=Action.START_REVIEW, actor=make_staff())
    _rule(receipt, AGE, OVERTURNED, "Second motif 1.")
    assert _fresh(receipt).reserve == HumanReview.PENDING, "what was ruled before settles nothing"
    _rule(receipt, DOMICILE, OVERTURNED, "Second motif 3.")
    assert (_fresh(receipt).state, _fresh(receipt).reserve) == (State.SUBMITTED, HumanReview.LIFTED)
    assert list(receipt.filing.rulings.order_by("pk").values_list("position", "decision", "turn")) == [
        (AGE, "CONFIRMED", 1),
        (DOMICILE, "CONFIRMED", 1),
        (AGE, "OVERTURNED", 2),
        (DOMICILE, "OVERTURNED", 2),
    ]
    with pytest.raises(MoveNotAllowedError):
        _open_again(receipt)


def test_a_reopened_review_displays_no_ruling_of_the_first_round_as_current() -> None:
    receipt = _file(_too_old(domicile_province="ON"))
    client = client_of(receipt.filing.submission.candidate)
    page = reverse("submissions:receipt", args=[receipt.filing.submission.public_id])

    def said(reason: str) -> tuple[int, int, int]:
        text = text_of(client.get(page).content)
        assert reason in text
        return (
            text.count("vous ne répondez pas à ce critère"),
            text.count("ce critère n’empêche pas votre candidature"),
            text.count("L’ancienne décision est annulée."),
        )

    for position in (AGE, DOMICILE):
        _rule(receipt, position, CONFIRMED, f"Premier motif {position}.")
    assert said("Premier motif 1.") == (2, 0, 0)
    _open_again(receipt)
    assert said("Premier motif 1.") == (0, 0, 2)
    assert "Le résultat avait été confirmé :" in text_of(client.get(page).content)
    _rule(receipt, AGE, OVERTURNED, "Second motif 1.")
    assert said("Second motif 1.") == (0, 1, 1)


def test_each_review_has_its_mail_and_its_events(receipt: Receipt) -> None:
    _rule(receipt, AGE, CONFIRMED, "Premier motif.")
    submission = _open_again(receipt)
    first = Delivery.objects.get(kind="RULINGS_MAIL")
    told = " ".join(compose_rulings(first, receipt.filing.received_at).text.split())
    assert "Votre candidature n’est pas admissible." in told, "written while the second review goes on"
    assert "Premier motif." in told
    _rule(receipt, AGE, OVERTURNED, "Second motif.")
    second = Delivery.objects.get(kind="RULINGS_MAIL", key=f"{receipt.number}/2")
    told = " ".join(compose_rulings(second, receipt.filing.received_at).text.split())
    assert "Le comité étudiera votre candidature" in told
    assert "Premier motif." not in told
    standing = candidate_status_of(
        own_submissions(submission.candidate).get(pk=submission.pk), at=receipt.filing.received_at
    )
    kinds = {event.kind.value for event in events_of(standing)}
    assert {"RESERVE_UPHELD", "INADMISSIBLE", "JUDGED_AGAIN", "RESERVE_LIFTED"} <= kinds


def test_the_latest_ruling_applies_and_the_first_stays_stored() -> None:
    receipt = _file(_too_old(domicile_province="ON"))
    _rule(receipt, AGE, CONFIRMED)
    _rule(receipt, AGE, OVERTURNED)
    _rule(receipt, DOMICILE, OVERTURNED)
    assert _fresh(receipt).reserve == HumanReview.LIFTED
    assert Ruling.objects.filter(filing=receipt.filing, position=AGE).count() == 2


def test_a_stale_ruling_is_refused_and_stores_nothing() -> None:
    receipt = _file(_too_old(domicile_province="ON"))

    def judge(seen: int) -> None:
        rule_on_finding(
            filing=receipt.filing,
            position=AGE,
            decision=CONFIRMED,
            reason="Vu la pièce.",
            actor=make_staff(),
            seen=seen,
        )

    judge(0)
    with pytest.raises(StaleRulingError):
        judge(0)
    judge(1)
    assert Ruling.objects.count() == 2


def test_only_a_refused_finding_can_be_ruled_on(receipt: Receipt) -> None:
    for position in (0, 99):
        with pytest.raises(RulingNotAllowedError):
            _rule(receipt, position, OVERTURNED)
    with pytest.raises(RulingNotAllowedError):
        _rule(make_filing(), AGE, OVERTURNED)
    assert not Ruling.objects.exists()


def test_a_ruling_needs_a_reason_and_a_member_of_staff(receipt: Receipt) -> None:
    with pytest.raises(ReasonMissingError):
        _rule(receipt, AGE, OVERTURNED, "  ")
    for nobody in (make_user(), receipt.filing.submission.candidate):
        with pytest.raises(RulingNotAllowedError):
            rule_on_finding(
                filing=receipt.filing, position=AGE, decision=OVERTURNED, reason="Oui", actor=nobody
            )
    assert _fresh(receipt).reserve == HumanReview.PENDING
    assert not Ruling.objects.exists()


def test_a_settled_review_takes_no_further_ruling(receipt: Receipt) -> None:
    _rule(receipt, AGE, OVERTURNED)
    with pytest.raises(RulingNotAllowedError):
        _rule(receipt, AGE, CONFIRMED)
    assert _fresh(receipt).reserve == HumanReview.LIFTED
    assert receipt.filing.rulings.get().decision == OVERTURNED


def test_an_amendment_has_the_human_review_of_its_own_verdict() -> None:
    first = _file(_too_old())
    submission = _fresh(first)
    draft = start_amendment(submission=submission, actor=submission.candidate)
    draft.answers |= {"birth_date": make_draft().answers["birth_date"]}
    draft.save()
    _file(draft)
    assert _fresh(first).reserve == HumanReview.NONE
    with pytest.raises(StaleSubmissionError):
        _rule(first, AGE, OVERTURNED)


def test_a_withdrawn_submission_is_ruled_on_and_stays_withdrawn(receipt: Receipt) -> None:
    submission = _fresh(receipt)
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Un emploi")
    _rule(receipt, AGE, CONFIRMED)
    assert (_fresh(receipt).state, _fresh(receipt).reserve) == (State.WITHDRAWN, HumanReview.UPHELD)


@pytest.mark.parametrize(
    "decision,sentence",
    [(OVERTURNED, "Le comité étudiera votre candidature"), (CONFIRMED, "vous ne répondez pas à ce critère")],
)
def test_the_candidate_gets_one_mail_with_the_reason(
    receipt: Receipt, decision: Ruling.Decision, sentence: str
) -> None:
    _rule(receipt, AGE, decision, "L’acte de naissance dit autre chose.")
    delivery = Delivery.objects.get(kind="RULINGS_MAIL")
    letter = compose_rulings(delivery, receipt.filing.received_at)
    text = " ".join(letter.text.split())
    assert letter.to == receipt.filing.submission.candidate.email
    assert sentence in text
    assert "Motif : L’acte de naissance dit autre chose." in text


def test_the_mail_after_a_withdrawal_does_not_announce_a_review(receipt: Receipt) -> None:
    submission = _fresh(receipt)
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Un emploi")
    _rule(receipt, AGE, OVERTURNED)
    letter = compose_rulings(Delivery.objects.get(kind="RULINGS_MAIL"), receipt.filing.received_at)
    text = " ".join(letter.text.split())
    assert "Votre désistement tient toujours" in text
    assert "Le comité étudiera" not in text


def test_an_upheld_review_takes_two_people(receipt: Receipt) -> None:
    first, second = make_staff(), make_staff()
    submission = rule_on_finding(
        filing=receipt.filing, position=AGE, decision=CONFIRMED, reason="Trop tôt.", actor=first
    )
    assert (submission.state, submission.reserve) == (State.SUBMITTED, HumanReview.PENDING)
    assert not Delivery.objects.filter(kind="RULINGS_MAIL").exists()
    ruling = receipt.filing.rulings.get()
    with pytest.raises(SecondReviewerError):
        uphold_review(filing=receipt.filing, actor=first, seen=ruling.pk)
    with pytest.raises(StaleRulingError):
        uphold_review(filing=receipt.filing, actor=second, seen=ruling.pk - 1)
    with pytest.raises(RulingNotAllowedError):
        uphold_review(filing=receipt.filing, actor=make_user(), seen=ruling.pk)
    upheld = uphold_review(filing=receipt.filing, actor=second, seen=ruling.pk)
    assert (upheld.state, upheld.reserve) == (State.INADMISSIBLE, HumanReview.UPHELD)
    assert upheld.transitions.latest("pk").actor == second
    assert Delivery.objects.filter(kind="RULINGS_MAIL").count() == 1


def test_the_database_refuses_a_review_upheld_by_who_confirmed(receipt: Receipt) -> None:
    first = make_staff()
    rule_on_finding(filing=receipt.filing, position=AGE, decision=CONFIRMED, reason="Non.", actor=first)
    submission = _fresh(receipt)
    submission.reserve = HumanReview.UPHELD
    with pytest.raises(IntegrityError, match="is upheld by a person who confirmed"), transaction.atomic():
        write_move(submission=submission, action=Action.FIND_INADMISSIBLE, actor=first)


def test_the_page_offers_the_approval_to_a_second_person_alone(receipt: Receipt) -> None:
    first, second = make_staff(), make_staff()
    rule_on_finding(filing=receipt.filing, position=AGE, decision=CONFIRMED, reason="Non.", actor=first)
    page, act = (reverse(f"review:{name}", args=[_fresh(receipt).public_id]) for name in ("file", "uphold"))
    assert act not in client_of(first).get(page).content.decode()
    client = client_of(second)
    answer = client.get(page)
    assert act in answer.content.decode()
    assert "rien n’est envoyé d’ici là" in text_of(answer.content)
    seen = answer.context["reserve"].last_ruling
    refused = client_of(first).post(act, {"seen": seen}, follow=True)
    assert "une autre personne doit approuver" in text_of(refused.content)
    done = client.post(act, {"seen": seen}, follow=True)
    assert "est non admissible" in text_of(done.content)
    assert _fresh(receipt).state == State.INADMISSIBLE


def test_a_review_that_was_not_upheld_cannot_be_reopened() -> None:
    lifted = _file(_too_old())
    _rule(lifted, AGE, OVERTURNED)
    refused = make_filing(candidate=make_user("autre@exemple.invalid"))
    announce_move(
        submission=_fresh(refused),
        action=Action.FIND_INADMISSIBLE,
        actor=make_staff(),
        version=None,
        words="Diplôme trop ancien.",
    )
    for receipt in (lifted, refused):
        with pytest.raises(MoveNotAllowedError):
            _open_again(receipt)
