"""Two demonstration offers: 2023-020 as it closed, and its next edition, open.

The texts were written for this portal; only the facts are those of offer 2023-020.
"""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from offers.blocks import parse_blocks
from offers.models import GridLineData, Offer, Section, SectionData
from offers.page.grid import read_grid
from offers.services.creating import DEFAULT_DOCUMENTS, closing_instant, create_offer
from offers.services.publishing import publish_offer

ZONE = ZoneInfo("America/Toronto")
_FIRST_EDITION = 2024  # closing year of the first edition that can follow 2023-020
ORGANISATION = "Organisation des Nations Unies pour l’éducation, la science et la culture"
DOMAIN = "Éthique de l’intelligence artificielle"
FUNDER = "Fonds de recherche du Québec"
CONTACT_UNIT = "Direction des organisations et des forums internationaux"

_ELIGIBILITY = "Admissibilité"
# Each sentence is written once: the section displays it and the criterion cites it.
_CLAUSES = {
    "STUDIES": (
        "Être au doctorat ou près de terminer un programme de 2e cycle, avoir reçu un diplôme de maîtrise ou de "
        "doctorat au cours des deux années qui précèdent le stage, suivre la formation du Barreau du Québec, ou "
        "devoir faire un stage pour entrer dans un ordre professionnel."
    ),
    "AGE": "Avoir de 18 à 35 ans le jour où le stage commence.",
    "LEGAL_STATUS": "Avoir la citoyenneté canadienne ou la résidence permanente au Canada.",
    "DOMICILE": "Avoir son domicile au Québec.",
    "RESIDENCE": "Résider au Québec depuis un an ou plus, autant pour l’assurance maladie que pour l’impôt.",
    "WRITING": "Écrire très bien en français et en anglais.",
    "SKILLS": "Avoir les compétences et l’expérience demandées plus haut.",
}
_ONCE_ONLY = (
    "On ne participe qu’une fois à ce programme : une personne qui y a déjà fait un stage ne peut pas poser de "
    "nouveau sa candidature."
)
_PARAMETERS: dict[str, dict[str, Any]] = {
    "STUDIES": {"degree_window_months": 24, "finishing_within_months": 12},
    "AGE": {"minimum": 18, "maximum": 35, "on": "starts_on"},
    "LEGAL_STATUS": {"accepted": ["CITIZEN", "PERMANENT_RESIDENT"]},
    "DOMICILE": {"provinces": ["QC"]},
    "RESIDENCE": {"months": 12, "on": "closes_on"},
    "WRITING": {"languages": ["fr", "en"]},
    "SKILLS": {},
}

CRITERIA: list[dict[str, Any]] = [
    {
        "kind": kind,
        "effect": "BLOCK",
        **_PARAMETERS[kind],
        "clause": {"reference": f"{_ELIGIBILITY}, {place}", "text": text},
    }
    for place, (kind, text) in enumerate(_CLAUSES.items(), start=1)
] + [{"kind": "ONCE_ONLY", "effect": "BLOCK", "clause": {"reference": "Note", "text": _ONCE_ONLY}}]

_MANDATE = """\
L’UNESCO réunit des pays du monde entier autour de l’éducation, des sciences, de la culture et de l’information. \
Son siège est à Paris.

L’équipe qui accueille le stage étudie ce que les techniques nouvelles changent dans nos vies : la génétique, les \
neurosciences, les objets connectés, le climat et, de plus en plus, l’intelligence artificielle (IA).

En 2021, les États membres se sont donné un texte commun sur l’éthique de l’IA. L’équipe aide maintenant les \
gouvernements à s’en servir : elle rassemble des faits, compare les expériences et forme les personnes qui décident.

Les Fonds de recherche du Québec versent l’allocation de ce stage."""

_TASKS = """\
La personne stagiaire relève de la cheffe de l’équipe. Elle prendra part au travail suivant :

• Faire avancer, selon ses forces et les besoins du moment, un ou plusieurs de ces chantiers :
  • accompagner des pays qui examinent leurs propres pratiques ;
  • rendre les données et les équipes plus représentatives, toutes langues comprises ;
  • repérer les biais des algorithmes et en expliquer les décisions.
• Lire, comparer et résumer les lois et les politiques de plusieurs pays.
• Écrire des notes, des ébauches de rapports et des demandes de financement.
• Trouver des spécialistes et préparer avec ces personnes des rencontres publiques.
• Tenir à jour des pages Web et des documents d’information avec l’équipe des communications.
• Prêter main-forte à un grand colloque annuel : programme, invitations, logistique.
• Répondre aux autres besoins de l’équipe."""

