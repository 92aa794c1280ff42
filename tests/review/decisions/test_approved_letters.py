"""Only the approved letter is sent: a changed one needs a new approval."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.review.decisions import sending
from intake.review.decisions.letters import (
    added_text,
    compose_decision,
    letter_digest,
    letter_of,
    letters_digest,
)
from intake.review.decisions.queries import items_of
from intake.review.models import DecisionBatch
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.delivery_kinds import DECISION_MAIL
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from offers.services.correcting import correct_offer
from tests.database_roles import as_owner
from tests.factories.decisions import confirm, make_batch, release, send
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_shortlisted
from tests.factories.submissions import ALL_DECLARATIONS, make_open_offer
from tests.review.reading import state_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(module_db: None) -> list[Submission]:
    offer = make_open_offer()
    return [make_shortlisted(offer, last_name=name) for name in ("Première", "Seconde")]


@pytest.fixture
def rows(made: list[Submission]) -> list[Submission]:
    """Two shortlisted submissions of `offer`."""
    return deepcopy(made)


@pytest.fixture
def offer(rows: list[Submission]) -> Offer:
    return rows[0].offer


def correct(offer: Offer, **said: Any) -> None:
    """Change the offer's fields, as a correction does."""
    Offer.objects.filter(pk=offer.pk).update(
        **(said or {"starts_on": offer.starts_on + timedelta(days=7), "organisation_short": "OIM"})
    )


@pytest.mark.parametrize("said", [{}, {"contact_email": "autre@exemple.quebec"}])
def test_a_changed_letter_needs_a_new_approval(
    offer: Offer, rows: list[Submission], said: dict[str, str]
) -> None:
    submission, second = rows[0], make_staff()
    confirm(submission)
    batch = release(make_batch(submission, action=Action.SELECT), by=second)
    correct(offer, **said)
    client, page = client_of(second), reverse("review:decision_batch", args=[batch.pk])
    assert "Rien ne sera envoyé" in text_of(client.get(page).content)
    send(batch)
    assert (batch.state, batch.returned_for, state_of(submission)) == (
        "PREPARED",
        "LETTERS_CHANGED",
        "SHORTLISTED",
    )
    assert Entry.objects.get(action="DECISIONS_RETURNED").detail == "LETTERS_CHANGED"
    assert not Delivery.objects.filter(kind=DECISION_MAIL).exists()
    assert "Les messages ont changé depuis l’approbation" in text_of(client.get(page).content)
    released = release(batch, by=second)
    assert (send(released).state, state_of(submission)) == ("SENT", "SELECTED")
    assert "le message approuvé était différent" not in text_of(client.get(page).content)
    correct(offer, organisation_short="FAO")
    assert "le message approuvé était différent" in text_of(client.get(page).content)


def test_each_decision_is_sent_to_the_current_address_of_its_candidate(
    rows: list[Submission],
) -> None:
    first, second = rows
    batch = make_batch(
        first, second, messages={first.pk: "Mot pour la première.", second.pk: "Mot à l’autre."}
    )
    with as_owner():
        User.objects.filter(pk=first.candidate_id).update(email="nouvelle@exemple.invalid")
    send(release(batch))
    letters = [
        compose_decision(mail, timezone.now())
        for mail in Delivery.objects.filter(kind=DECISION_MAIL).order_by("pk")
    ]
    told = {letter.to: letter.text for letter in letters}
    assert set(told) == {"nouvelle@exemple.invalid", second.candidate.email}
    for address, name, own, other in (
        ("nouvelle@exemple.invalid", "Première", "Mot pour la première.", "Mot à l’autre."),
        (second.candidate.email, "Seconde", "Mot à l’autre.", "Mot pour la première."),
    ):
        assert name in told[address]
        assert own in told[address]
        assert other not in told[address], "what one person alone reads is in another's letter"


def test_a_change_of_the_offer_outside_the_letters_keeps_the_approval(
    offer: Offer, rows: list[Submission]
) -> None:
    submission = rows[0]
    batch = release(make_batch(submission))
    correct(offer, domain="Culture")
    assert (send(batch).state, state_of(submission)) == ("SENT", "DECLINED")


