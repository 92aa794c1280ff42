"""Synonyms of the search of offers: words that find each other, such as an acronym and its full name."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MAX_TERM_LENGTH = 100  # characters, as for a search: a longer term could not be typed
MIN_TERMS, MAX_TERMS = 2, 20  # of one group


class SynonymGroup(models.Model):
    """Terms, of one word or several, each of which finds the offers that contain another one of them.

    A trigger refuses a term that is in two groups or twice in one, without accents and case.
    """

    terms = ArrayField(models.CharField(max_length=MAX_TERM_LENGTH), verbose_name=_("termes"))

    class Meta:
        verbose_name = _("groupe de synonymes")
        verbose_name_plural = _("synonymes de la recherche")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(terms__len__gte=MIN_TERMS, terms__len__lte=MAX_TERMS),
                name="synonym_group_has_two_to_twenty_terms",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.terms)
