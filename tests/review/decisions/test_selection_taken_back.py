"""A selection is taken back by two persons, with a reason; candidate and staff who knew of it are notified."""

from copy import deepcopy

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.outbox import tasks
from intake.outbox.models import Delivery
from intake.outbox.services import resend_mail
from intake.review.claims.operations import release_claim
from intake.review.committees.operations import declare_conflict
from intake.review.decisions.errors import MessageMissingError, NotDecidableError
from intake.review.decisions.letters import compose_decision
from intake.review.decisions.notify_other_offers import compose_notice
from intake.review.delivery_kinds import SELECTION_TAKEN_BACK_MAIL
from intake.review.evidence.notify_contradiction import compose_contradicted
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Evidence
from intake.submissions.delivery_kinds import DECISION_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.lifecycle.errors import AnnouncedMoveError
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.decisions import confirm, decide, make_batch, release, send
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.reading import state_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

WORDS = "Votre relevé dit que vous avez terminé vos études en 2021."


@pytest.fixture(scope="module")
def made(module_db: None) -> Submission:
    submission = make_shortlisted(make_open_offer(), last_name="Tremblay")
    decide(submission, action=Action.SELECT)
    submission.refresh_from_db()
    return submission


@pytest.fixture
def selected(made: Submission) -> Submission:
    return deepcopy(made)


def contradict(submission: Submission, author: User) -> Evidence:
    filing = submission.standing_filing
    assert filing is not None
    found = verify_finding(
        filing=filing,
        position=filing.verdict.blocking[0],
        outcome=Evidence.Outcome.CONTRADICTED,
        basis=Basis(note="Le relevé dit autre chose."),
        actor=author,
    )
    release_claim(submission=submission, actor=author)
    return found


def page_of(submission: Submission, name: str = "review:file") -> str:
    return reverse(name, args=[submission.public_id])


def test_the_candidate_reads_the_reason_in_the_mail_and_on_the_page(selected: Submission) -> None:
    assert selected.standing_filing is not None
    number = selected.standing_filing.receipt.number
    Delivery.objects.filter(kind=RECEIPT_PDF, key=number).update(kind=RECEIPT_PDF_IN_ENGLISH)
    client, page = client_of(selected.candidate), page_of(selected, "submissions:follow")
    batch = release(make_batch(selected, action=Action.TAKE_BACK, word=WORDS))
    assert "n’est plus retenue" not in text_of(client.get(page).content)
    send(batch)
    assert state_of(selected) == "DECLINED"
    moved = selected.transitions.order_by("pk").last()
    assert moved is not None
    assert (moved.action, moved.from_state, moved.reason) == ("TAKE_BACK", "SELECTED", WORDS)
    letter = compose_decision(Delivery.objects.filter(kind=DECISION_MAIL).latest("pk"), timezone.now())
    assert letter.subject == (
        f"{selected.offer.number} – votre candidature n’est plus retenue"
        f" / {selected.offer.number} – your application is no longer selected"
    )
    french, english = " ".join(letter.text.split()).split("----")
    assert f"Motif {WORDS}" in text_of(french.encode())
    assert f"Reason {WORDS}" in english
    assert "ne faites plus de démarches pour ce stage" in french
    text = text_of(client.get(page).content)
    assert "Votre candidature n’est plus retenue" in text
    assert "Candidature non retenue" in text
    assert WORDS in text


def test_taking_back_a_selection_requires_a_reason_and_a_batch_before_the_stage(selected: Submission) -> None:
    staff = make_staff()
    with pytest.raises(MessageMissingError):
        make_batch(selected, action=Action.TAKE_BACK)
    with pytest.raises(AnnouncedMoveError):
        move_submission(submission=selected, action=Action.TAKE_BACK, actor=staff, reason=WORDS)
    batch = make_batch(selected, action=Action.TAKE_BACK, word=WORDS)
    placed = move_submission(submission=selected, action=Action.PLACE, actor=staff)
    send(release(batch))
    assert (batch.items.get().refusal, state_of(selected)) == ("STALE_SUBMISSION", "PLACED")
    with pytest.raises(NotDecidableError):
        make_batch(placed, action=Action.TAKE_BACK, word=WORDS)
    assert not Delivery.objects.filter(kind=SELECTION_TAKEN_BACK_MAIL).exists()


