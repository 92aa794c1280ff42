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
        from intake.accounts.roles import Role, grant  # noqa: PLC0415 -- models are not ready at import
        from intake.journal.actions import name_actions  # noqa: PLC0415 -- same
        from intake.journal.hidden import hide_subjects_by  # noqa: PLC0415 -- same
        from intake.submissions.impact import open_files_by  # noqa: PLC0415 -- same

        from .selectors import untold_to, visible_submissions  # noqa: PLC0415 -- same

        hide_subjects_by(untold_to)
        open_files_by(visible_submissions, view="review:file")
        name_actions(
            {
                "SUBMISSION_OPENED": _("Candidature ouverte"),
                "DOSSIER_OPENED": _("Dossier PDF ouvert"),
                "ASSESSMENT_SAVED": _("Appréciation enregistrée"),
                "SHORTLIST_FROZEN": _("Liste de présélection figée"),
                "ASSESSMENT_SUBMITTED": _("Appréciation remise"),
                "MEETING_NOTE_ADDED": _("Note de réunion ajoutée"),
                "LINES_WEIGHED": _("Pondérations de la grille changées"),
                "CONFLICT_DECLARED": _("Conflit d’intérêts déclaré"),
                "CONFLICT_LIFTED": _("Conflit d’intérêts levé"),
                "SHORTLIST_EXPORTED": _("Liste de présélection exportée"),
                "COMMITTEE_MEMBER_ADDED": _("Personne inscrite à un comité"),
                "COMMITTEE_MEMBER_REMOVED": _("Personne retirée d’un comité"),
            }
        )

        triage = ("submissions.view_submission", "submissions.triage_submission", "review.assess_submission")
        grant(Role.REVIEWER, *triage)
        grant(
            Role.STAFF,
            *triage,
            "submissions.decide_submission",
            "submissions.export_shortlist",
            "review.freeze_shortlist",
            "review.view_shortlistexport",
            "review.add_committeemember",
            "review.delete_committeemember",
            "review.view_committeemember",
            "review.view_conflict",
            "review.lift_conflict",
            "review.change_lineweight",
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
