"""Changes of templates: tags, filters, and the attributes that make a page usable."""

import re
from collections.abc import Iterator

from tests.mutants.changes import Lines, Mutant, apart, numbered

_PIECE = re.compile(r"{%-?\s*(?P<tag>\w+)\s*(?P<rest>.*?)\s*%}|{{\s*(?P<shown>.*?)\s*}}|{#.*?#}", re.DOTALL)
_COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}", re.DOTALL)
_FILTER = re.compile(r"""\|\s*\w+(?::(?:"[^"]*"|'[^']*'|[\w.]+))?""")
_LITERAL = re.compile(r"""^(?:"[^"]*"|'[^']*'|_\(.*\)|\d+)$""")
_ALONE = "required|hidden|disabled|readonly|checked|selected|novalidate|multiple"
_VALUED = (
    "for|id|name|type|value|method|enctype|action|href|role|scope|lang|autocomplete|inputmode|pattern|maxlength|min|max|"
    r"accept|tabindex|aria-[\w-]+"
)
_ATTRIBUTE = re.compile(
    rf"""(?<=\s)(?:(?:{_VALUED})="(?:{{{{.*?}}}}|{{%.*?%}}|[^"{{]|{{(?![{{%]))*"|(?:{_ALONE})(?=[\s>{{]))""",
    re.DOTALL,
)
_MARKUP = re.compile(r"<[a-zA-Z](?:{{.*?}}|{%.*?%}|\"(?:{{.*?}}|{%.*?%}|[^\"])*\"|[^<>\"])*>", re.DOTALL)
# The output of these filters is the same without escaping: it contains no `<`, or is markup already.
_MARKED = {
    "safe",
    "force_escape",
    "escape",
    "json_script",
    "escapejs",
    "date",
    "time",
    "nombre",
    "length",
    "filesizeformat",
}
_WITHOUT_TEXT = re.compile(
    r"^(?:form|field|widget|block|wrapper)\b|(?:^|[._])(?:pk|id|public_id|url|count|number|day|at|on|until|label|errors|"
    r"width|height|x|y|sha256|size|total|csp_nonce|counter|super)$"
)
_OPERATORS = {
    "==": "!=",
    "!=": "==",
    "and": "or",
    "or": "and",
    ">": ">=",
    ">=": ">",
    "<": "<=",
    "<=": "<",
    "in": "not in",
    "not": "",
}
_WORD = re.compile(r"""(?<=\s)(==|!=|>=|<=|>|<|and|or|in|not)(?=\s)|^(not)(?=\s)""")

type _Edit = tuple[str, int, int, str]  # tag, start and end in characters, new text


def mutants_of(path: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of a template; those with the same name are numbered."""
    yield from numbered(_mutants(path, source))


def _mutants(path: str, source: str) -> Iterator[Mutant]:
    lines = Lines(source)
    skipped = [match.span() for match in _COMMENT.finditer(source)]
    for place, start, end, text in _edits(source, is_html=not path.endswith(".txt")):
        if any(first <= start < last for first, last in skipped):
            continue
        first, last = lines.bytes_before(start), lines.bytes_before(end)
        before, after = apart(source[start:end], text)
        yield Mutant(path, place, lines.line(first), before, after, first, last, text)


def _edits(source: str, *, is_html: bool) -> Iterator[_Edit]:  # noqa: C901 -- one case for each kind of tag
    for match in _PIECE.finditer(source):
        tag, rest = match["tag"], match["rest"] or ""
        if match["shown"] is not None:
            yield from _value_changes(match, escaped=is_html)
        elif tag in {"if", "elif"}:
            yield from _condition(tag, rest, match.start("rest"))
        elif tag == "for":
            yield from _loop(rest, match.start("rest"))
        elif tag in {"csrf_token", "include"}:
            yield tag, match.start(), match.end(), ""
        elif tag == "autoescape":
            other = "off" if rest == "on" else "on"
            yield tag, match.start("rest"), match.end("rest"), other
    if is_html:
        tags = {place for match in _PIECE.finditer(source) for place in range(*match.span())}
        for markup in _MARKUP.finditer(source):
            for attribute in _ATTRIBUTE.finditer(source, markup.start(), markup.end()):
                if attribute.start() not in tags:
                    yield "attribute", attribute.start(), attribute.end(), ""


def _value_changes(match: re.Match[str], *, escaped: bool) -> Iterator[_Edit]:
    """Yield the changes of a displayed value: removed, without one of its filters, or unescaped."""
    shown = match["shown"]
    start, end = match.start("shown"), match.end("shown")
    if shown.startswith("_("):
        return
    yield "value", match.start(), match.end(), ""
    filters = [*_FILTER.finditer(shown)]
    for piece in filters:
        yield "filter", start, end, shown[: piece.start()] + shown[piece.end() :]
    names = {piece[0].strip("| ").partition(":")[0] for piece in filters}
    value = shown.partition("|")[0].strip()
    if escaped and not names & _MARKED and not _LITERAL.match(value) and not _WITHOUT_TEXT.search(value):
        yield "escaping", start, end, f"{shown}|safe"


def _condition(tag: str, rest: str, start: int) -> Iterator[_Edit]:
    end = start + len(rest)
    yield tag, start, end, "True"
    yield tag, start, end, "False"
    for word in _WORD.finditer(rest):
        found = word[0]
        if found == "in" and rest[: word.start()].rstrip().endswith("not"):
            continue
        yield tag, start, end, rest[: word.start()] + _OPERATORS[found] + rest[word.end() :]


def _loop(rest: str, start: int) -> Iterator[_Edit]:
    names, _in, rows = rest.partition(" in ")
    first = start + len(names) + len(_in)
    yield "for", first, start + len(rest), '""'
    if rows.endswith(" reversed"):
        yield "for", start + len(rest) - len(" reversed"), start + len(rest), ""
