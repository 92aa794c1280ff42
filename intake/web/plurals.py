"""How the source's own French counts: zero and one are singular, `0 offre`, `1 offre`, `2 offres`.

The source is in French and has no catalogue of its own, so that the default language depends on no compiled file
(HOUSE, choices). gettext reads what it does not find as English does, where zero is plural.
"""

from gettext import NullTranslations

from django.utils.translation.trans_real import translation


class FrenchPlurals(NullTranslations):
    """The strings as the source writes them, with the plural rule of French."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the singular for 0 and 1, the plural from 2 on."""
        return msgid1 if abs(n) < 2 else msgid2  # noqa: PLR2004 -- French grammar: from two on, there are several

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002 -- gettext's signature
        """Do as `ngettext`: a context changes words, not grammar."""
        return self.ngettext(msgid1, msgid2, n)


def use_french_plurals() -> None:
    """Let French answer with the source, counted as French counts, where its catalogues say nothing."""
    translation("fr").add_fallback(FrenchPlurals())
