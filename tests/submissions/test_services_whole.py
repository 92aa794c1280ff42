"""Writes of a draft and a filing, in full: the row, the journal and the deliveries, and nothing else."""

from typing import Any

import pytest
from django.db.transaction import Atomic

from intake.outbox import kinds
from intake.profiles.models import NoticeAcceptance
from intake.profiles.selectors import answers_from_profile
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.drafts.answer_merge import Shown
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import save_section, start_draft
from tests.factories.people import ANSWERS, make_profile, make_user
from tests.factories.submissions import make_draft, make_open_offer
from tests.house.operations import operations_of
from tests.submissions.pages import section_of
from tests.submissions.rows import transaction_instant

pytestmark = pytest.mark.django_db


# -- Transactions ---------------------------------------------------------------------------------------------------
def _is_atomic(service: Any) -> bool:
    cells = getattr(service, "__closure__", None) or ()
    return any(isinstance(cell.cell_contents, Atomic) for cell in cells)


IN_PARTS = {
    "autosave_section": "its save is one statement, which locks and writes only what was read",
    "due_lead_time": "reads and writes nothing",
    "remind_of_complements": "each slice commits by itself",
    "remind_of_drafts": "each slice commits by itself",
    "file_draft": "its own, so that what the commit refuses is said by its name",
    "copy_rulings": "part of the filing's",
    "end_answered_request": "part of the filing's",
    "end_request_by_move": "part of each move's",
    "write_move": "part of each move's",
}


def test_each_operation_runs_in_one_transaction_or_has_a_reason() -> None:
    loose = {name for name, done in operations_of("intake.submissions").items() if not _is_atomic(done)}
    assert loose == IN_PARTS.keys()


def test_the_mail_with_the_file_of_a_receipt_does_not_wait_behind_a_dossier() -> None:
    waited_for = {kinds.get(code).queue for code in (RECEIPT_MAIL, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH)}
    assert kinds.get(DOSSIER).queue not in waited_for


# -- A draft ----------------------------------------------------------------------------------------------------------
def test_a_draft_is_started_once_with_known_answers() -> None:
    offer, person = make_open_offer(), make_user()
    make_profile(person, city="Lévis")
    given = {"city": "Gaspé", "studies": [], "bar_school": True}
    draft = start_draft(candidate=person, offer=offer, answers=given, accepts=COLLECTION)
    assert start_draft(candidate=person, offer=offer, answers={"city": "Amos"}) == draft
    draft.refresh_from_db()
    assert draft.answers == ANSWERS | given
    assert draft.saved_at == draft.changes_noted_at is not None
    assert NoticeAcceptance.objects.get(user=person).version == COLLECTION.version
    assert answers_from_profile(person)["city"] == "Gaspé", "what was just said is remembered"


def test_a_draft_without_acceptance_of_the_notice_stores_no_profile() -> None:
    person = make_user()
    draft = start_draft(candidate=person, offer=make_open_offer())
    assert (draft.answers, NoticeAcceptance.objects.filter(user=person).count()) == ({}, 0)
    assert answers_from_profile(person) == {}


def test_a_saved_section_keeps_the_others_and_updates_the_profile() -> None:
    draft = make_draft()
    person, section = draft.submission.candidate, section_of("coordonnees")
    said, shown = section.of(draft.answers), Shown(section.digests(draft.answers))
    for saved, change, version in (
        (said | {"city": "Gaspé"}, {"city": "Gaspé"}, draft.version + 1),
        (said | {"city": "Gaspé"}, {"city": "Gaspé"}, draft.version + 1),
        (said | {"city": "Amos"}, {"city": "Amos"}, draft.version + 2),
    ):
        kept = save_section(draft=draft, section=section, answers=saved, actor=person).draft
        kept.refresh_from_db()
        assert (kept.answers, kept.version, kept.saved_at) == (
            draft.answers | change,
            version,
            transaction_instant(),
        )
        assert answers_from_profile(person)["city"] == change["city"]
    mine = said | {"city": "Laval", "address_line": "1, rue d’Essai"}
    both = save_section(draft=draft, section=section, answers=mine, actor=person, shown=shown)
    assert (set(both.conflicts), both.draft.version) == ({"city"}, draft.version + 3)
    assert both.draft.answers == draft.answers | {
        "city": "Amos",
        "address_line": "1, rue d’Essai",
        "conflicts": {"city": {"answers": {"city": "Laval"}, "page": ""}},
    }
    assert answers_from_profile(person)["city"] == "Amos"
    same = mine | {"city": "Amos"}
    again = save_section(draft=draft, section=section, answers=same, actor=person, shown=shown)
    assert (set(again.conflicts), again.draft.version) == (set(), draft.version + 3)
    unfinished = same | {"city": None, "address_line": "2, rue d’Essai"}
    kept = save_section(draft=draft, section=section, answers=unfinished, actor=person, finished=False).draft
    assert (kept.answers["city"], kept.answers["address_line"]) == (None, "2, rue d’Essai")
    known = answers_from_profile(person)
    assert (known["city"], known["address_line"]) == ("Amos", "2, rue d’Essai")
