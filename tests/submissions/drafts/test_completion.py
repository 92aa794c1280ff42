"""Progress of a complement, and changes since a page was displayed: from objects without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from intake.documents.models import Upload
from intake.submissions.attachments.cards import DocumentCard, Outcome, card_with_result, form_for
from intake.submissions.complements.scope import Scope
from intake.submissions.drafts import complement_progress
from intake.submissions.drafts.complement_progress import (
    ComplementProgress,
    ItemProgress,
    RequestedFile,
    RequestedSection,
    file_progress,
)
from intake.submissions.drafts.queries import DraftDetails, RequestedDocument
from intake.submissions.filing.form_version import (
    ChangedPart,
    FormChanges,
    changed_since,
    complement_value,
    form_version_of,
    parse_complement_value,
    parse_form_version,
    part_digests,
)
from intake.submissions.gate.readiness import check_readiness
from intake.submissions.models import ComplementRequest, Draft, DraftDocument, Filing, Submission
from intake.submissions.questions.offer_questions import OfferQuestions
from offers.models import DocumentRequest, Offer
from tests.submissions.questions.test_questions import rulebook

ON = date(2027, 9, 1)
AT = datetime(2027, 9, 1, tzinfo=UTC)
NAMED = {"first_name": "Noor", "last_name": "Roy"}
REACHED = {
    "phone": "+14185550142",
    "address_line": "1, rue d’Essai",
    "city": "Québec",
    "province": "QC",
    "postal_code": "G1A 1A4",
}
STATUS = {"legal_status": "CITIZEN"}
WHOLE = NAMED | REACHED | STATUS
CV, LETTER, PROOF = (
    DocumentRequest(pk=11, kind="CV", label="CV", required=True),
    DocumentRequest(pk=12, kind="MOTIVATION_LETTER", label="Lettre", required=True),
    DocumentRequest(pk=13, kind="TRANSCRIPT", label="Relevé", required=False),
)


def _file(digest: str, **fields: Any) -> DraftDocument:
    return DraftDocument(upload=Upload(sha256=digest, public_id=UUID(int=int(digest)), **fields))


def _application(answers: dict[str, Any] | None = None, **files: DraftDocument) -> DraftDetails:
    """Return the contents of a draft; `cv`, `letter` and `proof` are its files."""
    held = {CV.pk: files.get("cv"), LETTER.pk: files.get("letter"), PROOF.pk: files.get("proof")}
    given = WHOLE if answers is None else answers
    return DraftDetails(
        submission=Submission(pk=5, offer=Offer(pk=3), state="COMPLEMENT_REQUESTED"),
        draft=Draft(pk=21, version=4, answers=given),
        documents=tuple(RequestedDocument(request, held[request.pk]) for request in (CV, LETTER, PROOF)),
        readiness=check_readiness(
            answers=given,
            documents=(CV, LETTER, PROOF),
            provided=[pk for pk, file in held.items() if file is not None],
            asks=OfferQuestions(rulebook({"kind": "LEGAL_STATUS", "accepted": ["CITIZEN"]})),
            on=ON,
        ),
        is_open=True,
    )


def _completion(
    *,
    documents: tuple[ItemProgress, ...] = (),
    sections: tuple[ItemProgress, ...] = (),
    is_alone: bool = True,
    **changes: Any,
) -> ComplementProgress:
    application = _application()
    asked = [*application.documents]
    rows = [*application.readiness.sections]
    parts: dict[str, Any] = {
        "complement": ComplementRequest(pk=8),
        "is_alone": is_alone,
        "documents": tuple(RequestedFile(row, done) for row, done in zip(asked, documents, strict=False)),
        "sections": tuple(
            RequestedSection(row.section, done) for row, done in zip(rows, sections, strict=False)
        ),
        "other_documents": (),
        "other_sections": (),
        "stray_sections": (),
        "stray_documents": (),
    }
    return ComplementProgress(**parts | changes)


A, C, M = ItemProgress.AS_FILED, ItemProgress.CHANGED, ItemProgress.MISSING


@pytest.mark.parametrize(
    "documents, sections, first_document, first_section, is_touched, as_filed, lacks",
    [
        ((C, C), (C, C), None, None, True, False, False),
        ((C, A), (C,), 1, None, False, True, False),
        ((C, C, M), (), 2, None, False, False, True),
        ((C,), (C, A, M), None, 1, False, True, True),
        ((), (M, A), None, 0, False, True, True),
        ((A, M), (), 0, None, False, True, True),
        ((), (), None, None, True, False, False),
    ],
)
def test_remaining_work_is_computed_from_the_requested_parts(
    documents: tuple[ItemProgress, ...],
    sections: tuple[ItemProgress, ...],
    first_document: int | None,
    first_section: int | None,
    *,
    is_touched: bool,
    as_filed: bool,
    lacks: bool,
) -> None:
    found = _completion(documents=documents, sections=sections)
    assert found.first_document == (None if first_document is None else found.documents[first_document])
    assert found.first_section == (None if first_section is None else found.sections[first_section])
    assert (found.is_touched, found.as_filed, found.lacks) == (is_touched, as_filed, lacks)
    assert found.keys == {part.section.key for part in found.sections}
    assert found.request_ids == {file.row.request.pk for file in found.documents}
    assert [file.key for file in found.documents] == ["11", "12", "13"][: len(documents)]


def test_missing_parts_outside_the_scope_are_named_for_a_complement_only() -> None:
    application = _application({key: WHOLE[key] for key in WHOLE if key != "city"}, letter=_file("1"))
    rest: dict[str, Any] = {
        "other_documents": application.documents,
        "other_sections": application.readiness.sections,
    }
    assert [str(title) for title in _completion(**rest).missing_elsewhere] == ["CV", "Coordonnées"]
    assert _completion(is_alone=False, **rest).missing_elsewhere == ()


def test_a_draft_is_out_of_scope_if_it_changes_an_unrequested_part() -> None:
    application = _application()
    assert not _completion().is_astray
    assert _completion(stray_sections=application.readiness.asked[:1]).is_astray
    assert _completion(stray_documents=application.documents[:1]).is_astray


def test_each_requested_section_is_missing_unchanged_or_changed() -> None:
    filed = Filing(draft=Draft(answers=WHOLE))
    now = _application(NAMED | REACHED | {"city": "Lévis"})
    scope = Scope(frozenset({"identite", "coordonnees", "statut"}), frozenset())
    assert [(part.section.key, part.done) for part in complement_progress._sections(now, scope, filed)] == [
        ("identite", ItemProgress.AS_FILED),
        ("coordonnees", ItemProgress.CHANGED),
        ("statut", ItemProgress.MISSING),
    ]
    narrower = Scope(frozenset({"coordonnees"}), frozenset())
    assert [part.section.key for part in complement_progress._sections(now, narrower, filed)] == [
        "coordonnees"
    ]
    assert [section.key for section in complement_progress._out_of_scope_sections(now, narrower, filed)] == [
        "statut"
    ]
    assert [section.key for section in complement_progress._out_of_scope_sections(now, scope, filed)] == []


@pytest.mark.parametrize(
    "request_, held, filed, done",
    [
        (CV, None, None, M),
        (CV, None, "1", M),
        (PROOF, None, None, M),
        (PROOF, None, "1", C),
        (CV, "1", "1", A),
        (CV, "2", "1", C),
        (PROOF, "1", "1", A),
        (PROOF, "1", None, C),
    ],
)
def test_each_requested_document_is_missing_unchanged_or_changed(
    request_: DocumentRequest, held: str | None, filed: str | None, done: ItemProgress
) -> None:
    files = {request_.pk: filed, 99: "1"} if filed else {99: "1"}
    assert (
        file_progress(request_, _file(held) if held else None, {k: v for k, v in files.items() if v}) is done
    )


def test_an_unrequested_document_with_another_file_is_out_of_scope() -> None:
    now = _application(cv=_file("1"), letter=_file("2"))
    filed = {CV.pk: "1", LETTER.pk: "1", PROOF.pk: "1"}
    for asked, astray in (
        ((), ["Lettre", "Relevé"]),
        ((LETTER.pk,), ["Relevé"]),
        ((LETTER.pk, PROOF.pk), []),
    ):
        found = complement_progress._out_of_scope_documents(now, Scope(frozenset(), frozenset(asked)), filed)
        assert [row.request.label for row in found] == astray


# -- Displayed version ------------------------------------------------------------------------------------------------
def _posted(of: DraftDetails, **changes: str) -> dict[str, str]:
    return {"seen": str(form_version_of(of.draft)), "parts": part_digests(of)} | changes


def test_the_displayed_version_has_no_changes() -> None:
    assert changed_since(_posted(_application()), _application()) is None


@pytest.mark.parametrize("seen", ["", "22-4", "20-4", "x", "21-4-1"])
def test_a_form_of_another_draft_has_unknown_changes(seen: str) -> None:
    assert changed_since(_posted(_application(), seen=seen), _application()) == FormChanges(
        (), is_known=False
    )


def test_changed_parts_are_named_in_page_order() -> None:
    before = _application(cv=_file("1"), letter=_file("2"), proof=_file("3"))
    now = _application(WHOLE | {"city": "Lévis", "first_name": "Zoé"}, cv=_file("1"), letter=_file("4"))
    assert changed_since(_posted(before, seen="21-3"), now) == FormChanges(
        (
            ChangedPart("identite", "Identité", is_document=False),
            ChangedPart("coordonnees", "Coordonnées", is_document=False),
            ChangedPart("documents", "Lettre", is_document=True),
            ChangedPart("documents", "Relevé", is_document=True),
        ),
        is_known=True,
    )


def test_a_form_without_parts_has_changes_without_names() -> None:
    for parts in ("", " ", "identite"):
        assert changed_since(
            _posted(_application(), seen="21-3", parts=parts), _application()
        ) == FormChanges((), is_known=True)


def test_a_part_without_a_digest_in_the_form_counts_as_changed() -> None:
    parts = part_digests(_application()).split(" ")
    assert [part.split(":")[0] for part in parts] == [
        *("identite", "coordonnees", "statut"),
        *("documents-11", "documents-12", "documents-13"),
    ]
    found = changed_since(_posted(_application(), seen="21-3", parts=" ".join(parts[1:])), _application())
    assert found == FormChanges((ChangedPart("identite", "Identité", is_document=False),), is_known=True)


def test_form_version_and_complement_value_are_parsed_or_none() -> None:
    assert [
        parse_form_version({"seen": text})
        for text in ("5-0", "5-0x", "-5-0", "9" * 19 + "-1", "5-" + "1" * 10)
    ] == [
        form_version_of(Draft(pk=5, version=0)),
        *[None] * 4,
    ]
    assert str(parse_form_version({"seen": "9" * 18 + "-" + "1" * 9})) == "9" * 18 + "-" + "1" * 9
    asked = ("", "0", "12", "9" * 18, "9" * 19, "-1", "1x")
    assert [parse_complement_value({"asked": text}) for text in asked] == [
        None,
        0,
        12,
        int("9" * 18),
        None,
        None,
        None,
    ]
    assert parse_complement_value({}) is None
    assert (complement_value(None), complement_value(ComplementRequest(pk=8))) == (0, 8)


# -- A document's card ------------------------------------------------------------------------------------------------
def _card(request: DocumentRequest = CV, held: DraftDocument | None = None, **changes: Any) -> DocumentCard:
    return DocumentCard(UUID(int=1), request, held, form_for(request), **changes)


CLEANED = _file("1", neutralised=["JAVASCRIPT"])
UNREADABLE = _file("1", warnings=["BLANK_PAGE:1"])


@pytest.mark.parametrize(
    "card, state",
    [
        (_card(), ("À ajouter", "none")),
        (_card(PROOF), ("Facultatif", "none")),
        (_card(outcome="refused"), ("Refusé", "error")),
        (_card(outcome="again"), ("Non ajouté", "error")),
        (_card(outcome="full"), ("Non ajouté", "error")),
        (_card(outcome="changed"), ("Non ajouté", "error")),
        (_card(outcome="closed"), ("Non ajouté", "error")),
        (_card(outcome="added"), ("À ajouter", "none")),
        (replace(_card(), form=None), ("Non ajouté", "none")),
        (_card(CV, _file("1")), ("Ajouté", "success")),
        (_card(CV, CLEANED), ("Ajouté, à vérifier", "warning")),
        (_card(CV, UNREADABLE), ("Ajouté, à vérifier", "warning")),
        (_card(CV, _file("1"), outcome="refused"), ("Ajouté", "success")),
        (_card(CV, _file("1"), done=ItemProgress.AS_FILED), ("À remplacer", "warning")),
        (_card(CV, CLEANED, done=ItemProgress.AS_FILED), ("À remplacer", "warning")),
        (_card(CV, _file("1"), done=ItemProgress.CHANGED), ("Changé", "success")),
        (_card(CV, CLEANED, done=ItemProgress.CHANGED), ("Ajouté, à vérifier", "warning")),
        (_card(CV, UNREADABLE, done=ItemProgress.CHANGED), ("Ajouté, à vérifier", "warning")),
        (_card(CV, None, done=ItemProgress.MISSING), ("À ajouter", "none")),
        (_card(CV, _file("1"), is_kept=True), ("Déposé", "none")),
        (_card(CV, CLEANED, is_kept=True), ("Déposé", "none")),
        (_card(CV, None, is_kept=True), ("À ajouter", "none")),
    ],
)
def test_the_badge_of_a_document_has_its_state(card: DocumentCard, state: tuple[str, str]) -> None:
    assert card.state == state


def test_a_card_has_its_file_and_the_version_to_replace() -> None:
    held = _file("1", original_name="cv.pdf")
    assert (_card().seen, _card().holds, _card().removed) == ("", "", "")
    assert (_card(CV, held).seen, _card(CV, held).holds, _card(CV, held).removed) == (
        UUID(int=1).hex,
        "cv.pdf",
        "",
    )
    assert _card(CV, CLEANED).removed != ""


def test_each_kind_of_document_has_its_own_hints_for_file_names() -> None:
    kinds = ("CV", "MOTIVATION_LETTER", "TRANSCRIPT", "ENROLMENT_PROOF", "RECOMMENDATION", "OTHER")
    assert [_card(DocumentRequest(pk=1, kind=kind)).guesses for kind in kinds] == [
        "cv curriculum vitae resume",
        "lettre motivation letter cover presentation",
        "releve notes transcript bulletin grades",
        "preuve inscription diplome attestation degree enrolment",
        "recommandation recommendation reference",
        "",
    ]


def test_a_refusal_is_linked_to_the_field_of_the_next_file() -> None:
    usual = {"class": "form-control", "aria-describedby": "document-11-rules"}
    kept: tuple[Outcome, ...] = ("added", "same", "")
    for outcome in kept:
        after = card_with_result(_card(), outcome, "Mots.", "cv.pdf")
        assert (after.outcome, after.said, after.name, after.is_refused) == (
            outcome,
            "Mots.",
            "cv.pdf",
            False,
        )
        assert after.form is not None
        attrs = after.form.fields["file"].widget.attrs
        assert {key: attrs[key] for key in attrs if key != "accept"} == usual
    refused: tuple[Outcome, ...] = ("refused", "again", "changed", "closed")
    for outcome in refused:
        after = card_with_result(_card(), outcome, "Mots.", "cv.pdf")
        assert after.is_refused
        assert after.form is not None
        attrs = after.form.fields["file"].widget.attrs
        assert {key: attrs[key] for key in attrs if key != "accept"} == usual | {
            "aria-describedby": "document-11-rules document-11-said",
            "aria-invalid": "true",
        }
    shut = DocumentCard(UUID(int=1), CV, None, None)
    assert card_with_result(shut, "closed", "Mots.", "cv.pdf").form is None
    assert form_for(CV)["file"].id_for_label == "document-11-file"
