"""Conflicts of interest in the administration."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import CharField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.base.change_lists import PortalAdmin
from intake.journal.readings import RecordedList
from intake.outbox.selectors import database_instant
from intake.review.access.errors import InConflictError
from intake.review.access.impartiality import lacks_impartiality
from intake.review.access.visibility import visible_submissions
from intake.review.models import Conflict
from intake.review.pages.shortcuts import acting_user, receipt_number
from intake.submissions.models import Submission
from intake.web.admin_lists import FoldedSearch, badge

from .operations import lift_conflict


@admin.register(Conflict)
class ConflictAdmin(RecordedList, FoldedSearch, PortalAdmin[Conflict]):
    """List of conflicts. They are declared on the submission's page and lifted here, by another user."""

    list_display = ("file", "reviewer", "declared_at", "reason", "standing")
    list_select_related = ("submission__offer", "submission__standing_filing__receipt", "reviewer")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = (
        "submission__filed_name",
        "submission__standing_filing__receipt__number",
        "reviewer__email",
        "reviewer__display_name",
    )
    search_help_text = gettext_lazy(
        "Nom de la personne candidate, numéro de dépôt, ou nom ou adresse de la personne en conflit."
    )
    ordering = ("-declared_at", "-pk")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conflict]:
        """Exclude the reader's own conflicts and those on submissions that the reader may not see."""
        seen = visible_submissions(request.user).values("pk")
        return super().get_queryset(request).filter(submission__in=seen)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- Django's signature
        """Return False: a conflict is declared on the submission's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Conflict | None = None) -> bool:
        """True if the user may lift it: it is current, another user's, and the user is impartial about the offer."""
        if obj is not None and (obj.lifted_at is not None or obj.reviewer_id == request.user.pk):
            return False
        if not request.user.has_perm("review.lift_conflict"):
            return False
        return obj is None or not lacks_impartiality(obj.submission.offer, acting_user(request))

    def has_delete_permission(self, request: HttpRequest, obj: Conflict | None = None) -> bool:  # noqa: ARG002 -- Django's signature
        """Return False: a conflict is lifted and its row is kept."""
        return False

    def get_fields(self, _request: HttpRequest, obj: Conflict | None = None) -> tuple[str, ...]:
        """Add the user and the instant of the lifting if the conflict was lifted."""
        lifted = obj is not None and obj.lifted_at is not None
        lifting = ("lifted_by", "lifted_at") if lifted else ()
        return ("file", "reviewer", "reason", "declared_by", "declared_at", *lifting, "lift_reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Conflict | None = None) -> tuple[str, ...]:
        """Make every field read-only except the reason for lifting."""
        return tuple(name for name in self.get_fields(request, obj) if name != "lift_reason")

    def get_form(self, *args: Any, **kwargs: Any) -> type[ModelForm[Conflict]]:
        """Require the reason."""
        form = super().get_form(*args, **kwargs)
        field = form.base_fields.get("lift_reason")
        if isinstance(field, CharField):
            field.required = True
            field.help_text = _(
                "La personne lira de nouveau ce dossier, et ses évaluations remises compteront de nouveau."
            )
            field.error_messages["required"] = _("Inscrivez le motif : il reste avec le conflit.")
        return form

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Set the page's subtitle. Warn a user who is not impartial about the offer."""
        conflict = self.get_object(request, object_id) if request.method == "GET" else None
        if (
            conflict is not None
            and conflict.lifted_at is None
            and lacks_impartiality(conflict.submission.offer, acting_user(request))
        ):
            messages.warning(request, str(InConflictError()))
        context = {"subtitle": _("Lever un conflit d’intérêts"), "show_save_and_continue": False}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def save_model(self, request: HttpRequest, obj: Conflict, *_args: Any, **_kwargs: Any) -> None:
        """Lift the conflict through the operation."""
        lift_conflict(conflict=obj, actor=acting_user(request), reason=obj.lift_reason, at=database_instant())

    def subjects_shown(self, rows: Sequence[Conflict]) -> list[Submission]:
        """Return the files of the conflicts."""
        return [conflict.submission for conflict in rows]

    @admin.display(description=gettext_lazy("candidature"))
    def file(self, conflict: Conflict) -> SafeString:
        """Return the receipt number and the name as filed."""
        return format_html("{} {}", receipt_number(conflict.submission), conflict.submission.filed_name)

    @admin.display(description=gettext_lazy("état"))
    def standing(self, conflict: Conflict) -> SafeString:
        """Return a badge: in force, or lifted."""
        if conflict.lifted_at is None:
            return badge(_("En vigueur"), "warning")
        return badge(_("Levé"), "none")
