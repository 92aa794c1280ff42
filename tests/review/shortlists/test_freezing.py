"""A frozen shortlist never changes, proves its contents and has a reason; an unchanged list is not frozen twice."""

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple, cast

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Avg, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.journal.models import Entry
from intake.review.access.errors import OwnSubmissionError, ReasonMissingError
from intake.review.models import Conflict, Shortlist
from intake.review.shortlists.lines import (
    _cut,
    entries_of,
    fingerprint_of,
    fingerprint_of_frozen,
    lazy_entries_of,
    lazy_frozen_entries_of,
)
from intake.review.shortlists.operations import (
    EmptyShortlistError,
    StaleShortlistError,
    freeze_shortlist,
)
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Submission
from intake.submissions.states import Action, HumanReview, State
from offers.models import Offer
from tests.factories.people import give_role, make_staff
from tests.factories.review import make_assessment, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import ALL_DECLARATIONS, make_open_offer

pytestmark = pytest.mark.django_db


class CaseData(NamedTuple):
    """Two shortlists: one of two files, the first with marks, and one of five files, three with marks."""

    pair: list[Submission]
    five: list[Submission]


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    short, long = make_open_offer(), make_open_offer()
    pair = [make_shortlisted(short) for _each in range(2)]
    make_assessment(pair[0], make_reviewer(short), 4)
    five = [make_shortlisted(long) for _each in range(5)]
    for file, values in zip((five[3], five[1], five[4]), ((3,), (4, 5), (3, 3)), strict=True):
        for value in values:
            make_assessment(file, make_reviewer(long), value)
    return CaseData(pair, five)


def freeze(
    offer: Offer, *, actor: User | None = None, reason: str = "Pour l’hôte", seen: str | None = None
) -> Shortlist:
    return freeze_shortlist(
        offer=offer, actor=actor or make_staff(), reason=reason, at=timezone.now(), seen=seen
    )


def rows_of(shortlist: Shortlist) -> list[tuple[int, int, str | None, int, str]]:
    return [
        (row.rank, row.filing_id, None if row.score is None else str(row.score), row.marks, row.reserve)
        for row in shortlist.rows.order_by("rank")
    ]


def test_the_digest_of_a_frozen_list_covers_order_means_and_reason() -> None:
    offer = make_open_offer()
    unmarked, best = make_shortlisted(offer), make_shortlisted(offer)
    for value in (5, 4, 4):
        make_assessment(best, make_reviewer(offer), value)
    staff = make_staff()
    frozen = freeze(offer, actor=staff, reason="  Envoi à   l’hôte ")
    assert (frozen.number, frozen.reason, frozen.frozen_by, frozen.rows_count) == (
        1,
        "Envoi à l’hôte",
        staff,
        2,
    )
    assert rows_of(frozen) == [
        (1, best.standing_filing_id, "4.333", 3, "NONE"),
        (2, unmarked.standing_filing_id, None, 0, "NONE"),
    ]
    rows = [
        {
            "rank": row.rank,
            "number": row.filing.receipt.number,
            "seal": row.filing.seal.digest,
            "score": score,
            "reserve": "NONE",
        }
        for row, score in zip(frozen.rows.order_by("rank"), ("4.333", None), strict=True)
    ]
    said = {"offer": offer.number, "shortlist": 1, "rows": rows}
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert frozen.digest == f"sha256:{hashlib.sha256(canonical).hexdigest()}"
    entry = Entry.objects.get(action="SHORTLIST_FROZEN")
    assert (entry.actor, entry.subject_id) == (staff, str(offer.public_id))
    assert frozen.digest in entry.detail


def test_an_unchanged_list_is_not_frozen_twice_and_a_changed_one_is() -> None:
    offer = make_open_offer()
    submission = make_shortlisted(offer)
    reviewer = make_reviewer(offer)
    make_assessment(submission, reviewer, 3)
    first = freeze(offer)
    assert freeze(offer, reason="Un second motif") == first
    make_assessment(submission, reviewer, 4)
    second = freeze(offer)
    assert (second.number, [row[2] for row in rows_of(second)]) == (2, ["4.000"])
    assert [row[2] for row in rows_of(first)] == ["3.000"]
    make_assessment(submission, reviewer, 3)
    assert freeze(offer).number == 3, "what was said before the last list is said again"


def test_freezing_requires_rows_a_reason_permission_and_impartiality() -> None:
    offer = make_open_offer()
    with pytest.raises(EmptyShortlistError):
        freeze(offer)
    applied = make_filed(offer).candidate
    give_role(user=applied, role=Role.STAFF)
    with pytest.raises(OwnSubmissionError):
        freeze(offer, actor=User.objects.get(pk=applied.pk))
    candidate = make_shortlisted(offer).candidate
    give_role(user=candidate, role=Role.STAFF)
    for person in (applied, candidate):
        with pytest.raises(OwnSubmissionError):
            freeze(offer, actor=User.objects.get(pk=person.pk))
    with pytest.raises(ReasonMissingError):
        freeze(offer, reason=" \n")
    with pytest.raises(PermissionDenied):
        freeze(offer, actor=make_reviewer(offer))
    assert not Shortlist.objects.exists()


def seen_of(offer: Offer) -> str:
    return str(fingerprint_of(offer))


