"""Template tags: the work list of the dashboard, and the places of a shortlist, in full or in parts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.review.ranking.forms import MeetingNoteForm
from intake.review.shortlists.lines import (
    Entry,
    LazyEntries,
    MissingFilingError,
    _require_filing,
    digest_of,
    entries_of,
    filings_of,
    fingerprint_of,
    lazy_entries_of,
    lazy_frozen_entries_of,
    shortlist_lines,
    submissions_on,
)
from intake.review.shortlists.operations import freeze_shortlist
from intake.review.templatetags import review
from intake.submissions.models import Filing, Submission
from tests.factories.people import make_staff, make_user
from tests.factories.review import make_assessment, make_filed, make_reviewer, make_shortlisted
from tests.factories.submissions import make_open_offer

QUEUE = "/admin/submissions/submission/"
VIEWS, DECIDES, EXPORTS = (
    "submissions.view_submission",
    "submissions.decide_submission",
    "submissions.export_shortlist",
)


# -- Work list ---------------------------------------------------------------------------------------------------
def todo(
    monkeypatch: pytest.MonkeyPatch, *permissions: str, batches: int = 0, seated: bool = False, **counts: int
) -> list[tuple[str, str]]:
    """Return the lines for a user with `permissions`, with these counts of pending work."""
    waiting = dict.fromkeys(("received", "unmarked", "shortlisted", "reserved", "matched"), 0) | counts
    monkeypatch.setattr(review, "work_counts", lambda _user: waiting)
    monkeypatch.setattr(review, "batches_to_approve", lambda _user: SimpleNamespace(count=lambda: batches))
    monkeypatch.setattr(review, "memberships_of", lambda _user: SimpleNamespace(exists=lambda: seated))
    user = SimpleNamespace(has_perm=lambda permission: permission in permissions, is_superuser=False)
    context: Any = {"request": SimpleNamespace(user=user)}
    return [(line.words.replace("\u00a0", " "), line.url) for line in review.review_to_do(context)]


def test_waiting_work_is_listed_by_urgency_with_its_links(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = (VIEWS, DECIDES, EXPORTS)
    ones = todo(
        monkeypatch, *everything, batches=1, received=1, unmarked=1, shortlisted=1, reserved=1, matched=1
    )
    assert ones == [
        ("1 candidature à réviser", f"{QUEUE}?reserve=PENDING"),
        ("1 candidature à vérifier au registre", f"{QUEUE}?registre=a-verifier"),
        ("1 lot de décisions à relire", "/admin/decisions/?etat=a-relire"),
        ("1 candidature à mettre à l’étude", f"{QUEUE}?etat=SUBMITTED&reserve=sans-attente"),
        ("1 candidature à noter", f"{QUEUE}?a-moi=a-noter"),
        ("1 candidature présélectionnée", f"{QUEUE}?etat=SHORTLISTED"),
    ]
    many = todo(
        monkeypatch,
        *everything,
        batches=2,
        received=3,
        unmarked=4,
        shortlisted=5_001,
        reserved=6,
        matched=1_064,
    )
    assert [words for words, _url in many] == [
        "6 candidatures à réviser",
        "1 064 candidatures à vérifier au registre",
        "2 lots de décisions à relire",
        "3 candidatures à mettre à l’étude",
        "4 candidatures à noter",
        "plus de 5 000 candidatures présélectionnées",
    ]
    assert [url for _words, url in many] == [url for _words, url in ones]


def test_waiting_work_is_displayed_by_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: dict[str, Any] = {"received": 1, "unmarked": 1, "shortlisted": 1, "reserved": 1, "matched": 1}

    def places(*permissions: str) -> list[str]:
        return [url.rpartition("=")[2] for _words, url in todo(monkeypatch, *permissions, **counts)]

    assert places() == []
    assert places(DECIDES) == [], "who reads no candidature is told nothing"
    assert places(VIEWS) == ["sans-attente", "a-noter"]
    assert places(VIEWS, DECIDES) == ["PENDING", "a-verifier", "sans-attente", "a-noter"]
    assert places(VIEWS, EXPORTS) == ["sans-attente", "a-noter", "SHORTLISTED"]


def test_an_empty_work_list_has_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing, seatless = (
        [("Vous n’avez rien à faire.", QUEUE)],
        [("Vous ne siégez encore à aucun comité.", QUEUE)],
    )
    assert todo(monkeypatch, VIEWS, DECIDES) == nothing
    assert todo(monkeypatch, VIEWS, seated=True) == nothing
    assert todo(monkeypatch, VIEWS) == seatless
    assert todo(monkeypatch, VIEWS, DECIDES, shortlisted=1) == nothing, (
        "who may not export has nothing to do with it"
    )


def test_the_language_of_export_headers_has_its_label() -> None:
    assert [review.header_language(language) for language in ("en", "fr", "")] == [
        "en-têtes en anglais",
        "en-têtes en français",
        "en-têtes en français",
    ]


@pytest.mark.django_db
def test_each_part_of_the_home_page_is_for_its_role() -> None:
    offer = make_open_offer()
    reviewer, staff, candidate = make_reviewer(offer), make_staff(), make_user()

    def shown(user: object, **query: str) -> list[Any]:
        context: Any = {"request": SimpleNamespace(user=user, GET=query)}
        return [review.own_dashboard(context), review.offers_dashboard(context)]

    assert [
        [part is not None for part in shown(user)] for user in (reviewer, staff, candidate, AnonymousUser())
    ] == [
        [True, False],
        [False, True],
        [False, False],
        [False, False],
    ]
    other = make_open_offer()
    assert [shown(staff, offre=each.number or "")[1].chosen for each in (offer, other)] == [offer, other]
    assert shown(make_staff(Role.REVIEWER)) == [None, None]


def test_the_home_page_displays_the_day_in_quebec(monkeypatch: pytest.MonkeyPatch) -> None:
    night = datetime(2031, 1, 10, 3, tzinfo=UTC)
    monkeypatch.setattr(review, "timezone", SimpleNamespace(now=lambda: night))
    for name in ("reviewer_dashboard", "staff_dashboard"):
        monkeypatch.setattr(review, name, lambda **asked: asked)
    user = User(is_superuser=True, is_active=True)
    context: Any = {"request": SimpleNamespace(user=user, GET={"offre": "2031-050"})}
    tags: Any = review
    assert tags.own_dashboard(context) == {"user": user, "on": date(2031, 1, 9)}
    assert tags.offers_dashboard(context) == {"user": user, "number": "2031-050", "at": night}
    context["request"].GET = {}
    assert tags.offers_dashboard(context) == {"user": user, "number": "", "at": night}


def test_a_meeting_note_is_required_and_limited() -> None:
    assert MeetingNoteForm({"text": " "}).errors["text"] == ["Inscrivez l’observation avant de l’ajouter."]
    assert [MeetingNoteForm({"text": "x" * length}).is_valid() for length in (4_000, 4_001)] == [True, False]


# -- Places of a shortlist -----------------------------------------------------------------------------------------
def test_entries_are_read_lazily_like_a_list() -> None:
    asked: list[tuple[int, int]] = []

    def read(first: int, last: int) -> list[Any]:
        asked.append((first, last))
        return list(range(first, last))

    places: Any = LazyEntries(5, read)
    assert (len(places), places[0], places[4], places[-1], places[-5]) == (5, 0, 4, 4, 0)
    assert (places[1:3], places[3:9], places[:], places[4:2], places[5:]) == (
        [1, 2],
        [3, 4],
        [0, 1, 2, 3, 4],
        [],
        [],
    )
    assert asked == [(0, 1), (4, 5), (4, 5), (0, 1), (1, 3), (3, 5), (0, 5)]
    for index in (5, 9):
        with pytest.raises(IndexError):
            places[index]


def test_a_submission_without_a_filing_has_no_position() -> None:
    assert _require_filing(3) == 3
    with pytest.raises(MissingFilingError):
        _require_filing(None)


@pytest.mark.django_db
def test_a_list_is_read_by_mean_or_number_completely_or_in_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer = make_open_offer()
    unmarked, low, bare, high = (make_shortlisted(offer) for _each in range(4))
    make_filed(offer)
    make_shortlisted(make_open_offer())
    first, second, third = (make_reviewer(offer) for _each in range(3))
    make_assessment(low, first, 3)
    for reviewer, value in ((first, 5), (second, 4), (third, 5)):
        make_assessment(high, reviewer, value)

    def entry(
        place: int, submission: Submission, score: str | None = None, marks: int = 0
    ) -> tuple[object, ...]:
        filing = submission.standing_filing
        assert filing is not None
        return place, filing.pk, filing.receipt.number, filing.seal.digest, score, marks, "NONE"

    def plain(entries: list[Entry]) -> list[tuple[object, ...]]:
        return [
            (
                one.place,
                one.filing,
                one.number,
                one.seal,
                None if one.score is None else str(one.score),
                one.marks,
                one.reserve,
            )
            for one in entries
        ]

    by_mean = [entry(1, high, "4.666", 3), entry(2, low, "3.000", 1), entry(3, unmarked), entry(4, bare)]
    by_number = [entry(1, unmarked), entry(2, low, "3.000", 1), entry(3, bare), entry(4, high, "4.666", 3)]
    entries = list(entries_of(offer, None))
    assert plain(entries) == by_mean
    assert [one.rank for one in entries] == [1, 2, None, None]
    known = fingerprint_of(offer)
    standing, numbered = lazy_entries_of(offer, known), lazy_entries_of(offer, known, by_number=True)
    assert (len(standing), len(numbered)) == (4, 4)
    for start in range(4):
        for end in range(start + 1, 5):
            assert plain(standing[start:end]) == by_mean[start:end], (start, end)
            assert plain(numbered[start:end]) == by_number[start:end], (start, end)
    frozen = freeze_shortlist(offer=offer, actor=make_staff(), reason="x", at=timezone.now())
    assert plain(list(lazy_frozen_entries_of(frozen))) == plain(list(entries_of(offer, frozen))) == by_mean
    kept = [by_mean[place] for place in (2, 1, 3, 0)]
    assert plain(list(lazy_frozen_entries_of(frozen, by_number=True))) == kept
    assert entries == list(entries_of(offer, frozen))
    assert entries != entries[::-1]
    assert entries != entries[:3]
    assert (
        set(submissions_on(offer, None)) == set(submissions_on(offer, frozen)) == {unmarked, low, bare, high}
    )
    Submission.objects.filter(pk=low.pk).update(state="UNDER_REVIEW")
    assert set(submissions_on(offer, None)) == {unmarked, bare, high}
    assert low in set(submissions_on(offer, frozen))
    monkeypatch.setattr("intake.review.shortlists.lines._CHUNK", 3)
    received = dict(Filing.objects.values_list("pk", "received_at"))
    with CaptureQueriesContext(connection) as queries:
        lines = list(shortlist_lines(offer, frozen))
    assert [(line.entry, line.received_at, line.outcome, line.dossier, line.rulings) for line in lines] == [
        (one, received[one.filing], "ELIGIBLE", None, []) for one in entries
    ]
    read = [each["sql"] for each in queries.captured_queries]
    assert len(read) == 1 + 2 * 2, "the entries, then the filings and the rulings of three, and of one"
    # The latest ruling on each finding counts: the last row per position.
    assert read[2].endswith('ORDER BY "submissions_ruling"."position" ASC, "submissions_ruling"."id" ASC')
    with CaptureQueriesContext(connection) as queries:
        filings = filings_of(entries[::-1])
        for one, filing in zip(entries[::-1], filings, strict=True):
            assert (filing.pk, filing.submission.offer_id) == (one.filing, offer.pk)
            assert (filing.seal.digest, filing.verdict.outcome) == (one.seal, "ELIGIBLE")
    assert len(queries) == 1, "the filings with all that is read of them"


def test_the_digest_of_a_list_covers_its_offer_number_and_rows() -> None:
    def digest(**changes: Any) -> str:
        row: dict[str, Any] = {
            "place": 1,
            "filing": 9,
            "number": "2031-050-000001-K",
            "seal": "sha256:a",
            "score": None,
            "marks": 0,
            "reserve": "NONE",
        }
        offer, number = changes.pop("offer", "2031-050"), changes.pop("shortlist", 1)
        return digest_of(offer=offer, number=number, entries=[Entry(**row | changes)])

    found = {
        digest(),
        digest(offer="2031-051"),
        digest(shortlist=2),
        digest(place=2),
        digest(number="2031-050-000002-M"),
        digest(seal="sha256:b"),
        digest(score=Decimal("4.250")),
        digest(reserve="LIFTED"),
    }
    assert len(found) == 8
    assert digest(filing=8, marks=3) == digest(), "neither a key of the database nor a count is proved"
