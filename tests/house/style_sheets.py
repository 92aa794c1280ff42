"""Classes of style sheets, and classes that pages, templates and scripts give to their elements."""

import re
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from lxml import html

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLOCK = re.compile(r"\{[^{}]*\}")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_TEMPLATE_TAG = re.compile(r"\{[%{#].*?[%}#]\}")


def classes_of(css: str) -> set[str]:
    """Return the classes of the selectors of a style sheet."""
    return set(_CLASS.findall(_BLOCK.sub(" ", _COMMENT.sub("", css))))


def published_bootstrap() -> set[str]:
    """Return the classes of Bootstrap as its authors publish it."""
    folder: Path = settings.NODE_MODULES / "bootstrap" / "dist" / "css"
    return classes_of((folder / "bootstrap.min.css").read_text(encoding="utf-8"))


def compiled_bootstrap() -> set[str]:
    """Return the classes of the parts of Bootstrap that the portal serves."""
    found = finders.find("vendor/bootstrap/css/bootstrap.min.css")
    assert isinstance(found, str), "the style sheet is not compiled: run make setup"
    return classes_of(Path(found).read_text(encoding="utf-8"))


def classes_in_page(page: html.HtmlElement) -> set[str]:
    """Return the classes of the elements of a page."""
    return _words(page.xpath("//@class"))


def classes_in_sources() -> set[str]:
    """Return the classes that templates write in attributes, and that scripts add or remove."""
    templates = (
        _TEMPLATE_TAG.sub(" ", path.read_text(encoding="utf-8"))
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        if path.parts[-2] not in {"pdf", "mail"}
    )
    scripts = (path.read_text(encoding="utf-8") for path in (settings.BASE_DIR / "static").rglob("*.js"))
    named = (value for text in templates for value in re.findall(r'\bclass="([^"]*)"', text))
    scripted = (
        value
        for text in scripts
        for value in re.findall(r"class(?:List|Name)\b[^;\"'`]*[\"'`]([\w\s-]+)", text)
    )
    return _words([*named, *scripted])


def _words(values: Iterable[str]) -> set[str]:
    return {word for value in values for word in value.split()}
