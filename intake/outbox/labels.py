"""Labels of a delivery's state and reasons of a bounce."""

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from .models import TONES, Delivery, Message

_BOUNCE_REASONS: Final = (
    # 5.4.4 and 5.4.310: the domain does not exist. 5.4.1: Exchange's code for an unknown recipient.
    (
        re.compile(r"5\.1\.(?:[0-6]|10)|5\.2\.1|5\.4\.(?:1|4|310)"),
        _("l’adresse n’existe pas, ou n’existe plus"),
    ),
    (re.compile(r"[45]\.2\.2"), _("la boîte courriel est pleine")),
    (re.compile(r"4\.4\.\d+|5\.4\.7|[45]\.3\.2"), _("le serveur de cette adresse n’a pas répondu")),
    (re.compile(r"[45]\.(?:2\.3|3\.4)"), _("le courriel est trop gros pour cette boîte")),
)
_OTHER_REASON: Final = _("le serveur de cette adresse l’a refusé")


def bounce_reason(code: str) -> Promise:
    """Return why a mail bounced, as the end of a sentence; `code` is RFC 3463's, or empty."""
    return next((words for pattern, words in _BOUNCE_REASONS if pattern.fullmatch(code)), _OTHER_REASON)


def delivery_label(delivery: Delivery) -> tuple[StrOrPromise, str]:
    """Return the label of the state of `delivery`, read with its message, and a tone of `components/state_badge.html`.

    For a sent mail, the label is what is known: that the own mail server accepted a mail does not mean that it arrived.
    """
    state = Delivery.State(delivery.state)
    message: Message | None = getattr(delivery, "message", None)
    if state == Delivery.State.PENDING and delivery.outages:
        return _("En attente d’un serveur"), "warning"
    if state != Delivery.State.DONE or message is None:
        return state.label, TONES[state]
    if message.returned_at:
        return _("Retourné"), "error"
    if message.arrived_at:
        return _("Arrivé"), "success"
    if message.let_go_at:
        return (_("Classé") if message.was_set_aside else _("Abandonné")), "none"
    return _("Envoyé"), "success"
