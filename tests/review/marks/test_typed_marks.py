"""Marks saved while they are typed: a private draft, which counts nowhere and outlives the session."""

from copy import deepcopy
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.privacy.retention.erasing import erase_submission
from intake.review.marks.queries import mean_of
from intake.review.models import Assessment
from intake.submissions.models import Submission
from offers.models import GridLineData
from tests.factories.people import client_of, make_staff
from tests.factories.retention import let_every_period_pass
from tests.factories.review import make_assessment, make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db
GRID = (GridLineData(text="a mené un projet"), GridLineData(text="parle arabe", requirement="ASSET"))


class CaseData(NamedTuple):
    """One file with two lines in its grid, and two members of its committee."""

    file: Submission
    ann: User
    bob: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer(grid=GRID)
    return CaseData(make_filed(offer), make_reviewer(offer), make_reviewer(offer))


@pytest.fixture
def world(made: CaseData) -> CaseData:
    return deepcopy(made)


def fields(file: Submission, *marks: int | str, version: int = 0, note: str = "") -> dict[str, Any]:
    lines = file.offer.grid_lines.order_by("position")
    given = {f"line_{line.pk}": mark for line, mark in zip(lines, marks, strict=False)}
    return given | {"note": note, "version": version, "filing": file.standing_filing_id}


def address(file: Submission) -> str:
    return reverse("review:file", args=[file.public_id])


def typed(user: User, file: Submission, sent: dict[str, Any], *, client: Any = None) -> Any:
    return (client or client_of(user)).post(address(file), sent, headers={"X-Autosave": str(user.public_id)})


def checked(client: Any, file: Submission) -> list[int]:
    """Return the marks that the page displays, in the order of the lines."""
    form = client.get(address(file)).context["form"]
    lines = file.offer.grid_lines.order_by("position")
    values = [form[f"line_{line.pk}"].value() for line in lines]
    return [int(value) for value in values if value not in (None, "")]


def test_typed_marks_are_a_private_draft_that_counts_nowhere(world: CaseData) -> None:
    file, ann, bob = world
    client = client_of(ann)
    answer = typed(ann, file, fields(file, 4, note="À relire."))
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert "visible pour vous seulement" in answer.json()["said"]
    own = Assessment.objects.get(reviewer=ann)
    assert (own.submitted_at, own.score, own.note) == (None, None, "À relire.")
    assert checked(client, file) == [4]
    assert mean_of(file) == (None, 0)
    make_assessment(file, bob, 3)
    for reader in (bob, make_staff()):
        assert "À relire." not in text_of(client_of(reader).get(address(file)).content)
    assert mean_of(file)[1] == 1


def test_only_the_first_pause_of_a_draft_enters_the_journal(world: CaseData) -> None:
    ann, file = world.ann, world.file
    for version, mark in enumerate((1, 2, 3)):
        assert typed(ann, file, fields(file, mark, version=version)).json()["version"] == version + 1
    assert Entry.objects.filter(action="ASSESSMENT_SAVED", actor=world.ann).count() == 1
    again = typed(ann, file, fields(file, 3, version=0))
    assert again.json()["version"] == 3, "a save whose answer was lost is sent again"


def test_what_another_window_saved_is_not_replaced_while_typing(world: CaseData) -> None:
    client, file = client_of(world.ann), world.file
    typed(world.ann, file, fields(file, 2))
    refused = typed(world.ann, file, fields(file, 5))
    assert refused.status_code == 409
    assert "dans une autre fenêtre" in refused.json()["said"]
    assert checked(client, file) == [2]


def test_a_field_that_is_too_long_is_named_and_nothing_is_saved(world: CaseData) -> None:
    file = world.file
    refused = typed(world.ann, file, fields(file, 2, note="x" * 5001))
    assert (refused.status_code, refused.json()["said"]) == (
        422,
        "Le commentaire dépasse 5\u00a0000\u00a0caractères.",
    )
    assert not Assessment.objects.exists()


