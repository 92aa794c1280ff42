"""Changes that mutation testing makes in the whole product: Python, templates, rules of the database."""

import ast

import pytest

from tests.mutants import python_changes, sql_changes, template_changes
from tests.mutants.changes import Mutant

SCOPE = python_changes.Scope({"State": ["DRAFT", "FILED", "CLOSED"]})
MODELS = python_changes.Scope({}, models=True)


def in_python(source: str, scope: python_changes.Scope = SCOPE) -> list[str]:
    return [one.applied(source) for one in python_changes.mutants_of("module.py", source, scope)]


def in_a_template(source: str, path: str = "page.html") -> list[str]:
    return [one.applied(source) for one in template_changes.mutants_of(path, source)]


def in_sql(body: str) -> list[str]:
    return [body[:start] + text + body[end:] for start, end, text in sql_changes.body_changes(body)]


@pytest.mark.parametrize(
    "source,expected",
    [
        ("x = a < b", "x = (a <= b)"),
        ("x = a < b", "x = (a >= b)"),
        ("x = a and b", "x = (a or b)"),
        ("x = 12", "x = 13"),
        ("x = f(a=b, c=d)", "x = f(c=d)"),
        ("def f():\n    raise g", "def f():\n    pass"),
        ("x = rows.filter(a)", "x = rows.exclude(a)"),
        ("x = rows.select_for_update().get()", "x = rows.get()"),
        ("x = rows.filter(day__gte=a)", "x = rows.filter(day__gt=a)"),
        ("x = State.CLOSED", "x = State.DRAFT"),
        ("x = models.State.DRAFT", "x = models.State.FILED"),
        ("x = Q(a) & b", "x = (Q(a) | b)"),
        ("x = ~a", "x = a"),
        ("x.state = a", "pass"),
        ("x = escape(a)", "x = a"),
        ("x = any(a)", "x = all(a)"),
        ("x = q(ROUND_HALF_UP)", "x = q(ROUND_HALF_EVEN)"),
        ("@login_required\ndef f(): ...", "@(lambda decorated: decorated)\ndef f(): ..."),
        ("class A(B, C): ...", "class A(type('Nothing', (), {}), C): ..."),
        ("for a in b:\n    c = a", "for a in ():\n    c = a"),
        ("x = [a for a in b if a]", "x = [a for a in b if True]"),
        ("try:\n    a = b\nexcept C:\n    a = d", "try:\n    a = b\nexcept ():\n    a = d"),
    ],
)
def test_conditions_numbers_or_queries_are_changed(source: str, expected: str) -> None:
    assert expected in in_python(source)


@pytest.mark.parametrize(
    "source",
    [
        "x = _('Le dossier')",
        "x = 'Une phrase entière'",
        "logger.info('gone', a)",
        "x = cast('int', a)",
        "if TYPE_CHECKING:\n    x = 1",
        "__all__ = ['a', 'b']",
        "@property\ndef f(self): ...",
    ],
)
def test_wording_logs_and_annotations_are_not_changed(source: str) -> None:
    assert in_python(source) == []


def test_fields_and_meta_of_models_are_not_changed() -> None:
    source = (
        "class A(models.Model):\n    a = models.CharField(max_length=8)\n"
        "    class Meta:\n        ordering = ['a', 'b']\n"
    )
    assert in_python(source, MODELS) == []


def test_a_mutation_keeps_every_other_character() -> None:
    source = "x = (\n    a  # é\n    and b\n)\ny = 'é' if x else 1  # so\n"
    assert "x = (\n    (a or b)\n)\ny = 'é' if x else 1  # so\n" in in_python(source)
    assert "x = (\n    a  # é\n    and b\n)\ny = 'é' if x else 2  # so\n" in in_python(source)


@pytest.mark.parametrize(
    "source,expected",
    [
        ("{% if a and b %}x{% endif %}", {"{% if True %}x{% endif %}", "{% if False %}x{% endif %}"}),
        ("{% if a and b %}x{% endif %}", {"{% if a or b %}x{% endif %}"}),
        ("{% elif a == b %}", {"{% elif a != b %}"}),
        ("{% if not a %}", {"{% if  a %}"}),
        ("{{ answer }}", {"", "{{ answer|safe }}"}),
        ("{{ a.text|upper|default:'x y' }}", {"{{ a.text|default:'x y' }}", "{{ a.text|upper }}"}),
        ("<form>{% csrf_token %}</form>", {"<form></form>"}),
        ("{% include 'a.html' with b=c %}", {""}),
        ("{% for a in b reversed %}", {'{% for a in "" %}', "{% for a in b %}"}),
        ('<label for="{{ a }}" class="b">', {'<label  class="b">'}),
        ("<input required>", {"<input >"}),
        ('<p aria-live="polite">', {"<p >"}),
    ],
)
def test_templates_are_mutated_by_tag_value_and_attribute(source: str, expected: set[str]) -> None:
    assert expected <= set(in_a_template(source))


