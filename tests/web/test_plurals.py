"""French treats zero as singular, in every sentence of the source and without a catalogue."""

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext, ngettext, npgettext

OFFERS = "{% load i18n %}{% blocktranslate count n=n %}{{ n }} offre{% plural %}{{ n }} offres{% endblocktranslate %}"


@pytest.mark.parametrize(
    "count, words", [(0, "0 offre"), (1, "1 offre"), (2, "2 offres"), (21, "21 offres"), (-1, "-1 offre")]
)
def test_zero_is_singular_in_french(count: int, words: str) -> None:
    with translation.override("fr"):
        assert Template(OFFERS).render(Context({"n": count})) == words
        assert f"{count} " + ngettext("offre", "offres", count) == words
        assert f"{count} " + npgettext("stage", "offre", "offres", count) == words


@pytest.mark.parametrize("count, words", [(0, "0 offers"), (1, "1 offer"), (2, "2 offers")])
def test_zero_is_plural_in_english(count: int, words: str) -> None:
    with translation.override("en"):
        assert (
            Template(
                "{% load i18n %}{% blocktranslate trimmed count count=count with shown=count %}"
                "{{ shown }} offre{% plural %}{{ shown }} offres{% endblocktranslate %}"
            ).render(Context({"count": count}))
            == words
        )


def test_texts_of_django_keep_their_translation() -> None:
    with translation.override("fr"):
        assert gettext("January") == "janvier"
        assert (
            gettext("Une phrase que nul catalogue ne connaît.") == "Une phrase que nul catalogue ne connaît."
        )
