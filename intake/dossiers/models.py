"""Seals, and the PDF dossiers and signed receipts generated from them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


def _sha256_constraint(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name=name)


class Seal(models.Model):
    """Salted digest of one filing's payload, with payload and salt.

    Append-only: the table refuses UPDATE and DELETE to every role. Anonymisation, by its own role, clears `canonical`
    and `salt` together and leaves the digest.
    """

    digest = models.CharField(_("empreinte"), max_length=71, unique=True)
    schema = models.PositiveSmallIntegerField(_("schéma"))
    canonical = models.TextField(_("contenu scellé"), null=True)  # noqa: DJ001 -- null is "anonymised", not empty
    salt = models.CharField(_("sel"), max_length=64, null=True)  # noqa: DJ001 -- null is "anonymised", not empty
    created_at = models.DateTimeField(_("scellé le"))

    class Meta:
        verbose_name = _("sceau")
        verbose_name_plural = _("sceaux")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^sha256:[0-9a-f]{64}$"), name="seal_digest_is_sha256"
            ),
            models.CheckConstraint(
                condition=models.Q(canonical__isnull=True, salt__isnull=True)
                | models.Q(
                    # Explicit: a null salt makes the regex NULL, and a CHECK accepts NULL.
                    canonical__isnull=False,
                    salt__isnull=False,
                    salt__regex=r"^[0-9a-f]{64}$",
                ),
                name="seal_keeps_content_and_salt_together",
            ),
        ]

    def __str__(self) -> str:
        return self.digest


class Dossier(models.Model):
    """PDF dossier of one seal: cover, then every filed document.

    The row describes the stored file. If a lost file was regenerated with other bytes, a `LostDossier` describes the
    lost one.
    """

    seal = models.OneToOneField(
        Seal, on_delete=models.RESTRICT, related_name="dossier", verbose_name=_("sceau")
    )
    number = models.CharField(_("numéro de dépôt"), max_length=40, unique=True)
    file = models.FileField(_("fichier"), upload_to="dossiers", max_length=200)
    sha256 = models.CharField(_("empreinte SHA-256"), max_length=64)
    size = models.PositiveBigIntegerField(_("taille (octets)"))
    pages = models.PositiveIntegerField(_("pages"))
    starts = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    """First page, from 1, of each document, in payload order. Empty in older rows: see `outline.outline_of`."""
    built_at = models.DateTimeField(_("produit le"))

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        constraints = [
            models.CheckConstraint(condition=models.Q(pages__gte=1), name="dossier_has_at_least_one_page"),
            _sha256_constraint("dossier_digest_is_sha256"),
        ]

    def __str__(self) -> str:
        return self.number


class LostDossier(models.Model):
    """A lost dossier file that was replaced by other bytes. Append-only.

    A copy of the lost file is still genuine: both files come from the same seal and documents.
    """

    dossier = models.ForeignKey(
        Dossier, on_delete=models.RESTRICT, related_name="lost", verbose_name=_("dossier")
    )
    sha256 = models.CharField(_("empreinte SHA-256"), max_length=64)
    size = models.PositiveBigIntegerField(_("taille (octets)"))
    pages = models.PositiveIntegerField(_("pages"))
    built_at = models.DateTimeField(_("produit le"))
    noted_at = models.DateTimeField(_("remplacé le"))

    class Meta:
        verbose_name = _("dossier PDF introuvable")
        verbose_name_plural = _("dossiers PDF introuvables")
        constraints = [
            _sha256_constraint("lost_dossier_digest_is_sha256"),
        ]

    def __str__(self) -> str:
        return self.sha256


class PagePictures(models.Model):
    """Pictures of the pages of a dossier, with their text, in one archive. They can be drawn again: no copy is kept."""

    dossier = models.OneToOneField(
        Dossier, on_delete=models.RESTRICT, related_name="pictures", verbose_name=_("dossier")
    )
    file = models.FileField(_("fichier"), upload_to="pages", max_length=200)
    sha256 = models.CharField(_("empreinte SHA-256 du dossier"), max_length=64)
    """Of the dossier file whose pages are drawn."""
    built_at = models.DateTimeField(_("produites le"))

    class Meta:
        verbose_name = _("images des pages")
        verbose_name_plural = _("images des pages")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.dossier)


class SignedReceipt(models.Model):
    """Receipt of one filing as issued: the signed PDF, and the JSON receipt in `twin`. Append-only.

    The row contains no personal data. Anonymisation deletes the file and keeps the row, which proves that a copy is
    genuine.
    """

    seal = models.OneToOneField(
        Seal, on_delete=models.RESTRICT, related_name="signed_receipt", verbose_name=_("sceau")
    )
    number = models.CharField(_("numéro de dépôt"), max_length=64, unique=True)
    code = models.CharField(_("code de vérification"), max_length=14, unique=True)
    twin = models.TextField(_("accusé de réception en JSON"))
    file = models.FileField(_("fichier"), upload_to="receipts", max_length=200)
    sha256 = models.CharField(_("empreinte SHA-256"), max_length=64, unique=True)
    size = models.PositiveIntegerField(_("taille (octets)"))
    built_at = models.DateTimeField(_("produit le"))

    class Meta:
        verbose_name = _("accusé de réception signé")
        verbose_name_plural = _("accusés de réception signés")
        constraints = [
            _sha256_constraint("signed_receipt_digest_is_sha256"),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$"),
                name="receipt_code_is_three_groups_of_four",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RemadeReceipt(models.Model):
    """Regenerated PDF of a signed receipt whose file was lost: same statement, new signature. Append-only.

    A copy of the lost file is still genuine.
    """

    receipt = models.ForeignKey(
        SignedReceipt, on_delete=models.RESTRICT, related_name="remade", verbose_name=_("accusé")
    )
    sha256 = models.CharField(_("empreinte SHA-256"), max_length=64, unique=True)
    size = models.PositiveIntegerField(_("taille (octets)"))
    built_at = models.DateTimeField(_("produit le"))

    class Meta:
        verbose_name = _("accusé de réception refait")
        verbose_name_plural = _("accusés de réception refaits")
        constraints = [
            _sha256_constraint("remade_receipt_digest_is_sha256"),
        ]

    def __str__(self) -> str:
        return self.sha256
