"""The log: its leaves, the perfect subtrees over them, and the signed roots. All append-only."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _


class Leaf(models.Model):
    """One receipt in the log. Positions start at 0 without gaps; the database enforces it."""

    position = models.PositiveBigIntegerField(_("rang"), primary_key=True)
    number = models.CharField(_("numéro"), max_length=64, unique=True)
    text = models.TextField(_("inscription"))
    """The hashed bytes, in UTF-8: see `leaves.leaf_text`."""

    class Meta:
        verbose_name = _("inscription au registre public")
        verbose_name_plural = _("inscriptions au registre public")
        default_permissions = ()

    def __str__(self) -> str:
        return self.number


class Node(models.Model):
    """Hash of a perfect subtree; leaves are level 0. Stored so that no proof reads the whole log."""

    pk = models.CompositePrimaryKey("level", "position")
    level = models.PositiveSmallIntegerField()
    position = models.PositiveBigIntegerField()
    hash = models.BinaryField()

    class Meta:
        verbose_name = _("nœud du registre public")
        verbose_name_plural = _("nœuds du registre public")
        default_permissions = ()
        indexes = [models.Index(fields=["hash"], name="log_leaf_by_hash", condition=Q(level=0))]
        constraints = [
            models.CheckConstraint(condition=Exact(Length("hash"), 32), name="log_node_is_a_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.position}"


class Root(models.Model):
    """The signed and published root of the first `size` leaves. Ranks start at 1 without gaps."""

    rank = models.PositiveBigIntegerField(_("rang"), primary_key=True)
    size = models.PositiveBigIntegerField(_("accusés de réception inscrits"))
    hash = models.CharField(_("racine"), max_length=64)
    """In hexadecimal."""
    published_at = models.DateTimeField(_("publiée le"))
    """The database's clock during the transaction that writes the row; the database refuses any other instant."""
    key_id = models.CharField(_("clé"), max_length=64)
    signature = models.BinaryField()

    class Meta:
        verbose_name = _("racine du registre public")
        verbose_name_plural = _("racines du registre public")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(hash__regex=r"^[0-9a-f]{64}$"), name="log_root_is_a_sha256"),
            models.CheckConstraint(condition=~Q(key_id=""), name="log_root_names_its_key"),
        ]
        indexes = [models.Index(fields=["size", "rank"], name="log_root_by_size")]

    def __str__(self) -> str:
        return f"{self.size} {self.hash}"
