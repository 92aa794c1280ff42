"""Lists of the administration: their declared columns, and the text of each cell, without a page."""

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation

from intake.accounts.models import User
from intake.review.bulk.views import BULK, PREPARE
from intake.review.models import CommitteeMember, Conflict, Shortlist, ShortlistExport
from intake.review.queue import rows as queue_rows
from intake.review.queue.rows import Marks
from intake.submissions.models import Submission
from offers.models import Offer
from tests.admin_tables import admin_columns, admin_declarations

NEVER = {"show_full_result_count": False, "show_facets": ShowFacets.NEVER}
FIELDS_OF_AN_EXPORT = (
    "at", "offer", "list_number", "file_format", "language", "rows_count", "bytes", "sha256", "who", "reason",
)  # fmt: skip


def test_the_list_of_committees_has_its_columns() -> None:
    assert admin_declarations(CommitteeMember) == NEVER | {
        "list_display": ("offer", "reviewer", "added_at", "holds"),
        "list_select_related": ("offer", "reviewer"),
        "list_filter": (("offer", "RelatedOnlyFieldListFilter"),),
        "search_fields": ("offer__number", "reviewer__email", "reviewer__display_name"),
        "ordering": ("offer__number", "reviewer__email", "pk"),
        "fields": ("offer", "reviewer"),
        "form": "CommitteeMemberForm",
        "actions": None,
    }
    assert admin_columns(CommitteeMember) == {"holds": "état"}


def test_the_list_of_conflicts_has_its_columns() -> None:
    assert admin_declarations(Conflict) == NEVER | {
        "list_display": ("file", "reviewer", "declared_at", "reason", "standing"),
        "list_select_related": ("submission__offer", "submission__standing_filing__receipt", "reviewer"),
        "list_filter": (("lifted_at", "EmptyFieldListFilter"),),
        "search_fields": (
            "submission__filed_name",
            "submission__standing_filing__receipt__number",
            "reviewer__email",
            "reviewer__display_name",
        ),
        "ordering": ("-declared_at", "-pk"),
        "actions": None,
    }
    assert admin_columns(Conflict) == {"file": "candidature", "standing": "état"}


def test_the_export_history_has_its_columns() -> None:
    assert admin_declarations(ShortlistExport) == NEVER | {
        "list_display": ("at", "offer", "list_number", "file", "who", "reason"),
        "list_display_links": ("at",),
        "list_filter": ("file_format", ("at", "InstantFilter")),
        "list_select_related": ("offer", "shortlist", "actor"),
        "search_fields": ("offer__number", "actor__email", "actor__display_name", "sha256"),
        "ordering": ("-at", "-id"),
        "sortable_by": (),
        "paginator": "BoundedPaginator",
        "fields": FIELDS_OF_AN_EXPORT,
        "readonly_fields": FIELDS_OF_AN_EXPORT,
    }
    assert admin_columns(ShortlistExport) == {
        "list_number": "liste",
        "file": "fichier",
        "bytes": "taille",
        "who": "par",
    }


def test_the_queue_has_its_filters_and_columns() -> None:
    assert admin_declarations(Submission) == {
        "list_filter": (
            "OfferFilter",
            "StateFilter",
            "ComplementFilter",
            "VerdictFilter",
            "HumanReviewFilter",
            "RegisterFilter",
            "MyWorkFilter",
            "StageFilter",
            "AssignmentFilter",
            "ReaderFilter",
            "DaysFilter",
            "DueFilter",
            "IneligibleFilter",
        ),
        "search_fields": ("filed_name",),
        "ordering": ("received_at", "pk"),
        "sortable_by": (),
        "show_full_result_count": False,
        "show_facets": ShowFacets.ALLOW,
        "list_per_page": 50,
        "list_max_show_all": 50,
        "paginator": "CountedPaginator",
        "actions": (
            "start_review",
            "reopen",
            "shortlist",
            "leave_shortlist",
            "recommend",
            "prepare_decisions",
        ),
        "list_display_links": ("number",),
    }
    assert list(admin_columns(Submission).items()) == [
        ("number", "numéro"),
        ("name", "nom"),
        ("offer_number", "offre"),
        ("received", "reçue le"),
        ("state_badge", "état"),
        ("verdict_badge", "admissibilité"),
        ("own_mark", "ma note"),
        ("mean", "moyenne"),
    ]


def test_each_bulk_action_has_its_permission() -> None:
    assert [
        (str(vars(act)["short_description"]), vars(act)["allowed_permissions"]) for act in (*BULK, PREPARE)
    ] == [
        ("Mettre à l’étude", ["triage"]),
        ("Rouvrir l’étude", ["decide"]),
        ("Présélectionner", ["decide"]),
        ("Retirer de la liste de présélection", ["decide"]),
        ("Recommander à l’organisation", ["decide"]),
        ("Préparer des décisions…", ["prepare"]),
    ]


