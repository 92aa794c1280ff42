"""The application's registration with Django, with the outbox and with the offer's page."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from intake.outbox.models import Delivery


def run_draft_reminders(delivery: "Delivery", at: datetime) -> None:
    """Do the periodic job: ask for what is due now, whatever its period was."""
    from intake.submissions.mails.draft_reminder_job import remind_of_drafts

    del delivery
    remind_of_drafts(at=at)


def run_complement_reminders(delivery: "Delivery", at: datetime) -> None:
    """Do the periodic job: ask for what is due now, whatever its period was."""
    from intake.submissions.mails.complement_reminder_job import remind_of_complements

    del delivery
    remind_of_complements(at=at)


class SubmissionsConfig(AppConfig):
    """`intake.submissions`: drafts, the gate, the filing, the states."""

    name = "intake.submissions"
    label = "submissions"
    verbose_name = _("Candidatures")

    def ready(self) -> None:
        """Say to the rooms below what this one does when they ask."""
        from intake.accounts.roles import Role, grant
        from intake.dossiers.receipts.issued import register_receipt_lookup
        from intake.journal.actions import register_action_labels
        from intake.outbox.kinds import register_job, register_mail, register_periodic
        from intake.register.completed import register_completed_source
        from intake.submissions.drafts.offer_panels import apply_panel, check_panel, personal_panel
        from intake.submissions.extensions.views import extensions_link
        from intake.submissions.lifecycle.participation import completed_participants
        from intake.submissions.offer_changes.impact import reevaluate_submissions
        from intake.transparency import sources
        from offers import admin_links, panels
        from offers import change_listeners as offer_announcements
        from offers import impact as offer_impact

        from . import delivery_kinds
        from .mails import complement_mails, draft_reminders, extension_mail, filing_mails, offer_change_mail
        from .offer_changes import audience
        from .receipts import dossier_job, public_log, signed_receipt

        register_mail(
            delivery_kinds.RECEIPT_MAIL,
            filing_mails.compose_receipt,
            label=_("Accusé de réception"),
            comes_first=True,
        )
        for code in (delivery_kinds.RECEIPT_PDF, delivery_kinds.RECEIPT_PDF_IN_ENGLISH):
            register_job(
                code,
                signed_receipt.make_receipt,
                label=_("Production de l’accusé de réception"),
                queue="receipts",
            )
        register_receipt_lookup(signed_receipt.find_statement)
        register_job(delivery_kinds.DOSSIER, dossier_job.make_dossier, label=_("Production du dossier"))
        register_mail(
            delivery_kinds.DOSSIER_MAIL,
            filing_mails.compose_dossier,
            label=_("Envoi du dossier"),
            queue="documents",
        )
        register_job(
            delivery_kinds.OFFER_CHANGE,
            audience.post_change_mails,
            label=_("Annonce d’un changement d’offre"),
            queue="mail",
        )
        register_mail(
            delivery_kinds.OFFER_CHANGE_MAIL,
            offer_change_mail.compose_change,
            label=_("Changement d’une offre"),
            lapsed=offer_change_mail.is_change_obsolete,
        )
        offer_announcements.register(audience.on_offer_change, audience=audience.audience_message)
        offer_impact.register(reevaluate_submissions)
        register_mail(
            delivery_kinds.PERSONAL_EXTENSION_MAIL,
            extension_mail.compose_extension,
            label=_("Délai personnel accordé"),
            lapsed=extension_mail.is_extension_obsolete,
        )
        register_mail(
            delivery_kinds.DRAFT_REMINDER_MAIL,
            draft_reminders.compose_reminder,
            label=_("Rappel d’un brouillon non déposé"),
            lapsed=draft_reminders.is_reminder_obsolete,
        )
        register_periodic(
            delivery_kinds.DRAFT_REMINDERS,
            run_draft_reminders,
            every=timedelta(minutes=10),
            label=_("Rappels des brouillons non déposés"),
            queue="mail",
        )
        register_mail(
            delivery_kinds.COMPLEMENT_REQUEST_MAIL,
            complement_mails.compose_complement,
            label=_("Demande de complément"),
            lapsed=complement_mails.is_request_obsolete,
        )
        register_mail(
            delivery_kinds.COMPLEMENT_REMINDER_MAIL,
            complement_mails.compose_complement_reminder,
            label=_("Rappel d’un complément demandé"),
            lapsed=complement_mails.is_request_obsolete,
        )
        register_mail(
            delivery_kinds.COMPLEMENT_RESUMED_MAIL,
            complement_mails.compose_complement_resumed,
            label=_("Complément qui n’est plus attendu"),
            lapsed=complement_mails.is_resumed_obsolete,
        )
        register_periodic(
            delivery_kinds.COMPLEMENT_REMINDERS,
            run_complement_reminders,
            every=timedelta(minutes=10),
            label=_("Rappels des compléments demandés"),
            queue="mail",
        )
        register_mail(
            delivery_kinds.RULINGS_MAIL,
            filing_mails.compose_rulings,
            label=_("Réponse à une demande de révision"),
        )
        register_completed_source(completed_participants)
        grant(Role.STAFF, "submissions.add_personalextension", "submissions.view_personalextension")
        admin_links.register(extensions_link)
        sources.register(public_log.ReceiptLogSource())
        panels.register(apply_panel)
        panels.register(personal_panel, panels.PanelPlace.AFTERWARDS)
        panels.register(check_panel, panels.PanelPlace.CRITERIA)
        register_action_labels(
            {
                # Of offers, which know nothing of the journal: what this room hears of them.
                "OFFER_IMPORTED": _("Offre importée"),
                "OFFER_POINT_SETTLED": _("Point d’une offre réglé"),
                "OFFER_MAILBOX_CONFIRMED": _("Courriel de contact d’une offre confirmé"),
                "OFFER_PUBLISHED": _("Offre publiée"),
                "OFFER_CORRECTED": _("Offre corrigée"),
                "OFFER_RULES_CHANGED": _("Critères d’une offre remplacés"),
                "OFFER_EXTENDED": _("Date limite d’une offre prolongée"),
                "OFFER_CANCELLED": _("Offre annulée"),
                "DRAFT_STARTED": _("Brouillon commencé"),
                "DOCUMENT_ATTACHED": _("Document joint au brouillon"),
                "DOCUMENT_REMOVED": _("Document retiré du brouillon"),
                "AMENDMENT_STARTED": _("Modification commencée"),
                "AMENDMENT_DISCARDED": _("Modification abandonnée"),
                "AMENDMENT_PUT_BACK": _(
                    "Modification remise comme déposée, sauf ce qui est demandé en complément"
                ),
                "COMPLEMENT_ANSWERED": _("Complément reçu"),
                "SUBMISSION_REQUEST_COMPLEMENT": _("Complément demandé"),
                "SUBMISSION_RESUME": _("Étude reprise sans complément"),
                "SUBMISSION_FILE": _("Candidature déposée"),
                "SUBMISSION_AMEND": _("Candidature modifiée et déposée de nouveau"),
                "SUBMISSION_WITHDRAW": _("Désistement"),
                "PERSONAL_EXTENSION_GIVEN": _("Délai personnel accordé"),
                "RECEIPT_RESENT": _("Accusé de réception renvoyé"),
                "RECEIPT_PDF_ASKED": _("Accusé de réception en PDF demandé"),
                "OWN_DATA_DOWNLOADED": _("Renseignements téléchargés par leur personne"),
                "FINDING_CONFIRMED": _("Constat confirmé par une personne"),
                "FINDING_OVERTURNED": _("Constat infirmé par une personne"),
                "RESERVE_LIFTED": _("Réserve levée"),
                "RESERVE_UPHELD": _("Réserve maintenue"),
                "RESERVE_KEPT_LIFTED": _("Réserve levée, et qui le reste"),
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
        )
