"""Rules about the source text, each with an example that it must catch."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template.base import Lexer, TokenType

from tests.house.pages_text import page_texts

BASE = Path(settings.BASE_DIR)
TEXT = {"", *[".py", ".html", ".txt", ".css", ".js", ".sql", ".sh", ".toml", ".yml", ".yaml", ".md", ".json"]}
MAX_LINES = 500  # lines
NOT_WRITTEN_BY_HAND = re.compile(
    r"^(requirements/\w+\.txt|package-lock\.json|locale/.*\.po|docs/mails\.md|tests/house/held/\w+\.txt)$"
)

WITH_A_PLACE_FOR_EACH_FACT = {"docs/contracts.md", "docs/rules.md", "docs/rules-review.md"}
"""Pages that grow with the product: a row or a section for each thing that others rely on."""


@cache
def _files() -> list[Path]:
    """Return the files of the repository, uncommitted ones included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=BASE, check=True, capture_output=True, text=True).stdout
    return sorted(BASE / name for name in listed.split("\0") if name and (BASE / name).is_file())


def _named(path: Path) -> str:
    return path.relative_to(BASE).as_posix()


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


_SHAPE = re.compile(r"{% block shape %}.*?{% endblock %}")
"""Classes of a page, no text."""


def _code() -> list[Path]:
    """Return the Python files of the product."""
    return [
        path
        for path in _files()
        if path.suffix == ".py" and _named(path).startswith(("eligibility/", "offers/", "intake/"))
    ]


def _templates() -> list[Path]:
    return [path for path in _files() if _named(path).startswith("templates/")]


# -- The clock -------------------------------------------------------------------------------------------------
MAY_READ_THE_CLOCK = re.compile(
    r"/(views(/\w+)?|admin(/\w+)?|\w+_pages|tasks|panel|middleware|templatetags/\w+|\w*filters|management/commands/\w+)\.py$"
    r"|^intake/devtools/embedded/"
)
"""The interface may read the clock: pages, template tags, administration and its filters, tasks, panels, commands, and
the code that runs servers."""
CLOCK_BY_EXCEPTION = {
    "intake/accounts/models.py": "Django's own `create_superuser` gives no instant to the account it makes",
    "intake/web/security_events.py": "a log: an event has the instant at which it is written",
    "intake/web_worker.py": "a log of the web server",
    "intake/accounts/second_factor/checks.py": "the library records the time of a check by the same clock",
    "intake/web/sessions.py": "a session store: Django loads a session without an instant",
    "intake/web/maintenance.py": "a middleware: it serves a page, which gives the time until the end",
}
_CLOCKS = {
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("timezone", "localtime"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}


def _clock_readings(source: str) -> list[int]:
    """Return the lines that read the clock or pass its function.

    Two of the functions only convert if they get an argument.
    """
    tree = ast.parse(source)
    converting = {
        id(call.func)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and (call.args or call.keywords)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"localdate", "localtime"}
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and id(node) not in converting
        and (_last_name(node.value), node.attr) in _CLOCKS
    ]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_code_below_the_interface_does_not_read_the_clock() -> None:
    readers = {
        _named(path): lines
        for path in _code()
        if not MAY_READ_THE_CLOCK.search("/" + _named(path).removeprefix("/"))
        and "/migrations/" not in _named(path)
        if not _named(path).startswith("intake/devtools/embedded/")
        if (lines := _clock_readings(_text_of(path)))
    }
    assert readers.keys() == CLOCK_BY_EXCEPTION.keys(), readers
    assert len(_code()) > 150


def test_a_reading_of_the_clock_is_found() -> None:
    for source in (
        "at = django.utils.timezone.now()",
        "at = dt.datetime.now(tz=UTC)",
        "x = DateTimeField(default=timezone.now)",
        "on = timezone.localdate()",
    ):
        assert _clock_readings(source) == [1], source
    assert _clock_readings("timezone.localdate(at), time.monotonic(), self.now, timezone.timedelta") == []


ONLY_SHOW = {"changes_to_approve", "recent_orders", "staff_dashboard"}
"""Queries for display: they write nothing, so the machine's clock is precise enough."""


