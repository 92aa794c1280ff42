"""The criteria of an offer, version by version."""

import json
from functools import lru_cache
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from eligibility import Rulebook, codec

from .offer import Offer

RULEBOOK_SCHEMA = 1


class RulebookVersion(models.Model):
    """One version of the criteria of an offer.

    `criteria` is the `criteria` list of the rulebook JSON (`docs/contracts.md`). A draft version uses the dates of
    the offer: its own `starts_on`, `closes_on` and `digest` are empty. Publication seals them in the row, which is
    never changed or deleted afterwards. A change of the stage's dates therefore never changes a verdict that cites
    this version: new dates count once a new version is published, with a reason.
    """

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="rulebooks", verbose_name=_("offre")
    )
    number = models.PositiveSmallIntegerField(_("version"), validators=[MinValueValidator(1)])
    criteria = models.JSONField(_("critères"))
    schema = models.PositiveSmallIntegerField(_("schéma"), default=RULEBOOK_SCHEMA)
    starts_on = models.DateField(_("premier jour"), null=True, blank=True)
    closes_on = models.DateField(_("date limite d’inscription"), null=True, blank=True)
    digest = models.CharField(_("empreinte"), max_length=80, blank=True)
    reason = models.CharField(_("motif"), max_length=250, blank=True)
    created_at = models.DateTimeField(_("créée"))
    published_at = models.DateTimeField(_("publiée"), null=True, blank=True)

    class Meta:
        verbose_name = _("version des critères")
        verbose_name_plural = _("versions des critères")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["offer", "number"], name="offer_rulebooks_have_distinct_numbers"),
            models.CheckConstraint(condition=Q(number__gte=1), name="rulebook_numbers_start_at_one"),
            models.CheckConstraint(
                condition=Q(
                    published_at__isnull=True, starts_on__isnull=True, closes_on__isnull=True, digest=""
                )
                | Q(
                    published_at__isnull=False,
                    starts_on__isnull=False,
                    closes_on__isnull=False,
                    digest__startswith="sha256:",
                ),
                name="published_rulebook_is_dated_and_digested",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="later_rulebook_says_why_it_replaces"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer} — {self.number}"

    def as_json(self) -> dict[str, object]:
        """Return the rulebook's JSON (`docs/contracts.md`), with its sealed dates or, in a draft, the offer's."""
        return {
            "schema": self.schema,
            "reference": self.offer.number,
            "starts_on": (self.starts_on or self.offer.starts_on).isoformat(),
            "closes_on": (self.closes_on or self.offer.closes_on).isoformat(),
            "criteria": self.criteria,
        }

    def as_rulebook(self) -> Rulebook:
        """Return the rulebook for `eligibility.evaluate`.

        :raises eligibility.codec.MalformedError: if the stored criteria have another shape than `docs/contracts.md`.
        """
        return _parse(json.dumps(self.as_json()))


@lru_cache(maxsize=64)
def _parse(text: str) -> Rulebook:
    """Parse a rulebook once in a process: thousands of candidates file under the same one in the last minute."""
    return codec.rulebook_from_json(json.loads(text))
