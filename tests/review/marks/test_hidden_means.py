"""A committee member sees no mean of a file before their own assessment, nor its effect on the order of a list."""

from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.review.committees.operations import add_committee_member, remove_committee_member
from intake.review.exports.operations import ListFile, check_export
from intake.review.marks.errors import MarksNotSubmittedError
from intake.review.models import CommitteeMember, ReservePlace
from intake.review.ranking.table import ranking_table_of
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.models import Submission
from intake.submissions.states import Action
from offers.models import Offer
from tests.factories.decisions import decide, make_batch
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_assessment, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db

PREPARE = reverse("review:prepare_decisions")
QUEUE = reverse("admin:submissions_submission_changelist")
LATER = "après votre évaluation"
NAMES = ("Aube", "Brise", "Crue", "Dune")
"""Four candidates, in the order of their receipt numbers."""


class CaseData(NamedTuple):
    """An offer with means 1, 2, 3, 4 in the order of the receipt numbers, and a member without an assessment."""

    offer: Offer
    files: list[Submission]
    sitting: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer, sitting = make_open_offer(), make_staff()
    files = [make_shortlisted(offer, last_name=name) for name in NAMES]
    colleague = make_reviewer(offer)
    for number, submission in enumerate(files, start=1):
        make_assessment(submission, colleague, number)
    add_committee_member(offer=offer, reviewer=sitting)
    return CaseData(offer, files, sitting)


offer, files, sitting = copy_of("offer"), copy_of("files"), copy_of("sitting")


def _order(text: str) -> list[str]:
    return sorted(NAMES, key=text.index)


def test_the_page_of_a_batch_orders_files_by_readable_means(
    offer: Offer, files: list[Submission], sitting: User
) -> None:
    make_assessment(files[2], sitting, 3)
    batch = make_batch(*files[:2], preparer=sitting)
    change = reverse("review:change_decisions", args=[batch.pk])
    rest = {"offre": offer.number or "", "action": "SELECT"}
    client = client_of(sitting)
    text = text_of(client.get(PREPARE, rest).content)
    assert text.index("Crue") < text.index("Dune"), "what was read comes first"
    assert "3,00" in text
    assert "4,00" not in text
    assert text.count(LATER) == 1
    text = text_of(client.get(change).content)
    assert text.index("Aube") < text.index("Brise")
    assert text.count(LATER) == 3
    assert "2,00" not in text
    for one in files:
        make_assessment(one, sitting, 5)
    text = text_of(client.get(change).content)
    assert text.index("Aube") < text.index("Brise"), "the worst mean comes first in a refusal"
    assert "3,50" in text
    assert LATER not in text


def test_staff_outside_the_committee_read_every_mean_best_first(
    offer: Offer, files: list[Submission]
) -> None:
    text = text_of(
        client_of(make_staff()).get(PREPARE, {"offre": offer.number or "", "action": "SELECT"}).content
    )
    assert _order(text) == ["Dune", "Crue", "Brise", "Aube"]
    assert len(files) == 4
    assert "4,00" in text
    assert LATER not in text


def test_a_batch_with_hidden_means_is_displayed_by_number(files: list[Submission], sitting: User) -> None:
    page = reverse("review:decision_batch", args=[make_batch(*files).pk])
    assert _order(text_of(client_of(make_staff()).get(page).content)) == ["Dune", "Crue", "Brise", "Aube"]
    assert _order(text_of(client_of(sitting).get(page).content)) == list(NAMES)


