"""Committees of offers: members, assignments, anchor files, conflicts of interest and anonymous reviews."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import Submission
from offers.models import Offer


class CommitteeMember(models.Model):
    """One reviewer who reads, marks and triages the submissions of one offer."""

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="committee", verbose_name=_("offre"))
    reviewer = models.ForeignKey(
        User, models.RESTRICT, related_name="committees", verbose_name=_("membre du comité")
    )
    added_at = models.DateTimeField(_("depuis le"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("membre d’un comité")
        verbose_name_plural = _("membres des comités")
        # No "change": a membership is added or deleted, never edited.
        default_permissions = ("add", "delete", "view")
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "reviewer"],
                name="a_person_sits_once_on_a_committee",
                violation_error_message=_("Cette personne siège déjà au comité de cette offre."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} · {self.offer}"


class Assignment(models.Model):
    """One file that one committee member must assess, with an optional due day.

    It gives work, not access: the whole committee may open the file.
    """

    class Way(models.TextChoices):
        HAND = "HAND", _("À la main")
        FILE = "FILE", _("Par fichier")
        EVEN = "EVEN", _("Répartition égale")

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="assignments")
    reviewer = models.ForeignKey(
        User, models.RESTRICT, related_name="assignments", verbose_name=_("membre du comité")
    )
    way = models.CharField(_("comment"), max_length=4, choices=Way)
    due_on = models.DateField(_("échéance"), null=True, blank=True)
    """Inclusive day, in the offer's time zone. Null: no due day."""
    assigned_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("attribuée par"))
    assigned_at = models.DateTimeField(_("attribuée le"), db_default=TransactionNow(), editable=False)
    told_at = models.DateTimeField(_("annoncée le"), null=True, blank=True, editable=False)
    """When a mail notified the reviewer of it and of its due day. Null: the next mail will."""

    class Meta:
        verbose_name = _("dossier attribué")
        verbose_name_plural = _("dossiers attribués")
        default_permissions = ()
        permissions = [("assign_submission", _("Peut attribuer des dossiers aux membres d’un comité"))]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "reviewer"], name="a_file_is_assigned_to_a_person_once"
            ),
            models.CheckConstraint(
                condition=Q(way__in=["HAND", "FILE", "EVEN"]), name="assignment_way_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["reviewer"], condition=Q(told_at=None), name="assignments_to_be_told"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} · {self.reviewer_id}"


class AnchorFile(models.Model):
    """One file that each member of its offer's committee marks first, so that their marks can be compared."""

    submission = models.OneToOneField(
        Submission, models.RESTRICT, related_name="+", verbose_name=_("candidature")
    )
    named_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("choisi par"))
    named_at = models.DateTimeField(_("choisi le"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("dossier repère")
        verbose_name_plural = _("dossiers repères")
        # No permission of its own: `assign_submission` gives the choice.
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.submission_id)


class Conflict(models.Model):
    """A conflict of interest: until it is lifted, no page shows the file to this reviewer.

    Declared by the reviewer or by staff; lifted only by staff, with a reason. Never deleted.
    """

    submission = models.ForeignKey(
        Submission, models.RESTRICT, related_name="conflicts", verbose_name=_("candidature")
    )
    reviewer = models.ForeignKey(
        User, models.RESTRICT, related_name="conflicts", verbose_name=_("membre du comité")
    )
    reason = models.CharField(_("lien avec la personne"), max_length=250, blank=True)
    declared_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("déclaré par"))
    declared_at = models.DateTimeField(_("déclaré le"), db_default=TransactionNow(), editable=False)
    lifted_by = models.ForeignKey(
        User, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("levé par")
    )
    lifted_at = models.DateTimeField(_("levé le"), null=True, blank=True, editable=False)
    lift_reason = models.CharField(_("motif de la levée"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("conflit d’intérêts")
        verbose_name_plural = _("conflits d’intérêts")
        default_permissions = ("view",)
        permissions = [("lift_conflict", _("Peut lever un conflit d’intérêts"))]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "reviewer"],
                condition=Q(lifted_at__isnull=True),
                name="a_standing_conflict_is_declared_once",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                name="a_lifted_conflict_says_who_when_and_why",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=models.F("reviewer")),
                name="nobody_lifts_their_own_conflict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} · {self.submission}"


class BlindReading(models.Model):
    """A period in which the committee of an offer reads and marks without names. Never deleted."""

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="blind_readings", verbose_name=_("offre"))
    begun_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("demandée par"))
    begun_at = models.DateTimeField(_("depuis le"), db_default=TransactionNow(), editable=False)
    ended_by = models.ForeignKey(
        User, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("levée par")
    )
    ended_at = models.DateTimeField(_("levée le"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("évaluation anonyme")
        verbose_name_plural = _("évaluations anonymes")
        default_permissions = ()
        permissions = [("set_blind_reading", _("Peut demander ou terminer l’évaluation anonyme d’une offre"))]
        constraints = [
            models.UniqueConstraint(
                fields=["offer"],
                condition=Q(ended_at__isnull=True),
                name="an_offer_is_read_blind_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="a_blind_reading_that_ended_says_who_ended_it",
            ),
        ]

    def __str__(self) -> str:
        return str(self.offer)
