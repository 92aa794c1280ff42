"""Submission, draft, filing, receipt: one person's application to one offer, and the proof that it was filed.

A submission holds the state. A draft owns its answers. A filing is append-only: each seals what was filed, has its own
receipt, and names the one it replaces (DOMAIN.md). After the seal nothing reads the profile or the draft again.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from intake.documents.models import Upload
from intake.dossiers.models import Seal
from intake.submissions.states import HELD, Action, Reserve, State
from offers.folding import FoldedField, folded
from offers.models import DocumentRequest, Offer, RulebookVersion

from .filing_window import FilingWindow
from .personal_extensions import PersonalExtension

ANSWERS_SCHEMA = 1
"""Shape of `Draft.answers`: one flat object, keys as in `sections`, days as ISO strings."""


class Submission(models.Model):
    """One person's application to one offer: unique per pair, holds the state."""

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    offer = models.ForeignKey(Offer, models.RESTRICT, related_name="submissions", verbose_name=_("offre"))
    candidate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        related_name="submissions",
        verbose_name=_("personne candidate"),
    )
    state = models.CharField(_("état"), max_length=24, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=0)
    """Counts the moves; a decision taken on an older version is refused."""
    standing_filing = models.OneToOneField(
        "Filing",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dépôt qui vaut"),
    )
    reserve = models.CharField(_("réserve"), max_length=8, choices=Reserve, default=Reserve.NONE)
    """Of the standing filing: whether a person must judge what the rules refuse, and what they judged."""
    filed_name = models.CharField(_("nom déposé"), max_length=401, blank=True)
    """Family name, then given name, as filed: a copy for lists, erased with the rest when the person is anonymised."""
    # The database folds it, so that no write can forget it: see `offers.folding`.
    folded_name = FoldedField(
        expression=folded(F("filed_name")), output_field=models.TextField(), db_persist=True
    )
    received_at = models.DateTimeField(_("reçue le"), null=True, blank=True, editable=False)
    filed_outcome = models.CharField(_("verdict"), max_length=16, blank=True, editable=False)
    """Of the standing filing, these two: copies for lists, which the database itself writes (`0007_lists_at_any_size`).

    A list ordered or narrowed by another table's column reads all of both."""
    created_at = models.DateTimeField(_("commencée le"), db_default=TransactionNow())

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
                fields=["candidate"], condition=Q(state__in=HELD), name="a_person_is_selected_once"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="submission_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, standing_filing=None)
                | (~Q(state=State.DRAFT) & Q(standing_filing__isnull=False)),
                name="only_a_draft_stands_without_a_filing",
            ),
            models.CheckConstraint(
                condition=Q(reserve__in=Reserve.values), name="submission_reserve_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(reserve=Reserve.PENDING)
                | Q(state__in=[State.SUBMITTED, State.COMPLEMENT_REQUESTED, State.WITHDRAWN]),
                name="a_reserve_is_settled_before_the_file_is_studied",
            ),
            models.CheckConstraint(
                condition=~Q(reserve=Reserve.UPHELD) | Q(state__in=[State.INADMISSIBLE, State.WITHDRAWN]),
                name="an_upheld_reserve_ends_the_study_of_the_file",
            ),
        ]
        indexes = [
            models.Index(fields=["offer", "state"], name="submission_by_offer_and_state"),
            # The queue in its order, whole or narrowed, and its counts: read from the index alone.
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
                condition=~Q(reserve=Reserve.NONE),
            ),
            # What a shortlist is known by.
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
        """The latest closing that this person was given for this offer, if any; `with_window` reads it along."""
        mine = PersonalExtension.objects.filter(offer=self.offer_id, candidate=self.candidate_id)
        latest: datetime | None = mine.aggregate(latest=models.Max("closes_at"))["latest"]
        return latest

    @cached_property
    def complement_until(self) -> datetime | None:
        """Until when their open complement request may be answered, if there is one; `with_window` reads it along."""
        due = self.complements.filter(ended_at=None).values_list("due_at", flat=True)
        return due.first() if self.is_incomplete else None

    @property
    def is_incomplete(self) -> bool:
        """A complement is asked for, and the candidature waits for it."""
        return self.state == State.COMPLEMENT_REQUESTED

    def may_be_completed(self, at: datetime) -> bool:
        """Say whether what the candidature lacks is asked for and may still be sent at the aware instant `at`.

        A cancelled offer takes nothing any more.
        """
        return self.is_incomplete and self.window.is_open(at)

    @property
    def window(self) -> FilingWindow:
        """Until when this person may file here."""
        return FilingWindow(
            self.offer, self.extended_until, self.complement_until if self.is_incomplete else None
        )


