"""What was sealed, and the dossier and the receipt made of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """The salted digest of one filed application, with what it was computed over.

    Append-only: the table refuses UPDATE and DELETE to every role. Anonymising removes `canonical` and `salt`
    together, through its own role, and leaves the digest.
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
                    # Said apart: no salt at all against a pattern is neither true nor false, and passes.
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
    """The PDF made of one seal and the documents filed with it: cover, then every document.

    The row is of the file that is kept: one that was lost and made again otherwise leaves a `LostDossier`.
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
    """The page, from 1, at which each document starts, in the order of the sealed ones; empty for a dossier made before
    this was kept: see `outline.outline_of`."""
    built_at = models.DateTimeField(_("produit le"))

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        constraints = [
            models.CheckConstraint(condition=models.Q(pages__gte=1), name="dossier_has_at_least_one_page"),
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="dossier_digest_is_sha256"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LostDossier(models.Model):
    """What is known of a dossier's file that was lost, and of which other bytes took the place. Append-only.

    Whoever still has that file has a genuine one: both were made of the same seal and documents.
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
        verbose_name = _("fichier de dossier perdu")
        verbose_name_plural = _("fichiers de dossiers perdus")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="lost_dossier_digest_is_sha256"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class SignedReceipt(models.Model):
    """The receipt of one filing as it was given out: its PDF, signed, and its JSON twin. Append-only.

    Nothing personal is in the row: erasing a person erases the file, and leaves what shows that it was genuine.
    """

    seal = models.OneToOneField(
        Seal, on_delete=models.RESTRICT, related_name="signed_receipt", verbose_name=_("sceau")
    )
    number = models.CharField(_("numéro de dépôt"), max_length=64, unique=True)
    code = models.CharField(_("code de vérification"), max_length=14, unique=True)
    twin = models.TextField(_("accusé en JSON"))
    file = models.FileField(_("fichier"), upload_to="receipts", max_length=200)
    sha256 = models.CharField(_("empreinte SHA-256"), max_length=64, unique=True)
    size = models.PositiveIntegerField(_("taille (octets)"))
    built_at = models.DateTimeField(_("produit le"))

    class Meta:
        verbose_name = _("accusé de réception signé")
        verbose_name_plural = _("accusés de réception signés")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="signed_receipt_digest_is_sha256"
            ),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$"),
                name="receipt_code_is_three_groups_of_four",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RemadeReceipt(models.Model):
    """What was made again of a signed receipt whose file was lost: the same facts, signed anew. Append-only.

    Whoever still has the first file has a genuine one: both state the same.
    """

    receipt = models.ForeignKey(
        SignedReceipt, on_delete=models.RESTRICT, related_name="remade", verbose_name=_("accusé")
    )
    sha256 = models.CharField(_("empreinte SHA-256"), max_length=64, unique=True)
    size = models.PositiveIntegerField(_("taille (octets)"))
    built_at = models.DateTimeField(_("produit le"))

    class Meta:
        verbose_name = _("accusé de réception produit de nouveau")
        verbose_name_plural = _("accusés de réception produits de nouveau")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="remade_receipt_digest_is_sha256"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256
