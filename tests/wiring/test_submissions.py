"""Registrations of `submissions` at start: each with all its attributes, and no other."""

from datetime import timedelta
from functools import partial

from django.apps import apps

from intake.accounts.roles import ROLE_PERMISSIONS, Role
from intake.dossiers.receipts import verifying
from intake.journal.selectors import action_label
from intake.outbox import kinds as outbox_kinds
from intake.register import services as register_services
from intake.submissions import delivery_kinds
from intake.submissions.attachments import inspecting, joining
from intake.submissions.drafts.views import start as offer_panels
from intake.submissions.extensions import views as extensions_views
from intake.submissions.filing import arrivals, originals
from intake.submissions.lifecycle.participation import completed_participants
from intake.submissions.mails import (
    arrival_mail,
    cancellation_mail,
    complement_mails,
    filing_mails,
    offer_mails,
    reminders,
    withdrawal_mail,
)
from intake.submissions.offer_changes import impact
from intake.submissions.offer_changes import operations as offer_changes
from intake.submissions.receipts import operations as receipts
from intake.submissions.receipts import queries
from intake.transparency import services as public_log_services
from offers import impact as offer_impact
from offers import registrations

MAILS = {
    "RECEIPT_MAIL": (filing_mails.compose_receipt, None, "mail", "Accusé de réception"),
    "DOSSIER_MAIL": (filing_mails.compose_dossier, None, "documents", "Envoi du dossier"),
    "OFFER_CHANGE_MAIL": (
        offer_mails.compose_change,
        offer_mails.is_change_obsolete,
        "mail",
        "Changement d’une offre",
    ),
    "CANCELLATION_ASKED_MAIL": (
        cancellation_mail.compose_asked,
        cancellation_mail.is_asked_obsolete,
        "mail",
        "Annulation d’une offre à approuver",
    ),
    "PERSONAL_EXTENSION_MAIL": (
        offer_mails.compose_extension,
        offer_mails.is_extension_obsolete,
        "mail",
        "Prolongation personnelle accordée",
    ),
    "DRAFT_REMINDER_MAIL": (
        reminders.compose_reminder,
        reminders.is_reminder_obsolete,
        "mail",
        "Rappel d’un brouillon non déposé",
    ),
    "COMPLEMENT_REQUEST_MAIL": (
        complement_mails.compose_complement,
        complement_mails.is_request_obsolete,
        "mail",
        "Demande de complément",
    ),
    "COMPLEMENT_REMINDER_MAIL": (
        complement_mails.compose_complement_reminder,
        complement_mails.is_complement_reminder_obsolete,
        "mail",
        "Rappel d’un complément demandé",
    ),
    "COMPLEMENT_RESUMED_MAIL": (
        complement_mails.compose_complement_resumed,
        complement_mails.is_resumed_obsolete,
        "mail",
        "Complément qui n’est plus attendu",
    ),
    "WITHDRAWAL_MAIL": (
        withdrawal_mail.compose_withdrawal,
        withdrawal_mail.is_withdrawal_obsolete,
        "mail",
        "Confirmation d’un désistement",
    ),
    "ARRIVAL_REFUSED_MAIL": (
        arrival_mail.compose_refusal,
        arrival_mail.is_refusal_obsolete,
        "mail",
        "Arrivée non déposée",
    ),
    "RULINGS_MAIL": (filing_mails.compose_rulings, None, "mail", "Réponse à une demande de révision"),
}
"""Each mail: composer, obsolescence check, queue, label."""

