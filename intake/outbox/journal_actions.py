"""The actions that the outbox records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from .kinds import label_of

ACTION_LABELS: Final = {
    "DELIVERY_RETRIED": _("Envoi relancé"),
    "MAIL_OPENED": _("Courriel consulté"),
    "MAIL_RESENT": _("Courriel renvoyé"),
    "MAIL_SET_ASIDE": _("Courriel classé"),
}
PAGE_LABELS: Final = {
    "admin:outbox_delivery_changelist": _("Envois"),
    "admin:outbox_delivery_change": _("Envoi"),
    "admin:outbox_delivery_history": _("Historique d’un envoi"),
}
"""What people read for each page that shows persons, by the name of its address."""
DETAIL_READERS: Final = dict.fromkeys(ACTION_LABELS, label_of)
"""How the detail of an entry is read in words, by action."""
