"""Evidence: what a person found in the documents about a finding. Register matches: findings to check again."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import FiledDocument, Filing


class Evidence(models.Model):
    """One finding of a filing, confirmed or contradicted by a person. Append-only: the latest counts.

    It counts no more once its author is in conflict with the file, or applied to its offer: it is asked for again.

    It refers to a page of a filed document, or to a source that `note` names (an interview, the register).
    """

    class Outcome(models.TextChoices):
        CONFIRMED = "CONFIRMED", _("Confirmé")
        CONTRADICTED = "CONTRADICTED", _("Contredit")

    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="evidence")
    position = models.PositiveSmallIntegerField(_("rang"))
    """Position of the finding in the sealed verdict, from 0."""
    kind = models.CharField(_("critère"), max_length=16)
    outcome = models.CharField(_("constat"), max_length=12, choices=Outcome)
    document = models.ForeignKey(
        FiledDocument,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("document"),
    )
    page = models.PositiveSmallIntegerField(_("page"), null=True, blank=True)
    """Page of the document, from 1."""
    note = models.CharField(_("précision"), max_length=500, blank=True)
    author = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("auteur"))
    at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    after_selection = models.BooleanField(_("après la décision"), db_default=False, editable=False)
    """True if this filing's candidate was already selected at `at`. Set by a database trigger."""

    is_void: bool
    """Annotated by `evidence.queries`: it counts no more (`BY_A_PARTY`)."""

    class Meta:
        verbose_name = _("vérification")
        verbose_name_plural = _("vérifications")
        default_permissions = ()
        permissions = [("verify_finding", _("Peut vérifier un constat d’après les documents"))]
        indexes = [models.Index(fields=["filing", "position", "id"], name="evidence_of_a_finding")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["CONFIRMED", "CONTRADICTED"]), name="evidence_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(document__isnull=False, page__isnull=False, page__gte=1)
                | (Q(document__isnull=True, page__isnull=True) & ~Q(note="")),
                name="evidence_names_a_page_or_says_what_it_rests_on",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} · {self.position} · {self.outcome}"


class RegisterMatch(models.Model):
    """One filing whose person may be in a register row entered since. A job recomputes all matches.

    It blocks nothing: it ends when a person checks the ONCE_ONLY finding.
    """

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="register_match")
    position = models.PositiveSmallIntegerField(_("rang"))
    """Position of the ONCE_ONLY finding in the sealed verdict, from 0."""
    entered_at = models.DateTimeField(_("inscrite le"))
    """When the newest matching row was entered."""

    class Meta:
        verbose_name = _("correspondance au registre")
        verbose_name_plural = _("correspondances au registre")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.filing_id} · {self.entered_at}"
