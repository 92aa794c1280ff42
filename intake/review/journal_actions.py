"""The actions that the review records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from intake.journal.selectors import action_label
from offers.criterion_labels import criterion_name

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
    "ANCHOR_NAMED": _("Dossier repère choisi"),
    "ANCHOR_REMOVED": _("Dossier repère retiré"),
    "COMMITTEE_MEMBER_ADDED": _("Personne inscrite à un comité"),
    "COMMITTEE_MEMBER_REMOVED": _("Personne retirée d’un comité"),
}
"""What people read for each, by its code."""
PAGE_LABELS: Final = {
    "admin:index": _("Tableau de bord"),
    "admin:submissions_submission_changelist": _("Candidatures"),
    "admin:submissions_submission_change": _("Candidature"),
    "admin:submissions_submission_history": _("Historique d’une candidature"),
    "admin:review_conflict_changelist": _("Conflits d’intérêts"),
    "admin:review_conflict_change": _("Conflit d’intérêts"),
    "admin:review_conflict_history": _("Historique d’un conflit d’intérêts"),
    "review:bulk_start": _("Action sur plusieurs candidatures, avant confirmation"),
    "review:bulk_run": _("Action sur plusieurs candidatures"),
    "review:conflict": _("Déclaration d’un conflit d’intérêts"),
    "review:complement": _("Demande de complément"),
    "review:move": _("Changement d’état d’une candidature"),
    "review:assignments": _("Attribution"),
    "review:calibration": _("Calibrage"),
    "review:ranking": _("Classement"),
    "review:freeze_shortlist": _("Figer la liste de présélection"),
    "review:shortlist": _("Liste de présélection"),
    "review:reserve_list": _("Liste de réserve"),
    "review:decisions": _("Décisions"),
    "review:prepare_decisions": _("Préparer des décisions"),
    "review:decision_batch": _("Lot de décisions"),
    "review:change_decisions": _("Modifier le lot"),
    "review:release_decisions": _("Approbation d’un lot de décisions"),
}
"""What people read for each page that shows persons, by the name of its address."""
DETAIL_READERS: Final = {
    **dict.fromkeys(("EVIDENCE_CONFIRMED", "EVIDENCE_CONTRADICTED"), criterion_name),
    "BULK_RUN_STARTED": lambda action: action_label(f"SUBMISSION_{action}").removeprefix("SUBMISSION_"),
}
"""How the detail of an entry is read in words, by action."""
