"""A decision for its candidate; the end of a stage; the pages of a draft whose offer is over."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from intake.register.models import Participation
from intake.register.services import rebuild_register
from intake.review.claims.operations import release_claim
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.models import Evidence
from intake.submissions.audit.invariants import INVARIANTS
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Draft, Submission
from intake.submissions.states import Action
from tests.factories.decisions import decide, make_batch, release, send
from tests.factories.files import pdf_bytes
from tests.factories.offers import mark_cancelled
from tests.factories.participants import is_known
from tests.factories.people import client_of, make_staff
from tests.factories.review import make_shortlisted
from tests.factories.submissions import close_offer, make_open_offer
from tests.submissions.pages import browser_of, comparable_page, text_of, url

pytestmark = pytest.mark.django_db

WORDS = "Par visioconférence, le 12 mai 2027 à 10 h."


def test_a_decision_is_hidden_until_it_is_sent() -> None:
    submission = make_shortlisted(make_open_offer())
    client = client_of(submission.candidate)
    pages = [
        reverse(f"submissions:{name}", args=[submission.public_id])
        for name in ("follow", "receipt", "withdraw")
    ] + [reverse("submissions:mine"), reverse("offers:page", args=[submission.offer.number])]

    def read() -> list[str]:
        return [comparable_page(client, page) for page in pages]

    def taken() -> object:
        return client.get(reverse("submissions:own_data")).json()["applications"]

    before, data = read(), taken()
    batch = make_batch(submission, action=Action.INVITE, word=WORDS)
    assert (read(), taken()) == (before, data)
    release(batch, release_at=timezone.now() + timedelta(days=1))
    assert (read(), taken()) == (before, data)
    send(batch)
    text = text_of(client.get(pages[0]).content)
    assert text.count("Convocation à l’entrevue") == 2
    assert WORDS in text
    assert "Décision sur votre candidature" in text
    assert taken() == data


def _verify(submission: Submission, outcome: Evidence.Outcome) -> None:
    """Record evidence for one finding that decides the verdict."""
    filing = submission.standing_filing
    assert filing is not None
    position = filing.verdict.blocking[0]
    author = make_staff()
    seen = Evidence.objects.filter(filing=filing, position=position).latest("pk")
    verify_finding(
        filing=filing,
        position=position,
        outcome=outcome,
        basis=Basis(note="Vu au dossier."),
        actor=author,
        seen=seen.pk,
    )
    release_claim(submission=submission, actor=author)


def test_obstacles_to_starting_or_ending_a_stage_are_explained(settings: Settings) -> None:
    submission = make_shortlisted(make_open_offer())
    decide(submission, action=Action.SELECT)
    client = client_of(make_staff())
    keys = settings.REGISTER_KEYS

    def press(slug: str) -> tuple[str, str]:
        submission.refresh_from_db()
        address = reverse("review:move", args=[submission.public_id, slug])
        answer = client.post(address, {"version": submission.version}, follow=True)
        assert answer.status_code == 200
        submission.refresh_from_db()
        return submission.state, text_of(answer.content)

    _verify(submission, Evidence.Outcome.CONTRADICTED)
    state, said = press("place")
    assert state == "SELECTED"
    assert "est contredit, ou n’est pas confirmé d’après les documents. Rien n’a changé." in said
    _verify(submission, Evidence.Outcome.CONFIRMED)
    assert press("place")[0] == "PLACED"
    _verify(submission, Evidence.Outcome.CONTRADICTED)
    settings.REGISTER_KEYS = {}
    state, said = press("complete")
    assert state == "PLACED"
    assert "Le registre n’est pas configuré" in said
    settings.REGISTER_KEYS = keys
    # Whatever the evidence: a completed stage must reach the register.
    assert press("complete")[0] == "COMPLETED"
    assert Participation.objects.count() == 1


def test_a_completed_stage_enters_the_register_once(settings: Settings) -> None:
    submission = make_shortlisted(make_open_offer(), first_name="Ève", last_name="Roy")
    decide(submission, action=Action.SELECT)
    client = client_of(make_staff())
    for slug, state in (("place", "PLACED"), ("complete", "COMPLETED")):
        submission.refresh_from_db()
        page = reverse("review:file", args=[submission.public_id])
        address = reverse("review:move", args=[submission.public_id, slug])
        assert address in client.get(page).content.decode()
        client.post(address, {"version": submission.version})
        submission.refresh_from_db()
        assert submission.state == state
    (entered,) = Participation.objects.all()
    offer = submission.offer
    assert (entered.source, entered.year, entered.programme) == (
        "COMPLETED",
        offer.starts_on.year,
        offer.programme,
    )
    assert entered.key_name == next(iter(settings.REGISTER_KEYS))
    born_on = offer.starts_on - timedelta(days=25 * 365)
    assert is_known(last_name="roy", first_name="eve", birth_date=born_on, programme=offer.programme)
    rebuilt = rebuild_register()
    assert (rebuilt.completed.rows, rebuilt.completed.new) == (1, 0)
    text = text_of(
        client_of(submission.candidate)
        .get(reverse("submissions:follow", args=[submission.public_id]))
        .content
    )
    assert "Stage commencé" in text
    assert "Stage terminé" in text


def test_a_registered_person_completes_a_stage_too() -> None:
    offer = make_open_offer()
    submission = make_shortlisted(offer)
    decide(submission, action=Action.SELECT)
    move_submission(submission=submission, action=Action.PLACE, actor=make_staff())
    first = move_submission(submission=submission, action=Action.COMPLETE, actor=make_staff())
    assert first.state == "COMPLETED"
    # Another stage of the same candidate in the same year.
    again = make_shortlisted(make_open_offer(programme=offer.programme), candidate=submission.candidate)
    decide(again, action=Action.SELECT)
    for action in (Action.PLACE, Action.COMPLETE):
        move_submission(submission=again, action=action, actor=make_staff())
    assert Participation.objects.count() == 1
    (rule,) = (rule for rule in INVARIANTS if rule.name == "completed_stages_are_in_the_register")
    assert [*rule.violations()] == []


def test_a_person_whose_name_has_no_letter_completes_a_stage_unregistered() -> None:
    submission = make_shortlisted(make_open_offer(), first_name="—", last_name="—")
    decide(submission, action=Action.SELECT)
    for action in (Action.PLACE, Action.COMPLETE):
        move_submission(submission=submission, action=action, actor=make_staff())
    submission.refresh_from_db()
    assert submission.state == "COMPLETED"
    assert not Participation.objects.exists()


def _cancel(draft: Draft) -> None:
    mark_cancelled(draft.submission.offer_id)


def test_pages_of_a_draft_on_a_cancelled_offer_promise_no_deadline(draft: Draft) -> None:
    client = browser_of(draft)
    offer_page = reverse("offers:page", args=[draft.submission.offer.number])
    assert "il reste" in text_of(client.get(url("tasks", draft)).content).lower()
    assert "Continuer ma candidature" in text_of(client.get(offer_page).content)
    _cancel(draft)
    for page in (
        url("tasks", draft),
        url("review", draft),
        url("documents", draft),
        reverse("submissions:mine"),
    ):
        shown = text_of(client.get(page).content)
        assert "L’offre est annulée" in shown, page
        assert "il reste" not in shown.lower().replace("il reste lisible", ""), page
        assert "ont fermé" not in shown, page
    told = text_of(client.get(offer_page).content)
    assert "Votre brouillon n’a pas été déposé." in told
    assert "Continuer ma candidature" not in told


def test_a_draft_of_a_closed_offer_is_read_only(draft: Draft) -> None:
    client = browser_of(draft)
    cv = draft.submission.offer.documents.get(kind="CV")
    section, document = url("section", draft, "identite"), url("document", draft, cv.pk)
    remove, held = url("document_remove", draft, cv.pk), draft.documents.get(request=cv).upload
    ways = (f'href="{section}"', f'href="{document}"', f'href="{remove}"')
    pages = [url("tasks", draft), url("documents", draft), url("review", draft)]
    opened = "".join(client.get(page).content.decode() for page in pages)
    assert [way in opened for way in ways] == [True, True, True]
    close_offer(draft.submission.offer, seconds_ago=60)
    assert client.get(section).headers["Location"] == url("review", draft)
    assert client.get(document).headers["Location"] == url("documents", draft)
    assert client.get(remove).headers["Location"] == url("documents", draft)
    assert "ont fermé" in text_of(client.get(url("tasks", draft)).content)
    for page in pages:
        shown = client.get(page).content.decode()
        assert [way for way in ways if way in shown] == [], page
    for page, fields in ((document, {"file": SimpleUploadedFile("cv.pdf", pdf_bytes(1))}), (remove, {})):
        answer = client.post(page, fields, follow=True)
        assert "Aucun document n’est ajouté ni retiré" in text_of(answer.content), page
    assert draft.documents.get(request=cv).upload == held


def test_a_refused_section_is_not_labelled_saved(draft: Draft) -> None:
    client = browser_of(draft)
    page = url("section", draft, "identite")
    assert "Brouillon enregistré le" in text_of(client.get(page).content)
    assert "Brouillon enregistré le" not in text_of(client.post(page, {"first_name": ""}).content)
