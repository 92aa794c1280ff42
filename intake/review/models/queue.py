"""Work on the queue: claims of files, bulk runs (one confirmed move of many submissions), and saved views."""

import uuid

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.submissions.models import Submission
from intake.submissions.states import State as SubmissionState

BULK_MAX = 500
"""Maximum number of submissions in a run: users would confirm a longer dry run without reading it."""
VIEW_NAME_MAX = 60
VIEWS_MAX = 20
"""Maximum number of saved views of one user: all are listed in a row above the queue."""


class Claim(models.Model):
    """A lease on one file. It expires at `expires_at`; its holder may release or renew it before."""

    submission = models.OneToOneField(Submission, models.CASCADE, related_name="claim")
    holder = models.ForeignKey(
        User, models.RESTRICT, related_name="claims", verbose_name=_("pris en charge par")
    )
    claimed_at = models.DateTimeField(_("depuis"), db_default=TransactionNow(), editable=False)
    expires_at = models.DateTimeField(_("jusqu’à"))
    """Exclusive: from this instant any user may claim the file."""

    class Meta:
        verbose_name = _("dossier pris en charge")
        verbose_name_plural = _("dossiers pris en charge")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("claimed_at")), name="a_claim_lasts"),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} · {self.holder_id}"


class BulkRun(models.Model):
    """One action that a user confirmed for many submissions. It ends when none of its items is open."""

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    key = models.UUIDField(editable=False)
    """Identifies the page that was confirmed: sent repeatedly, it starts one run."""
    actor = models.ForeignKey(User, models.RESTRICT, related_name="bulk_runs", verbose_name=_("par"))
    action = models.CharField(_("action"), max_length=24)
    """A code of `intake.submissions.states.Action`."""
    reason = models.TextField(_("motif"), blank=True)
    query = models.CharField(_("filtre"), max_length=1_000, blank=True)
    """Filter of the queue from which the run was requested, as `intake.review.pages.queue_navigation` writes it."""
    asked_at = models.DateTimeField(_("demandée le"), db_default=TransactionNow(), editable=False)
    ended_at = models.DateTimeField(_("terminée le"), null=True, blank=True)

    class Meta:
        verbose_name = _("action sur plusieurs candidatures")
        verbose_name_plural = _("actions sur plusieurs candidatures")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["actor", "key"], name="a_confirmation_starts_one_run"),
        ]
        indexes = [models.Index(fields=["actor", "asked_at"], name="bulk_runs_of_a_person")]

    def __str__(self) -> str:
        return f"{self.action} · {self.public_id}"


class BulkItem(models.Model):
    """One submission of a run. OPEN until the worker reaches it, then DONE, REFUSED (with a code) or STOPPED."""

    class State(models.TextChoices):
        OPEN = "OPEN", _("En attente")
        DONE = "DONE", _("Fait")
        REFUSED = "REFUSED", _("Inchangée")
        STOPPED = "STOPPED", _("Arrêtée avant son tour")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("rang"))
    """Position in the queue when it was read, from 1."""
    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="bulk_items")
    version = models.PositiveIntegerField(_("version"))
    """Version of the submission that the actor saw. A submission that changed since is not moved."""
    state = models.CharField(_("état"), max_length=8, choices=State, default=State.OPEN)
    refusal = models.CharField(_("empêchement"), max_length=40, blank=True)
    """The code of the error that refused it. The page has the text."""
    found = models.CharField(_("état trouvé"), max_length=24, blank=True)
    """State of the submission when the worker reached it."""
    done_at = models.DateTimeField(_("faite le"), null=True, blank=True)

    class Meta:
        verbose_name = _("candidature d’une action")
        verbose_name_plural = _("candidatures d’une action")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="a_run_has_one_candidature_per_place"),
            models.UniqueConstraint(fields=["run", "submission"], name="a_run_holds_a_candidature_once"),
            models.UniqueConstraint(
                fields=["submission"], condition=Q(state="OPEN"), name="a_candidature_is_in_one_open_run"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "DONE", "REFUSED", "STOPPED"]),
                name="bulk_item_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="REFUSED", refusal__gt="") | (~Q(state="REFUSED") & Q(refusal="")),
                name="a_refused_item_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", done_at__isnull=True)
                | (~Q(state="OPEN") & Q(done_at__isnull=False)),
                name="a_bulk_item_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=BULK_MAX),
                name="a_run_holds_no_more_than_can_be_read",
            ),
            models.CheckConstraint(
                condition=Q(found="") | Q(found__in=SubmissionState.values),
                name="bulk_item_found_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} · {self.submission_id}"


class SavedView(models.Model):
    """A named filter of the queue. It lists only submissions that its reader may see, also when shared."""

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_views", verbose_name=_("par"))
    name = models.CharField(_("nom"), max_length=VIEW_NAME_MAX)
    query = models.CharField(_("filtre"), max_length=1_000)
    """As `intake.review.pages.queue_navigation` writes it: only known parameters."""
    shared = models.BooleanField(_("partagée"), default=False)
    """Shown to all readers of the queue. Only its owner may change it."""

    class Meta:
        verbose_name = _("vue enregistrée")
        verbose_name_plural = _("vues enregistrées")
        default_permissions = ()
        permissions = [("share_savedview", _("Peut partager une vue de la file"))]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "owner", name="a_person_names_each_of_their_views_differently"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_saved_view_has_a_name"),
            models.CheckConstraint(condition=~Q(query=""), name="a_saved_view_narrows_the_queue"),
        ]
        indexes = [models.Index(fields=["shared"], condition=Q(shared=True), name="saved_views_shared")]

    def __str__(self) -> str:
        return self.name
