"""The pages of decisions: select, preview every letter, approve by a second person, revoke; and the reserve list."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.review.committees.operations import declare_conflict
from intake.review.decisions.labels import refusal_message
from intake.review.decisions.letters import letter_digest, letters_digest
from intake.review.decisions.queries import items_of
from intake.review.models import DecisionBatch, ReservePlace
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action
from intake.web.formats import QUEBEC
from offers.models import Offer
from tests.database_roles import as_owner
from tests.factories.decisions import decide, make_batch, release, send
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.reading import number_of
from tests.submissions.lost_files import erase_every_seal
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

PREPARE = "/admin/decisions/preparer/"
QUEUE = "/admin/submissions/submission/"
WHERE = "Par visioconférence, le 12 mai 2027 à 10 h."


@pytest.fixture
def offer(rows: list[Submission]) -> Offer:
    return rows[0].offer


def _page(name: str, batch: DecisionBatch) -> str:
    return reverse(f"review:{name}", args=[batch.pk])


def _page_text(client: Client, address: str, **data: Any) -> str:
    return text_of(client.get(address, data, follow=True).content)


def _approval(batch: DecisionBatch, **changes: Any) -> dict[str, Any]:
    """Return the data of the form that approves a batch, after its letters were read."""
    said = {row.pk: letter_digest(row) for row in items_of(batch)}
    return {"moment": "maintenant", "version": 0, "letters": letters_digest(said)} | changes


def test_a_batch_is_prepared_by_one_user_and_approved_by_another(
    offer: Offer, rows: list[Submission]
) -> None:
    one, two = rows[:2]
    preparer, second = make_staff(), make_staff()
    client = client_of(preparer)
    asked = {"offre": offer.number or "", "action": "INVITE", "candidatures": str(one.public_id)}
    form = client.get(PREPARE, asked).context["form"]
    assert form.initial[f"choix-{one.pk}"]
    assert f"choix-{two.pk}" not in form.initial
    sent = {
        "offre": offer.number,
        "action": "INVITE",
        "title": "Entrevues",
        "version": 0,
        f"choix-{one.pk}": "on",
        f"vu-{one.pk}": one.version,
        f"choix-{two.pk}": "on",
        f"vu-{two.pk}": two.version,
        f"mot-{two.pk}": WHERE,
    }
    refused = client.post(PREPARE, sent)
    assert refused.status_code == 422
    assert f"Il manque pour {number_of(one)}." in text_of(refused.content)
    assert WHERE in refused.content.decode()
    done = client.post(PREPARE, sent | {"word": "Confirmez d’ici le 10 mai."}, follow=True)
    batch = DecisionBatch.objects.get()
    assert done.redirect_chain == [(_page("decision_batch", batch), 302)]
    text = text_of(done.content)
    assert "une autre personne doit approuver" in text
    assert text.count("Confirmez d’ici le 10 mai.") == 2
    assert text.count(WHERE) == 1
    assert "Approuver et annoncer" not in text
    page = _page("release_decisions", batch)
    assert "une autre personne doit approuver" in text_of(
        client.post(page, _approval(batch), follow=True).content
    )
    other = client_of(second)
    assert "Approuver et annoncer" in _page_text(other, _page("decision_batch", batch))
    assert other.post(page, _approval(batch, version=7)).status_code == 422
    for _twice in range(2):
        done = other.post(page, _approval(batch), follow=True)
        assert "rien n’a changé" not in text_of(done.content)
    late = client_of(make_staff()).post(page, _approval(batch), follow=True)
    assert "rien n’a changé" in text_of(late.content), "another person's approval comes too late"
    send(batch)
    one.refresh_from_db()
    assert (one.state, batch.state) == ("INTERVIEW", "SENT")
    assert text_of(other.get(_page("decision_batch", batch)).content).count("Lire le message") == 2


def test_an_instant_is_read_in_the_time_zone_of_quebec(rows: list[Submission]) -> None:
    batch = make_batch(rows[0])
    client = client_of(make_staff())
    page, later = _page("release_decisions", batch), timezone.now().astimezone(QUEBEC) + timedelta(days=20)
    wrong: list[dict[str, str]] = [
        {},
        {"day": "2020-01-01", "hour": "10:00"},
        {"day": "demain", "hour": "10:00"},
        {"day": "2027-03-14", "hour": "02:30"},  # the clocks change from 2:00 to 3:00
    ]
    for given in wrong:
        answer = client.post(page, _approval(batch, moment="plus-tard") | given)
        assert answer.status_code == 422
    given = _approval(batch, moment="plus-tard") | {"day": f"{later:%Y-%m-%d}", "hour": "10:15"}
    text = text_of(client.post(page, given, follow=True).content)
    assert "10 h 15 (heure de l’Est, Québec)" in text
    batch.refresh_from_db()
    assert batch.release_at is not None
    assert f"{batch.release_at.astimezone(QUEBEC):%Y-%m-%d %H:%M}" == f"{later:%Y-%m-%d} 10:15"
    text = text_of(client.post(_page("revoke_decisions", batch), follow=True).content)
    assert "aucun message n’est envoyé" in text


def test_the_dry_run_lists_what_would_be_refused(rows: list[Submission]) -> None:
    submission = rows[0]
    batch = make_batch(submission, action=Action.SELECT)
    text = _page_text(client_of(make_staff()), _page("decision_batch", batch))
    assert "1 décision est impossible à annoncer maintenant" in text
    assert "n’est pas confirmé d’après les documents" in text
    send(release(batch))
    text = _page_text(client_of(make_staff()), _page("decision_batch", batch))
    assert "1 décision n’est pas annoncée" in text


def test_a_batch_is_changed_without_losing_typed_text(rows: list[Submission]) -> None:
    one, two = rows[:2]
    batch = make_batch(one)
    client, page = client_of(batch.prepared_by), _page("change_decisions", batch)
    sent = {
        "title": "Autre titre",
        "reason": "Essai.",
        "version": 0,
        f"choix-{two.pk}": "on",
        f"mot-{two.pk}": "Un mot.",
    }
    sent[f"vu-{two.pk}"] = two.version
    assert client.post(page, sent | {"title": ""}).status_code == 422
    client.post(page, sent)
    assert list(batch.items.values_list("submission", "message")) == [(two.pk, "Un mot.")]
    stale = client.post(page, sent | {f"mot-{two.pk}": "Un autre mot."})
    assert stale.status_code == 422
    assert "Un autre mot." in stale.content.decode()
    again = stale.context["form"]["version"].value()
    assert client.post(page, sent | {"version": again}).status_code == 302
    # A submission that changed state is reported, never silently dropped.
    gone = client.post(page, sent | {"version": 2, "choix-999999": "on"})
    assert "L’état de certaines candidatures cochées a changé" in text_of(gone.content)
    assert client_of(make_staff()).get(page).status_code == 302


def test_batches_to_read_again_are_listed_as_counted(rows: list[Submission]) -> None:
    staff, other = make_staff(), make_staff()
    make_batch(rows[0], preparer=staff)
    theirs = make_batch(rows[1], preparer=other)
    returned = release(make_batch(rows[2], preparer=staff), by=other)
    with as_owner():
        other.groups.clear()
    send(returned)
    client = client_of(staff)
    home = client.get(reverse("admin:index")).content.decode()
    assert "2 lots de décisions à relire" in home
    address = reverse("review:decisions") + "?etat=a-relire"
    assert f'href="{address}"' in home
    shown = client.get(address)
    assert {line["batch"].pk for line in shown.context["lines"]} == {theirs.pk, returned.pk}
    assert [state["label"] for state in shown.context["states"] if state["current"]] == ["À relire"]


def test_batches_are_listed_latest_first_by_offer_and_state(offer: Offer, rows: list[Submission]) -> None:
    first, second = make_batch(rows[0]), make_batch(rows[1])
    other = make_open_offer()
    released = release(make_batch(make_shortlisted(other)), release_at=timezone.now() + timedelta(days=2))
    client = client_of(make_staff())

    def found(**query: str) -> list[DecisionBatch]:
        return [line["batch"] for line in client.get(reverse("review:decisions"), query).context["lines"]]

    assert found() == found(etat="rien") == [released, second, first]
    assert found(etat="PREPARED") == found(offre=offer.number or "") == [second, first]
    assert found(offre=other.number or "", etat="RELEASED") == [released]
    assert found(offre="2099-999") == []


def test_an_erased_file_is_listed_in_its_batch_without_its_letter(rows: list[Submission]) -> None:
    batch = make_batch(rows[0])
    erase_every_seal()
    answer = client_of(make_staff()).get(_page("decision_batch", batch))
    (line,) = answer.context["lines"]
    assert (line["letter"], line["refusal"]) == (None, refusal_message("FILED_ERASED"))
    assert "sont effacés" in text_of(answer.content)


def test_files_selected_on_another_page_start_a_batch(offer: Offer, rows: list[Submission]) -> None:
    rows = rows[:2]
    client = client_of(make_staff())
    ids = [str(row.public_id) for row in rows]
    shown = client.post(PREPARE, {"candidatures": ids})
    assert shown.status_code == 200
    assert "Ne pas retenir (2)" in text_of(shown.content)
    shown = client.post(PREPARE, {"candidatures": [*ids, "rien"], "action": "SELECT"})
    ticked = {name for name, value in shown.context["form"].initial.items() if "choix-" in name and value}
    assert ticked == {f"choix-{row.pk}" for row in rows}
    mixed = [ids[0], str(make_shortlisted(make_open_offer()).public_id)]
    assert "Ces candidatures touchent plusieurs offres" in text_of(
        client.post(PREPARE, {"candidatures": mixed}, follow=True).content
    )
    filed = make_filed(offer)
    text = _page_text(client, PREPARE, candidatures=str(filed.public_id), action="SELECT")
    assert "1 candidature choisie n’est pas dans la liste" in text


def test_files_ticked_in_the_queue_are_ticked_in_the_batch(
    offer: Offer, rows: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows[:3]
    elsewhere = make_shortlisted(make_open_offer())
    client = client_of(make_staff())

    def asked(*chosen: Submission, across: bool = False) -> Any:
        sent = {
            "action": "prepare_decisions",
            "index": 0,
            "_selected_action": [0, *(row.pk for row in chosen)],
        }
        return client.post(QUEUE, sent | ({"select_across": "1"} if across else {}), follow=True)

    shown = asked(*rows[:2])
    assert "2 candidatures choisies." in text_of(shown.content)
    assert "Ne pas retenir (2)" in text_of(shown.content)
    ids = re.findall(r'name="candidatures" value="([^"]+)"', shown.content.decode())
    form = client.post(PREPARE, {"offre": offer.number, "candidatures": ids, "action": "SELECT"}).context[
        "form"
    ]
    assert {row.pk for row in rows if form.initial.get(f"choix-{row.pk}")} == {row.pk for row in rows[:2]}
    assert "Cochez au moins une candidature" in text_of(asked().content)
    assert "Ces candidatures touchent plusieurs offres" in text_of(asked(elsewhere, across=True).content)
    monkeypatch.setattr("intake.review.decisions.views.prepare.BATCH_MAX", 1)
    assert "les mieux notées sont choisies ici" in text_of(asked(*rows).content)
    assert "prepare_decisions" not in client_of(make_reviewer(offer)).get(QUEUE).content.decode()


def test_a_user_in_conflict_reads_no_trace_of_a_batch(offer: Offer) -> None:
    submission = make_shortlisted(offer, last_name="Introuvable")
    batch, bound, applicant = make_batch(submission), make_staff(), make_staff()
    declare_conflict(submission=make_filed(offer), reviewer=bound, actor=bound)
    make_filed(offer, candidate=applicant)
    decide(make_shortlisted(offer, last_name="Introuvable"), action=Action.PUT_ON_RESERVE)
    told = {
        reverse("review:decisions"): batch.title,
        _page("decision_batch", batch): "Introuvable",
        _page("change_decisions", batch): "Introuvable",
        _page("revoke_decisions", batch): batch.title,
        reverse("review:reserve_list", args=[offer.number]): "Introuvable",
        f"{PREPARE}?offre={offer.number}&action=SELECT": "Introuvable",
    }
    addresses, free = list(told), client_of(batch.prepared_by)
    assert [address for address in addresses if told[address] not in _page_text(free, address)] == []
    for person in (bound, applicant):
        client = client_of(person)
        for address in addresses[1:]:
            assert client.get(address).headers["Location"] == addresses[0], "the page of all the batches"
        text = _page_text(client, addresses[0])
        assert "Introuvable" not in text
        assert batch.title not in text
        client.post(_page("revoke_decisions", batch))
        client.post(_page("release_decisions", batch), _approval(batch))
    batch.refresh_from_db()
    assert batch.state == "PREPARED"


def test_the_reserve_list_is_ordered_and_its_next_candidate_selected(
    offer: Offer, rows: list[Submission]
) -> None:
    rows = rows[:2]
    client = client_of(make_staff())
    page = reverse("review:reserve_list", args=[offer.number])
    assert "La liste de réserve de cette offre est vide" in _page_text(client, page)
    decide(*rows, action=Action.PUT_ON_RESERVE)
    last = ReservePlace.objects.get(place=2)
    moved = {"line": last.pk, "seen": 2, "way": "up"}
    client.post(page, moved)
    assert ReservePlace.objects.get(pk=last.pk).place == 1
    assert "La liste a changé" in text_of(client.post(page, moved, follow=True).content)
    answer = client.get(page)
    form = client.get(answer.context["call_url"]).context["form"]
    assert form.initial[f"choix-{last.submission_id}"]
    decide(last.submission, action=Action.SELECT)
    assert ReservePlace.objects.count() == 1


def test_the_page_of_a_file_links_to_its_decisions(offer: Offer, rows: list[Submission]) -> None:
    submission = rows[0]
    page = reverse("review:file", args=[submission.public_id])
    staff = client_of(make_staff())
    assert "Convoquer en entrevue…" in _page_text(staff, page)
    assert "Convoquer en entrevue" not in _page_text(client_of(make_reviewer(offer)), page)
    make_batch(submission)
    assert "Lot d’essai" in _page_text(staff, page)
    other = make_shortlisted(make_open_offer(), candidate=submission.candidate)
    decide(other, action=Action.SELECT)
    assert f"Retenue pour l’offre {other.offer.number}" in _page_text(staff, page)
    assert f"retenue pour l’offre {other.offer.number}" in _page_text(staff, reverse("review:decisions"))


def test_a_move_names_the_prepared_decision_that_it_blocks(rows: list[Submission]) -> None:
    submission = rows[0]
    client = client_of(make_staff())
    page = reverse("review:move", args=[submission.public_id, "recommend"])
    assert "Une décision attend" not in _page_text(client, page)
    sent = {"version": submission.version}
    batch = make_batch(submission)
    refused = client.post(page, sent)
    assert refused.status_code == 422
    text = text_of(refused.content)
    assert "Ne pas retenir, « Lot d’essai »" in text
    assert "cette décision ne sera pas envoyée" in text
    known = refused.context["form"]["despite"].value()
    again = client.get(page)
    assert again.context["form"]["despite"].value() == known
    assert "Une décision attend" in text_of(again.content)
    client.post(page, sent | {"despite": known})
    submission.refresh_from_db()
    assert submission.state == "RECOMMENDED"
    text = _page_text(client, _page("decision_batch", batch))
    assert "La candidature a changé depuis la préparation de cette décision" in text


@pytest.mark.parametrize("page", ["decisions", "decision_batch", "change_decisions", "reserve_list"])
def test_a_page_of_decisions_runs_as_many_queries_for_three_rows(
    offer: Offer, rows: list[Submission], page: str
) -> None:
    staff = make_staff()
    client = client_of(staff)

    def address_with(chosen: list[Submission]) -> str:
        if page == "reserve_list":
            decide(*chosen, action=Action.PUT_ON_RESERVE)
            return reverse("review:reserve_list", args=[offer.number])
        if page == "decisions":
            for row in chosen:
                make_batch(row, preparer=staff)
            return reverse("review:decisions")
        return _page(page, make_batch(*chosen, preparer=staff))

    counts = []
    for chosen in (rows[:1], rows[1:]):
        address = address_with(chosen)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        counts.append([query["sql"] for query in captured])
    assert len(counts[0]) == len(counts[1]), "\n".join(counts[1])


def test_advice_about_a_refused_decision_depends_on_the_state_of_its_batch(
    rows: list[Submission],
) -> None:
    moved, other = rows[:2]
    batch = make_batch(moved, other)
    move_submission(submission=moved, action=Action.RECOMMEND, actor=make_staff())
    client, page = client_of(make_staff()), reverse("review:decision_batch", args=[batch.pk])

    def said() -> str:
        text = text_of(client.get(page).content)
        assert "La candidature a changé depuis la préparation de cette décision" in text
        return text

    assert "puis modifiez le lot" in said()
    release(batch)
    assert "Vous ne pouvez plus modifier un lot approuvé" in said()
    assert send(batch).state == "SENT"
    assert "Vous ne pouvez plus modifier ce lot" in said()
    assert "modifiez le lot" not in said()
