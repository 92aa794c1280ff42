"""A small complete portal: one person of each kind, and one object of each kind that an address can name."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponseBase
from django.utils import timezone

from intake.accounts.changes import ask_change
from intake.accounts.models import AccountChange, User
from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.privacy.models import Risk
from intake.review.exports.operations import export_shortlist
from intake.review.models import CommitteeMember, ShortlistExport
from intake.review.shortlists.operations import freeze_shortlist
from intake.submissions.models import Submission
from intake.transparency.selectors import log_position
from intake.transparency.services import append_leaves, publish_root
from offers.models import Offer, SynonymGroup
from tests.factories.decisions import make_batch
from tests.factories.exports import make_order, write_all
from tests.factories.factors import invite, make_application, make_open_session
from tests.factories.incidents import make_incident, make_update
from tests.factories.offers import make_draft as make_offer_draft
from tests.factories.offers import make_point, make_programme, make_synonyms
from tests.factories.participants import make_participation
from tests.factories.people import client_of, make_administrator, make_staff, make_user, prove_mailbox
from tests.factories.review import (
    make_assessment,
    make_bulk_run,
    make_conflict,
    make_dossier,
    make_filed,
    make_reviewer,
    make_saved_view,
    make_shortlisted,
    make_signed_receipt,
)
from tests.factories.submissions import make_draft, make_open_offer
from tests.house.browser import Browser, KeptSession, rolled_back
from tests.house.routes import Route

PEOPLE = ("anonymous", "candidate", "stranger", "elsewhere", "reviewer", "staff", "administrator")
"""`candidate` owns the objects. `stranger` is another candidate of the same offer. `reviewer` is on its committee,
`elsewhere` on the committee of another offer only."""

UNCHECKED = "unchecked"
"""Another visitor of the access matrix: `staff`, in a session without a checked second factor."""

PLANTED: dict[str, Any] = {
    "first_name": "Ézéchielle",
    "last_name": "Quatre-Vents d’Amqui",
    "birth_date": "1999-02-17",
    "phone": "+14185550197",
    "address_line": "77, chemin du Lac-à-l’Épaule",
    "postal_code": "G7X 9Z1",
}
"""The candidate's personal data; no other person has any of these values."""
PLANTED_EMAIL = "ezechielle@planted.invalid"
PLANTED_FILE = "cv-ezechielle.pdf"

NOWHERE: dict[str, object] = {
    "public_id": "00000000-0000-4000-8000-000000000000",
    "person_id": "00000000-0000-4000-8000-000000000000",
    "run_id": "00000000-0000-4000-8000-000000000000",
    "view_id": "00000000-0000-4000-8000-000000000000",
    "order_id": "00000000-0000-4000-8000-000000000000",
    "session_id": "00000000-0000-4000-8000-000000000000",
    "factor_id": 10**9,
    "object_id": 10**9,
    "request_id": 10**9,
    "rank": 10**9,
    "first": 10**9,
    "second": 10**9,
    "leaf_hash": "0" * 64,
    "point_id": 10**9,
    "position": 10**9,
    "page": 10**9,
    "batch_id": 10**9,
    "incident_id": 10**9,
    "content_type_id": 10**9,
    "number": "9999-999",
    "app_label": "rien",
    "key": "rien",
    "slug": "rien",
    "which": "rien.pdf",
    "file_format": "rien",
    "url": "rien/",
}
"""For each parameter of an address, a value that names no object."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The people, their browsers, and the objects that addresses name."""

    people: Mapping[str, User]
    cookies: Mapping[str, SimpleCookie]
    sessions: Mapping[str, KeptSession]
    filed: Submission
    drafted: Submission
    values: Mapping[str, object]
    variants: Mapping[str, Mapping[str, object]]
    rows: Mapping[str, int]

    def values_for(self, route: Route, variant: str = "") -> dict[str, object]:
        """Return the parameters of `route`. `variant` selects other objects than the default ones."""
        return {
            name: self._value(route, name) for name in route.parameters
        } | {
            name: value for name, value in self.variants[variant].items() if name in route.parameters
        }  # fmt: skip

    def _value(self, route: Route, name: str) -> object:
        if name == "object_id":
            found = next((pk for part, pk in self.rows.items() if part in route.name), None)
            return NOWHERE["object_id"] if found is None else found
        return self.values[name]

    def client(self, person: str, *, enforce_csrf_checks: bool = False) -> Browser:
        """Return a fresh browser in which `person` is signed in; the session is in the cache."""
        client = Browser(enforce_csrf_checks=enforce_csrf_checks)
        client.cookies = SimpleCookie({name: morsel.value for name, morsel in self.cookies[person].items()})
        if person in self.sessions:
            self.sessions[person].put()
        return client

    def ask(self, person: str, method: str, address: str, **options: Any) -> HttpResponseBase:
        """Return the response to one request and undo its effects."""
        with rolled_back():
            answer: HttpResponseBase = self.client(person, **options).generic(method, address)
            if answer.streaming:
                b"".join(answer)
        return answer


def _make_only_synonyms() -> SynonymGroup:
    """Make one group; those of the migration are there or not, by the tests that ran before."""
    SynonymGroup.objects.all().delete()
    return make_synonyms("bioéthique", "éthique du vivant")


