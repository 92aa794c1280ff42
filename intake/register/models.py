"""Rows of the register: keyed digests, programme and year. Neither names nor birth dates."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Regex
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from offers.models import Programme

EARLIEST_YEAR = 1960
LATEST_YEAR = 2100
_DIGEST = r"[0-9a-f]{64}"


class Participation(models.Model):
    """A person's participation in a programme. Rows are added or, with a reason, removed; they are never changed.

    With names, birth date and key, a row can be found; without them it does not identify a person.
    """

    class Source(models.TextChoices):
        """Origin of a row."""

        CSV = "CSV", _("Liste importée")
        HAND = "HAND", _("Saisie à la main")
        COMPLETED = "COMPLETED", _("Stage terminé")

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("programme")
    )
    year = models.PositiveSmallIntegerField(_("année"))
    source = models.CharField(_("provenance"), max_length=9, choices=Source)
    key_name = models.CharField(_("clé"), max_length=20)
    whole = models.CharField(_("empreinte"), max_length=64, editable=False)
    shorter = ArrayField(
        models.CharField(max_length=64),
        verbose_name=_("empreintes des prénoms abrégés"),
        default=list,
        editable=False,
    )
    created_at = models.DateTimeField(_("inscrite le"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations au registre")
        default_permissions = ("add", "view", "delete")
        indexes = [
            GinIndex(fields=["shorter"], name="participation_by_shorter_names"),
            models.Index(fields=["year", "source"], name="participation_by_year"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # The digest includes the programme and depends on the key.
            models.UniqueConstraint(fields=["whole", "year"], name="a_person_takes_part_once_in_a_year"),
            models.CheckConstraint(
                condition=Q(year__range=(EARLIEST_YEAR, LATEST_YEAR)), name="participation_year_is_a_year"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["CSV", "HAND", "COMPLETED"]), name="participation_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(key_name__regex=r"^[A-Za-z0-9_-]+$"), name="participation_names_its_key"
            ),
            models.CheckConstraint(
                condition=Q(whole__regex=rf"^{_DIGEST}$")
                & Q(
                    Regex(
                        Func(
                            F("shorter"),
                            Value(""),
                            function="array_to_string",
                            output_field=models.TextField(),
                        ),
                        rf"^({_DIGEST})*$",
                    )
                ),
                name="participation_holds_digests_alone",
            ),
        ]

    def __str__(self) -> str:
        return _now("Participation de %(year)s") % {"year": self.year}


class Removal(models.Model):
    """Reason for the removal of a row. Append-only; the database requires it for each removal."""

    participation = models.BigIntegerField(_("participation"), editable=False)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("programme")
    )
    year = models.PositiveSmallIntegerField(_("année"))
    reason = models.CharField(_("motif"), max_length=250)
    whole = models.CharField(_("empreinte"), max_length=64, blank=True, db_default="", editable=False)
    """The row's digest, so that a rebuild does not enter it again. Empty if another row replaced it."""
    removed_at = models.DateTimeField(_("retirée le"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("retrait du registre")
        verbose_name_plural = _("retraits du registre")
        default_permissions = ()
        indexes = [
            models.Index(fields=["participation"], name="removal_of_a_participation"),
            models.Index(fields=["whole", "year"], condition=~Q(whole=""), name="removal_of_a_person"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(reason=""), name="removal_says_why"),
            models.CheckConstraint(
                condition=Q(whole="") | Q(whole__regex=rf"^{_DIGEST}$"), name="removal_holds_a_digest_alone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participation} {self.removed_at}"
