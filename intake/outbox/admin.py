"""« Envois »: pending, sent and failed deliveries, read-only. The only actions are to resend and to set aside."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django_stubs_ext import StrOrPromise

from intake.accounts.models import User
from intake.base.change_lists import PortalAdmin
from intake.base.folding import typed_search_words
from intake.base.numbers import WrittenNumber
from intake.journal.readings import RecordedList
from intake.journal.services import record
from intake.outbox import kinds, services
from intake.outbox.models import Delivery, Message
from intake.outbox.selectors import (
    DELAY,
    DELAYED_BY_OUTAGE,
    LATE,
    bounced,
    delayed_by_outage,
    dismissible,
    overdue,
    resendable,
    search_condition,
    without_hidden,
)
from intake.web import formats
from intake.web.admin_lists import BoundedList, ReadOnly, badge

from .labels import bounce_reason, delivery_label
from .reports import RECENT_BOUNCE, RECENT_BOUNCE_DAYS, RECENT_BOUNCES_VALUE

RESENT_AT_ONCE: Final = 20  # sent mails that one action sends again; more is probably a mistake
_RETURNED: Final = "retourne"


class KindFilter(admin.SimpleListFilter):
    """Filter by registered kind."""

    title = _("sorte")
    parameter_name = "kind"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        """Return the registered kinds and their labels."""
        return [(kind.code, str(kind.label)) for kind in kinds.registered()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep the deliveries of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


class BouncedFilter(admin.SimpleListFilter):
    """Filter of bounced mails that no later mail replaces."""

    title = _("courriel")
    parameter_name = "courriel"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        """Return the choices of bounces. There is none for arrived mails: many servers report no arrival."""
        fresh = _("Retourné, %(days)d derniers jours") % {"days": RECENT_BOUNCE_DAYS}
        return [(RECENT_BOUNCES_VALUE, fresh), (_RETURNED, _("Retourné"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep the deliveries whose mail bounced."""
        if self.value() == RECENT_BOUNCES_VALUE:
            return bounced(queryset, since=timezone.now() - RECENT_BOUNCE)
        return bounced(queryset) if self.value() == _RETURNED else queryset


