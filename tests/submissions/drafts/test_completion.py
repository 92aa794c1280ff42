"""Progress of a requested document, and the badge of a document: from objects without a database."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from intake.documents.models import Upload
from intake.submissions.attachments.cards import DocumentCard, form_for
from intake.submissions.drafts.complement_progress import (
    ItemProgress,
    file_progress,
)
from intake.submissions.models import DraftDocument
from offers.models import DocumentRequest

CV, PROOF = (
    DocumentRequest(pk=11, kind="CV", label="CV", required=True),
    DocumentRequest(pk=13, kind="TRANSCRIPT", label="Relevé", required=False),
)


def _file(digest: str, **fields: Any) -> DraftDocument:
    return DraftDocument(upload=Upload(sha256=digest, public_id=UUID(int=int(digest)), **fields))


A, C, M = ItemProgress.AS_FILED, ItemProgress.CHANGED, ItemProgress.MISSING


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
        (_card(outcome="added"), ("À ajouter", "none")),
        (replace(_card(), form=None), ("Non ajouté", "none")),
        (_card(CV, _file("1")), ("Ajouté", "success")),
        (_card(CV, CLEANED), ("Ajouté, à vérifier", "warning")),
        (_card(CV, UNREADABLE), ("Ajouté, à vérifier", "warning")),
        (_card(CV, _file("1"), outcome="refused"), ("Ajouté", "success")),
        (_card(CV, _file("1"), done=ItemProgress.AS_FILED), ("À remplacer", "warning")),
        (_card(CV, _file("1"), done=ItemProgress.CHANGED), ("Changé", "success")),
        (_card(CV, CLEANED, done=ItemProgress.CHANGED), ("Ajouté, à vérifier", "warning")),
        (_card(CV, None, done=ItemProgress.MISSING), ("À ajouter", "none")),
        (_card(CV, _file("1"), is_kept=True), ("Déposé", "none")),
    ],
)
def test_the_badge_of_a_document_has_its_state(card: DocumentCard, state: tuple[str, str]) -> None:
    assert card.state == state
