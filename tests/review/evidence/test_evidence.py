"""Evidence: a finding that rests on the candidate's answer is confirmed or contradicted against a page."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.dossiers.models import Dossier
from intake.dossiers.outline import outline_of
from intake.dossiers.sealed_payload import SealedDocument
from intake.journal.models import Entry
from intake.review.access.errors import (
    HumanReviewPendingError,
    NotOnCommitteeError,
    OwnSubmissionError,
    ReviewError,
    StaleFilingError,
)
from intake.review.evidence.errors import (
    EmptyBasisError,
    PageOutOfBoundsError,
    StaleEvidenceError,
    UnknownDocumentError,
    VerificationNotAllowedError,
)
from intake.review.evidence.operations import Basis, verify_finding
from intake.review.evidence.queries import confirmed_counts, latest_evidence_on
from intake.review.models import Evidence
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.filing.operations import file_draft
from intake.submissions.lifecycle.errors import FindingUnconfirmedError
from intake.submissions.lifecycle.operations import announce_move
from intake.submissions.models import FiledDocument, Submission
from intake.submissions.states import Action
from tests.factories.people import client_of, give_role, make_staff
from tests.factories.review import (
    make_assessment,
    make_conflict,
    make_dossier,
    make_filed,
    make_filed_for_review,
    make_reviewer,
    make_shortlisted,
)
from tests.factories.submissions import ALL_DECLARATIONS, make_open_offer
from tests.review.reading import file_address, filing_of, one_line_of

pytestmark = pytest.mark.django_db

CONFIRMED, CONTRADICTED = Evidence.Outcome.CONFIRMED, Evidence.Outcome.CONTRADICTED
AGE = 1  # position in the demonstration's rulebook
WORDS = "Vu à l’entrevue du 3 mars."


def document_of(submission: Submission) -> FiledDocument:
    return filing_of(submission).documents.select_related("upload").get(request__kind="CV")


def verify(submission: Submission, actor: User, **changes: Any) -> Evidence:
    asked: dict[str, Any] = {
        "filing": filing_of(submission),
        "position": AGE,
        "outcome": CONFIRMED,
        "basis": Basis(note=WORDS),
    }
    return verify_finding(actor=actor, **(asked | changes))


def refile(submission: Submission) -> None:
    draft = start_amendment(submission=submission, actor=submission.candidate)
    file_draft(draft=draft, actor=submission.candidate, declarations=ALL_DECLARATIONS)


def row_of(answer: Any, position: int = AGE) -> Any:
    return answer.context["checks"].rows[position]


def form_data_in(page: Any, position: int = AGE) -> dict[str, Any]:
    """Return the data of the form on one finding, as the file's page displays it."""
    form = row_of(page, position).form
    sent = {"filing": form["filing"].value(), "seen": form["seen"].value()}
    return sent | {"outcome": CONFIRMED, "document": "", "page": "", "note": WORDS}


def send(user: User, submission: Submission, position: int = AGE, **changes: Any) -> Any:
    """Send the form on one finding as the page displays it, with `changes`."""
    page = client_of(user).get(file_address(submission))
    return post(user, submission, position, **(form_data_in(page, position) | changes))


def post(user: User, submission: Submission, position: int = AGE, **sent: Any) -> Any:
    fields = {
        name if name == "prendre" else f"verification-{position}-{name}": value
        for name, value in sent.items()
    }
    address = reverse("review:verify", args=[submission.public_id, position])
    return client_of(user).post(address, fields, follow=True)


# -- The operation ---------------------------------------------------------------------------------------------
def test_the_latest_of_several_verifications_counts(filed: Submission) -> None:
    reviewer, staff = make_reviewer(filed.offer), make_staff()
    basis = Basis(document_id=document_of(filed).pk, page=1, note="  Date au haut.  ")
    first = verify(filed, reviewer, basis=basis, seen=0)
    assert (first.kind, first.page, first.note) == ("AGE", 1, "Date au haut.")
    second = verify(filed, staff, outcome=CONTRADICTED, seen=first.pk, over=reviewer.pk)
    filing = filing_of(filed)
    assert latest_evidence_on([filing]) == {filing.pk: {AGE: second}}
    assert Evidence.objects.count() == 2
    actions = (
        Entry.objects.filter(action__startswith="EVIDENCE").order_by("pk").values_list("action", "detail")
    )
    assert list(actions) == [("EVIDENCE_CONFIRMED", "AGE"), ("EVIDENCE_CONTRADICTED", "AGE")]


