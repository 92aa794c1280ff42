"""Each name that a template uses exists in the product: with stand-ins, a wrong name would not fail."""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Engine

from tests.house.routes import all_routes

ROOT = Path(settings.BASE_DIR)
FOLDER = Path(settings.TEMPLATES[0]["DIRS"][0])
_COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}", re.DOTALL)
_PIECE = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_DOTTED = re.compile(r"(?<![\w.|])[a-zA-Z_]\w*(?:\.\w+)+")
_ASKS = re.compile(r"{{(.*)}}|{% (?:if|elif) (.*) %}|{% for .* in (.*) %}", re.DOTALL)
_NAMES = re.compile(r"(?<![\w.|])[a-zA-Z_]\w*(?:\.\w+)*")
_WORDS = {"and", "or", "not", "in", "is", "None", "True", "False", "reversed"}
_SET_BY_A_TAG = re.compile(r"\b(?:as|asvar) (\w+)|\b(\w+)=|{% for ([\w, ]+) in|\bcount (\w+)")
DJANGOS = {
    *("absolute_url", "action_form", "actions_on_top", "actions_selection_counter", "add_facet_link"),
    *("add_facets", "adminform", "aria_describedby", "choice_label", "class_attrib"),
    *("clear_all_filters_qs", "end_index", "field_class", "filter_specs", "flat_attrs", "forloop"),
    *("form_show_labels", "has_absolute_url", "has_active_filters", "has_filters", "has_next"),
    *("has_other_pages", "has_previous", "inline_class", "is_hidden", "label_class"),
    *("level_tag", "next_page_number", "num_pages", "parentloop", "perms", "previous_page_number"),
    *("remove_facet_link", "result_count", "search_var", "selection_note", "show_admin_actions"),
    *("start_index", "widget_type"),
}
"""Names of Django and crispy-forms that no module of ours contains."""


def _texts() -> dict[str, str]:
    paths = (path for path in FOLDER.rglob("*") if path.is_file())
    return {
        str(path.relative_to(FOLDER)): _COMMENT.sub("", path.read_text(encoding="utf-8")) for path in paths
    }


def _names_of_the_product() -> set[str]:
    """Return the words in our modules: every attribute and key that code passes is among them."""
    modules = (
        path for folder in ("intake", "offers", "eligibility") for path in (ROOT / folder).rglob("*.py")
    )
    return set().union(*(re.findall(r"\w+", path.read_text(encoding="utf-8")) for path in modules))


def _names_set_by_tags(texts: dict[str, str]) -> set[str]:
    """Return the names that tags of our templates set or pass to an included template."""
    found = (name for text in texts.values() for match in _SET_BY_A_TAG.findall(text) for name in match)
    return {name for names in found for name in re.findall(r"\w+", names)}


def _names_used(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each value that a template uses: the template's name and the value's."""
    for template, text in texts.items():
        for piece in _PIECE.findall(text):
            bare = _QUOTED.sub('""', piece)
            asks = _ASKS.fullmatch(bare)
            names = _NAMES.findall(asks[asks.lastindex or 0]) if asks else _DOTTED.findall(bare)
            yield from ((template, name) for name in names if name not in _WORDS)


def test_each_name_that_a_template_uses_exists_in_the_product() -> None:
    texts = _texts()
    attributes = _names_of_the_product() | DJANGOS
    given = _names_set_by_tags(texts) | attributes
    asked = set(_names_used(texts))
    unknown = {
        (template, names)
        for template, names in asked
        for first, *others in [names.split(".")]
        if first not in given or any(name not in attributes and not name.isdigit() for name in others)
    }
    # Django makes a `get_…_display` for each field with choices.
    assert {asker for asker in unknown if not re.search(r"\.get_\w+_display\b", asker[1])} == set()
    said = {name for _template, names in asked for name in names.split(".")}
    assert DJANGOS - said == set()


def _tags(tag: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each `tag` whose first argument is quoted: the template's name and the tag's arguments."""
    for template, text in _texts().items():
        for rest in re.findall(rf"{{% {tag} (\".*?) %}}", text):
            yield template, shlex.split(rest)


def test_each_url_of_a_template_matches_the_parameters_of_its_route() -> None:
    routes: dict[str, set[int]] = defaultdict(set)
    for route in all_routes():
        routes[route.name].add(len(route.parameters))
    made = {
        (template, words[0], len([word for word in words[1 : words.index("as")] if "=" not in word]))
        for template, rest in _tags("url")
        for words in [rest if "as" in rest else [*rest, "as"]]
    }
    assert {address for address in made if address[2] not in routes[address[1]]} == set()
    assert len(made) > 100


@pytest.mark.parametrize("tag", ["include", "extends"])
def test_each_template_that_another_includes_or_extends_exists(tag: str) -> None:
    engine = Engine.get_default()
    named = {words[0] for _template, words in _tags(tag)}
    for name in sorted(named):
        engine.get_template(name)
    assert len(named) > 15


def test_each_file_that_a_template_links_exists() -> None:
    named = {words[0] for _template, words in _tags("static")}
    assert {name for name in named if finders.find(name) is None} == set()
    assert len(named) > 15
