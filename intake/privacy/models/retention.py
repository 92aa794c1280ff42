"""Retention rules, legal holds, and the proofs of what was erased."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import Submission

MONTHS_MAX = 240
REASON_MAX = 250


class Outcome(models.TextChoices):
    """What became of an application, as the schedule distinguishes it: `sql/retention_of.sql`."""

    DRAFT = "DRAFT", _("Brouillon jamais déposé")
    NOT_SELECTED = "NOT_SELECTED", _("Candidature non retenue")
    WITHDRAWN = "WITHDRAWN", _("Désistement")
    INELIGIBLE = "INELIGIBLE", _("Candidature non admissible")
    SELECTED = "SELECTED", _("Candidature retenue, stage non terminé")
    PARTICIPANT = "PARTICIPANT", _("Stage terminé")
    ACCOUNT = "ACCOUNT", _("Compte sans candidature")


MIN_MONTHS = {Outcome.DRAFT: 1, Outcome.ACCOUNT: 6}
"""Outcomes with a shorter minimum than `MIN_MONTHS_DECIDED`."""
MIN_MONTHS_DECIDED = 12
"""A person may contest a decision, and see what it was based on, during at least a year."""


class RetentionRule(models.Model):
    """How many months the files of one outcome are kept. Append-only: the latest that applies counts.

    A trigger (`sql/stamp_retention_rule.sql`) writes `at` and `applies_at`: a shorter period applies 30 days later, so
    that a candidate is told before. Without author: the default of the migration.
    """

    outcome = models.CharField(_("issue de la candidature"), max_length=16, choices=Outcome)
    months = models.PositiveSmallIntegerField(_("mois de conservation"))
    author = models.ForeignKey(
        User, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("fixée par")
    )
    reason = models.CharField(_("motif"), max_length=REASON_MAX)
    at = models.DateTimeField(_("fixée le"), db_default=TransactionNow(), editable=False)
    applies_at = models.DateTimeField(_("en vigueur le"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("règle de conservation")
        verbose_name_plural = _("règles de conservation")
        default_permissions = ()  # an administrator alone sets it
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="DRAFT", months__gte=1)
                | Q(outcome="ACCOUNT", months__gte=6)
                | Q(
                    outcome__in=["NOT_SELECTED", "WITHDRAWN", "INELIGIBLE", "SELECTED", "PARTICIPANT"],
                    months__gte=12,
                ),
                name="a_retention_rule_leaves_time_to_contest",
            ),
            models.CheckConstraint(condition=Q(months__lte=MONTHS_MAX), name="a_retention_rule_ends"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_retention_rule_says_why"),
        ]
        indexes = [models.Index(fields=["outcome", "-id"], name="retention_rules_latest_first")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.months}"


class LegalHold(models.Model):
    """A submission that is not erased until the hold is lifted, for example during a lawsuit or an access request.

    Put and lifted by an administrator with a reason. Only its lifting is written later, once.
    """

    submission = models.ForeignKey(
        Submission, models.RESTRICT, related_name="legal_holds", verbose_name=_("candidature")
    )
    reason = models.CharField(_("motif"), max_length=REASON_MAX)
    put_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("suspendu par"))
    put_at = models.DateTimeField(_("suspendu le"), db_default=TransactionNow(), editable=False)
    lifted_by = models.ForeignKey(
        User, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("levé par")
    )
    lifted_at = models.DateTimeField(_("levé le"), null=True, blank=True, editable=False)
    lift_reason = models.CharField(_("motif de la levée"), max_length=REASON_MAX, blank=True)

    class Meta:
        verbose_name = _("suspension de l’effacement")
        verbose_name_plural = _("suspensions de l’effacement")
        default_permissions = ()  # an administrator alone puts and lifts it
        constraints = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(lifted_at__isnull=True),
                name="a_file_is_held_once_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_legal_hold_says_why"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                name="a_lifted_hold_says_who_when_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Erasure(models.Model):
    """Proof that a file, a draft or an account was erased. Only the database's functions add a row.

    `files` names the stored files that are still to be deleted: random names, or a receipt's number. They are deleted
    after the commit; a run that was killed leaves them here, and the next run deletes them.
    """

    class Kind(models.TextChoices):
        """What was erased."""

        FILE = "FILE", _("Candidature déposée")
        DRAFT = "DRAFT", _("Brouillon")
        ACCOUNT = "ACCOUNT", _("Compte")

    kind = models.CharField(_("objet"), max_length=8, choices=Kind)
    submission = models.OneToOneField(
        Submission, models.RESTRICT, null=True, blank=True, related_name="erasure"
    )
    """The filed submission. None for a draft: its row is deleted."""
    account = models.OneToOneField(User, models.RESTRICT, null=True, blank=True, related_name="erasure")
    """The account, whose row stays without address or name."""
    outcome = models.CharField(_("issue"), max_length=16, choices=Outcome)
    due_on = models.DateField(_("à effacer le"), null=True, blank=True)
    """First day on which the schedule allowed it. None: asked by the person."""
    erased_at = models.DateTimeField(_("effacé le"), db_default=TransactionNow(), editable=False)
    files = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    files_removed_at = models.DateTimeField(_("fichiers supprimés le"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("effacement")
        verbose_name_plural = _("effacements")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="FILE", submission__isnull=False, account__isnull=True)
                | Q(kind="ACCOUNT", submission__isnull=True, account__isnull=False)
                | Q(kind="DRAFT", submission__isnull=True, account__isnull=True),
                name="an_erasure_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(files_removed_at__isnull=True) | Q(files=[]),
                name="an_erasure_forgets_the_files_it_removed",
            ),
        ]
        indexes = [
            # Asked by the triggers of append-only tables, for the transaction that erases.
            models.Index(fields=["erased_at"], name="erasures_in_order"),
            models.Index(
                fields=["id"],
                name="erasures_with_files_left",
                condition=Q(files_removed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