def _given_the_clock(source: str) -> list[str]:
    """Return the functions that are called with a reading of the machine's clock as `at`."""
    return [
        _last_name(call.func)
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        for given in call.keywords
        if given.arg == "at" and _clock_readings(ast.unparse(given.value))
    ]


def test_operations_on_submissions_get_the_instant_of_the_database() -> None:
    # With the machine's clock, the deliveries they post would be due too early or too late.
    found = {
        _named(path): names
        for path in _code()
        if _named(path).startswith(("intake/submissions/", "intake/review/"))
        if (names := [name for name in _given_the_clock(_text_of(path)) if name not in ONLY_SHOW])
    }
    assert found == {}
    assert _given_the_clock("order(at=timezone.now())\nself.order(key, at=database_instant())") == ["order"]


# -- Models ----------------------------------------------------------------------------------------------------
def _orders_its_rows(source: str) -> bool:
    return any(
        isinstance(node, ast.ClassDef)
        and node.name == "Meta"
        and any(
            isinstance(line, ast.Assign) and any(_last_name(target) == "ordering" for target in line.targets)
            for line in node.body
        )
        for node in ast.walk(ast.parse(source))
    )


def test_no_model_orders_its_rows() -> None:
    assert [_named(path) for path in _code() if _orders_its_rows(_text_of(path))] == []
    assert _orders_its_rows("class A:\n  class Meta:\n    ordering = ['pk']")


# -- Templates -------------------------------------------------------------------------------------------------
_READ_ELSEWHERE = re.compile(r"^templates/(mail|pdf)/")
"""Mails and documents: not subject to a browser's policy, and in French by law."""
_INLINE = re.compile(
    r"<style\b|<script\b(?![^>]*\b(?:src=|type=\"application/json\"))|\sstyle=|\son[a-z]+=|javascript:",
    re.IGNORECASE,
)


def _without_comments(template: str) -> str:
    return re.sub(
        r"\{#.*?#\}|\{% comment .*?%\}.*?\{% endcomment %\}|<!--.*?-->", "", template, flags=re.DOTALL
    )


def _inline(template: str) -> list[str]:
    return [found.group().strip() for found in _INLINE.finditer(_without_comments(template))]


def test_no_template_has_inline_style_or_script() -> None:
    pages = [path for path in _templates() if not _READ_ELSEWHERE.search(_named(path))]
    assert {_named(path): found for path in pages if (found := _inline(_text_of(path)))} == {}


def test_inline_style_or_script_is_found() -> None:
    for template in (
        '<p style="color: red">',
        "<script>go()</script>",
        '<a\n  onclick="go()">',
        "<style>p {}</style>",
    ):
        assert len(_inline(template)) == 1, template
    assert _inline('<script src="x" defer></script>{# style=#}<p class="x" data-only="y">') == []


_LETTER = re.compile(r"[^\W\d_]")
_CLASSES = {"block coltype", "block bodyclass"}
"""Blocks of the administration that contain class names."""


def _untranslated(template: str) -> set[str]:
    """Return the words that a template writes outside `translate` and `blocktranslate`, in text and in attributes.

    Words in an element with `lang=` are in that language on purpose.
    """
    kept: list[str] = []
    inside = ""
    for token in Lexer(_without_comments(template)).tokenize():
        word = token.contents.split()[0] if token.contents.split() else ""
        if token.token_type == TokenType.BLOCK and (word == "blocktranslate" or token.contents in _CLASSES):
            inside = f"end{word}"
        elif token.token_type == TokenType.BLOCK and word == inside:
            inside = ""
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
    said = page_texts("".join(kept))
    return {each.text for each in said if _LETTER.search(each.text) and not each.language and not each.typed}


def test_every_text_of_a_page_can_be_translated() -> None:
    left = {
        name: words
        for path in _templates()
        if (name := _named(path)).endswith(".html") and not _READ_ELSEWHERE.search(name)
        if (words := _untranslated(_SHAPE.sub("", _text_of(path))))
    }
    assert left == {}
    assert len(_templates()) > 70


