"""The register's rows: keyed digests, the programme, the year. Neither names nor dates of birth."""

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
    """That somebody took part in a programme. Rows are added and, with a reason, removed; none is ever changed.

    Whoever has a person's names and birth date, and the key, can ask whether they are here; nothing else can be read.
    """

    class Source(models.TextChoices):
        """Where the row comes from."""

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
            # A digest holds the programme and depends on the key.
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
    """Why a row was removed. Never changed, and without it the database removes nothing."""

    participation = models.BigIntegerField(_("participation"), editable=False)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("programme")
    )
    year = models.PositiveSmallIntegerField(_("année"))
    reason = models.CharField(_("motif"), max_length=250)
    whole = models.CharField(_("empreinte"), max_length=64, blank=True, db_default="", editable=False)
    """Of the row, so that no rebuild enters it again; empty where another row took its place."""
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