def test_a_list_changed_since_it_was_read_is_not_frozen(kept: CaseData) -> None:
    offer = kept.pair[0].offer
    seen = seen_of(offer)
    make_shortlisted(offer)
    with pytest.raises(StaleShortlistError):
        freeze(offer, seen=seen)
    assert not Shortlist.objects.exists()
    assert not Entry.objects.filter(action="SHORTLIST_FROZEN").exists()
    read = seen_of(offer)
    frozen = freeze(offer, seen=read)
    assert freeze(offer, seen=read) == frozen, "the button was pressed twice"
    with pytest.raises(StaleShortlistError):
        freeze(offer, seen=seen)


def add(offer: Offer, _first: Submission, _second: Submission) -> None:
    make_shortlisted(offer)


def remove(_offer: Offer, first: Submission, _second: Submission) -> None:
    Submission.objects.filter(pk=first.pk).update(state=State.UNDER_REVIEW)


def mark_the_unmarked(offer: Offer, _first: Submission, second: Submission) -> None:
    make_assessment(second, make_reviewer(offer), 0)


def mark_again_as_the_mean_is(offer: Offer, first: Submission, _second: Submission) -> None:
    make_assessment(first, make_reviewer(offer), 4)


def change_the_reserve(_offer: Offer, _first: Submission, second: Submission) -> None:
    Submission.objects.filter(pk=second.pk).update(reserve=HumanReview.LIFTED)


def declare_a_conflict(_offer: Offer, first: Submission, _second: Submission) -> None:
    reviewer = first.assessments.earliest("pk").reviewer
    Conflict.objects.create(
        submission=first,
        reviewer=reviewer,
        reason="Une parente",
        declared_by=reviewer,
        declared_at=timezone.now(),
    )


@pytest.mark.parametrize(
    "change",
    [add, remove, mark_the_unmarked, mark_again_as_the_mean_is, change_the_reserve, declare_a_conflict],
    ids=lambda change: change.__name__,
)
def test_any_change_of_a_list_changes_its_fingerprint(
    kept: CaseData, change: Callable[[Offer, Submission, Submission], None]
) -> None:
    first, second = kept.pair
    offer = first.offer
    seen, entries = seen_of(offer), list(entries_of(offer, None))
    assert seen_of(offer) == seen
    change(offer, first, second)
    assert list(entries_of(offer, None)) != entries
    assert seen_of(offer) != seen
    with pytest.raises(StaleShortlistError):
        freeze(offer, seen=seen)


def test_two_files_with_exchanged_means_give_another_digest(kept: CaseData) -> None:
    first, _other, second, *_marked = kept.five
    offer = first.offer
    reviewer = make_reviewer(offer)
    make_assessment(first, reviewer, 3)
    make_assessment(second, reviewer, 4)
    seen = seen_of(offer)
    make_assessment(first, reviewer, 4)
    make_assessment(second, reviewer, 3)
    assert seen_of(offer) != seen


def test_a_frozen_list_has_the_fingerprint_of_the_current_one(kept: CaseData) -> None:
    offer = kept.five[0].offer
    make_assessment(kept.five[0], make_reviewer(offer), 0)
    known = fingerprint_of(offer)
    assert (known.rows, known.marked) == (5, 4)
    assert fingerprint_of_frozen(freeze(offer, seen=str(known))) == known == fingerprint_of(offer)


def test_a_mark_of_a_replaced_filing_is_not_in_the_fingerprint(kept: CaseData) -> None:
    offer = kept.pair[0].offer
    amended = make_filed(offer)
    make_assessment(amended, make_reviewer(offer), 3)
    draft = start_amendment(submission=amended, actor=amended.candidate)
    file_draft(draft=draft, actor=amended.candidate, declarations=ALL_DECLARATIONS)
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=amended, action=action, actor=make_staff())
    known = fingerprint_of(offer)
    assert (known.rows, known.marked) == (3, 1)
    assert fingerprint_of_frozen(freeze(offer, seen=str(known))) == known


def test_a_fingerprint_detects_a_change_of_the_third_decimal_of_a_mean(kept: CaseData) -> None:
    means = [_cut(cast("Avg", Value(Decimal(mean)))) for mean in ("3.3339", "3.3349", "3.33399")]
    (found,) = Offer.objects.filter(pk=kept.five[0].offer_id).values_list(*means)
    assert found == (Decimal("3.333"), Decimal("3.334"), Decimal("3.333"))


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_entries_read_in_pages_equal_the_frozen_ones(kept: CaseData, size: int) -> None:
    files, offer = kept.five, kept.five[0].offer
    current = lazy_entries_of(offer, fingerprint_of(offer))
    frozen = freeze(offer)
    whole = list(entries_of(offer, None))
    for places in (current, lazy_frozen_entries_of(frozen)):
        pages = [places[first : first + size] for first in range(0, 5, size)]
        assert [place for page in pages for place in page] == whole
        assert (len(places), places[0], places[-1]) == (5, whole[0], whole[4])
    assert [place.filing for place in whole] == [
        files[number].standing_filing_id for number in (1, 3, 4, 0, 2)
    ]


def test_a_freeze_makes_another_one_wait_and_not_a_filing(kept: CaseData) -> None:
    with CaptureQueriesContext(connection) as captured:
        freeze(kept.pair[0].offer)
    locks = [query["sql"] for query in captured if 'FOR NO KEY UPDATE OF "offers_offer"' in query["sql"]]
    assert len(locks) == 1


def test_freezing_takes_as_many_queries_for_five_rows_as_for_two(kept: CaseData) -> None:
    costs = []
    for files in (kept.pair, kept.five):
        offer, actor = files[0].offer, make_staff()
        with CaptureQueriesContext(connection) as captured:
            assert freeze(offer, actor=actor).rows_count == len(files)
        costs.append(len(captured))
    assert costs[0] == costs[1]
