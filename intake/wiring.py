"""What each application asks of the lower ones: mails and jobs, names of actions, and lookups.

An application imports only those below it. What a lower one needs from a higher one is handed to it here, once, when
Django starts; read from top to bottom, this is all that happens then.
"""

from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WiringConfig(AppConfig):
    """The last of the installed applications: all models are ready when it connects them."""

    name = "intake.wiring"
    label = "wiring"

    def ready(self) -> None:
        """Connect the applications."""
        _name_actions()
        _connect_preferences()
        _register_upkeep()
        _register_account_mails()
        _register_receipt_deliveries()
        _register_candidate_mails()
        _register_review_deliveries()
        _register_retention()
        _register_invariant_checks()
        _connect_offers()
        _connect_journal_and_register()


def _name_actions() -> None:
    from intake.accounts import journal_actions as accounts
    from intake.dossiers import journal_actions as dossiers
    from intake.journal import journal_actions as journal
    from intake.journal.selectors import (
        register_action_labels,
        register_detail_readers,
        register_page_labels,
    )
    from intake.operations import journal_actions as operations
    from intake.outbox import journal_actions as outbox
    from intake.privacy import journal_actions as privacy
    from intake.privacy.officers import journal_actions as officers
    from intake.register import journal_actions as register
    from intake.review import journal_actions as review
    from intake.submissions import journal_actions as submissions
    from intake.submissions.filing import arrival_reasons

    for application in (
        journal,
        accounts,
        outbox,
        register,
        dossiers,
        submissions,
        review,
        privacy,
        officers,
        operations,
    ):
        register_action_labels(application.ACTION_LABELS)
    for showing in (journal, accounts, outbox, submissions, review, officers):
        register_page_labels(showing.PAGE_LABELS)
    for detailed in (accounts, outbox, submissions, arrival_reasons, review, officers):
        register_detail_readers(detailed.DETAIL_READERS)


def _connect_preferences() -> None:
    from intake.operations.preferences import english_offered
    from intake.web.language import register_english_switch

    register_english_switch(english_offered)


def _register_upkeep() -> None:
    from intake.documents import reclaiming
    from intake.outbox.kinds import register_periodic
    from intake.submissions.models import PendingUpload
    from intake.transparency.selectors import PUBLISH_INTERVAL
    from intake.transparency.services import update_log

    register_periodic(
        "PUBLIC_LOG",
        update_log,
        every=PUBLISH_INTERVAL,
        label=_("Registre public des accusés de réception"),
        comes_first=True,  # after a closing, thousands of dossiers wait: that is when a root must not
    )
    reclaiming.register_stored_field(PendingUpload, "file")
    register_periodic(
        reclaiming.RECLAIM,
        reclaiming.reclaim,
        every=timedelta(days=1),
        label=_("Nettoyage des fichiers téléversés"),
    )


def _register_account_mails() -> None:
    from intake.accounts.changes import register_change_listener
    from intake.accounts.second_factor.invitations import register_invitation_listener
    from intake.accounts.second_factor.notices import register_owner_notice
    from intake.outbox import account_mails as mails
    from intake.outbox.kinds import register_mail

    register_change_listener(mails.post_change_mails)
    register_owner_notice(mails.post_factor_mail)
    register_mail(
        mails.SECOND_FACTOR_MAIL, mails.compose_factor, label=_("Changement d’un moyen de connexion")
    )
    register_invitation_listener(mails.post_invitation)
    register_mail(
        mails.INVITATION_MAIL,
        mails.compose_invitation,
        label=_("Invitation à protéger un compte"),
        is_obsolete=mails.is_invitation_obsolete,
        complete=mails.sign_invitation,
    )
    register_mail(
        mails.ACCOUNT_CHANGED_MAIL,
        mails.compose_changed,
        label=_("Changement d’un compte"),
        complete=mails.sign_undo,
    )
    register_mail(
        mails.ACCOUNT_NEW_ADDRESS_MAIL, mails.compose_new_address, label=_("Nouvelle adresse d’un compte")
    )
    register_mail(
        mails.ACCOUNT_OPERATOR_MAIL,
        mails.compose_operator,
        label=_("Changement d’un compte par une commande"),
    )
    register_mail(
        mails.ACCOUNT_ASKED_MAIL,
        mails.compose_asked,
        label=_("Changement d’un compte à approuver"),
        is_obsolete=mails.is_asked_obsolete,
    )


