"""The default document requests of an offer of the programme. Each offer may change its own."""

from offers.models import DocumentRequest

from .creating import DocumentRequestData

DEFAULT_DOCUMENTS = (
    DocumentRequestData(
        kind=DocumentRequest.Kind.CV,
        label="Curriculum vitæ",
        hint="Études, emplois et engagements, du plus récent au plus ancien.",
        max_pages=3,
    ),
    DocumentRequestData(
        kind=DocumentRequest.Kind.MOTIVATION_LETTER,
        label="Lettre de motivation",
        hint="Pourquoi ce stage, et pourquoi vous.",
        max_pages=2,
    ),
    DocumentRequestData(
        kind=DocumentRequest.Kind.TRANSCRIPT,
        label="Relevé de notes",
        hint="Le plus récent ; une copie non officielle convient.",
        max_pages=10,
    ),
    DocumentRequestData(
        kind=DocumentRequest.Kind.ENROLMENT_PROOF,
        label="Preuve d’inscription ou diplôme",
        hint="Une attestation de l’établissement ou une copie du diplôme.",
        max_pages=10,
    ),
)
