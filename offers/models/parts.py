"""Parts of an offer besides its header: sections of text, document requests and grid lines."""

from dataclasses import dataclass
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .offer import Offer

DOCUMENT_MAX_BYTES = 10 * 1024 * 1024  # default of the programme; each request has its own


class Section(models.Model):
    """One titled part of the offer's text, in the published order."""

    class Kind(models.TextChoices):
        """What a section is about, independent of its title."""

        MANDATE = "MANDATE", _("Mandat")
        TASKS = "TASKS", _("Tâches")
        SKILLS = "SKILLS", _("Compétences et expérience")
        ELIGIBILITY = "ELIGIBILITY", _("Admissibilité")
        HEALTH = "HEALTH", _("Situation sanitaire")
        OTHER = "OTHER", _("Autre")

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="sections", verbose_name=_("offre")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    title = models.CharField(_("titre"), max_length=250, blank=True)
    text = models.TextField(
        _("texte"),
        blank=True,
        help_text=_(
            "Une ligne vide sépare les paragraphes ; « • » commence un élément, deux espaces l’emboîtent."
        ),
    )

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["offer", "position"], name="offer_sections_have_distinct_positions"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["MANDATE", "TASKS", "SKILLS", "ELIGIBILITY", "HEALTH", "OTHER"]),
                name="section_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(title="") | ~Q(text=""), name="section_says_something"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.get_kind_display())


class DocumentRequest(models.Model):
    """One document that the offer asks for, with its limits, which are data of the offer and not constants."""

    class Kind(models.TextChoices):
        """The kind of a document."""

        CV = "CV", _("Curriculum vitæ")
        MOTIVATION_LETTER = "MOTIVATION_LETTER", _("Lettre de motivation")
        TRANSCRIPT = "TRANSCRIPT", _("Relevé de notes")
        ENROLMENT_PROOF = "ENROLMENT_PROOF", _("Preuve d’inscription ou diplôme")
        RECOMMENDATION = "RECOMMENDATION", _("Lettre de recommandation")
        OTHER = "OTHER", _("Autre document")

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="documents", verbose_name=_("offre")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    kind = models.CharField(_("nature"), max_length=20, choices=Kind)
    label = models.CharField(_("libellé"), max_length=120)
    hint = models.CharField(_("précision"), max_length=250, blank=True)
    required = models.BooleanField(_("obligatoire"), default=True)
    max_pages = models.PositiveSmallIntegerField(_("pages au plus"))
    max_bytes = models.PositiveIntegerField(_("octets au plus"), default=DOCUMENT_MAX_BYTES)

    class Meta:
        verbose_name = _("document demandé")
        verbose_name_plural = _("documents demandés")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["offer", "position"], name="offer_documents_have_distinct_positions"
            ),
            models.UniqueConstraint(
                fields=["offer", "kind"],
                condition=~Q(kind__in=["RECOMMENDATION", "OTHER"]),
                name="offer_asks_for_a_kind_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "CV",
                        "MOTIVATION_LETTER",
                        "TRANSCRIPT",
                        "ENROLMENT_PROOF",
                        "RECOMMENDATION",
                        "OTHER",
                    ]
                ),
                name="document_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(label=""), name="document_has_a_label"),
            models.CheckConstraint(
                condition=Q(max_pages__gte=1, max_bytes__gte=1),
                name="document_limits_leave_room_for_one_page",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class GridLine(models.Model):
    """One competency that the offer looks for, in the offer's text. Reviewers give it a mark."""

    class Requirement(models.TextChoices):
        """Whether the offer requires the competency or counts it as an asset."""

        REQUIRED = "REQUIRED", _("Exigé")
        ASSET = "ASSET", _("Atout")

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="grid_lines", verbose_name=_("offre")
    )
    position = models.PositiveSmallIntegerField(_("rang"))
    text = models.TextField(_("texte"))
    requirement = models.CharField(
        _("exigence"), max_length=10, choices=Requirement, default=Requirement.REQUIRED
    )

    class Meta:
        verbose_name = _("ligne de la grille")
        verbose_name_plural = _("grille d’évaluation")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["offer", "position"], name="offer_grid_lines_have_distinct_positions"
            ),
            models.CheckConstraint(
                condition=Q(requirement__in=["REQUIRED", "ASSET"]), name="grid_line_requirement_is_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="grid_line_says_something"),
        ]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionData:
    """A section to write: its kind (a `Section.Kind` code), its title and its plain text."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequestData:
    """A document request to write: `max_pages` at least 1, `max_bytes` in bytes."""

    kind: str
    label: str
    max_pages: int
    max_bytes: int = DOCUMENT_MAX_BYTES
    required: bool = True
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLineData:
    """A grid line to write: text from the offer, and `requirement`, REQUIRED or ASSET."""

    text: str
    requirement: str = GridLine.Requirement.REQUIRED