def _register_receipt_deliveries() -> None:
    from intake.dossiers.receipts.verifying import register_receipt_lookup
    from intake.outbox.kinds import register_job, register_mail, register_periodic
    from intake.submissions import delivery_kinds as kinds
    from intake.submissions.attachments import inspecting, joining
    from intake.submissions.filing import arrivals, originals
    from intake.submissions.mails import filing_mails
    from intake.submissions.receipts import operations as receipts
    from intake.submissions.receipts import queries
    from intake.transparency.services import register_source

    register_mail(
        kinds.RECEIPT_MAIL, filing_mails.compose_receipt, label=_("Accusé de réception"), comes_first=True
    )
    for code in (kinds.RECEIPT_PDF, kinds.RECEIPT_PDF_IN_ENGLISH):
        register_job(
            code,
            receipts.make_receipt,
            label=_("Production de l’accusé de réception"),
            queue="receipts",
            is_held=arrivals.many_wait,
        )
    register_periodic(
        kinds.ARRIVALS,
        arrivals.file_waiting,
        every=timedelta(seconds=1),
        is_needed=arrivals.has_waiting,
        label=_("Dépôt des candidatures arrivées"),
        queue="filings",
    )
    register_job(
        kinds.UPLOAD, inspecting.inspect_upload, label=_("Analyse d’un fichier reçu"), queue="uploads"
    )
    register_job(
        kinds.JOIN,
        joining.join_document,
        label=_("Préparation d’un document de plusieurs fichiers"),
        queue="uploads",
    )
    register_periodic(
        kinds.UPLOADS_SWEEP,
        inspecting.sweep_uploads,
        every=timedelta(hours=1),
        label=_("Nettoyage des fichiers en analyse"),
    )
    register_periodic(
        kinds.ORIGINALS_ERASURE,
        originals.erase_filed_originals,
        every=timedelta(minutes=10),
        label=_("Effacement des fichiers reçus, une fois déposés"),
    )
    register_job(
        kinds.DOSSIER, receipts.make_dossier, label=_("Production du dossier"), is_held=arrivals.many_wait
    )
    register_job(
        kinds.DOSSIER_PAGES,
        receipts.draw_dossier_pages,
        label=_("Images des pages du dossier"),
        is_held=arrivals.many_wait,
    )
    register_mail(
        kinds.DOSSIER_MAIL, filing_mails.compose_dossier, label=_("Envoi du dossier"), queue="documents"
    )
    register_receipt_lookup(queries.find_statement)
    register_source(queries.ReceiptLogSource())