class Draft(models.Model):
    """The answers being prepared for one submission. At most one is open; filing closes it."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="drafts")
    answers = models.JSONField(default=dict)
    schema = models.PositiveSmallIntegerField(default=ANSWERS_SCHEMA)
    version = models.PositiveIntegerField(default=0)
    """Counts the saves that changed something; one that names an older version met another tab's."""
    replaces = models.ForeignKey("Filing", models.RESTRICT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(db_default=TransactionNow())
    saved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    changes_noted_at = models.DateTimeField(db_default=TransactionNow())
    """Until when the person knows what was done to the offer: what was done later is news to them."""

    class Meta:
        verbose_name = _("brouillon")
        verbose_name_plural = _("brouillons")
        constraints = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(closed_at=None), name="a_submission_has_one_open_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class DraftDocument(models.Model):
    """The file a candidate chose for one document that the offer asks for."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="documents")
    request = models.ForeignKey(DocumentRequest, models.RESTRICT, related_name="+")
    upload = models.ForeignKey(Upload, models.RESTRICT, related_name="+")

    class Meta:
        verbose_name = _("document du brouillon")
        verbose_name_plural = _("documents du brouillon")
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "request"], name="a_draft_holds_one_file_per_document_asked"
            ),
        ]

    def __str__(self) -> str:
        return str(self.upload)


class Filing(models.Model):
    """What was filed, sealed. Append-only.

    `received_at` is the database's `transaction_timestamp()`, written by a trigger that ignores any supplied value and
    refuses an instant outside the offer's dates; a second, deferred trigger refuses a commit later than 60 s after
    closing and one without a receipt and a verdict (migration `0002_filing_rules`).

    The first writes `transaction` and `cluster` too: the numbers of the transaction, and of the cluster of databases in
    which it was. Of the rows that this very server wrote, it can tell when they were committed; they are null in what
    was filed before they were kept.
    """

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="filings")
    sequence = models.PositiveSmallIntegerField(_("rang"))
    """1 for the first filing of the submission, 2 for the one that replaces it, and so on."""
    draft = models.OneToOneField(Draft, models.RESTRICT, related_name="filing")
    seal = models.OneToOneField(Seal, models.RESTRICT, related_name="filing")
    replaces = models.OneToOneField(
        "self", models.RESTRICT, null=True, blank=True, related_name="replaced_by"
    )
    received_at = models.DateTimeField(_("reçue le"), db_default=TransactionNow(), editable=False)
    transaction = models.BigIntegerField(_("transaction"), null=True, editable=False)
    cluster = models.BigIntegerField(_("grappe"), null=True, editable=False)

    class Meta:
        verbose_name = _("dépôt")
        verbose_name_plural = _("dépôts")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "sequence"], name="filings_of_a_submission_are_numbered"
            ),
            models.CheckConstraint(
                condition=Q(sequence=1, replaces=None) | Q(sequence__gt=1, replaces__isnull=False),
                name="a_later_filing_names_the_one_it_replaces",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None) | ~Q(replaces=F("id")), name="a_filing_never_replaces_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class FiledDocument(models.Model):
    """A document as filed: which upload, for which request, with the digest that the seal names. Append-only."""

    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="documents")
    request = models.ForeignKey(DocumentRequest, models.RESTRICT, related_name="+")
    upload = models.ForeignKey(Upload, models.RESTRICT, related_name="+")
    sha256 = models.CharField(max_length=64)
    """Of the file as received, in hexadecimal; the dossier shows it cleaned."""

    class Meta:
        verbose_name = _("document déposé")
        verbose_name_plural = _("documents déposés")
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "request"], name="a_filing_holds_one_file_per_document_asked"
            ),
        ]

    def __str__(self) -> str:
        return str(self.upload)


class Receipt(models.Model):
    """The proof of a filing: its number, such as 2027-020-000123-K. Append-only."""

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="receipt")
    number = models.CharField(_("numéro"), max_length=64)
    folded_number = FoldedField(
        expression=folded(F("number")), output_field=models.TextField(), db_persist=True
    )

    class Meta:
        verbose_name = _("accusé de réception")
        verbose_name_plural = _("accusés de réception")
        constraints = [models.UniqueConstraint(fields=["number"], name="receipt_number_is_unique")]
        indexes = [
            GinIndex(fields=["folded_number"], name="receipt_by_trigrams", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.number


class Verdict(models.Model):
    """The machine's verdict on a filing. Append-only; its findings are in the seal, beside the facts they judge."""

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="verdict")
    rulebook = models.ForeignKey(RulebookVersion, models.RESTRICT, related_name="+")
    outcome = models.CharField(_("verdict"), max_length=16)
    under_reserve = models.BooleanField(_("sous réserve"), default=False)
    """The rules refuse, and the candidate asked for a person's judgement: see `ReviewRequest` and `Ruling`."""
    rulebook_digest = models.CharField(max_length=71)
    facts_digest = models.CharField(max_length=71)
    blocking = ArrayField(models.PositiveSmallIntegerField(), default=list)
    """Positions, from 0, of the findings that decide the verdict (effect BLOCK): what a person confirms before a
    candidature is selected. A copy of what the seal says, so that the database can refuse without reading it."""

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["ELIGIBLE", "NEEDS_REVIEW"], under_reserve=False)
                | Q(outcome="INELIGIBLE", under_reserve=True),
                name="a_refused_verdict_is_filed_under_reserve_alone",
            ),
        ]

    def __str__(self) -> str:
        return self.outcome


