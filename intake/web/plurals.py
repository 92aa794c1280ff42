"""Plural rule of the French source strings: zero and one are singular, `0 offre`, `1 offre`, `2 offres`.

The source is in French and has no catalogue of its own, so that the default language depends on no compiled file.
Where gettext finds no translation, it counts as in English, where zero is plural.
"""

from gettext import NullTranslations

from django.utils.translation.trans_real import translation


class FrenchPlurals(NullTranslations):
    """The source strings, with the French plural rule."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the singular for 0 and 1, the plural from 2 on."""
        return msgid1 if abs(n) < 2 else msgid2  # noqa: PLR2004 -- French grammar: from two on, there are several

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002 -- gettext's signature
        """Same as `ngettext`: a context changes words, not grammar."""
        return self.ngettext(msgid1, msgid2, n)


def use_french_plurals() -> None:
    """Make the source strings, with the French plural rule, the fallback of the French catalogues."""
    translation("fr").add_fallback(FrenchPlurals())
