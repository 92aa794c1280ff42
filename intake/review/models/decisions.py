"""Decision batches: prepared together, approved by a second person, sent at an instant, revocable before."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import Submission
from offers.models import Offer


class DecisionBatch(models.Model):
    """Decisions on submissions of one offer that are announced together.

    PREPARED while it is edited, and again if its approval is no longer valid when it is due. RELEASED once a second
    person approved it for `release_at`. SENT once each decision was made and its mail posted, or refused. REVOKED if a
    user revoked it before it was sent.
    """

    class State(models.TextChoices):
        PREPARED = "PREPARED", _("En préparation")
        RELEASED = "RELEASED", _("Approuvé, à annoncer")
        SENT = "SENT", _("Annoncé")
        REVOKED = "REVOKED", _("Annulé")

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="decisions", verbose_name=_("offre"))
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.PREPARED)
    title = models.CharField(_("titre"), max_length=120)
    """Shown only to staff."""
    word = models.TextField(_("message commun"), blank=True)
    """Message added to each default mail of the batch, before the item's own message. Empty: nothing is added."""
    reason = models.CharField(_("motif, pour l’équipe"), max_length=500, blank=True, db_default="")
    """Why people are declined while the offer is open, or without a mark. Shown only to staff. Empty otherwise."""
    version = models.PositiveIntegerField(default=0)
    """Number of changes. An approval is valid only for the version that was read."""
    prepared_by = models.ForeignKey(User, models.RESTRICT, related_name="+", verbose_name=_("préparé par"))
    prepared_at = models.DateTimeField(_("préparé le"), db_default=TransactionNow(), editable=False)
    release_at = models.DateTimeField(_("à annoncer le"), null=True, blank=True)
    """Aware instant from which the mails are sent. Null until a second person approves."""
    released_by = models.ForeignKey(
        User, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("approuvé par")
    )
    released_at = models.DateTimeField(_("approuvé le"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.RESTRICT, null=True, blank=True, related_name="+", verbose_name=_("annulé par")
    )
    ended_at = models.DateTimeField(_("terminé le"), null=True, blank=True)
    """When the batch was sent or revoked."""
    returned_at = models.DateTimeField(_("de nouveau en préparation le"), null=True, blank=True)
    """When the approval was found invalid at sending time; nothing was sent. Null once the batch is approved again."""
    returned_for = models.CharField(_("motif du retour"), max_length=24, blank=True)
    """Error code that made the approval invalid. Empty while the batch is not returned."""

    class Meta:
        verbose_name = _("lot de décisions")
        verbose_name_plural = _("lots de décisions")
        default_permissions = ("view",)
        permissions = [
            ("prepare_decisions", _("Peut préparer des décisions")),
            ("release_decisions", _("Peut approuver les décisions préparées par une autre personne")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["PREPARED", "RELEASED", "SENT", "REVOKED"]),
                name="decision_batch_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("prepared_by")),
                name="a_second_person_releases_decisions",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True, released_at__isnull=True, release_at__isnull=True)
                | Q(released_by__isnull=False, released_at__isnull=False, release_at__isnull=False),
                name="a_release_says_who_when_and_for_when",
            ),
            models.CheckConstraint(
                condition=Q(state="PREPARED", released_by__isnull=True)
                | Q(state__in=["RELEASED", "SENT"], released_by__isnull=False)
                | Q(state="REVOKED"),
                name="decisions_leave_once_released",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["PREPARED", "RELEASED"], ended_at__isnull=True)
                | Q(state__in=["SENT", "REVOKED"], ended_at__isnull=False),
                name="a_decision_batch_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True) | Q(state__in=["PREPARED", "REVOKED"]),
                name="a_returned_batch_is_approved_anew",
            ),
            models.CheckConstraint(
                condition=Q(returned_for="") | Q(returned_at__isnull=False),
                name="a_returned_batch_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(state="REVOKED", revoked_by__isnull=False)
                | (~Q(state="REVOKED") & Q(revoked_by__isnull=True)),
                name="a_revoked_batch_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DecisionItem(models.Model):
    """One decision of a batch: the action on one submission, and its message for the candidate.

    OPEN while the batch is open, then DONE, REFUSED (with the code of the error) or REVOKED.
    """

    class State(models.TextChoices):
        OPEN = "OPEN", _("À annoncer")
        DONE = "DONE", _("Annoncée")
        REFUSED = "REFUSED", _("Impossible")
        REVOKED = "REVOKED", _("Annulée")

    batch = models.ForeignKey(DecisionBatch, models.RESTRICT, related_name="items")
    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="decision_items")
    action = models.CharField(_("décision"), max_length=24)
    """A code of `intake.submissions.states.Action` that is announced to the candidate."""
    version = models.PositiveIntegerField(_("version"), null=True)
    """The submission's version when this was prepared or changed: a move, a filing or a ruling since makes it stale.

    Null in items that ended before versions were stored.
    """
    message = models.TextField(_("message pour la personne"), blank=True)
    """Added to the default mail, after the batch's message. Empty: nothing is added."""
    letter = models.CharField(_("message approuvé"), max_length=64, blank=True, editable=False)
    """The digest (`letter_digest`) of the mail that was approved. Empty before approval, or if none was kept."""
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.OPEN)
    refusal = models.CharField(_("empêchement"), max_length=40, blank=True)
    done_at = models.DateTimeField(_("faite le"), null=True, blank=True)

    in_english: bool
    """Annotated by `with_letters`: the letter also has an English part."""

    class Meta:
        verbose_name = _("décision")
        verbose_name_plural = _("décisions")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "submission"], name="a_batch_decides_once_on_a_candidature"
            ),
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(state="OPEN"),
                name="a_candidature_awaits_one_decision_at_most",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "DONE", "REFUSED", "REVOKED"]),
                name="decision_item_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="REFUSED", refusal__gt="") | (~Q(state="REFUSED") & Q(refusal="")),
                name="a_refused_decision_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="OPEN") | Q(version__isnull=False),
                name="an_open_decision_says_what_it_is_about",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", done_at__isnull=True)
                | (~Q(state="OPEN") & Q(done_at__isnull=False)),
                name="a_decision_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} · {self.submission_id}"


class ReservePlace(models.Model):
    """The place of one submission on the reserve list of its offer. The lowest place is called first."""

    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="reserve_places")
    submission = models.OneToOneField(Submission, models.RESTRICT, related_name="reserve_place")
    place = models.PositiveSmallIntegerField(_("rang"))
    """From 1."""

    class Meta:
        verbose_name = _("rang sur la liste de réserve")
        verbose_name_plural = _("liste de réserve")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "place"],
                name="a_reserve_list_has_one_person_per_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(place__gte=1), name="reserve_places_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} · {self.place}"
