"""The actions that the outbox records in the journal."""

from typing import Final

from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Final = {
    "DELIVERY_RETRIED": _("Envoi relancé"),
    "MAIL_OPENED": _("Courriel consulté"),
    "MAIL_RESENT": _("Courriel renvoyé"),
    "MAIL_SET_ASIDE": _("Courriel classé"),
}