def _register_candidate_mails() -> None:
    from intake.outbox.kinds import register_job, register_mail, register_periodic
    from intake.submissions import delivery_kinds as kinds
    from intake.submissions.mails import (
        arrival_mail,
        cancellation_mail,
        complement_mails,
        filing_mails,
        offer_mails,
        reminders,
        withdrawal_mail,
    )
    from intake.submissions.offer_changes import operations as offer_changes

    register_job(
        kinds.OFFER_CHANGE,
        offer_changes.post_change_mails,
        label=_("Annonce d’un changement d’offre"),
        queue="mail",
    )
    register_mail(
        kinds.OFFER_CHANGE_MAIL,
        offer_mails.compose_change,
        label=_("Changement d’une offre"),
        is_obsolete=offer_mails.is_change_obsolete,
    )
    register_mail(
        kinds.CANCELLATION_ASKED_MAIL,
        cancellation_mail.compose_asked,
        label=_("Annulation d’une offre à approuver"),
        is_obsolete=cancellation_mail.is_asked_obsolete,
    )
    register_mail(
        kinds.PERSONAL_EXTENSION_MAIL,
        offer_mails.compose_extension,
        label=_("Prolongation personnelle accordée"),
        is_obsolete=offer_mails.is_extension_obsolete,
    )
    register_mail(
        kinds.DRAFT_REMINDER_MAIL,
        reminders.compose_reminder,
        label=_("Rappel d’un brouillon non déposé"),
        is_obsolete=reminders.is_reminder_obsolete,
    )
    register_periodic(
        kinds.DRAFT_REMINDERS,
        reminders.run_draft_reminders,
        every=timedelta(minutes=10),
        label=_("Rappels des brouillons non déposés"),
        queue="mail",
    )
    register_mail(
        kinds.COMPLEMENT_REQUEST_MAIL,
        complement_mails.compose_complement,
        label=_("Demande de complément"),
        is_obsolete=complement_mails.is_request_obsolete,
    )
    register_mail(
        kinds.COMPLEMENT_REMINDER_MAIL,
        complement_mails.compose_complement_reminder,
        label=_("Rappel d’un complément demandé"),
        is_obsolete=complement_mails.is_complement_reminder_obsolete,
    )
    register_mail(
        kinds.COMPLEMENT_RESUMED_MAIL,
        complement_mails.compose_complement_resumed,
        label=_("Complément qui n’est plus attendu"),
        is_obsolete=complement_mails.is_resumed_obsolete,
    )
    register_periodic(
        kinds.COMPLEMENT_REMINDERS,
        reminders.run_complement_reminders,
        every=timedelta(minutes=10),
        label=_("Rappels des compléments demandés"),
        queue="mail",
    )
    register_mail(
        kinds.WITHDRAWAL_MAIL,
        withdrawal_mail.compose_withdrawal,
        label=_("Confirmation d’un désistement"),
        is_obsolete=withdrawal_mail.is_withdrawal_obsolete,
    )
    register_mail(
        kinds.ARRIVAL_REFUSED_MAIL,
        arrival_mail.compose_refusal,
        label=_("Arrivée non déposée"),
        is_obsolete=arrival_mail.is_refusal_obsolete,
    )
    register_mail(
        kinds.RULINGS_MAIL, filing_mails.compose_rulings, label=_("Réponse à une demande de révision")
    )


def _register_review_deliveries() -> None:
    from intake.outbox.kinds import register_job, register_mail
    from intake.review import delivery_kinds as kinds
    from intake.review.assignment import notify_members
    from intake.review.bulk.operations import BULK_RUN, do_bulk_run
    from intake.review.decisions import notify_other_offers
    from intake.review.decisions.letters import compose_decision, is_resend_obsolete
    from intake.review.decisions.sending import send_decisions
    from intake.review.evidence import notify_contradiction
    from intake.review.evidence.register_recheck import scan_register
    from intake.review.exports.orders import remove_order, write_order
    from intake.submissions.delivery_kinds import DECISION_MAIL
    from intake.submissions.filing.arrivals import many_wait

    # A person waits for a bulk run: behind the dossiers of a closing day it would take minutes.
    register_job(BULK_RUN, do_bulk_run, label=_("Action sur plusieurs candidatures"), queue="mail")
    register_job(kinds.DECISIONS, send_decisions, label=_("Annonce d’un lot de décisions"))
    register_job(
        kinds.EXPORT,
        write_order,
        label=_("Fichier d’une liste de présélection"),
        queue="exports",
        is_held=many_wait,
    )
    register_job(kinds.EXPORT_REMOVAL, remove_order, label=_("Retrait d’un fichier exporté"), queue="exports")
    register_job(
        kinds.REGISTER_SCAN, scan_register, label=_("Candidatures comparées au registre"), queue="mail"
    )
    register_mail(
        kinds.ASSIGNED_MAIL,
        notify_members.compose_assigned,
        label=_("Dossiers attribués à un membre"),
        is_obsolete=notify_members.is_obsolete,
    )
    register_mail(
        DECISION_MAIL,
        compose_decision,
        label=_("Décision sur une candidature"),
        is_obsolete=is_resend_obsolete,
    )
    register_mail(
        kinds.SELECTED_ELSEWHERE_MAIL,
        notify_other_offers.compose_notice,
        label=_("Personne retenue pour une autre offre"),
        is_obsolete=notify_other_offers.is_obsolete,
    )
    register_mail(
        kinds.SELECTION_TAKEN_BACK_MAIL,
        notify_other_offers.compose_notice,
        label=_("Personne qui n’est plus retenue pour une autre offre"),
        is_obsolete=notify_other_offers.is_obsolete,
    )
    register_mail(
        kinds.CONTRADICTED_MAIL,
        notify_contradiction.compose_contradicted,
        label=_("Constat contredit d’une personne retenue"),
        is_obsolete=notify_contradiction.is_obsolete,
    )