JOBS = {
    "RECEIPT_PDF": (receipts.make_receipt, "receipts", None, "Production de l’accusé de réception"),
    "RECEIPT_PDF_IN_ENGLISH": (
        receipts.make_receipt,
        "receipts",
        None,
        "Production de l’accusé de réception",
    ),
    "ARRIVALS": (
        arrivals.file_waiting,
        "filings",
        timedelta(seconds=1),
        "Dépôt des candidatures arrivées",
    ),
    "ORIGINALS_ERASURE": (
        originals.erase_filed_originals,
        "documents",
        timedelta(minutes=10),
        "Effacement des fichiers reçus, une fois déposés",
    ),
    "DOSSIER": (receipts.make_dossier, "documents", None, "Production du dossier"),
    "UPLOAD": (inspecting.inspect_upload, "uploads", None, "Analyse d’un fichier reçu"),
    "JOIN": (joining.join_document, "uploads", None, "Préparation d’un document de plusieurs fichiers"),
    "UPLOADS_SWEEP": (
        inspecting.sweep_uploads,
        "documents",
        timedelta(hours=1),
        "Nettoyage des fichiers en analyse",
    ),
    "OFFER_CHANGE": (offer_changes.post_change_mails, "mail", None, "Annonce d’un changement d’offre"),
    "DRAFT_REMINDERS": (
        reminders.run_draft_reminders,
        "mail",
        timedelta(minutes=10),
        "Rappels des brouillons non déposés",
    ),
    "COMPLEMENT_REMINDERS": (
        reminders.run_complement_reminders,
        "mail",
        timedelta(minutes=10),
        "Rappels des compléments demandés",
    ),
}
"""Each job: handler, queue, period, label."""

ACTIONS = {
    "OFFER_IMPORTED": "Offre importée",
    "OFFER_POINT_SETTLED": "Point d’une offre réglé",
    "OFFER_MAILBOX_CONFIRMED": "Courriel de contact d’une offre confirmé",
    "OFFER_PUBLISHED": "Offre publiée",
    "OFFER_CORRECTED": "Offre corrigée",
    "OFFER_RULES_CHANGED": "Critères d’une offre remplacés",
    "OFFER_EXTENDED": "Date limite d’une offre prolongée",
    "OFFER_CANCEL_ASKED": "Annulation d’une offre demandée",
    "OFFER_CANCEL_REFUSED": "Annulation d’une offre refusée",
    "OFFER_CANCEL_WITHDRAWN": "Demande d’annulation d’une offre retirée",
    "OFFER_CANCELLED": "Offre annulée",
    "DRAFT_STARTED": "Brouillon commencé",
    "DOCUMENT_ATTACHED": "Document joint au brouillon",
    "DOCUMENT_REMOVED": "Document retiré du brouillon",
    "AMENDMENT_STARTED": "Modification commencée",
    "AMENDMENT_DISCARDED": "Modification abandonnée",
    "AMENDMENT_PUT_BACK": "Réponses déposées rétablies, sauf celles du complément",
    "COMPLEMENT_ANSWERED": "Complément reçu",
    "SUBMISSION_REQUEST_COMPLEMENT": "Complément demandé",
    "SUBMISSION_RESUME": "Étude reprise sans complément",
    "SUBMISSION_FILE": "Candidature déposée",
    "SUBMISSION_AMEND": "Candidature modifiée et déposée de nouveau",
    "ARRIVAL_REFUSED": "Arrivée non déposée",
    "ARRIVAL_EXPIRED": "Arrivée non déposée à temps par le portail",
    "SUBMISSION_WITHDRAW": "Désistement",
    "PERSONAL_EXTENSION_GIVEN": "Prolongation personnelle accordée",
    "RECEIPT_RESENT": "Accusé de réception renvoyé",
    "RECEIPT_PDF_ASKED": "Accusé de réception en PDF demandé",
    "OWN_DATA_DOWNLOADED": "Renseignements téléchargés par la personne",
    "FINDING_CONFIRMED": "Constat confirmé par une personne",
    "FINDING_OVERTURNED": "Constat écarté par une personne",
    "RESERVE_LIFTED": "Révision terminée\u00a0: mise à l’étude possible",
    "RESERVE_UPHELD": "Révision terminée\u00a0: non admissible",
    "RESERVE_KEPT_LIFTED": "Révision terminée auparavant, toujours favorable",
    "SUBMISSION_START_REVIEW": "Candidature mise à l’étude",
    "SUBMISSION_FIND_INADMISSIBLE": "Candidature déclarée non admissible",
    "SUBMISSION_REOPEN": "Étude d’une candidature rouverte",
    "SUBMISSION_JUDGE_AGAIN": "Révision d’une candidature rouverte",
    "SUBMISSION_SHORTLIST": "Candidature présélectionnée",
    "SUBMISSION_LEAVE_SHORTLIST": "Candidature retirée de la liste de présélection",
    "SUBMISSION_INVITE": "Personne convoquée en entrevue",
    "SUBMISSION_RECOMMEND": "Candidature recommandée à l’organisation",
    "SUBMISSION_SELECT": "Candidature retenue",
    "SUBMISSION_PUT_ON_RESERVE": "Candidature mise sur la liste de réserve",
    "SUBMISSION_DECLINE": "Candidature non retenue",
    "SUBMISSION_TAKE_BACK": "Sélection retirée",
    "SUBMISSION_PLACE": "Stage commencé",
    "SUBMISSION_COMPLETE": "Stage terminé",
}
"""Label of each journal code."""


