"""The application's registration with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    """`intake.review`."""

    name = "intake.review"
    label = "review"
    verbose_name = _("Comités d’évaluation")

    def ready(self) -> None:
        """Say what reviewers and staff may do here and in the lower rooms that know neither."""
        from intake.accounts.roles import Role, grant
        from intake.journal.actions import register_action_labels
        from intake.journal.search import register_entry_finder
        from intake.journal.visibility import register_entry_hider, register_subject_hider
        from intake.outbox.kinds import register_job, register_mail
        from intake.register.change_listeners import register_change_listener
        from intake.review.access.impartiality import lacks_impartiality
        from intake.review.access.queries import visible_submissions
        from intake.review.assignment.notify_members import send_assigned
        from intake.review.bulk.operations import BULK_RUN, do_bulk_run
        from intake.review.decisions.letters import compose_decision, is_resend_obsolete
        from intake.review.decisions.sending import send_decisions
        from intake.review.evidence.register_scan import post_register_scan, scan_register
        from intake.review.exports.orders import remove_order, write_order
        from intake.submissions.delivery_kinds import DECISION_MAIL
        from intake.submissions.offer_changes.impact import register_file_reader
        from offers import conflict_check

        from .decisions import notify_other_offers
        from .delivery_kinds import (
            ASSIGNED_MAIL,
            CONTRADICTED_MAIL,
            DECISIONS,
            EXPORT,
            EXPORT_REMOVAL,
            REGISTER_SCAN,
            SELECTED_ELSEWHERE_MAIL,
            SELECTION_TAKEN_BACK_MAIL,
        )
        from .evidence import notify_contradiction

        # Short work that a person waits for: the dossiers of a closing day would keep it waiting for minutes.
        register_job(BULK_RUN, do_bulk_run, label=_("Action sur plusieurs candidatures"), queue="mail")
        from intake.review.access.journal_search import entries_about_matches
        from intake.review.audit.journal_visibility import hidden_entries, hidden_subjects

        register_entry_finder(entries_about_matches)
        register_subject_hider(hidden_subjects)
        register_entry_hider(hidden_entries)
        conflict_check.register(lacks_impartiality)
        register_file_reader(visible_submissions, view="review:file")
        register_job(DECISIONS, send_decisions, label=_("Annonce d’un lot de décisions"))
        register_job(EXPORT, write_order, label=_("Fichier d’une liste de présélection"), queue="exports")
        register_job(EXPORT_REMOVAL, remove_order, label=_("Retrait d’un fichier exporté"), queue="exports")
        register_change_listener(post_register_scan)
        register_job(
            REGISTER_SCAN, scan_register, label=_("Candidatures comparées au registre"), queue="mail"
        )
        register_job(ASSIGNED_MAIL, send_assigned, label=_("Dossiers confiés à un membre"), queue="mail")
        register_mail(
            DECISION_MAIL,
            compose_decision,
            label=_("Décision sur une candidature"),
            lapsed=is_resend_obsolete,
        )
        register_mail(
            SELECTED_ELSEWHERE_MAIL,
            notify_other_offers.compose_selected_elsewhere,
            label=_("Personne retenue pour une autre offre"),
            lapsed=notify_other_offers.is_obsolete,
        )
        register_mail(
            SELECTION_TAKEN_BACK_MAIL,
            notify_other_offers.compose_taken_back,
            label=_("Personne qui n’est plus retenue pour une autre offre"),
            lapsed=notify_other_offers.is_obsolete,
        )
        register_mail(
            CONTRADICTED_MAIL,
            notify_contradiction.compose_contradicted,
            label=_("Constat contredit d’une personne retenue"),
            lapsed=notify_contradiction.is_obsolete,
        )
        register_action_labels(
            {
                "DECISIONS_PREPARED": _("Lot de décisions préparé"),
                "DECISIONS_RETURNED": _(
                    "Lot de décisions revenu en préparation : son approbation ne valait plus"
                ),
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
                "ASSESSMENT_SAVED": _("Appréciation enregistrée"),
                "BULK_RUN_STARTED": _("Action sur plusieurs candidatures demandée"),
                "BULK_RUN_STOPPED": _("Action sur plusieurs candidatures arrêtée"),
                "SHORTLIST_FROZEN": _("Liste de présélection figée"),
                "ASSESSMENT_SUBMITTED": _("Appréciation remise"),
                "MEETING_NOTE_ADDED": _("Note de réunion ajoutée"),
                "BLIND_READING_BEGUN": _("Lecture à l’aveugle demandée"),
                "BLIND_READING_ENDED": _("Lecture à l’aveugle levée"),
                "LINES_WEIGHED": _("Pondérations de la grille changées"),
                "FILE_CLAIMED": _("Dossier pris en main"),
                "FILE_TAKEN_OVER": _("Dossier repris à une autre personne"),
                "FILE_GIVEN_BACK": _("Dossier rendu"),
                "EVIDENCE_CONFIRMED": _("Constat confirmé"),
                "EVIDENCE_CONTRADICTED": _("Constat contredit"),
                "CONFLICT_DECLARED": _("Conflit d’intérêts déclaré"),
                "CONFLICT_LIFTED": _("Conflit d’intérêts levé"),
                "EXPORT_ORDERED": _("Fichier d’une liste demandé"),
                "EXPORT_CANCELLED": _("Fichier d’une liste annulé"),
                "EXPORT_TAKEN": _("Fichier d’une liste téléchargé"),
                "SHORTLIST_EXPORTED": _("Liste de présélection exportée"),
                "FILES_ASSIGNED": _("Dossiers confiés à des membres du comité"),
                "ASSIGNMENT_DUE_CHANGED": _("Échéance des dossiers confiés changée"),
                "ASSIGNMENT_REMOVED": _("Dossier repris à un membre du comité"),
                "ASSIGNMENTS_TAKEN_BACK": _("Dossiers repris à d’anciens membres du comité"),
                "COMMITTEE_MEMBER_ADDED": _("Personne inscrite à un comité"),
                "COMMITTEE_MEMBER_REMOVED": _("Personne retirée d’un comité"),
            }
        )

        triage = (
            "submissions.view_submission",
            "submissions.triage_submission",
            "review.assess_submission",
            "review.verify_finding",
        )
        grant(Role.REVIEWER, *triage)
        grant(
            Role.STAFF,
            *triage,
            "submissions.decide_submission",
            "submissions.export_shortlist",
            "review.freeze_shortlist",
            "review.prepare_decisions",
            "review.release_decisions",
            "review.view_shortlistexport",
            "review.add_committeemember",
            "review.delete_committeemember",
            "review.view_committeemember",
            "review.view_conflict",
            "review.lift_conflict",
            "review.change_lineweight",
            "review.set_blind_reading",
            "review.assign_submission",
            "review.share_savedview",
            # The calls know nothing of roles: whoever judges their candidatures also says who writes them.
            "offers.add_offer",
            "offers.change_offer",
            "offers.publish_offer",
            "offers.view_offer",
            "offers.add_programme",
            "offers.change_programme",
            "offers.view_programme",
            "offers.add_section",
            "offers.change_section",
            "offers.delete_section",
            "offers.view_section",
            "offers.add_documentrequest",
            "offers.change_documentrequest",
            "offers.delete_documentrequest",
            "offers.view_documentrequest",
            "offers.add_gridline",
            "offers.change_gridline",
            "offers.delete_gridline",
            "offers.view_gridline",
            "offers.change_openpoint",
            "offers.view_openpoint",
            "offers.view_offerchange",
            "offers.view_offerextension",
            "offers.view_rulebookversion",
            "outbox.view_delivery",
            "outbox.view_message",
            "journal.view_entry",
        )