def test_staff_notified_of_a_selection_are_notified_of_its_withdrawal() -> None:
    selected = make_shortlisted(make_open_offer())
    other = make_shortlisted(make_open_offer(), candidate=selected.candidate, last_name="Roy")
    reader, bound, bound_elsewhere = make_staff(), make_staff(), make_staff()
    declare_conflict(submission=selected, reviewer=bound, actor=bound)
    declare_conflict(submission=other, reviewer=bound_elsewhere, actor=bound_elsewhere)
    decide(selected, action=Action.SELECT)
    decide(selected, action=Action.TAKE_BACK, word=WORDS)
    told = Delivery.objects.filter(kind=SELECTION_TAKEN_BACK_MAIL)
    letters = {letter.to: letter for letter in (compose_notice(row, timezone.now()) for row in told)}
    assert reader.email in letters
    assert {bound.email, bound_elsewhere.email, selected.candidate.email}.isdisjoint(letters)
    letter = letters[reader.email]
    assert str(other.offer.number) in letter.subject
    assert f"cette personne pour l’offre {selected.offer.number} est retirée" in text_of(letter.text.encode())
    assert WORDS not in letter.text + letter.html
    entry = Entry.objects.get(action="SELECTION_TAKEN_BACK")
    assert entry.detail == str(other.public_id)
    for person, knows in ((reader, True), (bound, False), (bound_elsewhere, False)):
        client = client_of(person)
        shown = client.get(reverse("admin:journal_entry_changelist")).context["cl"].result_list
        assert (entry.pk in {row.pk for row in shown}) is knows
        mails = client.get(reverse("admin:outbox_delivery_changelist")).context["cl"].result_list
        assert bool({row.pk for row in told} & {row.pk for row in mails}) is knows
    decide(other, action=Action.SELECT)
    assert state_of(other) == "SELECTED"


@pytest.mark.parametrize("since", ["taken back", "account closed", "nothing"])
def test_an_obsolete_selection_mail_is_not_resent(selected: Submission, since: str) -> None:
    delivery = Delivery.objects.get(kind=DECISION_MAIL)
    tasks.deliver(delivery.pk)
    (first,) = mail.outbox
    if since == "taken back":
        decide(selected, action=Action.TAKE_BACK, word=WORDS)
    elif since == "account closed":
        User.objects.filter(pk=selected.candidate_id).update(is_active=False)
    resend_mail(delivery=delivery, actor=make_staff())
    tasks.deliver(delivery.pk)
    assert [sent.message()["Message-ID"] for sent in mail.outbox] == [first.message()["Message-ID"]] * (
        2 if since == "nothing" else 1
    )
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DONE


def test_a_decision_withdrawn_before_it_was_sent_is_still_sent(selected: Submission) -> None:
    decide(selected, action=Action.TAKE_BACK, word=WORDS)
    for delivery in Delivery.objects.filter(kind=DECISION_MAIL).order_by("pk"):
        tasks.deliver(delivery.pk)
    assert len(mail.outbox) == 2, "what takes it back speaks of it"


def test_a_withdrawn_selection_frees_its_place_for_the_reserve_list(selected: Submission) -> None:
    waiting = make_shortlisted(selected.offer)
    decide(waiting, action=Action.PUT_ON_RESERVE)
    batch = release(make_batch(selected, action=Action.TAKE_BACK, word=WORDS))
    client = client_of(make_staff())
    page = reverse("review:decision_batch", args=[batch.pk])
    reserve = reverse("review:reserve_list", args=[selected.offer.number])
    assert f'href="{reserve}"' not in client.get(page).content.decode()
    send(batch)
    assert f'href="{reserve}"' in client.get(page).content.decode()
    assert "appelez la première personne de cette liste" in client.get(reserve).content.decode()
    confirm(waiting)
    decide(waiting, action=Action.SELECT)
    assert state_of(waiting) == "SELECTED"


def test_a_contradicted_finding_links_deciders_to_taking_back_the_selection(selected: Submission) -> None:
    author, reader, member = make_staff(), make_staff(), make_reviewer(selected.offer)
    said = "préparer « Retirer la sélection »"
    assert said not in client_of(reader).get(page_of(selected)).content.decode()
    contradict(selected, author)
    mail = Delivery.objects.filter(kind="CONTRADICTED_MAIL").earliest("pk")
    assert "préparez «\u00a0Retirer la sélection\u00a0»" in compose_contradicted(mail, timezone.now()).text
    assert said not in client_of(member).get(page_of(selected)).content.decode()
    client = client_of(reader)
    answer = client.get(page_of(selected))
    assert said in answer.content.decode()
    assert "mais un constat d’admissibilité est maintenant contredit" in answer.content.decode()
    address = answer.context["decisions"]["take_back_url"]
    form = client.get(address).content.decode()
    assert "Retirer la sélection" in form
    assert "la personne candidate le lira. Obligatoire" in form
    assert f'name="choix-{selected.pk}" id="id_choix-{selected.pk}" checked' in form
    batch = make_batch(selected, action=Action.TAKE_BACK, word=WORDS, preparer=author)
    shown = client.get(page_of(selected)).content.decode()
    assert said not in shown
    assert shown.count(reverse("review:decision_batch", args=[batch.pk])) == 2, "in the banner, and below"
    send(release(batch))
    assert (
        "mais un constat d’admissibilité est maintenant contredit"
        not in client.get(page_of(selected)).content.decode()
    )
    assert "Retirer la sélection" not in compose_contradicted(mail, timezone.now()).text
