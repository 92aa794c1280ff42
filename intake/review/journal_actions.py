"""The actions that the review records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "DECISIONS_PREPARED": _("Lot de décisions préparé"),
    "DECISIONS_RETURNED": _("Lot de décisions de nouveau en préparation : approbation plus valide"),
    "DECISIONS_CHANGED": _("Lot de décisions modifié"),
    "DECISIONS_RELEASED": _("Lot de décisions approuvé"),
    "DECISIONS_REVOKED": _("Lot de décisions annulé"),
    "DECISIONS_SENT": _("Lot de décisions annoncé"),
    "DECISION_REFUSED": _("Décision impossible à annoncer"),
    "SELECTED_ELSEWHERE": _("Personne retenue pour une autre offre"),
    "SELECTION_TAKEN_BACK": _("Personne qui n’est plus retenue pour une autre offre"),
    "RESERVE_REORDERED": _("Rang changé sur la liste de réserve"),
    "SUBMISSION_OPENED": _("Candidature ouverte"),
    "DOSSIER_OPENED": _("Dossier PDF ouvert"),
    "RECEIPT_OPENED": _("Accusé de réception en PDF ouvert"),
    "ASSESSMENT_SAVED": _("Évaluation enregistrée"),
    "BULK_RUN_STARTED": _("Action sur plusieurs candidatures demandée"),
    "BULK_RUN_STOPPED": _("Action sur plusieurs candidatures arrêtée"),
    "SHORTLIST_FROZEN": _("Liste de présélection figée"),
    "ASSESSMENT_SUBMITTED": _("Évaluation remise"),
    "MEETING_NOTE_ADDED": _("Observation de réunion ajoutée"),
    "BLIND_READING_BEGUN": _("Évaluation anonyme demandée"),
    "BLIND_READING_ENDED": _("Évaluation anonyme levée"),
    "LINES_WEIGHED": _("Pondérations de la grille changées"),
    "FILE_CLAIMED": _("Dossier pris en charge"),
    "FILE_TAKEN_OVER": _("Prise en charge transférée"),
    "FILE_GIVEN_BACK": _("Dossier libéré"),
    "EVIDENCE_CONFIRMED": _("Constat confirmé"),
    "EVIDENCE_CONTRADICTED": _("Constat contredit"),
    "CONFLICT_DECLARED": _("Conflit d’intérêts déclaré"),
    "CONFLICT_LIFTED": _("Conflit d’intérêts levé"),
    "EXPORT_ORDERED": _("Fichier d’une liste demandé"),
    "EXPORT_CANCELLED": _("Fichier d’une liste annulé"),
    "EXPORT_TAKEN": _("Fichier d’une liste téléchargé"),
    "SHORTLIST_EXPORTED": _("Liste de présélection exportée"),
    "FILES_ASSIGNED": _("Dossiers attribués à des membres du comité"),
    "ASSIGNMENT_DUE_CHANGED": _("Échéance des dossiers attribués changée"),
    "ASSIGNMENT_REMOVED": _("Attribution retirée à un membre du comité"),
    "ASSIGNMENTS_TAKEN_BACK": _("Attributions retirées à d’anciens membres du comité"),
    "COMMITTEE_MEMBER_ADDED": _("Personne inscrite à un comité"),
    "COMMITTEE_MEMBER_REMOVED": _("Personne retirée d’un comité"),
}
"""What people read for each, by its code."""
