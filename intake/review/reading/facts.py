"""Which findings a page of the dossier can prove, and the pages of a dossier as the reading page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from intake.dossiers.outline import Outline
from intake.submissions.models import FiledDocument
from offers.models import DocumentRequest

_Kind = DocumentRequest.Kind
PROVEN_BY: Final[Mapping[str, frozenset[str]]] = {
    _Kind.CV: frozenset({"SKILLS"}),
    _Kind.MOTIVATION_LETTER: frozenset({"WRITING"}),
    _Kind.TRANSCRIPT: frozenset({"STUDIES"}),
    _Kind.ENROLMENT_PROOF: frozenset({"STUDIES"}),
    _Kind.RECOMMENDATION: frozenset({"SKILLS"}),
    # An identity card, a proof of residence, what a complement asked for.
    _Kind.OTHER: frozenset({"AGE", "LEGAL_STATUS", "DOMICILE", "RESIDENCE", "STUDIES", "OTHER"}),
}
"""Kinds of criterion that a document of each kind can prove. Another page is accepted if the reader names it."""


@dataclass(frozen=True, slots=True)
class DossierPage:
    """One page of the dossier. `number` is its place there, from 1; `page` its place in `document`, from 1."""

    number: int
    title: str
    document: FiledDocument | None
    """None for the first pages, which repeat the candidate's own answers: they prove nothing."""
    page: int
    pages: int
    proves: tuple[int, ...]
    """Positions of the findings that this page can prove."""


def dossier_pages(
    outline: Outline, documents: Sequence[FiledDocument], kinds: Mapping[int, str]
) -> tuple[DossierPage, ...]:
    """Return the pages of a dossier, in order. `kinds` are those of the findings to verify, by position.

    A document that one page replaces in the dossier has that page, which proves nothing.
    """
    found = [
        DossierPage(number, _("Réponses"), None, number, outline.cover, ())
        for number in range(1, outline.cover + 1)
    ]
    for part, document in zip(outline.parts, documents, strict=True):
        provable = PROVEN_BY.get(document.request.kind, frozenset())
        proves = () if part.replaced else tuple(at for at, kind in kinds.items() if kind in provable)
        found += [
            DossierPage(
                number=part.start + place,
                title=part.label,
                document=None if part.replaced else document,
                page=place + 1,
                pages=part.pages,
                proves=proves,
            )
            for place in range(part.pages)
        ]
    return tuple(found)