def test_a_selection_requires_every_finding_to_be_confirmed() -> None:
    submission, staff = make_shortlisted(make_open_offer()), make_staff()
    filing = filing_of(submission)
    blocking = filing.verdict.blocking
    for position in blocking:
        verify(submission, staff, position=position)
    verify(submission, staff, outcome=CONTRADICTED)
    assert confirmed_counts(filing) == (len(blocking) - 1, len(blocking))
    with pytest.raises(FindingUnconfirmedError):
        announce_move(submission=submission, action=Action.SELECT, actor=staff, version=None)
    verify(submission, staff)
    moved = announce_move(submission=submission, action=Action.SELECT, actor=staff, version=None)
    assert moved.state == "SELECTED"


@pytest.mark.parametrize(
    "basis, refusal",
    [
        (Basis(note=" \n"), EmptyBasisError),
        (Basis(page=1, note=WORDS), EmptyBasisError),
        (Basis(document_id=10**9, page=1), UnknownDocumentError),
        (Basis(document_id=-1, page=1), UnknownDocumentError),
        (Basis(document_id=0, page=0), PageOutOfBoundsError),
        (Basis(document_id=0, page=2), PageOutOfBoundsError),
        (Basis(document_id=0), PageOutOfBoundsError),
    ],
)
def test_a_verification_requires_a_valid_page_or_a_reason(
    filed: Submission, basis: Basis, refusal: type[ReviewError]
) -> None:
    """Document 0 stands for the filing's own, -1 for another filing's."""
    document = basis.document_id
    if document in {0, -1}:
        document = document_of(make_filed(filed.offer) if document else filed).pk
    with pytest.raises(refusal):
        verify(filed, make_staff(), basis=Basis(document_id=document, page=basis.page, note=basis.note))
    assert not Evidence.objects.exists()


def test_users_without_access_or_in_conflict_may_not_verify(filed: Submission) -> None:
    give_role(user=filed.candidate, role=Role.STAFF)
    reviewer = make_reviewer(filed.offer)
    make_conflict(filed, reviewer)
    for actor, refusal in (
        (User.objects.get(pk=filed.candidate_id), OwnSubmissionError),
        (make_reviewer(make_open_offer()), NotOnCommitteeError),
        (reviewer, NotOnCommitteeError),
    ):
        with pytest.raises(refusal):
            verify(filed, actor)


def test_an_unknown_finding_or_a_stale_filing_is_not_verified(filed: Submission) -> None:
    staff, old = make_staff(), filing_of(filed)
    with pytest.raises(VerificationNotAllowedError):
        verify(filed, staff, position=99)
    with pytest.raises(HumanReviewPendingError):
        verify(make_filed_for_review(filed.offer), staff)
    refile(filed)
    with pytest.raises(StaleFilingError):
        verify(filed, staff, filing=old)
    withdraw_submission(submission=filed, actor=filed.candidate, reason="Non.")
    with pytest.raises(VerificationNotAllowedError):
        verify(filed, staff)


def test_a_stale_verification_is_refused_and_a_repeated_one_kept_once(
    filed: Submission,
) -> None:
    staff = make_staff()
    kept = verify(filed, staff, seen=0)
    assert verify(filed, staff, seen=0) == kept
    with pytest.raises(StaleEvidenceError) as refused:
        verify(filed, staff, seen=0, outcome=CONTRADICTED)
    assert refused.value.last == kept
    assert Evidence.objects.count() == 1


# -- The page --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["reviewer", "staff"])
def test_a_finding_is_confirmed_with_a_link_to_its_page(filed: Submission, who: str) -> None:
    user = make_staff() if who == "staff" else make_reviewer(filed.offer)
    count = filing_of(filed).documents.count()
    make_dossier(filed, pages=3 + count, starts=range(4, 4 + count))
    page = client_of(user).get(file_address(filed))
    shown = one_line_of(page)
    wanted = len(filing_of(filed).verdict.blocking)
    assert f"0 constat sur {wanted} confirmé." in shown
    assert "« Retenir » reste impossible" in shown
    assert "Couverture, résultat et réponses" in shown
    assert "pages 1 à 3" in shown
    sent = form_data_in(page) | {"document": document_of(filed).pk, "page": "1", "note": ""}
    answer = post(user, filed, **sent)
    shown = one_line_of(answer)
    assert f"1 constat sur {wanted} confirmé." in shown
    assert f"par {user}, le" in shown
    assert "Curriculum vitæ, page 1" in shown
    dossier = reverse("review:dossier", args=[filed.public_id])
    first = next(part.start for part in answer.context["checks"].outline.parts if "vitæ" in part.label)
    assert (
        f'href="{dossier}?page={first}#page={first}&amp;navpanes=0&amp;view=FitH" target="dossier-depose"'
        in shown
    )


