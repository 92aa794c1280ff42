"""Accepted documents: the cleaned PDF, and the received bytes until they are filed. A refused file leaves nothing."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User

from .reasons import warned


class Upload(models.Model):
    """One accepted file of one person.

    `file` is the cleaned PDF, the only version that anyone sees. `original` is what was sent, byte for byte: it is
    never served, and is erased once the document is filed. `sha256` stays: its sender can still prove what it was. No
    URL leads to a storage name: views check who may read.
    """

    public_id = models.UUIDField(_("identifiant public"), default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        User, on_delete=models.RESTRICT, related_name="uploads", verbose_name=_("personne")
    )
    kind = models.CharField(_("genre de document"), max_length=32)
    original_name = models.CharField(_("nom du fichier"), max_length=120)
    media_type = models.CharField(_("type du fichier reçu"), max_length=64)
    size = models.PositiveBigIntegerField(_("taille reçue (octets)"))
    pages = models.PositiveIntegerField(_("pages"))
    sha256 = models.CharField(_("empreinte SHA-256 du fichier reçu"), max_length=64)
    clean_sha256 = models.CharField(_("empreinte SHA-256 du fichier nettoyé"), max_length=64)
    file = models.FileField(_("fichier nettoyé"), upload_to="documents/clean", max_length=200)
    # Empty once erased.
    original = models.FileField(
        _("fichier reçu"),
        upload_to="documents/received",
        max_length=200,
        blank=True,
        default="",
        db_default="",
    )
    thumbnail = models.FileField(_("aperçu de la page 1"), upload_to="documents/thumbnails", max_length=200)
    # Empty for a file that was accepted before the portal made small ones: its thumbnail is shown instead.
    small_thumbnail = models.FileField(
        _("petit aperçu de la page 1"),
        upload_to="documents/small-thumbnails",
        max_length=200,
        blank=True,
        default="",
        db_default="",
    )
    neutralised = ArrayField(
        models.CharField(max_length=32), default=list, blank=True, verbose_name=_("éléments retirés")
    )
    # What may keep a person from reading it: a code and the number of a page, such as `BLANK_PAGE:2`.
    warnings = ArrayField(
        models.CharField(max_length=32),
        default=list,
        db_default=[],
        blank=True,
        verbose_name=_("avertissements"),
    )
    created_at = models.DateTimeField(_("reçu le"))

    class Meta:
        verbose_name = _("document téléversé")
        verbose_name_plural = _("documents téléversés")
        constraints = [
            models.CheckConstraint(condition=models.Q(pages__gte=1), name="upload_has_at_least_one_page"),
            models.CheckConstraint(condition=models.Q(size__gte=1), name="upload_is_not_empty"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$", clean_sha256__regex=r"^[0-9a-f]{64}$"),
                name="upload_digests_are_sha256",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    media_type__in=["application/pdf", "image/jpeg", "image/png", "image/heic"]
                ),
                name="upload_is_pdf_or_picture",
            ),
        ]

    def __str__(self) -> str:
        return self.original_name

    @property
    def warning_sentences(self) -> list[str]:
        """What may keep a person from reading the file, a sentence for each kind of warning."""
        return warned(self.warnings)