def test_an_added_english_part_keeps_the_approval(rows: list[Submission]) -> None:
    item = items_of(make_batch(rows[0])).get()
    in_french, approved = letter_of(item), letter_digest(item)
    vars(item)["in_english"] = True
    in_both = letter_of(item)
    assert in_both.text != in_french.text
    assert letter_digest(item) == letter_digest(item, in_both) == approved


def test_a_letter_adds_the_common_text_then_the_own_one() -> None:
    added = [added_text(*said) for said in (("", " "), (" Pour toutes. ", ""), ("", " À vous. "), ("A", "B"))]
    assert added == ["", "Pour toutes.", "À vous.", "A\n\nB"]


def test_the_digest_of_a_batch_covers_which_letter_each_file_gets() -> None:
    read = [letters_digest(digests) for digests in ({1: "a", 2: "b"}, {2: "b", 1: "a"}, {1: "b", 2: "a"})]
    assert read[0] == read[1] != read[2]


def test_only_the_decision_on_an_amended_file_is_refused(rows: list[Submission]) -> None:
    amended, other = rows
    batch = release(make_batch(amended, other))
    draft = start_amendment(submission=amended, actor=amended.candidate)
    file_draft(draft=draft, actor=amended.candidate, declarations=ALL_DECLARATIONS)
    assert send(batch).state == "SENT"
    assert batch.items.get(submission=amended).refusal == "STALE_SUBMISSION"
    assert state_of(other) == "DECLINED"


def test_an_offer_corrected_during_a_release_stops_the_remaining_decisions(
    offer: Offer, rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BATCH_SIZE", 1)
    batch = release(make_batch(*rows))
    send(batch)
    correct(offer)
    assert send(batch).state == "SENT"
    assert sorted(batch.items.values_list("state", "refusal")) == [
        ("DONE", ""),
        ("REFUSED", "LETTERS_CHANGED"),
    ]
    assert Delivery.objects.filter(kind=DECISION_MAIL).count() == 1


def test_a_letter_changed_while_it_was_read_must_be_read_again(offer: Offer, rows: list[Submission]) -> None:
    batch = make_batch(rows[0])
    client, page = client_of(make_staff()), reverse("review:decision_batch", args=[batch.pk])
    form = client.get(page).context["release_form"]
    sent = {"moment": "maintenant", "version": 0, "letters": form["letters"].value()}
    correct(offer)
    address = reverse("review:release_decisions", args=[batch.pk])
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "Les messages ont changé pendant votre lecture" in text_of(refused.content)
    batch.refresh_from_db()
    assert batch.state == "PREPARED"
    again = refused.context["release_form"]["letters"].value()
    assert client.post(address, sent | {"letters": again}).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "RELEASED"
    item = items_of(batch).get()
    assert item.letter == letter_digest(item)


def approved_by_version_1_0_0(batch: DecisionBatch) -> DecisionBatch:
    """Give a released batch the digests of that version: of another text, and without the form."""
    batch.items.update(letter="0" * 64)
    return batch


def test_a_batch_that_version_1_0_0_approved_is_sent(rows: list[Submission]) -> None:
    batch, second = approved_by_version_1_0_0(release(make_batch(rows[0]))), make_staff()
    page = reverse("review:decision_batch", args=[batch.pk])
    assert "Rien ne sera envoyé" not in text_of(client_of(second).get(page).content)
    assert (send(batch).state, state_of(rows[0])) == ("SENT", "DECLINED")


def test_a_correction_returns_a_batch_that_version_1_0_0_approved(
    offer: Offer, rows: list[Submission]
) -> None:
    second = make_staff()
    batch = approved_by_version_1_0_0(release(make_batch(rows[0]), by=second))
    correct_offer(
        offer=offer, header={"organisation_short": "OIM"}, author=second, at=timezone.now(), reason="Nom"
    )
    assert (send(batch).state, batch.returned_for) == ("PREPARED", "LETTERS_CHANGED")
    assert (send(release(batch, by=second)).state, state_of(rows[0])) == ("SENT", "DECLINED")