_SKILLS = """\
Nous cherchons une personne qui :

• étudie ou a étudié, aux cycles supérieurs, l’éthique, le droit, les sciences sociales, la science politique ou un \
domaine voisin ;
• connaît l’IA, la façon dont elle se construit et les débats qu’elle soulève ;
• sait ce que fait l’UNESCO et peut dire pourquoi elle veut y travailler ;
• a déjà mené un projet, aux études ou au travail ;
• cherche, analyse et rédige avec rigueur ;
• écrit et parle clairement, devant toutes sortes de publics ;
• s’organise et tient ses priorités, même quand tout arrive en même temps ;
• prend des initiatives et garde son calme devant une question délicate ;
• travaille volontiers avec des collègues de plusieurs cultures ;
• se sert avec aisance d’une suite bureautique (connaître R ou Python est un atout) ;
• parle, lit et écrit très bien le français et l’anglais (l’anglais est vérifié à l’entrevue) ;
• a travaillé dans une institution publique ou une organisation internationale (c’est un atout)."""

_CONDITIONS = "\n".join(
    ["Vous devez remplir toutes les conditions suivantes :", ""] + [f"• {text}" for text in _CLAUSES.values()]
)

SECTIONS = [
    SectionData(kind=Section.Kind.MANDATE, title="Mandat", text=_MANDATE),
    SectionData(kind=Section.Kind.TASKS, title="Description des tâches", text=_TASKS),
    SectionData(kind=Section.Kind.SKILLS, title="Compétences et expérience requises", text=_SKILLS),
    SectionData(kind=Section.Kind.ELIGIBILITY, title=_ELIGIBILITY, text=_CONDITIONS),
    SectionData(kind=Section.Kind.OTHER, title="Note", text=_ONCE_ONLY),
]

GRID = [
    GridLineData(text=line.text, requirement=line.requirement) for line in read_grid(parse_blocks(_SKILLS))
]

DOCUMENTS = DEFAULT_DOCUMENTS


def load_demonstration(*, at: datetime) -> list[Offer]:
    """Return the closed offer 2023-020 and the edition that is open at `at`; create those that are missing.

    `at` is an aware instant; before 2 October 2023 the second edition is not open yet. A second call changes nothing
    until the open edition has closed; it then adds the next edition.
    """
    today = at.astimezone(ZONE).date()
    # The edition is open until the end of its closing day.
    year = max(_FIRST_EDITION, today.year if today <= date(today.year, 10, 1) else today.year + 1)
    with transaction.atomic():
        return [
            _edition(2023, opens_at=datetime.combine(date(2023, 8, 21), time(9), tzinfo=ZONE)),
            # An edition opens when the one before it closes, so that one is always open.
            _edition(year, opens_at=closing_instant(closes_on=date(year - 1, 10, 1), zone=ZONE)),
        ]


def _edition(year: int, *, opens_at: datetime) -> Offer:
    number = f"{year}-020"
    existing = Offer.objects.filter(number=number).first()
    if existing is not None:
        return existing
    opens_at = opens_at.astimezone(UTC)
    closes_on = date(year, 10, 1)
    # The Monday from 9 to 15 January, as in the editions of 2022 and 2024.
    ninth = date(year + 1, 1, 9)
    starts_on = ninth + timedelta(days=-ninth.weekday() % 7)
    offer = create_offer(
        at=opens_at,
        number=number,
        organisation=ORGANISATION,
        organisation_short="UNESCO",
        domain=DOMAIN,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=26, days=-3),  # from a Monday, the Friday that ends week 26
        allowance_min=Decimal(15000),
        allowance_max=Decimal(15000),
        currency="CAD",
        place="Paris, France",
        opens_at=opens_at,
        closes_on=closes_on,
        closes_at=closing_instant(closes_on=closes_on, zone=ZONE),
        time_zone=ZONE.key,
        funder=FUNDER,
        contact_unit=CONTACT_UNIT,
        contact_phone="418 649-2400",
        contact_extension="56320",
        contact_email="stages.oig@exemple.invalid",
        contact_confirmed_at=opens_at,
        sections=SECTIONS,
        documents=DOCUMENTS,
        criteria=CRITERIA,
        grid=GRID,
    )
    return publish_offer(offer=offer, at=opens_at)
