"""Arrivals: the instants at which candidates pressed *Déposer*, stored before anything else is done."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .drafts import Draft
from .submissions import Submission


class Arrival(models.Model):
    """One request to file a draft. It freezes the draft, and the filing is received at its instant.

    Triggers (`intake/submissions/sql/`) write `submission`, `attested_at`, `arrived_at`, `transaction` and `cluster`,
    ignore supplied values, and refuse an arrival outside the candidate's filing window, of another version of the
    draft, or committed more than a minute after closing. Nothing of it changes but how it ends, once.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("Arrivée, à déposer")
        FILED = "FILED", _("Déposée")
        REFUSED = "REFUSED", _("Non déposée")

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="arrivals")
    draft = models.ForeignKey(Draft, models.SET_NULL, null=True, related_name="arrivals")
    """None once the draft was discarded, after a refusal."""
    version = models.PositiveIntegerField()
    """Of the draft that the page displayed; the draft keeps it while the arrival waits."""
    declarations = ArrayField(models.CharField(max_length=40))
    """Keys of the accepted declarations."""
    review_message = models.TextField(blank=True)
    """Text of a review request. Empty once the filing has it."""
    reads_english = models.BooleanField(default=False)
    asked = models.BigIntegerField(null=True)
    """Primary key of the complement request that the page displayed; 0 if none; None answers any."""
    witness = models.CharField(max_length=64, blank=True, null=True)  # noqa: DJ001 -- none: the web server cites no session
    """SHA-256, in hexadecimal, of the secret of the session that attested the wait; see `filing.witness`."""
    attested_at = models.DateTimeField(editable=False)
    """Start of that session's transaction, or of the insertion's own: an arrival is never before it."""
    elapsed = models.DurationField(null=True)
    """From `attested_at` to the last byte of the request, as the web server measured it; null without a witness."""
    request_reference = models.CharField(max_length=14, default="-", db_default="-", editable=False)
    """Of the request that brought it, which the lines of a worker that files it have too."""
    arrived_at = models.DateTimeField(_("arrivée le"), editable=False)
    transaction = models.BigIntegerField(editable=False)
    cluster = models.BigIntegerField(editable=False)
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(_("motif"), max_length=40, blank=True)
    """Code of the error that refused the filing, if and only if `state` is REFUSED."""
    settled_at = models.DateTimeField(_("traitée le"), null=True, editable=False)

    ahead = 0
    """Number of those that waited when it came, up to `filing.line.FEW`."""
    is_repeated = False
    """Set on an arrival that a later request of the same draft found waiting."""

    class Meta:
        verbose_name = _("arrivée")
        verbose_name_plural = _("arrivées")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["draft"], condition=Q(state="WAITING"), name="a_draft_has_one_waiting_arrival"
            ),
            models.CheckConstraint(
                condition=Q(state="WAITING", settled_at=None)
                | Q(state__in=["FILED", "REFUSED"], settled_at__isnull=False),
                name="an_arrival_waits_until_it_is_settled",
            ),
            models.CheckConstraint(
                condition=(Q(state="REFUSED") & ~Q(reason="")) | (~Q(state="REFUSED") & Q(reason="")),
                name="an_arrival_is_refused_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["arrived_at", "id"], name="arrivals_in_line", condition=Q(state="WAITING")),
            # For the metrics of the last minutes.
            models.Index(fields=["settled_at"], name="arrivals_refused", condition=Q(state="REFUSED")),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.reference}"

    @property
    def reference(self) -> str:
        """What a candidate quotes, and the journal has, of an arrival that was not filed: `A-000123`."""
        return f"A-{self.pk:06d}"