def test_a_selection_over_the_maximum_is_not_cut_by_hidden_means(
    files: list[Submission], sitting: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.review.decisions.views.prepare.BATCH_MAX", 1)

    def chosen_by(user: User) -> tuple[str, list[Submission]]:
        sent = {"action": "prepare_decisions", "index": 0, "_selected_action": [row.pk for row in files]}
        answer: Any = client_of(user).post(QUEUE, sent)
        return text_of(answer.content), answer.context["selected"]

    text, chosen = chosen_by(sitting)
    assert chosen == [files[0]]
    assert "les mieux notées" not in text
    assert "puis les autres par numéro de dépôt" in text
    text, chosen = chosen_by(make_staff())
    assert chosen == [files[3]]
    assert "les mieux notées" in text


@pytest.mark.parametrize("page", ["review:freeze_shortlist", "review:shortlist"])
def test_a_list_with_a_hidden_mean_has_no_ranks(
    offer: Offer, files: list[Submission], sitting: User, page: str
) -> None:
    frozen = freeze_shortlist(offer=offer, actor=make_staff(), reason="Envoi", at=timezone.now())
    args = [offer.number, frozen.number] if page == "review:shortlist" else [offer.number]
    address = reverse(page, args=args)
    for one in (files[0], files[1], files[3]):
        make_assessment(one, sitting, 5)
    client = client_of(sitting)
    text = text_of(client.get(address).content)
    assert _order(text) == list(NAMES)
    assert "la liste ne montre pas les rangs" in text
    assert ">Rang<" not in text
    assert text.count(LATER) == 1
    make_assessment(files[2], sitting, 5)
    text = text_of(client.get(address).content)
    assert _order(text) == ["Dune", "Crue", "Brise", "Aube"]
    assert ">Rang<" in text
    assert LATER not in text


def test_a_list_by_number_is_paged_with_the_same_number_of_queries(
    offer: Offer, files: list[Submission], sitting: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(sitting)
    address = reverse("review:freeze_shortlist", args=[offer.number])
    costs = []
    assert len(files) == 4
    for size in (1, 3):
        monkeypatch.setattr("intake.review.shortlist_page.views.PAGE", size)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            text = text_of(client.get(address, {"page": "2"}).content)
        costs.append(len(captured))
        shown = [name for name in NAMES if name in text]
        assert shown == list(NAMES[size : 2 * size])
    assert costs[0] == costs[1]


def test_the_reserve_list_with_a_hidden_mean_has_no_ranks(
    offer: Offer, files: list[Submission], sitting: User
) -> None:
    decide(*files, action=Action.PUT_ON_RESERVE)
    for one in (files[0], files[1], files[3]):
        make_assessment(one, sitting, 5)
    address = reverse("review:reserve_list", args=[offer.number])
    client, free = client_of(sitting), client_of(make_staff())
    assert _order(text_of(free.get(address).content)) == ["Dune", "Crue", "Brise", "Aube"]
    answer = client.get(address)
    text = text_of(answer.content)
    assert _order(text) == list(NAMES)
    assert "la liste ne montre pas les rangs" in text
    assert "appelez la première personne de cette liste" not in text, "the list is in another order"
    assert f"?offre={offer.number}&amp;a-moi=sans-ma-note" in answer.content.decode()
    for told in (">Rang<", "Monter", "Descendre", "Appeler"):
        assert told not in text
    assert not answer.context["call_url"]
    place = ReservePlace.objects.get(submission=files[2])
    moved = client.post(address, {"line": place.pk, "seen": place.place, "way": "up"}, follow=True)
    assert "hors du comité" in text_of(moved.content)
    assert ReservePlace.objects.get(pk=place.pk).place == place.place
    asked = {"offre": offer.number or "", "action": "SELECT"}
    assert _order(text_of(client.get(PREPARE, asked).content)) == ["Dune", "Brise", "Aube", "Crue"]
    make_assessment(files[2], sitting, 5)
    text = text_of(client.get(address).content)
    assert _order(text) == ["Dune", "Crue", "Brise", "Aube"]
    assert "Appeler Dune" in text
    assert "la liste ne montre pas les rangs" not in text


def test_a_departed_member_with_a_draft_reads_no_mean(
    offer: Offer, files: list[Submission], sitting: User
) -> None:
    make_assessment(files[0], sitting, 1)
    make_assessment(files[2], sitting, None, note="À relire")
    seat = CommitteeMember.objects.get(offer=offer, reviewer=sitting)
    remove_committee_member(member=seat, actor=make_staff())
    client, free = client_of(sitting), client_of(make_staff())
    number = offer.number or ""
    pages = {
        reverse("review:file", args=[files[2].public_id]): "vous ne siégez plus au comité",
        QUEUE + f"?offre={number}": "Crue",
        reverse("review:ranking", args=[number]): "Vous aviez commencé l’évaluation de 1 candidature",
        reverse("review:freeze_shortlist", args=[number]): LATER,
        f"{PREPARE}?offre={number}&action=DECLINE": LATER,
    }
    for page, said in pages.items():
        text = text_of(client.get(page).content)
        assert said in text
        assert "3,0" not in text, page
        assert "3,0" in text_of(free.get(page).content), page
    # Files they did not begin to assess, and files they assessed, show the mean as to any staff member.
    for one, mean in ((files[0], "1,0 ("), (files[1], "2,0 (")):
        assert mean in text_of(client.get(reverse("review:file", args=[one.public_id])).content)
    with pytest.raises(MarksNotSubmittedError):
        check_export(file=ListFile(offer, "csv", None, "fr"), actor=sitting)
    assert ranking_table_of(user=sitting, offer=offer).unread == 1
    add_committee_member(offer=offer, reviewer=sitting)
    make_assessment(files[2], sitting, 3)
    assert "3,0 (" in text_of(client.get(reverse("review:file", args=[files[2].public_id])).content)


def test_a_departed_member_without_a_draft_reads_means(
    offer: Offer, files: list[Submission], sitting: User
) -> None:
    make_assessment(files[2], sitting, 3)
    seat = CommitteeMember.objects.get(offer=offer, reviewer=sitting)
    remove_committee_member(member=seat, actor=make_staff())
    text = text_of(client_of(sitting).get(reverse("review:freeze_shortlist", args=[offer.number])).content)
    assert LATER not in text
    assert _order(text) == ["Dune", "Crue", "Brise", "Aube"]
    assert ranking_table_of(user=sitting, offer=offer).unread == 0