@pytest.mark.parametrize(
    "source",
    [
        "{# {{ a }} #}",
        "{% comment %}{{ a }}{% endcomment %}",
        "{% translate 'a' %}",
        '<p class="name of">a</p>',
    ],
)
def test_comments_and_wording_of_templates_are_not_changed(source: str) -> None:
    assert in_a_template(source) == []


def test_plain_text_is_not_escaped_less() -> None:
    assert in_a_template("a {{ answer }}", "mail.txt") == ["a "]


@pytest.mark.parametrize(
    "body,expected",
    [
        ("IF a = 'OPEN' THEN b; END IF;", "IF true THEN b; END IF;"),
        ("IF a = 'OPEN' THEN b; END IF;", "IF false THEN b; END IF;"),
        ("IF a = 'OPEN' THEN b; END IF;", "IF a <> 'OPEN' THEN b; END IF;"),
        ("IF a = 'OPEN' THEN b; END IF;", "IF a = 'OPEN_' THEN b; END IF;"),
        ("RAISE EXCEPTION 'a = b' USING ERRCODE = 'x';", "NULL;"),
        ("NEW.at := now();", "NULL;"),
        ("a <= b AND c", "a < b AND c"),
        ("a <= b AND c", "a <= b OR c"),
        ("NOT EXISTS (SELECT)", "EXISTS (SELECT)"),
        ("SELECT a FOR SHARE OF o;", "SELECT a ;"),
        ("a IS DISTINCT FROM b", "a IS NOT DISTINCT FROM b"),
        ("length(a) > 20", "length(a) > 21"),
        ("-- one = two\nRETURN NEW;", "-- one = two\nRETURN NULL;"),
    ],
)
def test_database_functions_and_conditions_are_mutated(body: str, expected: str) -> None:
    assert expected in in_sql(body)


@pytest.mark.parametrize(
    "rule,expected",
    [
        (
            sql_changes.Rule(
                "trigger", "t", "a_b", "CREATE TRIGGER t ON a_b WHEN (x) EXECUTE FUNCTION f()", ""
            ),
            [
                "DROP TRIGGER t ON a_b;",
                "DROP TRIGGER t ON a_b; CREATE TRIGGER t ON a_b EXECUTE FUNCTION f();",
            ],
        ),
        (
            sql_changes.Rule("constraint", "t", "a_b", "CHECK ((x > y))", "CHECK ((x > y))"),
            [
                'ALTER TABLE a_b DROP CONSTRAINT "t";',
                'ALTER TABLE a_b DROP CONSTRAINT "t", ADD CONSTRAINT "t" CHECK ((x >= y)) NOT VALID;',
            ],
        ),
        (sql_changes.Rule("privilege", "DELETE", "a_b", "DELETE", ""), ['GRANT DELETE ON a_b TO "app";']),
        (
            sql_changes.Rule("function", "t", "a_b", "CREATE FUNCTION t() AS $$ IF FOUND $$", " IF FOUND "),
            ["CREATE FUNCTION t() AS $$ IF NOT FOUND $$"],
        ),
    ],
)
def test_a_database_rule_is_mutated_by_a_statement(rule: sql_changes.Rule, expected: list[str]) -> None:
    migrations = {"a/0001.py": "", "a/0002.py": "\nCREATE FUNCTION t ON a_b"}
    mutants = list(sql_changes.mutants_of([rule], migrations, "app"))
    assert [one.text for one in mutants] == expected
    assert {(one.path, one.line, one.is_sql) for one in mutants} == {("a/0002.py", 2, True)}


def test_every_python_mutation_compiles() -> None:
    source = (
        "def f(a, *, b=-1):\n"
        "    return (x for x in a if x), f'{a!r:>{b}}', a[b, 1:], {'k': not a}, lambda: 2 ** -b\n"
    )
    mutants = in_python(source)
    for mutant in mutants:
        ast.parse(mutant)
    assert len(mutants) > 10


def test_a_mutation_is_applied_by_bytes_and_named_without_its_line() -> None:
    mutant = Mutant("a.py", "f", 3, "é", "è", start=1, end=3, text="è")
    assert mutant.applied("xéy") == "xèy"
    assert mutant.name == "a.py, f: é → è"
