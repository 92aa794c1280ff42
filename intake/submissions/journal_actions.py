"""The actions that submissions records in the journal, and those of offers, which cannot use it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from intake.journal.selectors import choice_reader
from offers.criterion_labels import criterion_name
from offers.models import DocumentRequest

ACTION_LABELS: Final = {
    # Offers know nothing of the journal: this application records what changes them.
    "OFFER_IMPORTED": _("Offre importée"),
    "OFFER_POINT_SETTLED": _("Point d’une offre réglé"),
    "OFFER_MAILBOX_CONFIRMED": _("Courriel de contact d’une offre confirmé"),
    "OFFER_PUBLISHED": _("Offre publiée"),
    "OFFER_CORRECTED": _("Offre corrigée"),
    "OFFER_RULES_CHANGED": _("Critères d’une offre remplacés"),
    "OFFER_EXTENDED": _("Date limite d’une offre prolongée"),
    "OFFER_CANCEL_ASKED": _("Annulation d’une offre demandée"),
    "OFFER_CANCEL_REFUSED": _("Annulation d’une offre refusée"),
    "OFFER_CANCEL_WITHDRAWN": _("Demande d’annulation d’une offre retirée"),
    "OFFER_CANCELLED": _("Offre annulée"),
    "DRAFT_STARTED": _("Brouillon commencé"),
    "DOCUMENT_ATTACHED": _("Document joint au brouillon"),
    "DOCUMENT_REMOVED": _("Document retiré du brouillon"),
    "AMENDMENT_STARTED": _("Modification commencée"),
    "AMENDMENT_DISCARDED": _("Modification abandonnée"),
    "AMENDMENT_PUT_BACK": _("Réponses déposées rétablies, sauf celles du complément"),
    "COMPLEMENT_ANSWERED": _("Complément reçu"),
    "SUBMISSION_REQUEST_COMPLEMENT": _("Complément demandé"),
    "SUBMISSION_RESUME": _("Étude reprise sans complément"),
    "SUBMISSION_FILE": _("Candidature déposée"),
    "SUBMISSION_AMEND": _("Candidature modifiée et déposée de nouveau"),
    "ARRIVAL_REFUSED": _("Arrivée non déposée"),
    "ARRIVAL_EXPIRED": _("Arrivée non déposée à temps par le portail"),
    "SUBMISSION_WITHDRAW": _("Désistement"),
    "PERSONAL_EXTENSION_GIVEN": _("Prolongation personnelle accordée"),
    "RECEIPT_RESENT": _("Accusé de réception renvoyé"),
    "RECEIPT_PDF_ASKED": _("Accusé de réception en PDF demandé"),
    "OWN_DATA_DOWNLOADED": _("Renseignements téléchargés par la personne"),
    "FINDING_CONFIRMED": _("Constat confirmé par une personne"),
    "FINDING_OVERTURNED": _("Constat écarté par une personne"),
    "RESERVE_LIFTED": _("Révision terminée : mise à l’étude possible"),
    "RESERVE_UPHELD": _("Révision terminée : non admissible"),
    "RESERVE_KEPT_LIFTED": _("Révision terminée auparavant, toujours favorable"),
    "SUBMISSION_START_REVIEW": _("Candidature mise à l’étude"),
    "SUBMISSION_FIND_INADMISSIBLE": _("Candidature déclarée non admissible"),
    "SUBMISSION_REOPEN": _("Étude d’une candidature rouverte"),
    "SUBMISSION_JUDGE_AGAIN": _("Révision d’une candidature rouverte"),
    "SUBMISSION_SHORTLIST": _("Candidature présélectionnée"),
    "SUBMISSION_LEAVE_SHORTLIST": _("Candidature retirée de la liste de présélection"),
    "SUBMISSION_INVITE": _("Personne convoquée en entrevue"),
    "SUBMISSION_RECOMMEND": _("Candidature recommandée à l’organisation"),
    "SUBMISSION_SELECT": _("Candidature retenue"),
    "SUBMISSION_PUT_ON_RESERVE": _("Candidature mise sur la liste de réserve"),
    "SUBMISSION_DECLINE": _("Candidature non retenue"),
    "SUBMISSION_TAKE_BACK": _("Sélection retirée"),
    "SUBMISSION_PLACE": _("Stage commencé"),
    "SUBMISSION_COMPLETE": _("Stage terminé"),
}
"""What people read for each, by its code."""
PAGE_LABELS: Final = {
    "extensions:offer": _("Prolongations personnelles"),
    "extensions:give": _("Prolongation d’une personne"),
}
"""What people read for each page that shows persons, by the name of its address."""
DETAIL_READERS: Final = {
    **dict.fromkeys(("DOCUMENT_ATTACHED", "DOCUMENT_REMOVED"), choice_reader(DocumentRequest.Kind)),
    **dict.fromkeys(("FINDING_CONFIRMED", "FINDING_OVERTURNED"), criterion_name),
}
"""How the detail of an entry is read in words, by action."""
