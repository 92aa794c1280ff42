"""The parts of an offer on its page in the administration."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from offers.blocks import parse_blocks
from offers.criterion_labels import describe_criterion, describe_effect
from offers.models import DocumentRequest, GridLine, Offer, RulebookVersion, Section

type Fields = list[str | list[str] | tuple[str, ...] | tuple[()]]


class PartInline(admin.StackedInline[Any, Offer]):
    """A part of an offer; read-only once the offer is published.

    Stacked: in the tabular form, fields have no label for screen readers.
    """

    extra = 0
    ordering = ("position",)

    def has_add_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        """False once the offer is published."""
        return not (obj and obj.is_published) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        """False once the offer is published."""
        return not (obj and obj.is_published) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        """False once the offer is published."""
        return not (obj and obj.is_published) and super().has_delete_permission(request, obj)


class SectionInline(PartInline):
    """The sections, in order: an input in a draft, the text as candidates read it once published."""

    model = Section
    readonly_fields = ("public_text",)

    def get_fields(self, _request: HttpRequest, obj: Offer | None = None) -> Fields:
        """Return the fields, with the rendered text once the offer is published."""
        return [("position", "kind", "title"), "public_text" if obj and obj.is_published else "text"]

    @admin.display(description=_("texte"))
    def public_text(self, section: Section) -> str:
        """Render the text as the public page does."""
        return render_to_string("offers/_blocks.html", {"blocks": parse_blocks(section.text)})


class DocumentRequestInline(PartInline):
    """The document requests, with their limits."""

    model = DocumentRequest
    fields = (("position", "kind", "label"), "hint", ("required", "max_pages", "max_bytes"))


class GridLineInline(PartInline):
    """The grid lines to which reviewers give marks."""

    model = GridLine
    fields = (("position", "requirement", "text"),)
    formfield_overrides: ClassVar = {
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 60})}
    }


class RulebookInline(admin.StackedInline[Any, Offer]):
    """The versions of the criteria, described in the active language. Only operations write them."""

    model = RulebookVersion
    extra = 0
    ordering = ("-number",)
    fields = ("number", "state", "criteria_in_words", "reason", "digest")
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, _request: HttpRequest, _obj: Offer | None = None) -> bool:
        """False: only operations write the criteria."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Offer | None = None) -> bool:
        """False: only operations write the criteria."""
        return False

    @admin.display(description=_("état"))
    def state(self, version: RulebookVersion) -> str | Promise:
        """Return the instant of publication of the version, or that it is a draft."""
        if version.published_at is None:
            return _("brouillon")
        return date_format(timezone.localtime(version.published_at), "DATETIME_FORMAT")

    @admin.display(description=_("critères"))
    def criteria_in_words(self, version: RulebookVersion) -> str:
        """Render each criterion: its description, its effect, and the offer's sentence.

        A version that a POST adds, against the rules of the page, has no criteria.
        """
        wording = version.offer.programme.words
        rows = [
            (*describe_criterion(row, wording), describe_effect(row), row.get("clause", {}).get("text", ""))
            for row in version.criteria or ()
        ]
        items = format_html_join("", "<li><strong>{}</strong> — {} ({})<br>{}</li>", rows)
        return format_html("<ol>{}</ol>", items)