def test_an_untranslatable_text_of_a_template_is_found() -> None:
    template = '{% translate "Oui" %}<p>Non {{ name }}</p><img alt="Rien" src="x"><b lang="en">Yes</b>'
    template += "{% blocktranslate %}Oui{% endblocktranslate %}"
    assert _untranslated(template) == {"Non", "Rien"}


# -- Escaping --------------------------------------------------------------------------------------------------
TRUSTED_IN_CODE = {
    "intake/review/queue/rows.py:checkbox": "its number is escaped",
    "intake/review/queue/rows.py:_labelled": "its value is escaped, its label is of the module",
    "intake/review/queue/rows.py:lines": "cells that Django wrote",
    "intake/review/queue/rows.py:_lines": "each cell is escaped, or is safe already",
    "intake/review/templatetags/review.py:queue_table": "lines that are safe already",
    "intake/review/templatetags/review.py:queue_filter": "each word and address is escaped",
    "offers/templatetags/offer_page.py:json_ld": "what could end the element is written as JSON writes any character",
}
"""Code that marks a text as safe HTML, by file and function, with the reason."""
TRUSTED_IN_TEMPLATES = {
    "templates/offers/closing.txt": "a line of plain text, escaped by the calendar",
    "templates/offers/day.txt": "the same",
    "templates/offers/deadline.txt": "the same",
    "templates/offers/deadline_summary.txt": "the same",
}
"""Templates that switch escaping off, with the reason."""
_TRUSTS = re.compile(r"\|\s*safe(?:seq)?\b|\{%-?\s*autoescape\s+off")


def _trusting(source: str) -> set[str]:
    """Return the functions that mark a text as safe HTML or switch escaping off; `` for module level."""
    found: set[str] = set()
    pending: list[tuple[ast.AST, str]] = [(ast.parse(source), "")]
    while pending:
        node, inside = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = node.name
            found |= {inside} if node.name == "__html__" else set()
        if isinstance(node, ast.Call) and _trusts(node):
            found.add(inside)
        if isinstance(node, ast.Name) and node.id in {"mark_safe", "html_safe"}:
            found.add(inside)
        pending += [(child, inside) for child in ast.iter_child_nodes(node)]
    return found


def _trusts(call: ast.Call) -> bool:
    name = _last_name(call.func)
    pattern = {"format_html": 0, "format_html_join": 1}.get(name)
    written_here = pattern is None or (
        len(call.args) > pattern and isinstance(call.args[pattern], ast.Constant)
    )
    return (
        name in {"SafeString", "SafeText", "mark_safe", "html_safe"}
        or not written_here
        or any(
            given.arg == "autoescape" and not (isinstance(given.value, ast.Constant) and given.value.value)
            for given in call.keywords
        )
    )


def test_no_code_marks_text_as_html_except_the_argued_places() -> None:
    found = {f"{_named(path)}:{name}" for path in _code() for name in _trusting(_text_of(path))}
    assert found == TRUSTED_IN_CODE.keys()


def test_no_template_leaves_a_text_unescaped_except_the_argued_ones() -> None:
    found = {_named(path) for path in _templates() if _TRUSTS.search(_without_comments(_text_of(path)))}
    assert found == TRUSTED_IN_TEMPLATES.keys()


def test_a_text_marked_as_html_is_found() -> None:
    for source in (
        "return safestring.SafeString('<b>' + a)",
        "return format_html(f'<b>{a}</b>')",
        "return format_html_join('', a, [])",
        "return Context(a, autoescape=False)",
        "return map(mark_safe, a)",
    ):
        assert _trusting(f"def f(a): {source}"), source
    assert _trusting("class A:\n  def __html__(self): return f")
    assert not _trusting("def f(a: SafeString) -> SafeString: return format_html('<b>{}</b>', a)")
    for template in ("{{ a|upper | safe }}", "{%  autoescape off %}", "{{ a|safeseq }}"):
        assert _TRUSTS.search(template), template


_MAKES_HTML = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|srcdoc)\b"
)
TRUSTED_IN_SCRIPTS = {
    "static/js/countdown.js": "the band and the times left of a draft, as templates of ours wrote them",
    "static/js/uploads.js": "the card of a document, as a template of ours wrote it",
}
"""Scripts that parse a text as HTML, with the reason."""


