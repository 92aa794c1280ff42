"""Payloads as filings seal them, for tests of what is generated from them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from intake.dossiers.models import Seal
from intake.dossiers.render import render_dossier
from intake.dossiers.sealed_payload import (
    AcceptedDeclaration,
    Answer,
    AnsweredSection,
    Payload,
    Person,
    SealedDocument,
    SealedOffer,
)
from intake.dossiers.services import new_seal

CLAUSES = {
    "STUDIES": "Être en voie de terminer des études de 2e cycle ou être inscrit(e) au 3e cycle, ou avoir obtenu "
    "un diplôme de maîtrise ou de doctorat dans les deux ans précédant le début du stage.",
    "AGE": "Avoir au moins 18 ans et au plus 35 ans à la date de début du stage.",
    "LEGAL_STATUS": "Détenir la citoyenneté canadienne ou le statut de résident permanent du Canada.",
    "DOMICILE": "Être domicilié(e) au Québec.",
    "RESIDENCE": "Être résident(e) du Québec au sens des lois sur l’assurance maladie et sur l’impôt depuis "
    "au moins un an.",
    "ONCE_ONLY": "La participation au programme est unique et non renouvelable.",
}
REASONS = {
    "STUDIES": "Maîtrise en cours, dont la fin est prévue le 30 avril 2027 : au plus tard 12 mois "
    "après le début du stage.",
    "AGE": "28 ans le 11 janvier 2027 : de 18 à 35 ans.",
    "LEGAL_STATUS": "Citoyenneté canadienne.",
    "DOMICILE": "Domicile au Québec.",
    "RESIDENCE": "Réside au Québec depuis le 1er septembre 2016 : au moins 12 mois le 1er octobre 2026.",
    "ONCE_ONLY": "N’a jamais participé ; un nom semblable figure au registre : une personne vérifie.",
}


def verdict(outcome: str = "NEEDS_REVIEW", *, last: str = "HUMAN") -> dict[str, Any]:
    """Return a verdict as JSON of `docs/contracts.md`; every criterion is met but the last."""
    return {
        "outcome": outcome,
        "rulebook_digest": "sha256:" + "1" * 64,
        "facts_digest": "sha256:" + "2" * 64,
        "findings": [
            {
                "kind": kind,
                "outcome": last if kind == "ONCE_ONLY" else "MET",
                "effect": "BLOCK",
                "observed": {},
                "reason_fr": REASONS[kind],
                "reason_en": "…",
                "would_pass": {},
                "clause": {"reference": f"Admissibilité, {rank}", "text": clause},
            }
            for rank, (kind, clause) in enumerate(CLAUSES.items(), start=1)
        ],
    }


def person(**changes: str) -> Person:
    """Return a candidate."""
    return replace(
        Person(
            first_name="Maïté",
            last_name="Côté-L’Écuyer",
            birth_date="1998-05-04",
            email="maite.cote@exemple.invalid",
            phone="+15145550199",
            address_line="1234, rue Saint-Denis, app. 5",
            city="Montréal",
            province="QC",
            postal_code="H2X 3K2",
        ),
        **changes,
    )


def document(
    kind: str = "CV", label: str = "Curriculum vitæ", name: str = "cv-maite.pdf", pages: int = 2
) -> SealedDocument:
    """Return a document as it is sealed."""
    return SealedDocument(kind=kind, label=label, name=name, pages=pages, size=184_320, sha256="ab12" * 16)


def payload(**changes: Any) -> Payload:
    """Return a payload of schema 1 with six criteria, three sections and four documents."""
    made = Payload(
        sequence=1,
        person=person(),
        call=SealedOffer(
            number="2027-020",
            organisation="Organisation des Nations Unies pour l’éducation, la science et la culture",
            domain="Éthique de l’intelligence artificielle",
            place="Paris, France",
            starts_on="2027-01-11",
            ends_on="2027-07-09",
            closes_at="2026-10-02T04:00:00Z",
        ),
        sections=(
            AnsweredSection(
                key="identite",
                title="Identité",
                answers=(
                    Answer("first_name", "Prénom", "Maïté"),
                    Answer("last_name", "Nom", "Côté-L’Écuyer"),
                    Answer("birth_date", "Date de naissance", "4 mai 1998"),
                    Answer("phone", "Téléphone", "+1 514-555-0199"),
                    Answer("address_line", "Adresse", "1234, rue Saint-Denis, app. 5"),
                    Answer("city", "Ville", "Montréal"),
                    Answer("province", "Province ou territoire", "Québec"),
                    Answer("postal_code", "Code postal", "H2X 3K2"),
                ),
            ),
            AnsweredSection(
                key="etudes",
                title="Études",
                answers=(
                    Answer(
                        "studies.1",
                        "Programme 1",
                        "Maîtrise, éthique et technologies, Université de Montréal — fin prévue le 30 avril 2027",
                    ),
                    Answer(
                        "studies.2",
                        "Programme 2",
                        "Baccalauréat, philosophie, Université Laval — terminé le 1er juin 2021",
                    ),
                    Answer("bar_school", "École du Barreau du Québec", "Non"),
                    Answer("professional_order_stage", "Ordre professionnel exigeant un stage", ""),
                ),
            ),
            AnsweredSection(
                key="residence",
                title="Résidence",
                answers=(
                    Answer("domicile_province", "Où êtes-vous domiciliée ou domicilié ?", "Québec"),
                    Answer("quebec_resident_since", "Je réside au Québec depuis le", "1er septembre 2016"),
                    Answer(
                        "resident_for_tax", "Résidez-vous au Québec au sens de la loi sur l’impôt ?", "Oui"
                    ),
                ),
            ),
        ),
        facts={"birth_date": "1998-05-04", "legal_status": "CITIZEN"},
        verdict=verdict(),
        documents=(
            document(),
            document("MOTIVATION_LETTER", "Lettre de motivation", "lettre-UNESCO.pdf", 1),
            document("TRANSCRIPT", "Relevé de notes", "releve-de-notes.jpg", 1),
            document("ENROLMENT_PROOF", "Preuve d’inscription ou diplôme", "attestation-hiver-2027.pdf", 1),
        ),
        declarations=(
            AcceptedDeclaration(
                "truth",
                "2026-11",
                "Je déclare que les renseignements et les documents que je dépose sont exacts, complets et les miens.",
            ),
            AcceptedDeclaration(
                "consent",
                "2026-11",
                "J’ai lu l’avis de collecte et je consens à ce que mes renseignements servent à étudier ma "
                "candidature, y compris par l’organisation d’accueil si ma candidature est présélectionnée.",
            ),
        ),
    )
    return replace(made, **changes)


def seal_payload(*, payload: Payload, at: datetime) -> Seal:
    """Store the seal of `payload` with a new salt; `at` (aware) is its creation time."""
    seal = new_seal(payload=payload, at=at)
    seal.save(force_insert=True)
    return seal


def render_cover(payload: Payload, *, number: str, received_at: datetime, digest: str) -> bytes:
    """Return the cover of a dossier without documents."""
    return render_dossier(payload, number=number, received_at=received_at, digest=digest, sources=()).content