# -- The queue, for each reader ----------------------------------------------------------------------------------
class Reader:
    """A user with some permissions, without a database row."""

    def __init__(self, *permissions: str) -> None:
        self._permissions = permissions

    def has_perm(self, permission: str) -> bool:
        """True if the permission was given."""
        return permission in self._permissions


def request_of(reader: Reader, query: str = "") -> HttpRequest:
    request: Any = RequestFactory().get(f"/{query}")
    request.user = reader
    return request  # type: ignore[no-any-return]  # -- its user is a Reader


def queue() -> Any:
    return admin.site.get_model_admin(Submission)


DECIDES, TRIAGES = "submissions.decide_submission", "submissions.triage_submission"


@pytest.mark.parametrize(
    "permissions, query, shown",
    [
        ((), "", ("number", "name", "offer_number", "received", "verdict_badge", "state_badge", "own_mark")),
        ((), "?offre=1", ("number", "name", "received", "verdict_badge", "state_badge", "own_mark")),
        ((DECIDES,), "?offre=", (
            "number", "name", "offer_number", "received", "verdict_badge", "state_badge", "own_mark", "mean",
        )),
        ((DECIDES,), "?offre=1", (
            "number", "name", "received", "verdict_badge", "state_badge", "own_mark", "mean",
        )),
    ],
)  # fmt: skip
def test_the_columns_of_the_queue_depend_on_permission_and_chosen_offer(
    permissions: tuple[str, ...], query: str, shown: tuple[str, ...]
) -> None:
    assert queue().get_list_display(request_of(Reader(*permissions), query)) == shown


def test_each_admin_permission_of_the_queue_has_its_codename() -> None:
    rights = ("has_triage_permission", "has_decide_permission", "has_prepare_permission")
    found = {
        given: [getattr(queue(), right)(request_of(Reader(given))) for right in rights]
        for given in (TRIAGES, DECIDES, "review.prepare_decisions", "submissions.view_submission")
    }
    assert found == {
        TRIAGES: [True, False, False],
        DECIDES: [False, True, False],
        "review.prepare_decisions": [False, False, True],
        "submissions.view_submission": [False, False, False],
    }


def test_the_queue_has_only_the_list_and_the_change_page() -> None:
    assert [pattern.name for pattern in queue().get_urls()] == [
        "submissions_submission_changelist",
        "submissions_submission_change",
    ]


def line(**read: object) -> Submission:
    """Return a submission as the list reads it."""
    submission = Submission(pk=12, state="SUBMITTED", reserve="NONE", filed_outcome="ELIGIBLE")
    vars(submission).update(
        {
            "receipt_number": "2031-050-000001-K",
            "offer_number": "2031-050",
            "organisation_short": "",
            "is_over": False,
            "is_matched": False,
            "own_first": False,
            "read_marks": Marks(None, 0, None),
        }
        | read
    )
    return submission


CASES: list[tuple[str, dict[str, object], str]] = [
    ("number", {}, "2031-050-000001-K"),
    ("number", {"receipt_number": None}, ""),
    ("offer_number", {}, "2031-050"),
    ("offer_number", {"organisation_short": "OIM"}, "2031-050 OIM"),
    ("received", {}, ""),
    ("received", {"received_at": datetime(2031, 1, 10, 3, 4, tzinfo=UTC)}, "Reçue le 9 janvier 2031, 22 h 04"),
    ("state_badge", {}, "[open:Reçue]"),
    ("state_badge", {"state": "COMPLEMENT_REQUESTED", "is_over": True},
     "[warning:Dossier incomplet] [error:Délai passé]"),
    ("verdict_badge", {}, "[success:Admissible]"),
    ("verdict_badge", {"reserve": "PENDING", "filed_outcome": "INELIGIBLE", "is_matched": True},
     "[error:Non admissible] [warning:Révision demandée] [warning:Registre à vérifier]"),
    ("own_mark", {}, "Ma note —"),
    ("own_mark", {"read_marks": Marks(None, 0, Decimal("3.50"))}, "Ma note 3,50"),
    ("mean", {}, "Moyenne —"),
    ("mean", {"read_marks": Marks(Decimal("3.25"), 2, None)}, "Moyenne 3,3 (2 notes)"),
    ("mean", {"read_marks": Marks(Decimal(3), 1, None), "own_first": True}, "Moyenne —"),
    ("mean", {"read_marks": Marks(Decimal(3), 1, Decimal(2)), "own_first": True}, "Moyenne 3,0 (1 note)"),
]  # fmt: skip


