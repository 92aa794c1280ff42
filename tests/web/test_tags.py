"""Template filters and tags."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.utils.safestring import mark_safe

from intake.web.formats import NBSP
from intake.web.templatetags import portal

_CLOSES_AT = datetime(2023, 10, 2, 4, 0, tzinfo=UTC)


def _render(source: str, **context: Any) -> str:
    return Template("{% load portal %}" + source).render(Context(context)).replace(NBSP, "~")


def test_the_ending_of_an_ordinal_is_raised_only_where_text_is_escaped() -> None:
    first, third = date(2023, 10, 1), date(2024, 10, 3)
    assert _render("{% period a b %}", a=first, b=third) == "du 1<sup>er</sup>~octobre~2023 au 3~octobre~2024"
    for written in ("{{ a|day }}", "{% period a a %}", "{{ text|ordinals }}"):
        plain = _render("{% autoescape off %}" + written + "{% endautoescape %}", a=first, text="le 1er mai")
        assert "1er" in plain
        assert "<" not in plain
    label = '<p title="{{ a|day|striptags }}">{% blocktranslate with day=a|day %}le {{ day }}{% endblocktranslate %}'
    assert _render("{% load i18n %}" + label, a=first) == (
        '<p title="1er~octobre~2023">le 1<sup>er</sup>~octobre~2023'
    )


@pytest.mark.parametrize(
    "text, written",
    [
        ("un 2e cycle, le 1er\u00a0mai", "un 2<sup>e</sup> cycle, le 1<sup>er</sup>~mai"),
        ("3e.pdf, 12er, 4e ", "3e.pdf, 12er, 4e "),
        ("<b>1er mai</b> & 2e", "&lt;b&gt;1<sup>er</sup> mai&lt;/b&gt; &amp; 2e"),
        (mark_safe("<b>1er mai</b>"), "&lt;b&gt;1<sup>er</sup> mai&lt;/b&gt;"),
        ("October 1, 2023", "October 1, 2023"),
    ],
)
def test_ordinals_are_raised_in_a_text_that_stays_escaped(text: str, written: str) -> None:
    assert _render("{{ v|ordinals }}", v=text) == written


@pytest.mark.parametrize("name", ["day", "hour", "instant", "deadline", "number", "file_size"])
def test_a_filter_of_an_empty_value_writes_an_empty_text(name: str) -> None:
    assert not _render("{{ v|" + name + " }}", v=None)
    assert not _render("{{ v|" + name + " }}", v="")


def test_time_left_and_ranges_are_written_by_their_tags() -> None:
    now = datetime(2023, 9, 29, 0, 0, tzinfo=UTC)
    assert _render("{{ v|time_left:now }}", v=_CLOSES_AT, now=now) == "il reste 3~jours 4~heures"
    for lacking in ({"v": None, "now": now}, {"v": _CLOSES_AT, "now": None}):
        assert not _render("{{ v|time_left:now }}", **lacking)
    assert _render("{% money_range 13000 15000 %}") == "13~000~$ à 15~000~$"
    assert _render('{% money_range 900 1000 "EUR" %}') == "900~€ à 1~000~€"


@pytest.mark.parametrize(
    "source, words",
    [
        ("{% time_left_element v now %}", "il reste 3~jours 4~heures"),
        ('{% time_left_element v now "capital" %}', "Il reste 3~jours 4~heures"),
        ('{% time_left_element v now "short" %}', "il reste 3~jours"),
        ("{{ v|live_time_left:now }}", "il reste 3~jours 4~heures"),
    ],
)
def test_an_element_of_the_time_left_contains_its_closing_and_its_text(source: str, words: str) -> None:
    now = datetime(2023, 9, 29, 0, 0, tzinfo=UTC)
    written = _render(source, v=_CLOSES_AT, now=now)
    assert written.startswith(
        '<span class="left" data-tone="near" data-closes="2023-10-02T04:00:00.000Z" data-words="jour|jours|'
    )
    assert written.endswith(f'">{words}</span>')
    assert words[:8] in written.partition("data-words")[2].partition(">")[0]


def test_a_closing_element_contains_its_last_minute_and_zone_offset() -> None:
    assert _render("{% deadline_element v %}", v=_CLOSES_AT) == (
        '<time datetime="2023-10-02T03:59:00Z" data-local="-240">'
        "1<sup>er</sup>~octobre~2023, 23~h~59 (heure de l’Est, Québec)</time>"
    )
    winter = datetime(2024, 1, 15, 14, 0, 5, tzinfo=UTC)
    element = '<time datetime="2024-01-15T14:00:05Z" data-local="{}">15~janvier~2024, {}</time>'
    assert _render("{% instant_element v %}", v=winter) == element.format(
        -300, "9~h (heure de l’Est, Québec)"
    )
    assert _render('{% instant_element v "secondes" %}', v=winter) == element.format(
        -300, "9~h~00~min~05~s (heure de l’Est, Québec)"
    )
    for place, minutes, hour in (("Asia/Kolkata", 330, "19~h~30"), ("Africa/Abidjan", 0, "14~h")):
        there = winter.astimezone(ZoneInfo(place))
        assert _render("{% instant_element v %}", v=there) == element.format(
            minutes, f"{hour} (fuseau {place})"
        )
    there = _CLOSES_AT.astimezone(ZoneInfo("Asia/Kolkata"))
    assert 'data-local="330">2~octobre~2023, 9~h~29 (' in _render("{% deadline_element v %}", v=there)


class _Groups(forms.Form):
    name = forms.CharField()
    status = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    languages = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)
    born_on = forms.DateField(widget=forms.SelectDateWidget)


@pytest.mark.parametrize("name", ["name", "status", "languages", "born_on"])
def test_an_error_links_to_a_control_that_exists(name: str) -> None:
    field = _Groups()[name]
    assert f'id="{portal.error_anchor(field)}"' in str(field)


def test_page_numbers_are_elided_around_the_current_page() -> None:
    assert portal.elided_pages(Paginator(list(range(400)), 10), 7) == [1, None, 5, 6, 7, 8, 9, None, 40]
    assert portal.elided_pages(Paginator(list(range(20)), 10), 1) == [1, 2]
