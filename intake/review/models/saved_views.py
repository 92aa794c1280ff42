"""Saved views: filters of the queue, kept under a name."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User

VIEW_NAME_MAX = 60
VIEWS_MAX = 20
"""Maximum number of saved views of one user: all are listed in a row above the queue."""


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
