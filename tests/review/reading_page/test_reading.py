"""The reading page: one form submits a file or nothing of it, and the next file follows."""

from copy import deepcopy
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.accounts.models import User
from intake.dossiers.models import PagePictures
from intake.dossiers.page_pictures import draw_pages
from intake.outbox.models import Delivery
from intake.privacy.retention.erasing import erase_submission
from intake.review.assignment.operations import assign_files
from intake.review.calibration.operations import name_anchor
from intake.review.committees.operations import start_anonymous_review
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Assessment, Assignment, Claim, Evidence, ReadingDraft
from intake.submissions.delivery_kinds import DOSSIER_PAGES
from intake.submissions.models import Submission
from intake.submissions.receipts.operations import draw_dossier_pages
from offers.models import GridLineData
from tests.factories.people import client_of, make_staff
from tests.factories.retention import let_every_period_pass
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_dossier,
    make_filed,
    make_reviewer,
)
from tests.factories.submissions import make_open_offer
from tests.review.reading import filing_of, number_of
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db
GRID = (GridLineData(text="a mené un projet"), GridLineData(text="parle arabe", requirement="ASSET"))
STUDIES, AGE = 0, 1  # positions in the demonstration's rulebook
NEXT = reverse("review:read_next")


class CaseData(NamedTuple):
    """Three files of one offer, received one after the other, and two members of its committee."""

    files: list[Submission]
    ann: User
    bob: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer(grid=GRID)
    files = [make_filed(offer) for _file in range(3)]
    for file in files:
        documents = filing_of(file).documents.count()  # of one page each, after two pages of answers
        make_dossier(file, pages=2 + documents, starts=range(3, 3 + documents))
    return CaseData(files, make_reviewer(offer), make_reviewer(offer))


@pytest.fixture
def world(made: CaseData) -> CaseData:
    return deepcopy(made)


def address(file: Submission) -> str:
    return reverse("review:read", args=[file.public_id])


def fields(file: Submission, *marks: int | str, version: int = 0, **more: Any) -> dict[str, Any]:
    """Return what the page posts: marks in the order of the lines, and every version that it displays."""
    lines = file.offer.grid_lines.order_by("position")
    given = {f"line_{line.pk}": mark for line, mark in zip(lines, marks, strict=False)}
    seen = {f"constat-{position}-seen": 0 for position in filing_of(file).verdict.blocking}
    return given | seen | {"version": version, "filing": file.standing_filing_id, "acte": "remettre"} | more


def proof(file: Submission, kind: str = "TRANSCRIPT") -> Any:
    """Return the page of the dossier on which the document of `kind` begins."""
    shown = client_of(make_staff()).get(address(file)).context["shown_pages"]
    return next(each.page for each in shown if each.page.document and each.page.document.request.kind == kind)


def confirmed(position: int, page: int, **more: Any) -> dict[str, Any]:
    """Return the fields that confirm one finding by a page of the dossier."""
    prefix = f"constat-{position}-"
    return {f"{prefix}outcome": "CONFIRMED", f"{prefix}page": page} | {
        f"{prefix}{k}": v for k, v in more.items()
    }


def test_one_post_confirms_marks_and_opens_the_next_file(world: CaseData) -> None:
    (file, following, _last), ann, _bob = world
    page = proof(file)
    sent = fields(file, 4, 2, note="Solide.") | confirmed(STUDIES, page.number)
    answer = client_of(ann).post(address(file), sent)
    assert (answer.status_code, answer["Location"]) == (302, address(following))
    own = Assessment.objects.get(submission=file, reviewer=ann)
    assert (own.submitted_at is not None, own.note) == (True, "Solide.")
    found = Evidence.objects.get(filing=filing_of(file))
    assert (found.position, found.outcome, found.author) == (STUDIES, "CONFIRMED", ann)
    assert (found.document_id, found.page) == (page.document.pk, page.page)