@pytest.mark.parametrize("column, read, said", CASES)
def test_each_cell_of_the_queue_has_its_text(column: str, read: dict[str, object], said: str) -> None:
    shown = str(getattr(queue(), column)(line(**read)))
    shown = shown.replace('<span class="review-cell-label">', "").replace("\u00a0", " ")
    for tone in ("open", "warning", "error", "success"):
        shown = shown.replace(f'<span class="state state-{tone}">', f"[{tone}:")
    closing = "]" if "[" in shown else ""
    assert shown.replace("</span>", closing) == said


def test_the_checkbox_of_a_line_is_labelled_by_its_number() -> None:
    box = (
        '<input type="checkbox" name="_selected_action" value="12" class="action-select"'
        ' aria-label="Choisir 1&lt;2 pour une action">'
    )
    assert queue_rows.checkbox("1<2", 12) == box
    assert queue().action_checkbox(line(receipt_number="1<2")) == box
    with translation.override("en"):
        assert "Choisir" not in queue_rows.checkbox("1<2", 12)


def test_the_text_of_a_cell_is_escaped() -> None:
    assert (
        queue_rows._labelled("<b>", "a&b", "fr") == '<span class="review-cell-label">&lt;b&gt;</span> a&amp;b'
    )


# -- Export history and conflicts ----------------------------------------------------------------------------------
def test_each_cell_of_the_export_history_has_its_text() -> None:
    ledger: Any = admin.site.get_model_admin(ShortlistExport)
    offer = Offer(number="2031-050")
    frozen = ShortlistExport(
        offer=offer,
        shortlist=Shortlist(number=3, offer=offer),
        file_format="csv",
        language="en",
        rows_count=1,
        size=1_536,
        actor=User(email="staff@exemple.invalid", display_name="Sam Roy"),
    )
    standing = ShortlistExport(offer=offer, file_format="zip", language="fr", rows_count=2, size=1)
    names = ("list_number", "file", "bytes", "who")
    assert [[str(getattr(ledger, name)(each)) for name in names] for each in (frozen, standing)] == [
        [
            '<a href="/admin/offres/2031-050/preselection/3/">liste 3</a>',
            "CSV, en, 1\u00a0candidature",
            "1,5\u00a0Ko",
            "Sam Roy",
        ],
        ["non figée", "ZIP, fr, 2\u00a0candidatures", "1\u00a0octet", "Une commande du système"],
    ]


def test_history_queue_and_conflicts_cannot_be_added_or_deleted() -> None:
    ledger: Any = admin.site.get_model_admin(ShortlistExport)
    everything: Any = SimpleNamespace(user=User(is_superuser=True, is_active=True, is_staff=True))
    rights: list[Any] = [
        ledger.has_add_permission,
        ledger.has_change_permission,
        ledger.has_delete_permission,
        queue().has_add_permission,
        queue().has_change_permission,
        queue().has_delete_permission,
        admin.site.get_model_admin(Conflict).has_add_permission,
        admin.site.get_model_admin(Conflict).has_delete_permission,
        admin.site.get_model_admin(CommitteeMember).has_change_permission,
    ]
    assert [right(everything) for right in rights] == [False] * len(rights)


def test_a_conflict_displays_its_state_and_its_lifting() -> None:
    conflicts: Any = admin.site.get_model_admin(Conflict)
    standing, lifted = Conflict(), Conflict(lifted_at=datetime(2031, 1, 1, tzinfo=UTC))
    request = request_of(Reader())
    shown = ("file", "reviewer", "reason", "declared_by", "declared_at")
    assert [conflicts.get_fields(request, each) for each in (None, standing, lifted)] == [
        (*shown, "lift_reason"),
        (*shown, "lift_reason"),
        (*shown, "lifted_by", "lifted_at", "lift_reason"),
    ]
    assert conflicts.get_readonly_fields(request, lifted) == (*shown, "lifted_by", "lifted_at")
    assert [conflicts.standing(each) for each in (standing, lifted)] == [
        '<span class="state state-warning">En vigueur</span>',
        '<span class="state state-none">Levé</span>',
    ]


def test_a_membership_displays_whether_it_is_valid() -> None:
    committees: Any = admin.site.get_model_admin(CommitteeMember)
    held, void = CommitteeMember(), CommitteeMember()
    vars(held)["is_void"], vars(void)["is_void"] = False, True
    assert [committees.holds(each) for each in (held, void)] == [
        "siège valide",
        '<span class="state state-warning">siège sans effet</span> cette personne a une candidature à cette offre',
    ]
