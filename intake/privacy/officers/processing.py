"""Register of processing: what the portal collects, why, where it is, how long, who reads it, by which law.

The page of the administration and `docs/privacy-assessment.md` are made from this one table. A change of what the
portal collects changes it here.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """One use of personal information."""

    key: str
    name: Promise
    purpose: Promise
    data: Promise
    readers: Promise
    place: Promise
    retention: Promise
    law: Promise


_IN_DATABASE: Final = _("Base de données du portail")
_WITH_FILES: Final = _("Base de données et fichiers du portail")
_COLLECTION: Final = _("Loi sur l’accès, articles 64 et 65 : collecte nécessaire et annoncée")
_SCHEDULE: Final = _("Selon le calendrier de conservation, d’après l’issue de la candidature")

PROCESSING: Final[tuple[Processing, ...]] = (
    Processing(
        key="account",
        name=_("Compte et connexion"),
        purpose=_("Reconnaître la personne et lui écrire"),
        data=_("Adresse courriel, dates de création et de connexion, sessions ouvertes"),
        readers=_("La personne ; l’administration et le personnel du programme"),
        place=_IN_DATABASE,
        retention=_("Tant que le compte est ouvert, et que le journal le nomme"),
        law=_COLLECTION,
    ),
    Processing(
        key="profile",
        name=_("Profil"),
        purpose=_("Remplir d’avance les candidatures suivantes"),
        data=_("Identité, coordonnées, statut au Canada, domicile et résidence"),
        readers=_("La personne seulement"),
        place=_IN_DATABASE,
        retention=_("Jusqu’à ce que la personne l’efface ou que son compte soit effacé"),
        law=_COLLECTION,
    ),
    Processing(
        key="draft",
        name=_("Brouillons"),
        purpose=_("Garder ce que la personne prépare"),
        data=_("Réponses et documents non déposés"),
        readers=_("La personne seulement"),
        place=_WITH_FILES,
        retention=_SCHEDULE,
        law=_COLLECTION,
    ),
    Processing(
        key="filing",
        name=_("Candidatures déposées"),
        purpose=_("Vérifier l’admissibilité et étudier la candidature"),
        data=_("Réponses, documents, dossier PDF, accusé de réception, résultat de chaque critère"),
        readers=_(
            "Le comité de l’offre, le personnel du programme ; l’organisation, si la personne est présélectionnée"
        ),
        place=_WITH_FILES,
        retention=_SCHEDULE,
        law=_("Loi sur l’accès, articles 64, 65 et 65.2 : calcul automatique, révision par une personne"),
    ),
    Processing(
        key="review",
        name=_("Évaluations et décisions"),
        purpose=_("Comparer les candidatures et décider"),
        data=_("Notes, observations, vérifications, conflits d’intérêts, décisions et leurs motifs"),
        readers=_("Le comité de l’offre et le personnel du programme"),
        place=_IN_DATABASE,
        retention=_SCHEDULE,
        law=_("Loi sur l’accès, article 64 : exercice des attributions de l’organisme"),
    ),
    Processing(
        key="export",
        name=_("Listes exportées"),
        purpose=_("Transmettre une liste de présélection à l’organisation"),
        data=_("Identité, réponses choisies, dossier PDF, moyenne des notes"),
        readers=_("La personne qui a demandé le fichier ; l’organisation, parfois hors du Québec"),
        place=_("Fichiers du portail, puis chez l’organisation"),
        retention=_("24 heures dans le portail"),
        law=_(
            "Loi sur l’accès, articles 65.1 et 70.1 : consentement, évaluation avant un envoi hors du Québec"
        ),
    ),
    Processing(
        key="mail",
        name=_("Courriels envoyés"),
        purpose=_("Informer la personne et prouver l’envoi"),
        data=_("Adresse, objet, texte, état de l’envoi"),
        readers=_("La personne ; le personnel du programme"),
        place=_IN_DATABASE,
        retention=_SCHEDULE,
        law=_("Loi sur l’accès, article 64 : exercice des attributions de l’organisme"),
    ),
    Processing(
        key="participation",
        name=_("Registre des participations"),
        purpose=_("Appliquer la règle d’une seule participation"),
        data=_("Empreinte du nom et de la date de naissance, année ; ni nom ni date en clair"),
        readers=_("Le personnel du programme, par une recherche"),
        place=_IN_DATABASE,
        retention=_("Tant que la règle existe"),
        law=_("Loi sur l’accès, article 64 : exercice des attributions de l’organisme"),
    ),
    Processing(
        key="journal",
        name=_("Journal et registre des accès"),
        purpose=_("Savoir qui a consulté ou changé quoi, et déceler un abus"),
        data=_("Auteur, action, objet, date et heure"),
        readers=_("La personne, pour son dossier ; la personne responsable et le personnel du programme"),
        place=_IN_DATABASE,
        retention=_("Selon le calendrier de conservation ; un effacement retire les identifiants"),
        law=_("Loi sur l’accès, article 63.1 : mesures de sécurité"),
    ),
    Processing(
        key="incident",
        name=_("Registre des incidents de confidentialité"),
        purpose=_("Inscrire chaque incident, ses avis et ses mesures"),
        data=_("Circonstances et nombre de personnes, sans leur nom"),
        readers=_("La personne responsable et l’administration ; la Commission, sur demande"),
        place=_IN_DATABASE,
        retention=_("Cinq ans au moins après le jour où l’organisme l’apprend"),
        law=_("Loi sur l’accès, articles 63.8 à 63.11 ; règlement A-2.1, r. 3.1, articles 7 et 8"),
    ),
)
"""In the order in which a candidature meets them."""