def _mail_of(kind: outbox_kinds.Kind) -> tuple[object, ...]:
    assert isinstance(kind.handler, partial)
    (compose,) = kind.handler.args
    return compose, kind.handler.keywords["is_obsolete"], kind.queue, str(kind.label)


def test_each_mail_is_registered_with_all_its_attributes() -> None:
    assert {code: _mail_of(outbox_kinds.get(code)) for code in MAILS} == MAILS
    assert {code for code in MAILS if outbox_kinds.get(code).every is not None} == set()


def test_each_job_is_registered_with_its_queue_its_period_and_its_name() -> None:
    registered = {code: outbox_kinds.get(code) for code in JOBS}
    assert {
        code: (kind.handler, kind.queue, kind.every, str(kind.label)) for code, kind in registered.items()
    } == JOBS


def test_only_drawn_files_wait_while_many_arrivals_do() -> None:
    held = {code: outbox_kinds.get(code).is_held for code in (*MAILS, *JOBS)}
    assert [code for code, is_held in held.items() if is_held is arrivals.many_wait] == [
        "RECEIPT_PDF",
        "RECEIPT_PDF_IN_ENGLISH",
        "DOSSIER",
    ]


def test_only_the_receipt_has_priority_over_other_deliveries() -> None:
    assert [code for code in (*MAILS, *JOBS) if outbox_kinds.get(code).comes_first] == ["RECEIPT_MAIL"]


def test_each_kind_of_delivery_keeps_its_stored_code() -> None:
    codes = {name: value for name, value in vars(delivery_kinds).items() if name.isupper()}
    assert codes == {code: code for code in (*MAILS, *JOBS, "DECISION_MAIL")}


def test_each_round_of_rulings_has_its_own_key() -> None:
    keys = [delivery_kinds.rulings_key("OE-1", turn) for turn in (1, 2, 10)]
    assert keys == ["OE-1", "OE-1/2", "OE-1/10"]
    assert [delivery_kinds.round_in_key(key) for key in keys] == [1, 2, 10]


def test_each_journal_action_has_its_label() -> None:
    assert {code: action_label(code) for code in ACTIONS} == ACTIONS


def test_the_providers_for_lower_packages_are_registered() -> None:
    assert queries.find_statement in verifying._lookups
    assert completed_participants in register_services._sources
    assert isinstance(public_log_services.receipts(), queries.ReceiptLogSource)
    assert impact.reevaluate_submissions in offer_impact._providers
    assert offer_changes.on_offer_change in registrations._listeners
    assert offer_changes.audience_message in registrations._audiences
    assert extensions_views.extensions_link in registrations._admin_links
    own = [
        (shown, place.name)
        for shown, place in registrations._panels
        if shown.__module__ == offer_panels.__name__
    ]
    assert own == [
        (offer_panels.apply_panel, "SUMMARY"),
        (offer_panels.personal_panel, "AFTERWARDS"),
        (offer_panels.check_panel, "CRITERIA"),
        (offer_panels.workload_panel, "DOCUMENTS"),
    ]


def test_only_staff_may_grant_and_read_extensions() -> None:
    names = {"submissions.add_personalextension", "submissions.view_personalextension"}
    assert ROLE_PERMISSIONS[Role.STAFF] >= names
    assert not ROLE_PERMISSIONS[Role.REVIEWER] & names


def test_the_application_has_the_name_of_its_tables_and_migrations() -> None:
    config = apps.get_app_config("submissions")
    assert (config.name, str(config.verbose_name)) == ("intake.submissions", "Candidatures")
