"""Contexts of the pages of decisions, line by line, for preparers and approvers."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.decisions.labels import (
    batch_label,
    item_label,
    next_step_message,
    refusal_message,
    returned_message,
)
from intake.review.decisions.letters import letter_digest, letters_digest
from intake.review.decisions.queries import items_of
from intake.review.models import DecisionBatch, DecisionItem, ReservePlace
from intake.review.pages.labels import state_label
from intake.submissions.lifecycle.errors import OfferCancelledError
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Action, State
from offers.models import Offer
from tests.factories.decisions import decide, make_batch, release, send
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.page_responses import redirect_of, url, view_context
from tests.submissions.lost_files import erase_every_seal

pytestmark = pytest.mark.django_db

QUEUE = reverse("admin:submissions_submission_changelist")


@pytest.fixture
def offer(rows: list[Submission]) -> Offer:
    return rows[0].offer


@pytest.fixture
def staff() -> User:
    return make_staff()


def number(file: Submission) -> str:
    assert file.standing_filing is not None
    return file.standing_filing.receipt.number


def part(context: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: context[name] for name in names}


# -- List of batches ---------------------------------------------------------------------------------------------
def test_batches_are_listed_latest_first_and_filtered_by_offer_and_state(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    other = make_open_offer()
    mine = make_batch(rows[0], preparer=staff)
    theirs = make_batch(*rows[1:3], action=Action.SELECT)
    released = release(make_batch(make_shortlisted(other)), release_at=timezone.now() + timedelta(days=2))
    moved = make_shortlisted(other)
    sent = make_batch(moved, make_shortlisted(other))
    move_submission(submission=moved, action=Action.RECOMMEND, actor=staff)
    sent = send(release(sent))
    client = client_of(staff)

    def found(**query: str) -> list[DecisionBatch]:
        return [line["batch"] for line in view_context(client.get(url("decisions"), query))["lines"]]

    seen = view_context(client.get(url("decisions")))
    assert [(line["batch"], line["action"], line["state"]) for line in seen["lines"]] == [
        (sent, TABLE[Action.DECLINE].label, batch_label("SENT", count=2, refused=1)),
        (released, TABLE[Action.DECLINE].label, batch_label("RELEASED")),
        (theirs, TABLE[Action.SELECT].label, batch_label("PREPARED")),
        (mine, TABLE[Action.DECLINE].label, batch_label("PREPARED")),
    ]
    assert part(seen, "title", "number", "chosen_offer", "notices") == {
        "title": "Décisions",
        "number": "",
        "chosen_offer": None,
        "notices": [],
    }
    assert set(seen["offers"]) == {offer, other}
    assert [move.action for move in seen["actions"]] == [
        move.action for move in TABLE.values() if move.announced
    ]
    assert [(each["label"], each["url"], each["current"]) for each in seen["states"]] == [
        ("Tous", "?", True),
        ("À relire", "?etat=a-relire", False),
        ("En préparation", "?etat=PREPARED", False),
        ("Approuvé, à annoncer", "?etat=RELEASED", False),
        ("Annoncé", "?etat=SENT", False),
        ("Annulé", "?etat=REVOKED", False),
    ]
    assert found(etat="PREPARED") == [theirs, mine]
    assert found(etat="SENT") == [sent]
    assert found(etat="a-relire") == [theirs]
    assert found(etat="rien") == [sent, released, theirs, mine]
    assert found(offre=offer.number or "") == [theirs, mine]
    assert found(offre="2099-999") == []
    narrowed = view_context(client.get(url("decisions"), {"offre": other.number or "", "etat": "RELEASED"}))
    assert [line["batch"] for line in narrowed["lines"]] == [released]
    assert part(narrowed, "number", "chosen_offer") == {"number": other.number, "chosen_offer": other}
    links = [(each["url"], each["current"]) for each in narrowed["states"]]
    assert links[0] == (f"?offre={other.number}", False)
    assert links[3] == (f"?offre={other.number}&etat=RELEASED", True)
    assert [current for _url, current in links].count(True) == 1
    unknown = view_context(client.get(url("decisions"), {"etat": "rien"}))
    assert [each["current"] for each in unknown["states"]] == [True, *[False] * 5]


def test_candidates_selected_elsewhere_are_named_in_the_notices(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    other = make_open_offer()
    waiting = [rows[0], make_filed(offer)]
    decide(*(make_shortlisted(other, candidate=row.candidate) for row in waiting), action=Action.SELECT)
    notices = view_context(client_of(staff).get(url("decisions")))["notices"]
    assert notices == [{"submission": row, "held": other} for row in waiting]


# -- One batch ---------------------------------------------------------------------------------------------------
def test_a_batch_lists_each_letter_with_its_recipient_and_refusal(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    rows = rows[:3]
    batch = make_batch(*rows, word="Merci à toutes.", messages={rows[1].pk: "Un mot."}, preparer=staff)
    move_submission(submission=rows[2], action=Action.RECOMMEND, actor=staff)
    address = url("decision_batch", batch.pk)
    seen = view_context(client_of(staff).get(address))
    lines = seen["lines"]
    assert [part(line, "number", "name", "url", "now", "state", "reworded") for line in lines] == [
        {
            "number": number(row),
            "name": row.filed_name,
            "url": url("file", row.public_id),
            "now": state_label(state),
            "state": item_label("OPEN"),
            "reworded": False,
        }
        for row, state in zip(rows, ("SHORTLISTED", "SHORTLISTED", "RECOMMENDED"), strict=True)
    ]
    stale = refusal_message("STALE_SUBMISSION")
    assert [line["refusal"] for line in lines] == ["", "", stale]
    assert seen["blocked"] == [lines[2]]
    assert ["Un mot." in line["letter"].text for line in lines] == [False, True, False]
    assert all(line["before"] + line["english"] + line["after"] == line["letter"].text for line in lines)
    assert len({line["digest"] for line in lines}) == 3
    assert part(
        seen,
        *("title", "batch", "offer", "move", "state", "returned_words", "left_some", "what_then", "reworded"),
        "freed_url",
        *("leaving", "waits", "is_preparer", "may_change", "release_form", "place"),
    ) == {
        "title": "Lot d’essai",
        "batch": batch,
        "offer": offer,
        "move": TABLE[Action.DECLINE],
        "state": batch_label("PREPARED"),
        "returned_words": returned_message(""),
        "left_some": False,
        "what_then": next_step_message("PREPARED"),
        "reworded": False,
        "freed_url": "",
        "leaving": 2,
        "waits": True,
        "is_preparer": True,
        "may_change": True,
        "release_form": None,
        "place": {"queue_url": QUEUE},
    }
    other = view_context(client_of(make_staff()).get(address))
    assert part(other, "is_preparer", "may_change") == {"is_preparer": False, "may_change": False}
    form = other["release_form"]
    assert form.initial.keys() == {"version", "letters", "day", "hour"}
    assert form.initial["version"] == 0
    assert len(form.initial["letters"]) == 64


def test_a_sent_batch_lists_the_result_of_each_decision(rows: list[Submission], staff: User) -> None:
    rows = rows[:2]
    batch = make_batch(*rows, preparer=staff)
    move_submission(submission=rows[0], action=Action.RECOMMEND, actor=staff)
    send(release(batch))
    seen = view_context(client_of(staff).get(url("decision_batch", batch.pk)))
    assert [(line["state"], line["refusal"]) for line in seen["lines"]] == [
        (item_label("REFUSED"), refusal_message("STALE_SUBMISSION")),
        (item_label("DONE"), ""),
    ]
    assert part(
        seen, "state", "left_some", "waits", "may_change", "release_form", "leaving", "what_then"
    ) == {
        "state": batch_label("SENT", count=2, refused=1),
        "left_some": True,
        "waits": False,
        "may_change": False,
        "release_form": None,
        "leaving": 0,
        "what_then": next_step_message("SENT"),
    }


def test_a_withdrawn_selection_links_to_the_reserve_list(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    row = rows[0]
    decide(row, action=Action.SELECT)
    row.refresh_from_db()
    batch = make_batch(row, action=Action.TAKE_BACK, word="L’hôte a renoncé.")
    address = url("decision_batch", batch.pk)
    client = client_of(staff)
    assert view_context(client.get(address))["freed_url"] == ""
    send(release(batch))
    assert view_context(client.get(address))["freed_url"] == url("reserve_list", offer.number)


def test_a_batch_towards_a_stage_of_a_cancelled_offer_is_not_approved(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    selects = make_batch(rows[0], action=Action.SELECT)
    declines = make_batch(rows[1])
    cancel_offer(offer=offer, author=make_staff(), reason="Fin.", at=timezone.now())
    client = client_of(staff)
    forms = [
        view_context(client.get(url("decision_batch", batch.pk)))["release_form"]
        for batch in (selects, declines)
    ]
    assert [form is None for form in forms] == [True, False]
    letters = letters_digest({row.pk: letter_digest(row) for row in items_of(selects)})
    sent = {"moment": "maintenant", "version": 0, "letters": letters}
    to = (url("decision_batch", selects.pk), [("error", str(OfferCancelledError()).replace("\u00a0", " "))])
    assert redirect_of(client.post(url("release_decisions", selects.pk), sent)) == to


def test_an_approval_is_confirmed_with_the_release_instant(rows: list[Submission], staff: User) -> None:
    first, second = make_batch(rows[0]), make_batch(rows[1])
    client = client_of(staff)

    def approve(batch: DecisionBatch, **when: str) -> Any:
        form = view_context(client.get(url("decision_batch", batch.pk)))["release_form"]
        return client.post(url("release_decisions", batch.pk), form.initial | {"moment": "maintenant"} | when)

    page = url("decision_batch", first.pk)
    assert redirect_of(approve(first)) == (
        page,
        [("success", "Le lot est approuvé : nous envoyons les messages maintenant.")],
    )
    again = client.post(
        url("release_decisions", first.pk), {"moment": "maintenant", "version": 0, "letters": "x"}
    )
    assert redirect_of(again) == (page, []), "a button pressed twice did what it says"
    year = timezone.now().year + 1
    answer = approve(second, moment="plus-tard", day=f"{year}-02-03", hour="10:15")
    when = f"le 3 février {year}, 10 h 15 (heure de l’Est, Québec)"
    said = f"Le lot est approuvé : nous enverrons les messages {when}. Vous pouvez l’annuler d’ici là."
    assert redirect_of(answer) == (url("decision_batch", second.pk), [("success", said)])
    second.refresh_from_db()
    assert (second.released_by, second.state) == (staff, "RELEASED")


def test_a_batch_is_revoked_after_a_confirmation(offer: Offer, rows: list[Submission], staff: User) -> None:
    batch = make_batch(*rows[:2])
    address, page = url("revoke_decisions", batch.pk), url("decision_batch", batch.pk)
    client = client_of(staff)
    assert view_context(client.get(address)) == {
        "title": "Annuler le lot",
        "batch": batch,
        "offer": offer,
        "waiting": 2,
        "back_url": page,
        "place": {"queue_url": QUEUE},
    }
    none_left = "Le lot est annulé : aucun message n’est envoyé, et aucune candidature n’a changé d’état."
    assert redirect_of(client.post(address)) == (page, [("success", none_left)])
    assert redirect_of(client.post(address)) == (page, []), "a button pressed twice did what it says"
    assert redirect_of(client.get(address)) == (page, []), "there is nothing left to ask"


# -- Preparing ------------------------------------------------------------------------------------------------------
def test_the_preparation_page_lists_chosen_files_first_with_mean_and_version(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    low, high, none, reserve = rows
    reviewer = make_reviewer(offer)
    make_assessment(low, reviewer, 2)
    make_assessment(high, reviewer, 5)
    decide(reserve, action=Action.PUT_ON_RESERVE)
    reserve.refresh_from_db()
    make_filed(offer)
    asked = {"offre": offer.number or "", "action": "SELECT", "candidatures": str(low.public_id)}
    client = client_of(staff)
    seen = view_context(client.get(url("prepare_decisions"), asked))
    assert [
        part(line, "submission", "number", "state", "mean", "unread", "changed") for line in seen["lines"]
    ] == [
        {
            "submission": row,
            "number": number(row),
            "state": state_label(row.state),
            "mean": mean,
            "unread": False,
            "changed": False,
        }
        for row, mean in ((low, "2,00"), (reserve, "—"), (high, "5,00"), (none, "—"))
    ]
    assert [line["seen"].value() for line in seen["lines"]] == [
        row.version for row in (low, reserve, high, none)
    ]
    assert seen["form"].initial == {
        "title": f"Retenir, offre {offer.number}",
        "version": 0,
        f"choix-{low.pk}": True,
        f"mot-{low.pk}": "",
    }
    assert part(
        seen,
        *("title", "batch", "offer", "move", "target", "sources", "most", "changed", "is_full"),
        "back_url",
    ) == {
        "title": "Préparer des décisions",
        "batch": None,
        "offer": offer,
        "move": TABLE[Action.SELECT],
        "target": state_label(State.SELECTED),
        "sources": [state.label for state in State if state in TABLE[Action.SELECT].sources],
        "most": 200,
        "changed": 0,
        "is_full": False,
        "back_url": f"{url('decisions')}?offre={offer.number}",
    }
    narrowed = view_context(client.get(url("prepare_decisions"), asked | {"etat": "RESERVE"}))
    assert [line["submission"] for line in narrowed["lines"]] == [low, reserve]
    foreign = view_context(client.get(url("prepare_decisions"), asked | {"etat": "SUBMITTED"}))
    assert len(foreign["lines"]) == 4, "not a state from which it is decided"


def test_a_changed_batch_lists_its_own_files_first_and_unticks_stale_ones(
    rows: list[Submission], staff: User
) -> None:
    kept, moved, *others = rows
    batch = make_batch(kept, moved, word="Merci.", messages={moved.pk: "Un mot."}, preparer=staff)
    move_submission(submission=moved, action=Action.RECOMMEND, actor=make_staff())
    moved.refresh_from_db()
    seen = view_context(client_of(staff).get(url("change_decisions", batch.pk)))
    assert [(line["submission"], line["changed"]) for line in seen["lines"]] == [
        (kept, False),
        (moved, True),
        *((other, False) for other in others),
    ]
    assert seen["form"].initial == {
        "title": "Lot d’essai",
        "word": "Merci.",
        "reason": "Essai.",
        "version": 0,
        f"choix-{kept.pk}": True,
        f"mot-{kept.pk}": "",
        f"mot-{moved.pk}": "Un mot.",
    }
    assert part(seen, "title", "batch", "changed", "back_url") == {
        "title": "Modifier le lot",
        "batch": batch,
        "changed": 1,
        "back_url": url("decision_batch", batch.pk),
    }
    sent = {
        "title": "Autre",
        "reason": "Essai.",
        "version": 0,
        f"choix-{kept.pk}": "on",
        f"vu-{kept.pk}": kept.version,
    }
    assert redirect_of(client_of(staff).post(url("change_decisions", batch.pk), sent)) == (
        url("decision_batch", batch.pk),
        [("success", "Le lot est modifié. Relisez les messages.")],
    )


def test_chosen_files_without_a_decision_get_a_page_to_choose_one(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    listed, filed = rows[0], make_filed(offer)
    client = client_of(staff)
    asked = {"candidatures": f"{filed.public_id},{listed.public_id}, rien ,"}
    seen = view_context(client.get(url("prepare_decisions"), asked))
    assert (
        part(seen, "title", "offer", "place")
        == {"title": "Quelle décision préparer ?", "offer": offer, "place": {"queue_url": QUEUE}}
        or seen["title"] == "Quelle décision préparer\u00a0?"
    )
    assert [row.pk for row in seen["selected"]] == [listed.pk, filed.pk]
    counts = {choice["move"].action: choice["count"] for choice in seen["choices"] + seen["refusals"]}
    assert counts == {
        move.action: sum(row.state in move.sources for row in (listed, filed))
        for move in TABLE.values()
        if move.announced
    }
    one = (
        "1 candidature choisie n’est pas dans la liste : son état ne permet pas cette décision, ou un autre lot "
        "l’attend déjà."
    )
    answer = client.get(url("prepare_decisions"), asked | {"action": "SELECT"})
    words = [str(message).replace("\u00a0", " ") for message in answer.context["messages"]]
    assert words == [one]
    elsewhere = make_shortlisted(make_open_offer())
    mixed = {"candidatures": [str(listed.public_id), str(elsewhere.public_id)]}
    several = "Ces candidatures touchent plusieurs offres : un lot de décisions porte sur une seule offre."
    assert redirect_of(client.get(url("prepare_decisions"), mixed)) == (
        url("decisions"),
        [("error", several)],
    )
    nothing = "Choisissez une offre et une décision pour commencer un lot."
    assert redirect_of(client.get(url("prepare_decisions"))) == (url("decisions"), [("info", nothing)])
    sent = {"title": "Lot", "version": 0, f"choix-{listed.pk}": "on", f"vu-{listed.pk}": listed.version}
    asked = {"offre": offer.number or "", "action": "DECLINE", "reason": "Essai."}
    where, messages = redirect_of(client.post(url("prepare_decisions"), sent | asked))
    assert where == url("decision_batch", DecisionBatch.objects.get().pk)
    assert messages == [("success", "Le lot est préparé. Lisez chaque message avant l’envoi.")]


# -- The reserve list -----------------------------------------------------------------------------------------------
def test_the_reserve_list_is_displayed_in_order_with_the_next_candidate(
    offer: Offer, rows: list[Submission], staff: User
) -> None:
    rows = rows[:3]
    decide(*rows, action=Action.PUT_ON_RESERVE)
    for row in rows:
        row.refresh_from_db()
    ReservePlace.objects.filter(submission=rows[0]).update(place=9)
    make_batch(rows[1], action=Action.SELECT)
    address = url("reserve_list", offer.number)
    client = client_of(staff)
    seen = view_context(client.get(address))
    assert [
        part(line, "rank", "number", "name", "url", "awaited") | {"row": line["place"].submission}
        for line in seen["lines"]
    ] == [
        {
            "rank": rank,
            "number": number(row),
            "name": row.filed_name,
            "url": url("file", row.public_id),
            "awaited": row == rows[1],
            "row": row,
        }
        for rank, row in enumerate((rows[1], rows[2], rows[0]), start=1)
    ]
    assert part(seen, "title", "offer", "unread_words", "to_mark_url", "call_url", "place") == {
        "title": "Liste de réserve",
        "offer": offer,
        "unread_words": "",
        "to_mark_url": f"{QUEUE}?offre={offer.number}&a-moi=sans-ma-note",
        "call_url": (
            f"{url('prepare_decisions')}?offre={offer.number}&action=SELECT&etat=RESERVE"
            f"&candidatures={rows[2].public_id}"
        ),
        "place": {"queue_url": QUEUE},
    }
    assert seen["first"].submission == rows[2]
    place = ReservePlace.objects.get(submission=rows[2])
    sent = {"line": str(place.pk), "seen": str(place.place), "way": "down"}
    assert redirect_of(client.post(address, sent)) == (address, [])
    order = ReservePlace.objects.order_by("place").values_list("submission", flat=True)
    assert list(order) == [rows[1].pk, rows[0].pk, rows[2].pk]
    stale = "La liste a changé pendant votre lecture. Voici sa version actuelle."
    assert redirect_of(client.post(address, sent)) == (address, [("error", stale)])


def test_an_anonymised_file_is_listed_in_a_batch_without_its_letter(
    rows: list[Submission], staff: User
) -> None:
    row = rows[0]
    batch = make_batch(row, preparer=staff)
    erase_every_seal()
    (line,) = view_context(client_of(staff).get(url("decision_batch", batch.pk)))["lines"]
    assert part(line, "letter", "digest", "reworded", "before", "english", "after", "refusal") == {
        "letter": None,
        "digest": "",
        "reworded": False,
        "before": "",
        "english": "",
        "after": "",
        "refusal": refusal_message("FILED_ERASED"),
    }


def test_a_letter_changed_since_its_approval_is_marked(rows: list[Submission], staff: User) -> None:
    rows = rows[:2]
    batch = release(make_batch(*rows), by=staff, release_at=timezone.now() + timedelta(days=2))
    DecisionItem.objects.filter(submission=rows[1]).update(letter="0" * 64)
    address = url("decision_batch", batch.pk)
    seen = view_context(client_of(staff).get(address))
    assert ([line["reworded"] for line in seen["lines"]], seen["reworded"]) == ([False, True], True)
    move_submission(submission=rows[1], action=Action.RECOMMEND, actor=staff)
    assert view_context(client_of(staff).get(address))["reworded"] is False, "refused otherwise"