class DelayFilter(admin.SimpleListFilter):
    """Filter of the delayed deliveries that the dashboard counts."""

    title = _("attente")
    parameter_name = DELAY

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        """Return the two kinds of delay."""
        return [(DELAYED_BY_OUTAGE, _("Un serveur ne répond pas")), (LATE, _("En retard"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        """Keep the deliveries with the chosen delay."""
        if self.value() == LATE:
            return overdue(queryset, at=timezone.now())
        return delayed_by_outage(queryset) if self.value() == DELAYED_BY_OUTAGE else queryset


@admin.register(Delivery)
class DeliveryAdmin(RecordedList, BoundedList, ReadOnly, PortalAdmin[Delivery]):
    """The deliveries, newest first, each with its mail."""

    list_display = ["named", "state_badge", "recipient", "moment"]
    list_filter = ["state", KindFilter, DelayFilter, BouncedFilter]
    list_select_related = ["message"]
    list_per_page = 50
    search_fields = ["key"]  # shows the search box; `get_search_results` does the search
    search_help_text = _("Partie de la clé ou du numéro, début de l’objet ou de l’adresse du destinataire")
    ordering = ["-created_at", "-pk"]
    actions = ["resend", "set_aside"]
    fieldsets = [
        (None, {"fields": [("kind_label", "state_badge"), ("attempts", "outages", "last_error")]}),
        (_("Courriel"), {"fields": ["mail"]}),
        (_("Dates"), {"fields": ["moment", ("done_at", "leased_until"), "due_at"]}),
        (_("Identifiants"), {"fields": ["public_id", ("kind", "key"), ("subject_kind", "subject_id")]}),
    ]
    readonly_fields = ["kind_label", "state_badge", "mail", "moment", "public_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Exclude the deliveries that are hidden from this user."""
        return without_hidden(super().get_queryset(request), request.user)

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        """Keep the deliveries that every word finds: see `search_condition`."""
        for typed, word in typed_search_words(search_term):
            queryset = queryset.filter(pk__in=search_condition(typed, word))
        return queryset, False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a delivery under its kind's label; Django's own title would be the kind's code."""
        delivery = self.get_object(request, object_id)
        titles: dict[str, Any] = {"title": _("Envoi")}
        if delivery is not None:
            titles["subtitle"] = self.named(delivery)
            if self.has_resend_permission(request):
                this = Delivery.objects.filter(pk=delivery.pk)
                titles["may_go_again"] = this.filter(resendable()).exists()
                titles["may_be_set_aside"] = this.filter(dismissible()).exists()
        response = super().change_view(request, object_id, form_url, {**titles, **(extra_context or {})})
        # Not compressed: the mail of a receipt has its code.
        patch_cache_control(response, no_transform=True)
        return response

    def record_opened(self, request: HttpRequest, row: Delivery) -> None:
        """Record that the page of a delivery was read: it has the text of its mail, if that is composed."""
        if hasattr(row, "message"):
            actor = cast("User", request.user)  # the admin admits no anonymous user
            record(actor=actor, action="MAIL_OPENED", subject=row, detail=row.kind)

    @admin.display(description=_("envoi"))
    def named(self, delivery: Delivery) -> str:
        """Return the kind's label and the key."""
        return f"{kinds.label_of(delivery.kind)} {delivery.key}"

    @admin.display(description=_("état"))
    def state_badge(self, delivery: Delivery) -> StrOrPromise:
        """Return the state as a badge."""
        return badge(*delivery_label(delivery))

    @admin.display(description=_("sorte"))
    def kind_label(self, delivery: Delivery) -> str:
        """Return the kind's label."""
        return kinds.label_of(delivery.kind)

    @admin.display(description=_("destinataire"))
    def recipient(self, delivery: Delivery) -> StrOrPromise:
        """Return the address of the delivery's mail, or a dash if none is composed."""
        message: Message | None = getattr(delivery, "message", None)
        return message.to_address if message else "—"

    @admin.display(description=_("date et heure"))
    def moment(self, delivery: Delivery) -> str:
        """Return the day and time, in Québec, of the post or, for a delivery posted for later, of its due instant."""
        when = f"{formats.day(delivery.created_at)}, {formats.hour(delivery.created_at)}"
        if delivery.created_at > timezone.now():
            return _("prévu le %(when)s") % {"when": when}
        return _("demandé le %(when)s") % {"when": when}

    @admin.display(description=_("contenu"))
    def mail(self, delivery: Delivery) -> StrOrPromise:
        """Return the stored mail as plain text; its HTML is never rendered."""
        message: Message | None = getattr(delivery, "message", None)
        if message is None:
            return _("Aucun courriel n’est encore composé.")
        return render_to_string(
            "outbox/message.html",
            {
                "message": message,
                "attachments": message.attachments.order_by("pk"),
                "why_returned": bounce_reason(message.report_code),
            },
        )

    @admin.action(description=_("Renvoyer"), permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse | None:
        """Retry the selected deliveries that failed, send again the mails that were sent; count the unchanged ones."""
        chosen = queryset.order_by("pk")
        if chosen.filter(state=Delivery.State.DONE, message__sent_at__isnull=False).count() > RESENT_AT_ONCE:
            most = _(
                "Ces courriels sont déjà envoyés : renvoyez-en %(most)s au plus à la fois. Rien "
                "n’est renvoyé."
            )
            self.message_user(request, most % {"most": formats.number(RESENT_AT_ONCE)}, messages.ERROR)
            return None
        return self._act_on(
            request,
            chosen,
            resendable(),
            _send_again,
            taken=ngettext_lazy("%(count)s envoi est relancé.", "%(count)s envois sont relancés.", "count"),
            left=ngettext_lazy(
                "%(count)s envoi ne change pas : il attend déjà, ou son courriel n’est pas envoyé.",
                "%(count)s envois ne changent pas : ils attendent déjà, ou leur courriel n’est pas envoyé.",
                "count",
            ),
        )

    @admin.action(description=_("Classer sans envoyer"), permissions=["resend"])
    def set_aside(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> HttpResponse | None:
        """Set aside the selected mails that failed; count the unchanged ones."""
        return self._act_on(
            request,
            queryset.order_by("pk"),
            dismissible(),
            services.set_aside,
            taken=ngettext_lazy(
                "%(count)s courriel est classé : le portail ne l’essaie plus, mais vous pouvez le renvoyer.",
                "%(count)s courriels sont classés : le portail ne les essaie plus, mais vous "
                "pouvez les renvoyer.",
                "count",
            ),
            left=ngettext_lazy(
                "%(count)s envoi ne change pas : vous pouvez classer seulement un courriel en échec.",
                "%(count)s envois ne changent pas : vous pouvez classer seulement un courriel en échec.",
                "count",
            ),
        )

    def _act_on(
        self,
        request: HttpRequest,
        chosen: QuerySet[Delivery],
        which: Q,
        act: Callable[..., object],
        *,
        taken: StrOrPromise,
        left: StrOrPromise,
    ) -> HttpResponse | None:
        """Call the operation `act` on the selected deliveries that match `which`; show how many changed and did not.

        `taken` and `left` are plural messages with `count`. Redirect to the page that has the button: the delivery's
        page, or the list (None).
        """
        actor = cast("User", request.user)  # the admin admits no anonymous user
        done, of_all = 0, chosen.count()
        for delivery in chosen.filter(which):
            with suppress(services.NotDeadError, services.NotSentError, kinds.UnknownKindError):
                act(delivery=delivery, actor=actor)
                done += 1
        if done:
            self.message_user(request, taken % {"count": WrittenNumber(done)}, messages.SUCCESS)
        if done < of_all:
            self.message_user(request, left % {"count": WrittenNumber(of_all - done)}, messages.WARNING)
        shown = chosen.first() if "from_its_page" in request.POST else None
        return redirect("admin:outbox_delivery_change", shown.pk) if shown else None

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """True if this user may retry or resend deliveries."""
        return request.user.has_perm("outbox.resend_delivery")


def _send_again(*, delivery: Delivery, actor: User) -> Delivery:
    again = services.retry_delivery if delivery.state == Delivery.State.DEAD else services.resend_mail
    return again(delivery=delivery, actor=actor)
