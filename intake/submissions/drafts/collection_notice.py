"""Collection notice: a candidate accepts it before a draft contains personal data.

Act respecting access to documents held by public bodies and the protection of personal information, s. 65: the notice
states for whom, for what purpose and by what means data are collected, who reads them, what a refusal entails, and
which rights the person keeps.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.profiles.models import NoticeAcceptance
from intake.profiles.selectors import acceptances
from intake.web.crispy import fields_only


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice and its current version. A change of its text is a new version, which must be accepted again."""

    key: str
    version: str

    def is_accepted_by(self, user: User) -> bool:
        """True if `user` accepted this version."""
        return self.acceptances_by(user).exists()

    def acceptances_by(self, user: User) -> QuerySet[NoticeAcceptance]:
        """Return the acceptance of this version by `user`, as a lazy queryset."""
        return acceptances(user, notice=self.key, version=self.version)


COLLECTION: Final = Notice("collection", "2026-12.3")
"""Its text is in `templates/submissions/notice_text.html`."""


class NoticeForm(forms.Form):
    """Checkbox under the collection notice."""

    accepts_notice = forms.BooleanField(
        label=_("J’ai lu cet avis et j’accepte que mes renseignements soient recueillis à ces fins."),
        error_messages={
            "required": _(
                "Cochez cette case pour continuer : sans ces renseignements, une candidature ne "
                "peut pas être étudiée."
            )
        },
    )
    helper = cached_property(fields_only)
