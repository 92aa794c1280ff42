"""A template rendered with stand-ins prints what each of its tags does, in each state."""

from collections.abc import Iterator

import pytest
from django.template import Template

from tests.house.template_stand_ins import Answers, render, use_stand_ins
from tests.house.template_states import states


@pytest.fixture(autouse=True)
def stand_ins() -> Iterator[None]:
    with use_stand_ins():
        yield


def _everything(source: str) -> str:
    return render(Template(source), Answers(otherwise=True))


@pytest.mark.parametrize(
    "source, shown",
    [
        ("{{ place.url }}", "‹place.url›"),
        ("{{ offer.closes_at|date:now }}", "‹offer.closes_at|date:now›"),
        ("{{ 'x'|add:name }}", "‹name←x|add:name›"),
        ("{{ name|default:'rien' }}", "‹name›"),
        ("{{ name|safe }}", "‹name|safe›"),
        ("{% autoescape off %}{{ name }}{% endautoescape %}", "‹name&›"),
        ("{% for row in rows %}{{ row.name }} {% endfor %}", "‹row1.name› ‹row2.name› "),
        ("{% for key, cell in rows reversed %}{{ key }}={{ cell }} {% endfor %}", "‹key2›=‹cell2› ‹key1›=‹cell1› "),
        ("{% url 'offers:list' %}", "‹url 'offers:list'›"),
        ("{% url 'offers:page' 3 as to %}{{ to }}", "‹url 'offers:page' 3›".replace("'", "&#x27;")),
        ("{% csrf_token %}", "‹csrf_token›"),
        ("{% if row is None %}rien{% endif %}", "rien"),
        ("{% if row in rows and a.b != 'C' %}oui{% else %}non{% endif %}", "non"),
        ("{% if state == 'A' and state == 'B' %}les deux{% else %}un seul{% endif %}", "un seul"),
        ("{% include 'a.html' with x=y|upper only %}", "‹include a.html only›\nx = ‹y|upper›\n"),
        ("{% with z=y.x %}{% include 'a.html' %}{% endwith %}", "‹include a.html›\nz = ‹y.x›\n"),
        ("{% partialdef part %}{{ name }}{% endpartialdef %}", "<partial part>‹name›"),
    ],
)  # fmt: skip
def test_a_tag_prints_its_stand_ins(source: str, shown: str) -> None:
    loaded = "{% load i18n %}" + source
    assert _everything(loaded) == shown


def test_plain_text_with_given_values_is_not_escaped() -> None:
    shown = render(Template("{{ name }} {{ given }}"), Answers(otherwise=True), escaped=False, given="<b>")
    assert shown == "‹name› <b>"


def test_each_condition_is_tried_both_ways() -> None:
    parts = (
        "{% load i18n %}{% if a %}A{% elif b and c %}BC{% endif %}",
        "{% for d in e %}{{ d }}{% endfor %}",
        "{% blocktranslate count n=rows|length %}one{% plural %}many{% endblocktranslate %}",
    )
    found = dict(states(Template("".join(parts))))
    assert found == {
        "everything": "A‹d1›‹d2›one",
        "everything − [a]": "BC‹d1›‹d2›one",
        "everything − [e]": "Aone",
        "everything − [rows|length is one]": "A‹d1›‹d2›many",
        "everything − [a] − [b]": "‹d1›‹d2›one",
        "everything − [a] − [c]": "‹d1›‹d2›one",
        "nothing": "many",
        "nothing + [a]": "Amany",
        "nothing + [b]": "many",
        "nothing + [e]": "‹d1›‹d2›many",
        "nothing + [rows|length is one]": "one",
        "nothing + [b] + [c]": "BCmany",
    }
