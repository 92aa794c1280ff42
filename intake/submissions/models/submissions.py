"""Submissions: one candidate's application to one offer, and its transitions.

A submission holds the state. A draft holds the answers. A filing is append-only: each seals what was filed, has its own
receipt, and names the one it replaces: `docs/rules.md#filing`. After the seal, neither profile nor draft is read.
"""

import uuid
from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.base.folding import FoldedField, folded
from intake.submissions.states import SELECTED_STATES, Action, HumanReview, State
from offers.models import Offer

from .filing_window import FilingWindow, PersonalExtension


class Submission(models.Model):
    """One candidate's application to one offer: unique per pair, holds the state."""

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="submissions", verbose_name=_("offre"))
    candidate = models.ForeignKey(
        User, models.RESTRICT, related_name="submissions", verbose_name=_("personne candidate")
    )
    state = models.CharField(_("état"), max_length=24, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=0)
    """Incremented by each move; a decision on an older version is refused."""
    standing_filing = models.OneToOneField(
        "Filing",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dépôt valide"),
    )
    reserve = models.CharField(_("réserve"), max_length=8, choices=HumanReview, default=HumanReview.NONE)
    """Human review of the current filing."""
    filed_name = models.CharField(_("nom déposé"), max_length=401, blank=True)
    """Family name, then given name, as filed. A copy for lists; anonymisation erases it."""
    # A generated column: no write can omit it. See `intake.base.folding`.
    folded_name = FoldedField(
        expression=folded(F("filed_name")), output_field=models.TextField(), db_persist=True
    )
    received_at = models.DateTimeField(_("reçue le"), null=True, blank=True, editable=False)
    filed_outcome = models.CharField(_("verdict"), max_length=16, blank=True, editable=False)
    """`received_at` and `filed_outcome` copy the current filing's: see `sql/copy_the_standing_filing.sql`.

    Lists need them here: ordering or filtering by a column of another table reads all rows of both tables."""
    created_at = models.DateTimeField(_("commencée le"), db_default=TransactionNow())

    # Annotations: absent from a row read without the query that adds them, so that no page shows one by mistake.
    read_at: datetime
    arrived_at: datetime | None
    """Instant of the arrival that waits for the open draft."""
    is_blind: bool
    is_unread: bool
    mean_mark: Decimal | None
    marks: int | None

    class Meta:
        verbose_name = _("candidature")
        verbose_name_plural = _("candidatures")
        permissions = [
            ("triage_submission", _("Peut mettre une candidature à l’étude")),
            ("decide_submission", _("Peut décider d’une candidature")),
            ("export_shortlist", _("Peut exporter la liste de présélection")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "candidate"], name="a_person_has_one_submission_per_offer"
            ),
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(state__in=SELECTED_STATES), name="a_person_is_selected_once"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="submission_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, standing_filing=None)
                | (~Q(state=State.DRAFT) & Q(standing_filing__isnull=False)),
                name="only_a_draft_stands_without_a_filing",
            ),
            models.CheckConstraint(
                condition=Q(reserve__in=HumanReview.values), name="submission_reserve_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(reserve=HumanReview.PENDING)
                | Q(state__in=[State.SUBMITTED, State.COMPLEMENT_REQUESTED, State.WITHDRAWN]),
                name="a_reserve_is_settled_before_the_file_is_studied",
            ),
            models.CheckConstraint(
                condition=~Q(reserve=HumanReview.UPHELD) | Q(state__in=[State.INADMISSIBLE, State.WITHDRAWN]),
                name="an_upheld_reserve_ends_the_study_of_the_file",
            ),
        ]
        indexes = [
            models.Index(fields=["offer", "state"], name="submission_by_offer_and_state"),
            # The queue in its order, filtered or not, and its counts: index-only scans.
            models.Index(
                fields=["received_at", "id"],
                include=["state", "offer", "candidate", "reserve", "filed_outcome"],
                name="submission_in_order",
            ),
            models.Index(
                fields=["state", "received_at", "id"],
                include=["offer", "candidate", "reserve"],
                name="submission_in_order_by_state",
            ),
            models.Index(
                fields=["offer", "received_at", "id"],
                include=["state", "candidate"],
                name="submission_in_order_by_offer",
            ),
            models.Index(
                fields=["filed_outcome", "received_at", "id"],
                include=["state", "offer", "candidate"],
                name="submission_in_order_by_verdict",
            ),
            models.Index(
                fields=["reserve", "received_at", "id"],
                name="submission_in_order_by_reserve",
                condition=~Q(reserve=HumanReview.NONE),
            ),
            # Fingerprint of a shortlist.
            models.Index(
                fields=["offer", "standing_filing"],
                include=["reserve", "id"],
                name="submission_shortlisted",
                condition=Q(state=State.SHORTLISTED),
            ),
            GinIndex(fields=["folded_name"], name="submission_by_trigrams", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.offer.number} · {self.filed_name or self.public_id}"

    @cached_property
    def extended_until(self) -> datetime | None:
        """Latest personal extension of this candidate for this offer, or None. `with_window` annotates it."""
        mine = PersonalExtension.objects.filter(offer=self.offer_id, candidate=self.candidate_id)
        latest: datetime | None = mine.aggregate(latest=models.Max("closes_at"))["latest"]
        return latest

    @cached_property
    def complement_until(self) -> datetime | None:
        """Due date of the open complement request, or None. `with_window` annotates it."""
        due = self.complements.filter(ended_at=None).values_list("due_at", flat=True)
        return due.first() if self.is_incomplete else None

    @property
    def is_incomplete(self) -> bool:
        """True if the submission waits for a complement."""
        return self.state == State.COMPLEMENT_REQUESTED

    def accepts_complement(self, at: datetime) -> bool:
        """True if a complement is requested and may be filed at `at` (aware). False if the offer is cancelled."""
        return self.is_incomplete and self.window.is_open(at)

    @property
    def window(self) -> FilingWindow:
        """Filing window of this candidate for this offer."""
        return FilingWindow(
            self.offer, self.extended_until, self.complement_until if self.is_incomplete else None
        )


class Transition(models.Model):
    """One move of a submission: states, user, instant and reason. Append-only."""

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="transitions")
    action = models.CharField(max_length=24, choices=[(action.value, action.value) for action in Action])
    from_state = models.CharField(max_length=24, choices=State)
    to_state = models.CharField(max_length=24, choices=State)
    actor = models.ForeignKey(User, models.RESTRICT, related_name="+")
    at = models.DateTimeField(db_default=TransactionNow())
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("changement d’état")
        verbose_name_plural = _("changements d’état")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
