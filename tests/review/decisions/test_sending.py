"""Sending a batch: each decision complete, once, by the rules at that instant; a refused one is recorded."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.committees.operations import declare_conflict, lift_conflict
from intake.review.decisions import letters, sending
from intake.review.decisions.dry_run import predicted_refusals
from intake.review.decisions.errors import MessageMissingError, PreparerConflictError
from intake.review.decisions.letters import compose_decision
from intake.review.decisions.notify_other_offers import compose_notice
from intake.review.decisions.queries import (
    ANNOUNCED_MOVES,
    items_of,
    selected_elsewhere,
    undecided_of_selected,
)
from intake.review.decisions.reserve_list import move_place
from intake.review.decisions.sending import send_decisions
from intake.review.delivery_kinds import DECISIONS, SELECTED_ELSEWHERE_MAIL
from intake.review.models import DecisionBatch, DecisionItem, ReservePlace
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.delivery_kinds import DECISION_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.lifecycle.errors import AnnouncedMoveError
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import CANDIDATE_LABELS, Action, State
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.decisions import confirm, decide, make_batch, release, send
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import make_filed, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of
from tests.review.reading import state_of

pytestmark = pytest.mark.django_db

ANNOUNCED = [move.action for move in ANNOUNCED_MOVES]


def _mails() -> list[Delivery]:
    return list(Delivery.objects.filter(kind=DECISION_MAIL).order_by("pk"))


class CaseData(NamedTuple):
    """An offer with submissions that may be decided."""

    offer: Offer
    rows: list[Submission]
    """Shortlisted."""
    received: list[Submission]


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer()
    hostile: dict[str, Any] = {"last_name": "D’Amours & Fils"}
    rows = [make_shortlisted(offer, **hostile), make_shortlisted(offer), make_shortlisted(offer)]
    return CaseData(offer, rows, [make_filed(offer, **hostile), make_filed(offer)])


offer, rows = copy_of("offer"), copy_of("rows")


def test_a_decision_is_recorded_in_the_name_of_its_approver(rows: list[Submission]) -> None:
    submission, second = rows[0], make_staff()
    batch = send(
        release(make_batch(submission, word="Merci.", messages={submission.pk: "Bravo."}), by=second)
    )
    assert (batch.state, batch.items.get().state, state_of(submission)) == ("SENT", "DONE", "DECLINED")
    moved = submission.transitions.order_by("pk").last()
    assert moved is not None
    assert (moved.actor, moved.reason) == (second, "Merci.\n\nBravo.")
    (mail,) = _mails()
    letter = compose_decision(mail, timezone.now())
    assert letter.to == submission.candidate.email
    assert "n’est pas retenue" in letter.text.replace("\n", " ")
    assert "Bravo." in letter.text
    assert "Bravo." in letter.html
    assert letter == letters.letter_of(items_of(batch).get())


def test_an_inadmissible_candidate_reads_the_reason_and_the_remedy(
    kept: CaseData,
) -> None:
    submission, offer = kept.received[0], kept.offer
    with pytest.raises(AnnouncedMoveError):
        move_submission(
            submission=submission, action=Action.FIND_INADMISSIBLE, actor=make_staff(), reason="Trop tard."
        )
    with pytest.raises(MessageMissingError):
        make_batch(submission, action=Action.FIND_INADMISSIBLE)
    decide(submission, action=Action.FIND_INADMISSIBLE, word="Le diplôme date de 2019.")
    assert state_of(submission) == "INADMISSIBLE"
    (mail,) = _mails()
    letter = compose_decision(mail, timezone.now())
    said = " ".join(letter.text.split())
    assert letter.subject == f"{offer.number} – votre candidature n’est pas admissible"
    for words in (
        "Le diplôme date de 2019.",
        "n’est pas admissible",
        "vous pouvez nous demander de réexaminer votre candidature",
    ):
        assert words in said
        assert words in " ".join(letter.html.split())
    theirs, page = client_of(submission.candidate), reverse("submissions:follow", args=[submission.public_id])
    told = theirs.get(page).context["events"][0]
    assert (told.kind, told.words) == ("INADMISSIBLE", "Le diplôme date de 2019.")
    move_submission(submission=submission, action=Action.REOPEN, actor=make_staff(), reason="Pièce relue.")
    assert str(CANDIDATE_LABELS[State(state_of(submission))]) == "À l’étude"
    told = theirs.get(page).context["events"][0]
    assert (told.kind, told.words) == ("REOPENED", "")
    assert "De nouveau à l’étude" in theirs.get(page).content.decode()
    assert "Pièce relue." not in theirs.get(page).content.decode()


def _decidable(kept: CaseData, action: Action, place: int = 0) -> Submission:
    """Return a submission for which `action` may be prepared. The one at place 0 has a name that needs escaping."""
    if action is Action.FIND_INADMISSIBLE:
        return kept.received[place]
    submission = kept.rows[place]
    if action is Action.TAKE_BACK:
        decide(submission, action=Action.SELECT)
        submission.refresh_from_db()
    return submission


@pytest.mark.parametrize("action", ANNOUNCED)
def test_each_letter_states_the_decision_and_the_contact(kept: CaseData, action: Action) -> None:
    submission, offer = _decidable(kept, action), kept.offer
    item = items_of(make_batch(submission, action=action, word="Ligne un\n\nLigne <deux>")).get()
    letter = letters.letter_of(item)
    assert letter.subject.startswith(f"{offer.number} – ")
    assert submission.standing_filing is not None
    text = letter.text
    assert submission.standing_filing.receipt.number in text
    assert "Une question" in text
    assert "D’Amours & Fils" in letter.text
    assert "Ligne <deux>" in letter.text
    assert "Ligne &lt;deux&gt;" in letter.html
    assert max(map(len, letter.text.splitlines())) <= 100  # an address is not broken
    without = letters.letter_of(items_of(_said_nothing(item)).get()).text
    assert "Ligne" not in without
    assert "\n\n\n" not in without


@pytest.mark.parametrize(
    "action",
    [
        # Shortlisted submissions are invited as they are declined or put on the reserve list, with another text.
        pytest.param(action, marks=pytest.mark.full)
        if action in {Action.DECLINE, Action.PUT_ON_RESERVE}
        else action
        for action in ANNOUNCED
    ],
)
def test_a_candidate_who_reads_english_gets_a_bilingual_letter(kept: CaseData, action: Action) -> None:
    submission, other = _decidable(kept, action), _decidable(kept, action, 1)
    offer = kept.offer
    assert submission.standing_filing is not None
    number = submission.standing_filing.receipt.number
    Delivery.objects.filter(kind=RECEIPT_PDF, key=number).update(kind=RECEIPT_PDF_IN_ENGLISH)
    batch = make_batch(submission, other, action=action, word="Le 12 mai, à 10 h.")
    letter, in_french = (
        letters.letter_of(items_of(batch).get(submission=one)) for one in (submission, other)
    )
    french, english = letter.text.split("\n----\n")
    assert "Bonjour" in french
    assert "English follows" in french
    assert "Hello" not in french
    assert "Hello" in english
    assert "Bonjour" not in english
    for half in (french, english):
        assert number in half
        assert "Le 12 mai, à 10 h." in half, "what the team typed is as it was typed"
    assert letter.subject.count(f"{offer.number} – ") == 2
    assert letter.html.index("Bonjour") < letter.html.index("Hello")
    assert letter.html.count("<h1>") == 1
    assert letter.html.count("<h2>") == letter.html.count("<h3>") + 1 == 2, (
        "the English is a section, its words under it"
    )
    text = " ".join(letter.text.split())
    for said in (
        "Une question",
        "Questions?",
        "vous ne pouvez pas y répondre",
        "you cannot reply to it",
    ):
        assert text.count(said) == 1
    for text in (in_french.subject, in_french.text):
        assert "English" not in text
        assert "Hello" not in text
    typed = "Le 12 mai, à 10 h."
    assert "".join(letters.split_by_language(letter.text, typed=typed)) == letter.text
    assert letters.split_by_language(in_french.text, typed=typed)[1] == ""
    page = client_of(make_staff()).get(reverse("review:decision_batch", args=[batch.pk]))
    shown = {line["item"].submission_id: line["letter"] for line in page.context["lines"]}
    assert shown == {submission.pk: letter, other.pk: in_french}
    assert "Hello" in page.content.decode()
    assert page.content.decode().count("En français, puis en anglais") == 1
    if action is Action.SELECT:
        confirm(submission)
    send(release(batch))
    mail = next(row for row in _mails() if int(row.key) == batch.items.get(submission=submission).pk)
    assert compose_decision(mail, timezone.now()) == letter


def _said_nothing(item: DecisionItem) -> DecisionBatch:
    DecisionBatch.objects.filter(pk=item.batch_id).update(word="")
    return DecisionBatch.objects.get(pk=item.batch_id)


def _withdraws(submission: Submission, _actor: User) -> None:
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Autre projet")


def _is_recommended(submission: Submission, _actor: User) -> None:
    move_submission(submission=submission, action=Action.RECOMMEND, actor=make_staff())


def _conflict(submission: Submission, actor: User) -> None:
    declare_conflict(submission=submission, reviewer=actor, actor=actor)


def _loses_role(_submission: Submission, actor: User) -> None:
    with as_owner():
        actor.groups.clear()


def _is_selected_elsewhere(submission: Submission, _actor: User) -> None:
    decide(make_shortlisted(make_open_offer(), candidate=submission.candidate), action=Action.SELECT)


def _nothing(_submission: Submission, _actor: User) -> None:
    pass


@pytest.mark.parametrize(
    "happens, confirmed, code",
    [
        (_withdraws, True, "STALE_SUBMISSION"),
        (_is_recommended, True, "STALE_SUBMISSION"),
        (_is_selected_elsewhere, True, "ALREADY_SELECTED"),
        (_nothing, False, "FINDING_UNCONFIRMED"),
        (_nothing, True, ""),
    ],
)
def test_a_refused_decision_keeps_its_code_and_the_others_are_sent(
    rows: list[Submission],
    *,
    happens: Callable[[Submission, User], None],
    confirmed: bool,
    code: str,
) -> None:
    submission, other, second = *rows[:2], make_staff()
    confirm(other)
    confirm(submission, but=-1 if confirmed else 0)
    batch = make_batch(submission, other, action=Action.SELECT)
    release(batch, by=second)
    happens(submission, second)
    items = items_of(batch)
    expected = {items.get(submission=submission).pk: code} if code else {}
    assert predicted_refusals(items, reader=second) == expected
    before = len(_mails())
    send(batch)
    item = batch.items.get(submission=submission)
    assert (item.state, item.refusal) == (("REFUSED", code) if code else ("DONE", ""))
    assert state_of(other) == "SELECTED"
    assert len(_mails()) - before == (1 if code else 2)
    assert batch.state == "SENT"


def _preparer_in_conflict(submission: Submission, _actor: User) -> None:
    preparer = DecisionItem.objects.get(submission=submission).batch.prepared_by
    declare_conflict(submission=make_filed(submission.offer), reviewer=preparer, actor=preparer)


def _applies(submission: Submission, actor: User) -> None:
    make_filed(submission.offer, candidate=actor)


@pytest.mark.parametrize(
    "happens, code",
    [
        (_conflict, "IN_CONFLICT"),
        (_applies, "OWN_SUBMISSION"),
        (_loses_role, "MAY_NOT_RELEASE"),
        (_preparer_in_conflict, "BOUND_PREPARER"),
    ],
)
def test_an_invalid_approval_returns_the_batch_unsent(
    rows: list[Submission], happens: Callable[[Submission, User], None], code: str
) -> None:
    rows, second, third = rows[:2], make_staff(), make_staff()
    batch = release(make_batch(*rows), by=second)
    happens(rows[0], second)
    send(batch)
    assert (batch.state, batch.released_by, batch.version) == ("PREPARED", None, 1)
    assert [state_of(row) for row in rows] == ["SHORTLISTED"] * 2
    assert not _mails()
    assert Entry.objects.get(action="DECISIONS_RETURNED").detail == code
    client = client_of(third)
    assert "1\u00a0lot de décisions à relire" in client.get(reverse("admin:index")).content.decode()
    page = reverse("review:decision_batch", args=[batch.pk])
    assert "rien n’a été envoyé" in client.get(page).content.decode()


def test_a_batch_whose_preparer_is_in_conflict_cannot_be_approved(rows: list[Submission]) -> None:
    submission, second = rows[0], make_staff()
    batch = release(make_batch(submission), by=second)
    _preparer_in_conflict(submission, second)
    send(batch)
    with pytest.raises(PreparerConflictError):
        release(batch, by=make_staff())
    assert state_of(submission) == "SHORTLISTED"


@pytest.mark.parametrize("happens", [_conflict, _applies, _loses_role])
def test_a_newly_approved_batch_is_sent_only_by_the_new_approval(
    rows: list[Submission], happens: Callable[[Submission, User], None]
) -> None:
    rows, second = rows[:2], make_staff()
    batch = release(make_batch(*rows), by=second)
    happens(rows[0], second)
    send(batch)
    released = release(batch, by=make_staff())
    stale = Delivery.objects.filter(kind=DECISIONS).order_by("pk")[0]
    send_decisions(stale, timezone.now())  # the delivery of the first approval, performed again
    assert [state_of(row) for row in rows] == ["SHORTLISTED"] * 2
    assert send(released).state == "SENT"
    assert [state_of(row) for row in rows] == ["DECLINED"] * 2


@pytest.mark.parametrize("refused, word", [(1, "Annoncé en partie"), (2, "Rien d’annoncé"), (0, "Annoncé")])
def test_a_batch_without_a_sent_decision_is_not_labelled_announced(
    rows: list[Submission], refused: int, word: str
) -> None:
    rows = rows[:2]
    batch = release(make_batch(*rows))
    for row in rows[:refused]:
        move_submission(submission=row, action=Action.RECOMMEND, actor=make_staff())
    send(batch)
    client = client_of(make_staff())
    for page in (reverse("review:decisions"), reverse("review:decision_batch", args=[batch.pk])):
        shown = client.get(page)
        state = shown.context["state"] if "state" in shown.context else shown.context["lines"][0]["state"]
        assert str(state.label) == word
    assert ("Terminé, sans rien annoncer" in shown.content.decode()) is (refused == 2)


def test_a_batch_killed_between_two_decisions_sends_only_the_rest(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = release(make_batch(*rows))
    once: Any = sending.announce_decision
    calls: list[object] = []

    def killed_at_the_second(**asked: object) -> None:
        calls.append(asked)
        if len(calls) == 2:
            raise KeyboardInterrupt
        once(**asked)

    monkeypatch.setattr(sending, "announce_decision", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        send(batch)
    assert [state_of(row) for row in rows].count("DECLINED") == 1
    for _again in range(3):
        assert send(batch).state == "SENT"
    assert [state_of(row) for row in rows] == ["DECLINED"] * 3
    assert len(_mails()) == 3
    assert all(row.transitions.filter(action="DECLINE").count() == 1 for row in rows)
    assert Entry.objects.filter(action="DECISIONS_SENT").count() == 1


def test_a_batch_whose_first_decision_was_refused_is_not_returned(rows: list[Submission]) -> None:
    approver = make_staff()
    batch = release(make_batch(*rows), by=approver)
    withdraw_submission(submission=rows[0], actor=rows[0].candidate, reason="Autre projet")
    sending.announce_decision(item_id=batch.items.get(submission=rows[0]).pk, at=timezone.now())
    User.objects.filter(pk=approver.pk).update(is_active=False)
    assert send(batch).state == "SENT"
    assert set(batch.items.values_list("state", flat=True)) == {"REFUSED"}


def test_a_decision_whose_mail_cannot_be_posted_is_rolled_back(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = rows[0]
    batch = release(make_batch(submission))
    with monkeypatch.context() as patched:
        patched.setattr(sending, "post", lambda **_asked: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(batch)
    assert state_of(submission) == "SHORTLISTED"
    send(batch)
    assert state_of(submission) == "DECLINED"


def test_a_long_batch_is_sent_by_several_jobs(
    rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH_SIZE", 2)
    batch = release(make_batch(*rows))
    assert send(batch).state == "RELEASED"
    assert batch.items.filter(state="OPEN").count() == 1
    assert send(batch).state == "SENT"


def test_staff_of_the_other_offers_are_notified_of_a_selection(rows: list[Submission]) -> None:
    first = rows[0]
    candidate = first.candidate
    second, third = (make_shortlisted(make_open_offer(), candidate=candidate) for _time in range(2))
    withdraw_submission(submission=third, actor=candidate, reason="Autre projet")
    reader, bound = make_staff(), make_staff()
    declare_conflict(submission=second, reviewer=bound, actor=bound)
    decide(first, action=Action.SELECT)
    assert state_of(first) == "SELECTED"
    told = Delivery.objects.filter(kind=SELECTED_ELSEWHERE_MAIL)
    addresses = {compose_notice(row, timezone.now()).to for row in told}
    assert reader.email in addresses
    assert bound.email not in addresses
    assert candidate.email not in addresses
    kept = Entry.objects.get(action="SELECTED_ELSEWHERE")
    assert kept.detail == str(second.public_id)
    assert selected_elsewhere(reader, second) == first
    assert list(undecided_of_selected(reader)) == [second]
    bound_elsewhere = make_staff()
    declare_conflict(submission=first, reviewer=bound_elsewhere, actor=bound_elsewhere)
    assert selected_elsewhere(bound_elsewhere, second) is None
    assert not undecided_of_selected(bound_elsewhere).exists()


def test_staff_are_not_notified_of_their_own_selection_or_one_in_conflict(
    rows: list[Submission],
) -> None:
    first, candidate = rows[0], rows[0].candidate
    second = make_shortlisted(make_open_offer(), candidate=candidate)
    give_role(user=candidate, role=Role.STAFF)
    reader, bound, freed, closed = (make_staff() for _person in range(4))
    declare_conflict(submission=first, reviewer=bound, actor=bound)
    lifted = declare_conflict(submission=first, reviewer=freed, actor=freed)
    lift_conflict(conflict=lifted, actor=reader, reason="Une homonyme.", at=timezone.now())
    User.objects.filter(pk=closed.pk).update(is_active=False)
    decide(first, action=Action.SELECT)
    told = Delivery.objects.filter(kind=SELECTED_ELSEWHERE_MAIL)
    addresses = {compose_notice(row, timezone.now()).to for row in told}
    assert addresses >= {reader.email, freed.email}
    assert not addresses & {candidate.email, bound.email, closed.email}
    assert second.pk in {int(row.key.split("-")[1]) for row in told}


def test_the_reserve_list_keeps_its_order_and_frees_places(offer: Offer, rows: list[Submission]) -> None:
    decide(*rows, action=Action.PUT_ON_RESERVE)
    places = ReservePlace.objects.filter(offer=offer).order_by("place")
    first, second, third = places.all()
    assert [row.place for row in places.all()] == [1, 2, 3]
    move_place(place=third, up=True, seen=3, actor=make_staff())
    move_place(place=first, up=True, seen=1, actor=make_staff())  # already first
    assert list(places.all()) == [first, third, second]
    move_place(place=first, up=False, seen=1, actor=make_staff())
    assert list(places.all()) == [third, first, second]
    submission = third.submission
    withdraw_submission(submission=submission, actor=submission.candidate, reason="Autre projet")
    decide(first.submission, action=Action.SELECT)
    assert list(places.all()) == [second]
    decide(make_shortlisted(offer), action=Action.PUT_ON_RESERVE)
    assert places.all()[0] == second