class ReviewRequest(models.Model):
    """What a candidate says who asks that a person judge what the rules refuse (access act, s. 65.2). Append-only."""

    filing = models.OneToOneField(Filing, models.RESTRICT, related_name="review_request")
    message = models.TextField(_("message"))
    at = models.DateTimeField(db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("demande de révision")
        verbose_name_plural = _("demandes de révision")
        constraints = [
            models.CheckConstraint(condition=~Q(message=""), name="review_request_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Ruling(models.Model):
    """A person's judgement on one finding that the rules refuse. Append-only: of several, the latest stands.

    The candidate reads the reason.
    """

    class Decision(models.TextChoices):
        """What the person judged of the machine's finding."""

        CONFIRMED = "CONFIRMED", _("Confirmé")
        OVERTURNED = "OVERTURNED", _("Infirmé")

    filing = models.ForeignKey(Filing, models.RESTRICT, related_name="rulings")
    position = models.PositiveSmallIntegerField(_("rang"))
    """Of the finding in the sealed verdict, from 0."""
    kind = models.CharField(_("critère"), max_length=16)
    decision = models.CharField(_("jugement"), max_length=10, choices=Decision)
    reason = models.TextField(_("motif"))
    turn = models.PositiveSmallIntegerField(default=1)
    """Which review of the filing it is part of, from 1: once opened again, each finding waits for another ruling."""
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")
    at = models.DateTimeField(db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("jugement d’une personne")
        verbose_name_plural = _("jugements de personnes")
        indexes = [models.Index(fields=["filing", "position"], name="rulings_of_a_filing")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["CONFIRMED", "OVERTURNED"]), name="ruling_decision_is_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="ruling_says_why"),
            models.CheckConstraint(condition=Q(turn__gte=1), name="reviews_are_counted_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.decision}"


class Transition(models.Model):
    """One move of a submission: from where to where, by whom, when and why. Append-only."""

    submission = models.ForeignKey(Submission, models.RESTRICT, related_name="transitions")
    action = models.CharField(max_length=24, choices=[(action.value, action.value) for action in Action])
    from_state = models.CharField(max_length=24, choices=State)
    to_state = models.CharField(max_length=24, choices=State)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+")
    at = models.DateTimeField(db_default=TransactionNow())
    reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("changement d’état")
        verbose_name_plural = _("changements d’état")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