def _register_retention() -> None:
    from intake.outbox.kinds import register_mail, register_periodic
    from intake.privacy import delivery_kinds as kinds
    from intake.privacy.retention import erasing, notices
    from intake.privacy.retention.queries import erasure_day
    from intake.submissions.timeline.queries import register_erasure_day

    register_erasure_day(erasure_day)
    register_mail(
        kinds.ERASURE_NOTICE_MAIL,
        notices.compose_notice,
        label=_("Effacement prochain d’une candidature"),
        is_obsolete=notices.is_notice_obsolete,
    )
    register_periodic(
        kinds.ANONYMISE,
        erasing.run_anonymise,
        every=timedelta(days=1),
        label=_("Effacement de ce qui n’est plus conservé"),
    )
    register_periodic(
        kinds.SESSIONS_PURGE,
        erasing.purge_sessions,
        every=timedelta(hours=1),
        label=_("Suppression des sessions expirées"),
        queue="mail",
    )


def _register_invariant_checks() -> None:
    from intake.operations import invariants
    from intake.outbox.kinds import register_job, register_periodic

    register_periodic(
        invariants.CHECK_INVARIANTS,
        invariants.post_daily_checks,
        every=timedelta(days=1),
        label=_("Vérification quotidienne de l’intégrité"),
    )
    register_job(
        invariants.CHECK_INVARIANT, invariants.run_check, label=_("Vérification d’une règle d’intégrité")
    )


def _connect_offers() -> None:
    from intake.review.access.impartiality import lacks_impartiality
    from intake.review.access.visibility import visible_submissions
    from intake.submissions.drafts.views.start import (
        apply_panel,
        check_panel,
        personal_panel,
        workload_panel,
    )
    from intake.submissions.extensions.views import extensions_link
    from intake.submissions.offer_changes import operations as offer_changes
    from intake.submissions.offer_changes.impact import reevaluate_submissions, register_file_reader
    from offers import impact, registrations

    registrations.register_change_listener(
        offer_changes.on_offer_change, audience=offer_changes.audience_message
    )
    impact.register(reevaluate_submissions)
    register_file_reader(visible_submissions, view="review:file")
    registrations.register_conflict_check(lacks_impartiality)
    registrations.register_admin_link(extensions_link)
    registrations.register_panel(apply_panel)
    registrations.register_panel(personal_panel, registrations.PanelPlace.AFTERWARDS)
    registrations.register_panel(check_panel, registrations.PanelPlace.CRITERIA)
    registrations.register_panel(workload_panel, registrations.PanelPlace.DOCUMENTS)


def _connect_journal_and_register() -> None:
    from intake.accounts.selectors import entries_by_matching_actors, register_candidate_filter
    from intake.journal.selectors import register_entry_finder, register_entry_hider, register_subject_hider
    from intake.register.services import (
        register_change_listener,
        register_completed_source,
        register_file_counter,
    )
    from intake.review.access.search import entries_about_matches
    from intake.review.access.visibility import candidates_of_visible_submissions
    from intake.review.audit.journal_visibility import hidden_entries, hidden_subjects
    from intake.review.evidence.register_recheck import count_files_to_recheck, post_register_scan
    from intake.submissions.lifecycle.participation import completed_participants

    register_candidate_filter(candidates_of_visible_submissions)
    register_entry_finder(entries_by_matching_actors)
    register_entry_finder(entries_about_matches)
    register_subject_hider(hidden_subjects)
    register_entry_hider(hidden_entries)
    register_completed_source(completed_participants)
    register_change_listener(post_register_scan)
    register_file_counter(count_files_to_recheck)