def make_world(
    *, said: Mapping[str, Any] = PLANTED, email: str = PLANTED_EMAIL, written: Mapping[str, Any] | None = None
) -> World:
    """Make the world by the portal's operations.

    `said`: the candidate's answers. `email`: their address. `written`: the fields of the two offers they apply to.
    """
    words = written or {}
    call, other_call = make_open_offer(number="2031-010", **words), make_open_offer(number="2031-020")
    drafted_call = make_open_offer(number="2031-030", **words)
    unpublished = make_offer_draft(
        at=timezone.now(), number="2031-040", organisation="Organisation encore secrète"
    )
    candidate, stranger = make_user(email), make_user("etrangere@exemple.invalid")
    filed = make_filed(call, candidate=candidate, **said)
    drafted = make_draft(offer=drafted_call, candidate=candidate, **said).submission
    make_filed(call, candidate=stranger)
    make_draft(offer=drafted_call, candidate=stranger)
    make_filed(other_call)
    for submission in Submission.objects.filter(standing_filing__isnull=False):
        make_dossier(submission)
        make_signed_receipt(submission)
    people = {
        "candidate": candidate,
        "stranger": stranger,
        "reviewer": make_reviewer(call, email="evaluatrice@exemple.invalid"),
        "elsewhere": make_reviewer(other_call, email="ailleurs@exemple.invalid"),
        "staff": make_staff(email="personnel@exemple.invalid"),
        "administrator": make_administrator("admin@exemple.invalid"),
    }
    make_assessment(filed, people["reviewer"], 4, "Note du comité")
    make_shortlisted(call)
    batch = make_batch(make_shortlisted(call), preparer=people["staff"])
    frozen = freeze_shortlist(offer=call, actor=people["staff"], reason="Envoi à l’hôte", at=timezone.now())
    export_shortlist(
        offer=call, shortlist=frozen, file_format="csv", to=BytesIO(), actor=people["staff"], reason="Envoi"
    )
    ready = make_order(people["staff"], frozen)
    incident = make_incident(risk=Risk.SERIOUS, assessment="Adresses seules.")
    make_update(incident, "MEASURE")
    write_all()
    checked = {name: client_of(user) for name, user in people.items()}
    cookies = {name: client.cookies for name, client in checked.items()}
    unchecked = client_of(people["staff"], second_factor=False)
    prove_mailbox(unchecked, people["staff"])
    invite(people["staff"], unchecked, checked["staff"])
    cookies[UNCHECKED] = unchecked.cookies
    sessions = {
        name: KeptSession(given[settings.SESSION_COOKIE_NAME].value) for name, given in cookies.items()
    }
    return World(
        people=people,
        cookies=cookies | {"anonymous": SimpleCookie()},
        sessions=sessions,
        filed=filed,
        drafted=drafted,
        values={
            "public_id": filed.public_id,
            "person_id": candidate.public_id,
            "factor_id": make_application(candidate).pk,
            "session_id": make_open_session(candidate).public_id,
            "number": call.number,
            "request_id": call.documents.get(kind="CV").pk,
            "point_id": make_point(unpublished).pk,
            "position": 1,
            "page": 1,
            "batch_id": batch.pk,
            "incident_id": incident.pk,
            "key": "identite",
            "sequence": 1,
            "which": "fichier.pdf",
            "list_number": frozen.number,
            "slug": "start-review",
            "run_id": make_bulk_run(filed, people["staff"]).public_id,
            "view_id": make_saved_view(people["staff"]).public_id,
            "order_id": make_order(people["staff"], frozen).public_id,
            "file_format": "csv",
            "app_label": "offers",
            "user_id": candidate.pk,
            "kind": "ADDRESS",
            "change_id": _ask_for_roles(people["reviewer"]).pk,
            **_log_of(filed),
            "content_type_id": ContentType.objects.get_for_model(Offer).pk,
            "url": "rien/",
            "token": "x",  # of no mail: a valid one would sign in
        },
        variants={
            "": {},
            "draft": {
                "public_id": drafted.public_id,
                "object_id": drafted.pk,
                "request_id": drafted_call.documents.get(kind="CV").pk,
                "number": drafted_call.number,
            },
            "unpublished": {"number": unpublished.number, "object_id": unpublished.pk},
            "ready": {"order_id": ready.public_id},
            "own": {"object_id": candidate.pk},
            "spare": {"object_id": make_programme().pk},
        },
        rows={
            "offers_offer": call.pk,
            "offers_programme": call.programme_id,
            "offers_synonymgroup": _make_only_synonyms().pk,
            "journal_entry": Entry.objects.order_by("pk")[0].pk,
            "accounts_user": candidate.pk,
            "outbox_delivery": Delivery.objects.order_by("pk")[0].pk,
            "submissions_submission": filed.pk,
            "register_participation": make_participation(
                **{key: said[key] for key in ("last_name", "first_name", "birth_date")}
            ).pk,
            "review_committeemember": CommitteeMember.objects.get(reviewer=people["reviewer"]).pk,
            "review_shortlistexport": ShortlistExport.objects.earliest("pk").pk,
            "review_conflict": make_conflict(filed, make_reviewer(call)).pk,
            "view_on_site": call.pk,
        },
    )


def _ask_for_roles(person: User) -> AccountChange:
    """Ask, as an administrator who is none of the people, for other roles of `person`."""
    return ask_change(
        person=person,
        kind=AccountChange.Kind.ROLES,
        value="STAFF",
        reason="Nouvelles fonctions.",
        actor=make_administrator("direction@exemple.invalid"),
        at=timezone.now(),
    )


def _log_of(filed: Submission) -> dict[str, object]:
    """Publish the log of all receipts. Return the values for its addresses, the proof of `filed` included."""
    while append_leaves():
        pass
    root = publish_root()
    filing = filed.standing_filing
    assert root is not None
    assert filing is not None
    logged = log_position(filing.receipt.number)
    assert logged is not None
    return {"rank": root.rank, "first": root.size, "second": root.size, "leaf_hash": logged.leaf_hash}