def test_a_contradiction_is_displayed_prominently(filed: Submission) -> None:
    shown = one_line_of(send(make_staff(), filed, outcome=CONTRADICTED))
    assert "1 contredit par un document." in shown
    assert '<span class="state state-error review-loud">Contredit</span>' in shown
    assert WORDS in shown


@pytest.fixture(scope="module")
def asked(fresh_page: Any) -> dict[str, Any]:
    """The data of the form on age: tests of wrong input read its page once."""
    return form_data_in(fresh_page)


@pytest.mark.parametrize(
    "changes, field, error",
    [
        ({"outcome": ""}, "outcome", "Choisissez : confirmé, ou contredit."),
        ({"note": "  "}, "note", "Choisissez un document et sa page"),
        ({"page": "2"}, "document", "Choisissez le document de cette page."),
        ({"document": "CV"}, "page", "Inscrivez la page du document"),
        ({"document": "CV", "page": "7"}, "page", "Ce document a 1 page : inscrivez 1."),
        ({"page": "deux"}, "page", "Inscrivez le numéro de la page"),
        ({"note": "x" * 501}, "note", "Ce texte a"),
        ({"seen": ""}, None, "Le formulaire reçu est incomplet"),
        ({"filing": "999999"}, None, "Le formulaire reçu est incomplet"),
    ],
)
def test_errors_of_a_verification_are_at_their_field_and_text_is_kept(
    filed: Submission, asked: dict[str, Any], changes: dict[str, Any], field: str | None, error: str
) -> None:
    if changes.get("document"):
        changes = changes | {"document": str(document_of(filed).pk)}
    answer = post(make_staff(), filed, **(asked | changes))
    assert answer.status_code == 422
    form = row_of(answer).form
    assert error in " ".join(form.errors[field or "__all__"]).replace("\u00a0", " ")
    assert form["note"].value() == changes.get("note", WORDS)
    assert error in one_line_of(answer)
    assert not row_of(answer, 0).form.errors
    assert not Evidence.objects.exists()


def test_a_concurrent_verification_is_displayed_and_typed_text_kept(filed: Submission) -> None:
    staff, colleague = make_staff(), make_reviewer(filed.offer)
    filing = filing_of(filed).pk
    verify(filed, colleague, basis=Basis(note="Vu le passeport."))
    answer = post(staff, filed, filing=filing, seen=0, outcome=CONTRADICTED, note=WORDS, prendre=colleague.pk)
    assert answer.status_code == 422
    shown = one_line_of(answer)
    assert f"{colleague} a vérifié ce constat" in shown
    assert "Vu le passeport." in shown
    assert row_of(answer).form["note"].value() == WORDS
    again: dict[str, Any] = {
        field.html_name.removeprefix(f"verification-{AGE}-"): field.value() or ""
        for field in row_of(answer).form
    }
    assert post(staff, filed, prendre=colleague.pk, **again).status_code == 200
    assert latest_evidence_on([filing_of(filed)])[filing][AGE].author == staff


def test_a_filing_replaced_meanwhile_is_reported_and_typed_text_kept(filed: Submission) -> None:
    old, document = filing_of(filed).pk, document_of(filed).pk
    refile(filed)
    staff = make_staff()
    answer = post(staff, filed, filing=old, seen=0, outcome=CONFIRMED, document=document, page=1, note=WORDS)
    assert answer.status_code == 422
    assert "La personne candidate a remplacé son dépôt pendant votre lecture" in one_line_of(answer)
    assert row_of(answer).form["note"].value() == WORDS
    withdraw_submission(submission=filed, actor=filed.candidate, reason="Un emploi.")
    answer = post(staff, filed, filing=filing_of(filed).pk, seen=0, outcome=CONFIRMED, note=WORDS)
    assert "Votre vérification n’est pas enregistrée" in one_line_of(answer)
    assert WORDS in one_line_of(answer)
    assert not Evidence.objects.exists()