def test_changes_to_a_submitted_assessment_wait_until_they_are_submitted(world: CaseData) -> None:
    file, ann, bob = world
    make_assessment(file, ann, 2)
    make_assessment(file, bob, 4)
    client, before = client_of(ann), mean_of(file)
    answer = typed(ann, file, fields(file, 5, 5, version=1, note="Mieux."), client=client)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert mean_of(file) == before
    page = client.get(address(file))
    assert "Vos derniers changements ne sont pas encore remis" in text_of(page.content)
    assert checked(client, file) == [5, 5]
    assert checked(client_of(ann), file) == [5, 5], "in another session too"
    assert "Mieux." not in text_of(client_of(bob).get(address(file)).content)
    client.post(address(file), fields(file, 5, 5, version=1, note="Mieux.") | {"acte": "remettre"})
    assert mean_of(file) != before
    assert "pas encore remis" not in text_of(client.get(address(file)).content)


def test_changes_that_were_undone_or_replaced_do_not_come_back(world: CaseData) -> None:
    file, ann, _bob = world
    make_assessment(file, ann, 2)
    client = client_of(ann)
    typed(ann, file, fields(file, 5, 5, version=1), client=client)
    typed(ann, file, fields(file, 2, 2, version=1), client=client)
    assert "pas encore remis" not in text_of(client.get(address(file)).content)
    typed(ann, file, fields(file, 5, 5, version=1), client=client)
    make_assessment(file, ann, 3)  # in another window
    assert checked(client, file) == [3, 3]


def test_a_script_learns_that_the_session_is_over(world: CaseData, client: Any) -> None:
    sent = fields(world.file, 4)
    assert typed(world.ann, world.file, sent, client=client).status_code == 401
    # A page that was opened by one member, in a browser where another one has signed in since.
    assert typed(world.ann, world.file, sent, client=client_of(world.bob)).status_code == 403
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("act", ["remettre", "brouillon"])
def test_a_form_sent_after_the_session_ended_comes_back_to_be_sent_again(
    world: CaseData, client: Any, act: str
) -> None:
    file = world.file
    sent = fields(file, 4, 3, note="Une longue remarque.") | {"acte": act}
    kept = client.post(address(file), sent)
    assert kept.status_code == 403
    text = text_of(kept.content)
    assert "Votre texte est encore sur cette page." in text
    assert "Une longue remarque." in text
    assert f'action="{address(file)}"' in text
    assert settings.FORM_COOKIE_NAME not in kept.cookies, "a visitor leaves nothing on the computer"
    again = dict(kept.context["kept"].fields)
    assert client_of(world.ann).post(address(file), again).status_code == 302
    own = Assessment.objects.get(reviewer=world.ann)
    assert (own.note, own.submitted_at is not None) == ("Une longue remarque.", act == "remettre")


@pytest.mark.parametrize("name", ["conflict", "complement", "weights"])
def test_every_form_of_staff_comes_back_after_the_session_ended(
    world: CaseData, client: Any, name: str
) -> None:
    key = world.file.offer.number if name == "weights" else world.file.public_id
    page = reverse(f"review:{name}", args=[key])
    kept = client.post(page, {"reason": "Un long motif écrit."})
    assert (kept.status_code, "Un long motif écrit." in text_of(kept.content)) == (403, True)
    assert client.post(page).status_code == 302, "an empty form has nothing to keep"


def test_the_erasure_of_a_file_empties_what_was_typed_about_it(world: CaseData) -> None:
    file = world.file
    first, _second = file.offer.grid_lines.order_by("position")
    typed(world.ann, file, fields(file, 4, note="À relire.") | {f"remark_{first.pk}": "Fragile."})
    let_every_period_pass()
    assert erase_submission(submission=file)
    own = Assessment.objects.get(reviewer=world.ann)
    assert [own.note, *own.line_marks.values_list("remark", flat=True)] == ["", ""]
