"""A count that people read has its thousands separator, in templates, in texts made in Python and in Django's lists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Engine
from django.template.base import FilterExpression, Node, Template, TokenType, VariableNode
from django.templatetags.i18n import BlockTranslateNode
from django.urls import reverse
from django.utils import timezone

from intake.outbox.models import Delivery
from intake.web.templatetags.portal import register
from tests.factories.people import client_of, make_administrator

ROOT = Path(settings.BASE_DIR)
TEMPLATES = Path(settings.TEMPLATES[0]["DIRS"][0])
COUNTS = {"count", "result_count", "total"}
"""Last part of a variable that is a number of rows."""
PLURALS = {"ngettext", "ngettext_lazy", "npgettext", "npgettext_lazy"}


def _compiled(source: str) -> Template:
    """Return a template that knows the places of its variables, which only a debugging engine records."""
    ours = Engine.get_default()
    return Engine(debug=True, libraries=ours.libraries, builtins=ours.builtins).from_string(source)


def _is_written(value: FilterExpression) -> bool:
    return any(function is register.filters["number"] for function, _arguments in value.filters)


def _is_a_count(value: FilterExpression) -> bool:
    last = re.split(r"[|.]", str(value.token))[-1]
    return last == "length" or ("|" not in str(value.token) and last in COUNTS)


def _nodes[Kind: Node](template: Template, kind: type[Kind]) -> list[Kind]:
    return [node for node in template.nodelist.get_nodes_by_type(kind) if isinstance(node, kind)]


def _raw_counts(template: Template) -> Iterator[str]:
    """Yield the counts that a template prints without the filter `number`, but those in an attribute."""
    source = str(template.source)
    for node in _nodes(template, BlockTranslateNode):
        printed = {
            token.contents for token in (*node.singular, *node.plural) if token.token_type is TokenType.VAR
        }
        if node.counter and node.countervar in printed and not _is_written(node.counter):
            yield f"count {node.countervar}={node.counter.token}"
        for name, value in node.extra_context.items():
            if name in printed and _is_a_count(value) and not _is_written(value):
                yield f"{name}={value.token}"
    for shown in _nodes(template, VariableNode):
        start, _end = shown.token.position if shown.token and shown.token.position else (0, 0)
        before = source[:start][-1:]
        value = shown.filter_expression
        if before not in {'"', "="} and _is_a_count(value) and not _is_written(value):
            yield f"{{{{ {value.token} }}}}"


def test_a_template_writes_each_count_with_its_separator() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*") if path.is_file()}
    found = {
        f"{path.relative_to(TEMPLATES)}: {raw}"
        for path, text in texts.items()
        for raw in _raw_counts(_compiled(text))
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "{% blocktranslate count n=rows %}{{ n }} ligne{% plural %}{{ n }} lignes{% endblocktranslate %}",
        "{% blocktranslate with all=rows|length %}sur {{ all }}{% endblocktranslate %}",
        "<p>{{ rows|length }}</p>",
        "<p>{{ page.paginator.count }}</p>",
    ],
)
def test_a_count_without_its_separator_is_found(source: str) -> None:
    assert list(_raw_counts(_compiled("{% load i18n portal %}" + source)))


def _raw_plurals(source: str) -> Iterator[str]:
    """Yield the plurals of a module that print their number as `%d`, or as it is."""
    if not any(plural in source for plural in PLURALS):
        return
    tree = ast.parse(source)
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef | ast.Module | ast.ClassDef):
            continue
        calls = [
            node
            for node in ast.walk(scope)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLURALS
        ]
        numbers = {ast.unparse(argument) for call in calls for argument in call.args[2:3]}
        for call in calls:
            texts = [each.value for each in call.args[:2] if isinstance(each, ast.Constant)]
            if any(re.search(r"%(\(\w+\))?d", str(text)) for text in texts):
                yield ast.unparse(call)
        for node in ast.walk(scope):
            if (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Mod)
                and isinstance(node.right, ast.Dict)
            ):
                raw = {ast.unparse(value) for value in node.right.values} & numbers
                if raw and not isinstance(scope, ast.Module):
                    yield ast.unparse(node)


@pytest.mark.parametrize("folder", ["intake", "offers"])
def test_a_plural_in_python_writes_its_number_with_its_separator(folder: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and "devtools" not in path.parts
        for text in _raw_plurals(path.read_text(encoding="utf-8"))
    }
    assert not found


@pytest.mark.django_db
def test_a_list_of_the_administration_writes_its_numbers_with_their_separator() -> None:
    at = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(kind="MAIL", key=str(rank), subject_id="", due_at=at, created_at=at) for rank in range(1_064)
    )
    page = client_of(make_administrator()).get(reverse("admin:outbox_delivery_changelist")).content.decode()
    assert page.count("1\u00a0064") == 3, "its foot, and twice all of its rows to choose"