def test_no_script_parses_text_as_html_except_the_argued_ones() -> None:
    scripts = [path for path in _files() if _named(path).startswith("static/") and path.suffix == ".js"]
    assert {
        _named(path) for path in scripts if _MAKES_HTML.search(_text_of(path))
    } == TRUSTED_IN_SCRIPTS.keys()


# -- Forms -----------------------------------------------------------------------------------------------------
_FORM = re.compile(r"<form\b((?:[^<>{]|\{[^}]*\}+)*)>(.*?)</form>", re.IGNORECASE | re.DOTALL)
_POSTED = re.compile(r"\bmethod\s*=\s*[\"']?post", re.IGNORECASE)
NO_TOKEN_ASKED = {"templates/dossiers/verify.html": "changes nothing, and would ask a stranger for a cookie"}


def _posted_forms(template: str) -> list[str]:
    """Return the content of each posted form."""
    return [found[2] for found in _FORM.finditer(_without_comments(template)) if _POSTED.search(found[1])]


def _has_token(form: str) -> bool:
    return "{% csrf_token %}" in form or 'name="csrfmiddlewaretoken" value="{{ csrf_token }}"' in form


def test_every_form_of_a_template_that_is_posted_has_its_token() -> None:
    forms = {_named(path): _posted_forms(_text_of(path)) for path in _templates()}
    without = {name for name, inside in forms.items() if not all(map(_has_token, inside))}
    assert without == NO_TOKEN_ASKED.keys()
    posted = re.compile(r"method\s*=\s*[\"']?post", re.IGNORECASE)
    assert sum(len(inside) for inside in forms.values()) == sum(
        len(posted.findall(_without_comments(_text_of(path)))) for path in _templates()
    ), "a form is not read"


def test_a_posted_form_without_its_token_is_found() -> None:
    for template in (
        "<form class='{% if a > b %}c{% endif %}'\n METHOD=POST>\n</form>",
        '<form method="post" action="{% url "a" %}"></form><form method="post">{% csrf_token %}</form>',
    ):
        assert not all(map(_has_token, _posted_forms(template))), template


def test_crispy_forms_leave_the_token_to_their_template() -> None:
    # These templates write `{% csrf_token %}` themselves: a helper that writes it too would send two.
    helpers = {_named(path): _text_of(path) for path in _code() if "FormHelper(" in _text_of(path)}
    assert helpers
    assert [name for name, text in helpers.items() if "disable_csrf = True" not in text] == []


# -- Every file ------------------------------------------------------------------------------------------------
def _texts() -> Iterator[tuple[str, str]]:
    for path in _files():
        if path.suffix in TEXT and not NOT_WRITTEN_BY_HAND.match(_named(path)):
            yield _named(path), _text_of(path)


def test_no_file_exceeds_the_maximum_number_of_lines() -> None:
    long = {name: lines for name, text in _texts() if (lines := text.count("\n")) > MAX_LINES}
    assert {name: lines for name, lines in long.items() if name not in WITH_A_PLACE_FOR_EACH_FACT} == {}


_MACHINE = re.compile(r"(?<![\w.:*/-])/(?:home|root|work|Users)/\w+")


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert {name: found.group() for name, text in _texts() if (found := _MACHINE.search(text))} == {}
    assert _MACHINE.search("cd " + "/" + "home/alex/intake")
    assert not _MACHINE.search("https://exemple.invalid/home/alex")


_PUT_OFF = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
_SILENT = re.compile(r"# (?:no" + r"qa|type: ig" + r"nore)(?!.* -- \w)")


def test_no_file_has_a_postponed_task_or_an_unexplained_suppression() -> None:
    assert {
        name: found.group()
        for name, text in _texts()
        if name.endswith(".py") and (found := _PUT_OFF.search(text) or _SILENT.search(text))
    } == {}


def test_a_postponed_task_and_an_unexplained_suppression_are_found() -> None:
    assert _PUT_OFF.search("# TO" + "DO: later")
    for words in ("no" + "qa: S101", "no" + "qa", "type: ig" + "nore[misc]"):
        assert _SILENT.search(f"x = 1  # {words}")
        assert not _SILENT.search(f"x = 1  # {words} -- for a reason")