def test_the_same_post_twice_counts_once(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    sent = fields(file, 4, 2) | confirmed(STUDIES, proof(file).number)
    client = client_of(ann)
    assert [client.post(address(file), sent).status_code for _press in range(2)] == [302, 302]
    assert Evidence.objects.count() == 1
    assert Assessment.objects.get().version == 1


def test_a_missing_mark_refuses_everything_and_keeps_what_was_given(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    sent = fields(file, 4, "") | confirmed(STUDIES, proof(file).number, note="Vu.")
    answer = client_of(ann).post(address(file), sent)
    assert answer.status_code == 422
    assert "Rien n’est encore enregistré" in text_of(answer.content)
    assert not Evidence.objects.exists()
    assert not Assessment.objects.exists()
    fact = next(each.form for each in answer.context["facts"] if each.row.position == STUDIES)
    assert (fact["outcome"].value(), fact["note"].value()) == ("CONFIRMED", "Vu.")


@pytest.mark.parametrize(
    "given,field,words",
    [
        ({"outcome": "CONFIRMED", "page": 1}, "page", "ne prouve rien"),
        ({"outcome": "CONFIRMED", "page": 999}, "page", "n’existe pas"),
        ({"outcome": "CONFIRMED"}, "page", "Inscrivez la page"),
        ({"outcome": "CONTRADICTED", "page": "proof"}, "note", "ce que le document contredit"),
    ],
)
def test_a_check_without_its_basis_is_refused_where_it_is(
    world: CaseData, given: dict[str, Any], field: str, words: str
) -> None:
    (file, *_rest), ann, _bob = world
    given = {k: proof(file).number if v == "proof" else v for k, v in given.items()}
    sent = fields(file, 4, 2) | {f"constat-{AGE}-{name}": value for name, value in given.items()}
    answer = client_of(ann).post(address(file), sent)
    assert answer.status_code == 422
    fact = next(each.form for each in answer.context["facts"] if each.row.position == AGE)
    assert words in str(fact.errors[field])
    assert not Assessment.objects.exists()


def test_evidence_of_a_second_member_meanwhile_is_displayed_and_not_replaced(world: CaseData) -> None:
    (file, *_rest), ann, bob = world
    filing = filing_of(file)
    verify_finding(
        filing=filing,
        position=AGE,
        outcome=Evidence.Outcome.CONTRADICTED,
        basis=Basis(note="Né en 1970."),
        actor=bob,
    )
    Claim.objects.all().delete()
    client = client_of(ann)
    sent = fields(file, 4, 2) | confirmed(AGE, proof(file).number)
    answer = client.post(address(file), sent)
    assert answer.status_code == 422
    assert "Né en 1970." in text_of(answer.content)
    assert not Assessment.objects.exists()
    again = {name: value for name, value in sent.items() if not name.endswith("-seen")}
    shown = {form.form.add_prefix("seen"): form.form["seen"].value() for form in answer.context["facts"]}
    assert client.post(address(file), again | shown).status_code == 302
    assert Evidence.objects.filter(position=AGE).count() == 2


def test_a_file_claimed_by_another_is_taken_over_with_what_was_given(world: CaseData) -> None:
    (file, *_rest), ann, bob = world
    verify_finding(
        filing=filing_of(file),
        position=AGE,
        outcome=Evidence.Outcome.CONFIRMED,
        basis=Basis(note="Vu."),
        actor=bob,
    )
    client, sent = client_of(ann), fields(file, 4, 2) | confirmed(STUDIES, proof(file).number)
    refused = client.post(address(file), sent)
    assert refused.status_code == 422
    assert "Prendre en charge et enregistrer" in text_of(refused.content)
    assert client.post(address(file), sent | {"prendre": bob.pk}).status_code == 302
    assert Claim.objects.get().holder == ann


def test_a_new_filing_meanwhile_refuses_the_marks_and_keeps_them(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    answer = client_of(ann).post(address(file), fields(file, 4, 2, filing=filing_of(file).pk + 1000))
    assert answer.status_code == 422
    assert [row["mark"].value() for row in answer.context["grid"]] == ["4", "2"]
    assert not Assessment.objects.exists()


def test_what_is_typed_outlives_the_session_and_goes_once_submitted(world: CaseData) -> None:
    (file, *_rest), ann, bob = world
    sent = fields(file, 4) | confirmed(STUDIES, proof(file).number) | {"acte": ""}
    typed = client_of(ann).post(address(file), sent, headers={"X-Autosave": str(ann.public_id)})
    assert typed.status_code == 200
    page = client_of(ann).get(address(file))
    fact = next(each.form for each in page.context["facts"] if each.row.position == STUDIES)
    assert (fact["outcome"].value(), fact["page"].value()) == ("CONFIRMED", str(proof(file).number))
    assert not Evidence.objects.exists(), "a draft is no evidence"
    other = client_of(bob).get(address(file)).context["facts"]
    assert not any(each.form["outcome"].value() for each in other)
    client_of(ann).post(address(file), fields(file, 4, 2, version=typed.json()["version"]))
    assert not ReadingDraft.objects.exists()


def test_facts_typed_before_a_new_filing_do_not_come_back(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    sent = fields(file) | confirmed(STUDIES, proof(file).number)
    client_of(ann).post(address(file), sent, headers={"X-Autosave": str(ann.public_id)})
    draft = ReadingDraft.objects.get()
    draft.fields["filing"] = str(filing_of(file).pk + 1)
    draft.save()
    assert not any(
        each.form["outcome"].value() for each in client_of(ann).get(address(file)).context["facts"]
    )


def test_typing_facts_alone_begins_no_assessment(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    sent = fields(file) | confirmed(STUDIES, proof(file).number)
    client_of(ann).post(address(file), sent, headers={"X-Autosave": str(ann.public_id)})
    assert ReadingDraft.objects.exists()
    assert not Assessment.objects.exists()


def test_erasure_takes_what_was_typed(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    sent = fields(file) | confirmed(STUDIES, proof(file).number, note="Canari.")
    client_of(ann).post(address(file), sent, headers={"X-Autosave": str(ann.public_id)})
    let_every_period_pass()
    assert erase_submission(submission=file)
    assert not ReadingDraft.objects.exists()


# -- The next file ----------------------------------------------------------------------------------------------------
def assign(file: Submission, reader: User, due_on: date | None = None) -> None:
    pairs, way = [(file.pk, reader.pk)], Assignment.Way.HAND
    assign_files(offer=file.offer, pairs=pairs, way=way, due_on=due_on, actor=make_staff(), at=timezone.now())


def test_the_order_is_due_day_then_fewest_marks_then_age(world: CaseData) -> None:
    files, ann, bob = world
    client = client_of(ann)
    make_assessment(files[0], bob, 3)
    assert client.get(NEXT)["Location"] == address(files[1]), "the first one has a mark already"
    assign(files[0], ann)
    assign(files[2], ann, due_on=timezone.localdate() + timedelta(days=9))
    assert client.get(NEXT)["Location"] == address(files[2])
    Assignment.objects.filter(submission=files[2]).delete()
    assert client.get(NEXT)["Location"] == address(files[0]), "what is assigned comes before the rest"


def test_an_anchor_comes_before_a_file_that_is_due(world: CaseData) -> None:
    files, ann, _bob = world
    for file in files[:2]:
        assign(file, ann, due_on=timezone.localdate())
    name_anchor(offer=files[1].offer, number=number_of(files[1]), actor=make_staff(), at=timezone.now())

    assert client_of(ann).get(NEXT)["Location"] == address(files[1])


def test_a_file_put_aside_comes_last_with_its_reason(world: CaseData) -> None:
    (first, second, _third), ann, _bob = world
    client = client_of(ann)
    refused = client.post(address(first), fields(first) | {"acte": "plus-tard", "aside_reason": " "})
    assert refused.status_code == 422
    put = client.post(
        address(first), fields(first) | {"acte": "plus-tard", "aside_reason": "Relire le relevé."}
    )
    assert put["Location"] == address(second)
    assert client.get(NEXT)["Location"] == address(second)
    assert "Relire le relevé." in text_of(client.get(address(first)).content)
    for file in world.files[1:]:
        client.post(address(file), fields(file, 3, 3))
    assert client.get(NEXT)["Location"] == address(first)


def test_a_filtered_queue_is_gone_through_in_its_own_order(world: CaseData) -> None:
    files, ann, bob = world
    make_assessment(files[0], bob, 3)
    kept = f"?_changelist_filters=offre%3D{files[0].offer.number}"
    client = client_of(ann)
    assert client.get(NEXT + kept)["Location"] == address(files[0]) + kept
    page = client.get(address(files[1]) + kept)
    assert (page.context["previous_url"], page.context["next_url"]) == (
        address(files[0]) + kept,
        address(files[2]) + kept,
    )
    sent = client.post(address(files[1]) + kept, fields(files[1], 3, 3))
    assert sent["Location"] == address(files[2]) + kept, (
        "on to what follows, not back to what was passed over"
    )
    sent = client.post(address(files[2]) + kept, fields(files[2], 3, 3))
    assert sent["Location"] == address(files[0]) + kept
    sent = client.post(address(files[0]) + kept, fields(files[0], 3, 3))
    assert sent["Location"].startswith(reverse("admin:submissions_submission_changelist"))


def test_nothing_to_read_leads_to_the_queue(world: CaseData) -> None:
    answer = client_of(make_reviewer()).get(NEXT)
    assert answer["Location"] == reverse("admin:submissions_submission_changelist")


# -- Who sees what ----------------------------------------------------------------------------------------------------
def test_an_anonymous_review_shows_answers_without_documents_or_facts(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    start_anonymous_review(offer=file.offer, actor=make_staff())
    page = client_of(ann).get(address(file))
    text = text_of(page.content)
    assert (page.status_code, page.context["shown_pages"], page.context["facts"]) == (200, [], [])
    assert file.filed_name not in text
    sent = fields(file, 4, 2) | confirmed(STUDIES, 7)
    assert client_of(ann).post(address(file), sent).status_code == 302
    assert not Evidence.objects.exists(), "without the documents there is nothing to verify"


def test_a_member_in_conflict_reads_nothing(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    make_conflict(file, ann)
    assert client_of(ann).get(address(file)).status_code == 404


def test_staff_off_the_committee_verify_and_give_no_mark(world: CaseData) -> None:
    (file, *_rest), _ann, _bob = world
    staff = make_staff()
    answer = client_of(staff).post(address(file), fields(file, 4, 2) | confirmed(STUDIES, proof(file).number))
    assert answer.status_code == 302
    assert Evidence.objects.get().author == staff
    assert not Assessment.objects.exists()


def test_a_proof_that_no_page_gives_can_be_requested_by_name(world: CaseData) -> None:
    (file, *_rest), _ann, _bob = world
    client = client_of(make_staff())
    page = client.get(address(file))
    position = next(each.row.position for each in page.context["unprovable"])
    form = client.get(f"{page.context['complement_url']}?constats={position},77,x").context["form"]
    assert form["words"].value().startswith("Envoyez un document qui prouve : ")


# -- Pictures of the pages
def test_a_first_opening_has_the_pages_drawn_once(world: CaseData) -> None:
    (file, *_rest), ann, _bob = world
    posted = Delivery.objects.filter(kind=DOSSIER_PAGES)
    for _opening in range(2):
        page = client_of(ann).get(address(file))
        assert "ne sont pas encore prêtes" in text_of(page.content)
        assert posted.count() == 1
    draw_dossier_pages(posted.get(), timezone.now())
    posted.update(state=Delivery.State.DONE, done_at=timezone.now())
    page = client_of(ann).get(address(file))
    assert "ne sont pas encore prêtes" not in text_of(page.content)
    assert reverse("review:page", args=[file.public_id, 1]) in page.content.decode()
    PagePictures.objects.all().delete()
    client_of(ann).get(address(file))
    assert posted.count() == 2, "lost, and drawn again"


def test_a_picture_is_for_the_readers_of_the_file_alone(world: CaseData) -> None:
    (file, *_rest), ann, bob = world
    draw_pages(dossier=filing_of(file).seal.dossier, at=timezone.now())
    url = reverse("review:page", args=[file.public_id, 1])
    picture = client_of(ann).get(url)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert "no-store" in picture["Cache-Control"]
    make_conflict(file, bob)
    for reader in (bob, make_reviewer(make_open_offer()), file.candidate):
        assert client_of(reader).get(url).status_code in {302, 404}
    assert client_of(ann).get(reverse("review:page", args=[file.public_id, 999])).status_code == 404
    start_anonymous_review(offer=file.offer, actor=make_staff())
    assert client_of(ann).get(url).status_code == 404


# -- Keys -------------------------------------------------------------------------------------------------------------
def test_keys_are_chosen_once_each_and_can_be_off(world: CaseData) -> None:
    client, url = client_of(world.ann), reverse("review:reading_keys")
    usual = {name: key for name, _words, key in client.get(address(world.files[0])).context["keys"].rows}
    twice = client.post(url, usual | {"enabled": "on", "confirm": usual["contradict"]})
    assert "sert déjà" in text_of(twice.content)
    wrong = client.post(url, usual | {"enabled": "on", "confirm": "["})
    assert "de a à z" in text_of(wrong.content)
    assert client.post(url, usual | {"enabled": "on", "confirm": "v"}).status_code == 302
    assert "confirm=v" in client.get(address(world.files[0])).content.decode()
    client.post(url, usual)
    assert "data-keys" not in client.get(address(world.files[0])).content.decode()