def test_a_verification_of_an_invisible_file_is_not_found(filed: Submission) -> None:
    reviewer = make_reviewer(filed.offer)
    make_conflict(filed, reviewer)
    for user in (reviewer, make_reviewer(make_open_offer())):
        assert post(user, filed, outcome=CONFIRMED).status_code == 404
    assert not Evidence.objects.exists()
    colleague = make_reviewer(filed.offer)
    assert "Mettre à l’étude" in one_line_of(
        client_of(colleague).get(reverse("review:verify", args=[filed.public_id, AGE]), follow=True)
    )


def test_the_page_runs_as_many_queries_for_three_verifications_as_for_one(filed: Submission) -> None:
    make_dossier(filed)
    staff = make_staff()
    client = client_of(staff)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(file_address(filed)).status_code == 200
        return len(captured)

    verify(filed, staff, basis=Basis(document_id=document_of(filed).pk, page=1))
    queries()  # content types and permissions are cached
    alone = queries()
    for position, author in ((0, make_staff()), (AGE, make_reviewer(filed.offer)), (2, staff)):
        Evidence.objects.create(
            filing=filing_of(filed),
            position=position,
            kind="AGE",
            outcome=CONFIRMED,
            document=document_of(filed),
            page=1,
            author=author,
        )
    assert queries() == alone


# -- State of the file -----------------------------------------------------------------------------------------
def test_a_withdrawn_file_states_its_withdrawal_and_offers_no_action(
    filed: Submission, fresh_page: Any
) -> None:
    offered = ("Suite à donner", "À vérifier", "« Retenir »", "Ce dossier est libre")
    before = fresh_page
    assert [words for words in offered if words not in one_line_of(before)] == []
    wanted = len(filing_of(filed).verdict.blocking)
    assert sum(row.form is not None for row in before.context["checks"].rows) == wanted
    withdraw_submission(submission=filed, actor=filed.candidate, reason="J’ai accepté un emploi.")
    answer = client_of(make_staff()).get(file_address(filed))
    shown = one_line_of(answer)
    assert "la personne candidate s’est désistée le" in shown
    assert "J’ai accepté un emploi." in shown
    assert [words for words in offered if words in shown] == []
    assert all(row.form is None for row in answer.context["checks"].rows)


def test_a_file_withdrawn_again_states_its_last_withdrawal(filed: Submission) -> None:
    withdraw_submission(submission=filed, actor=filed.candidate, reason="Un premier emploi.")
    refile(filed)
    withdraw_submission(submission=filed, actor=filed.candidate, reason="Des études.")
    banner = one_line_of(client_of(make_staff()).get(file_address(filed))).partition("s’est désistée le")[2][
        :300
    ]
    assert "Des études." in banner
    assert "Un premier emploi." not in banner


def test_a_file_amended_since_the_own_assessment_is_marked(filed: Submission) -> None:
    reviewer, banner = (
        make_reviewer(filed.offer),
        "Cette candidature a changé depuis votre évaluation.",
    )
    make_assessment(filed, reviewer, 4)
    assert banner not in one_line_of(client_of(reviewer).get(file_address(filed)))
    refile(filed)
    assert banner in one_line_of(client_of(reviewer).get(file_address(filed)))
    assert banner not in one_line_of(client_of(make_reviewer(filed.offer)).get(file_address(filed)))


def test_a_document_missing_in_the_dossier_is_reported(filed: Submission) -> None:
    count = filing_of(filed).documents.count()
    # The first document has one page; two pages are missing before the second document.
    make_dossier(filed, pages=5 + count, starts=[4, *range(7, 6 + count)])
    shown = one_line_of(client_of(make_staff()).get(file_address(filed)))
    assert "Dossier PDF incomplet : 1 document est illisible." in shown
    assert "Illisible, remplacée" in shown


# -- Page numbers of a dossier ---------------------------------------------------------------------------------
def test_the_first_page_of_each_document_is_stored_or_computed() -> None:
    sealed = [
        SealedDocument(kind="CV", label=label, name="x.pdf", pages=pages, size=1, sha256="0" * 64)
        for label, pages in (("CV", 2), ("Lettre", 1))
    ]

    def read(**fields: Any) -> Any:
        outline = outline_of(Dossier(**fields), sealed)
        return outline and (
            outline.cover,
            [(part.start, part.pages, part.replaced) for part in outline.parts],
        )

    assert read(pages=6, starts=[4, 6]) == (3, [(4, 2, False), (6, 1, False)])
    assert read(pages=6) == read(pages=6, starts=[4, 6])
    assert read(pages=5, starts=[4, 5]) == (3, [(4, 1, True), (5, 1, False)])
    assert read(pages=3) is None
    assert read(pages=6, starts=[4]) is None
