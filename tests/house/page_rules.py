"""Rules that every page must satisfy: a token in each form, a name for each control, a target for each reference."""

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

_MADE_BY_DJANGO = re.compile(
    r"aria-describedby=(_helptext|id_[\w-]+_timezone_warning_helptext)"  # of a group of boxes; of a script
    r"|href=#?"  # the current page's number; links that a script turns into buttons
)
"""References without a target that Django's own administration templates make."""
_LABELABLE = {"input", "select", "textarea", "button", "meter", "output", "progress"}
_NAMED_BY_ITSELF = {"hidden", "submit", "button", "reset", "image"}
_REFERENCES = (
    *(
        "aria-labelledby",
        "aria-describedby",
        "aria-controls",
        "aria-owns",
        "aria-errormessage",
        "aria-details",
    ),
    *("aria-activedescendant", "aria-flowto", "headers", "list", "form", "for"),
)
"""Attributes whose value names elements by id."""
_ALL_REFERENCES = etree.XPath(" | ".join(f"//@{attribute}" for attribute in _REFERENCES))
READS_ONLY = frozenset({"/verifier/"})
"""Forms that change nothing are posted here: see `CHANGES_NOTHING` in `test_access_matrix.py`."""


def without_patterns(page: html.HtmlElement) -> html.HtmlElement:
    """Return a copy of a page without the patterns that its scripts copy: no browser shows them."""
    copy = deepcopy(page)
    for pattern in list(copy.iter("template")):
        pattern.drop_tree()
    return copy


def forms_without_token(tree: html.HtmlElement, address: str) -> list[str]:
    """Return the target of each posted form that does not have exactly one token."""
    return [
        target
        for form in tree.iter("form")
        if (form.get("method") or "").lower() == "post"
        if (target := urlsplit(urljoin(address, form.get("action") or address)).path) not in READS_ONLY
        if [bool(field.get("value")) for field in form.iterfind(".//input[@name='csrfmiddlewaretoken']")]
        != [True]
    ]


def controls_without_name(tree: html.HtmlElement) -> list[str]:
    """Return the controls without an accessible name."""
    named = {label.get("for") for label in tree.iter("label") if _accessible_text(label)}
    return [
        _html_excerpt(control)
        for control in tree.iter("input", "select", "textarea", "button", "summary", "iframe", "object")
        if not _is_named(control, named)
    ]


def _is_named(control: html.HtmlElement, labelled: set[str | None]) -> bool:
    if control.get("aria-label") or control.get("title"):
        return True
    by = (control.get("aria-labelledby") or "").split()
    if by and all(_accessible_text(each) for name in by for each in control.xpath("//*[@id=$id]", id=name)):
        return True
    if control.tag in {"button", "summary", "object"}:
        return bool(_accessible_text(control))
    if control.tag == "input" and control.get("type") in _NAMED_BY_ITSELF:
        return control.get("type") == "hidden" or bool(control.get("value"))
    return control.get("id") in labelled or any(
        _accessible_text(label) for label in control.iterancestors("label")
    )


def _accessible_text(element: html.HtmlElement) -> str:
    images = "".join(image.get("alt") or "" for image in element.iter("img"))
    return "".join((element.text_content() + images).split())


def labels_without_control(tree: html.HtmlElement) -> list[str]:
    """Return the labels that name no control."""
    controls = {each.get("id") for each in tree.iter(*_LABELABLE) if each.get("type") != "hidden"}
    return [
        _html_excerpt(label)
        for label in tree.iter("label")
        if (label.get("for") not in controls if label.get("for") is not None else not _holds_one(label))
        if not _is_read_only(label)
    ]


def _is_read_only(label: html.HtmlElement) -> bool:
    """True if the label is the one that Django's administration writes before a read-only value."""
    return any("readonly" in (each.get("class") or "") for each in label.itersiblings("div"))


def _holds_one(label: html.HtmlElement) -> bool:
    return any(each.get("type") != "hidden" for each in label.iter(*_LABELABLE))


def references_to_nothing(tree: html.HtmlElement) -> list[str]:
    """Return the references to an id that the page lacks, anchors included, and the duplicate ids."""
    ids = Counter(each.get("id") for each in tree.iter() if each.get("id") is not None)
    names = {each.get("name") for each in tree.iter("a")}
    found = [
        *(f"#{name} twice" for name, times in ids.items() if times > 1),
        *(f"{attribute}={name}" for attribute, name in _referred(tree) if name not in ids),
        *(
            f"href={link}"
            for link in tree.xpath("//a/@href[starts-with(., '#')]")
            if link != "#" and link[1:] not in ids and link[1:] not in names
        ),
        *(f"href={link}" for link in tree.xpath("//a/@href") if link in {"", "#"}),
    ]
    of_django = bool(tree.xpath("//body[contains(@class, 'app-')]"))
    return [fault for fault in found if not (of_django and _MADE_BY_DJANGO.fullmatch(fault))]


def _referred(tree: html.HtmlElement) -> Iterator[tuple[str, str]]:
    for names in _ALL_REFERENCES(tree):
        yield from ((names.attrname, name) for name in names.split())


def _html_excerpt(element: html.HtmlElement) -> str:
    return str(html.tostring(element, encoding="unicode", with_tail=False))[:160]
