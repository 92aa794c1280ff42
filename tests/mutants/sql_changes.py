"""Changes of the rules of the database: functions, triggers, constraints, privileges, in their current form.

They are read from the catalogue of a migrated database, so that no replaced rule is changed; each change is a
statement that the owner of the database runs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.mutants.changes import Mutant, numbered, short

type Connection = psycopg.Connection[tuple[Any, ...]]

_COMMENT = re.compile(r"--[^\n]*")
_CONDITION = re.compile(r"(?<!END )\b(?:ELS)?IF\b(?P<what>(?:(?!\bEND IF\b).)*?)\bTHEN\b", re.DOTALL)
_STATEMENT = {
    "raise": re.compile(r"\bRAISE\s+EXCEPTION\b[^;]*;", re.DOTALL),
    "assignment": re.compile(r"\bNEW\.\w+\s*:=[^;]*;", re.DOTALL),
    "perform": re.compile(r"\bPERFORM\b[^;]*;", re.DOTALL),
}
_LOCK = re.compile(r"\bFOR\s+(?:NO KEY UPDATE|KEY SHARE|SHARE|UPDATE)(?:\s+OF\s+\w+)?")
_WORDS: tuple[tuple[re.Pattern[str], Mapping[str, str]], ...] = (
    (
        re.compile(r"(?<=[\s\w)'])(<=|>=|<>|<|>|(?<![:=<>!])=(?!>))(?=[\s\w('])"),
        {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="},
    ),
    (re.compile(r"\bAND\b"), {"AND": "OR"}),
    (re.compile(r"\bOR\b"), {"OR": "AND"}),
    (re.compile(r"\bNOT EXISTS\b"), {"NOT EXISTS": "EXISTS"}),
    (re.compile(r"(?<!NOT )\bEXISTS\b"), {"EXISTS": "NOT EXISTS"}),
    (re.compile(r"\bIS NOT NULL\b"), {"IS NOT NULL": "IS NULL"}),
    (re.compile(r"\bIS NULL\b"), {"IS NULL": "IS NOT NULL"}),
    (re.compile(r"\bIS NOT DISTINCT\b"), {"IS NOT DISTINCT": "IS DISTINCT"}),
    (re.compile(r"\bIS DISTINCT\b"), {"IS DISTINCT": "IS NOT DISTINCT"}),
    (re.compile(r"\bIF NOT FOUND\b"), {"IF NOT FOUND": "IF FOUND"}),
    (re.compile(r"\bIF FOUND\b"), {"IF FOUND": "IF NOT FOUND"}),
    (re.compile(r"\b(?:min|max)\b"), {"min": "max", "max": "min"}),
    (re.compile(r"\bRETURN NEW\b"), {"RETURN NEW": "RETURN NULL"}),
    (re.compile(r"\b(?:greatest|least)\b", re.IGNORECASE), {"greatest": "least", "least": "greatest"}),
)
_LITERAL = re.compile(r"'([A-Za-z_][\w ]*)'(?!::regclass)")
_NUMBER = re.compile(r"(?<![\w.$'])\d+(?![\w.'])")
_WHEN = re.compile(r" WHEN \((?P<what>.*)\) EXECUTE FUNCTION", re.DOTALL)
_NAMED = re.compile(r"CONSTRAINT\s*=\s*'(\w+)'")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the database, from its catalogue."""

    kind: str
    name: str
    table: str
    """Empty for a function, which several tables may use."""
    definition: str
    body: str
    """The part of the definition in which changes are made."""


RULES = {
    "function": """
        SELECT p.proname, coalesce(min(t.tgrelid::regclass::text), ''), pg_get_functiondef(p.oid), p.prosrc
        FROM pg_proc p LEFT JOIN pg_trigger t ON t.tgfoid = p.oid
        WHERE p.pronamespace = 'public'::regnamespace AND p.prolang IN
            (SELECT oid FROM pg_language WHERE lanname IN ('plpgsql', 'sql'))
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        GROUP BY p.oid, p.proname, p.prosrc""",
    "trigger": """
        SELECT t.tgname, t.tgrelid::regclass::text, pg_get_triggerdef(t.oid), '' FROM pg_trigger t
        WHERE NOT t.tgisinternal""",
    "constraint": """
        SELECT c.conname, c.conrelid::regclass::text, pg_get_constraintdef(c.oid),
            CASE c.contype WHEN 'c' THEN pg_get_constraintdef(c.oid) ELSE '' END
        FROM pg_constraint c
        WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('c', 'u', 'x') AND c.conparentid = 0""",
    "index": """
        SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid), ''
        FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid
        WHERE i.indisunique AND NOT i.indisprimary AND r.relnamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
    "privilege": """
        SELECT p.privilege, c.oid::regclass::text, p.privilege, '' FROM pg_class c
            CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) p (privilege)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
            AND NOT has_table_privilege(%(role)s, c.oid, p.privilege)
            -- What grows alone is also emptied by nobody; elsewhere TRUNCATE says nothing that DELETE does not.
            AND (p.privilege <> 'TRUNCATE' OR NOT has_table_privilege(%(role)s, c.oid, 'DELETE'))""",
}


def rules(connection: Connection, role: str) -> list[Rule]:
    """Return the rules of a migrated database that our apps created, sorted.

    :param role: the application's role, which owns nothing.
    """
    return sorted(
        (
            Rule(kind, *row)
            for kind, query in RULES.items()
            for row in connection.execute(query, {"role": role})
        ),
        key=lambda rule: (rule.kind, rule.table, rule.name),
    )


def mutants_of(found: list[Rule], files: Mapping[str, str], role: str) -> Iterator[Mutant]:
    """Yield every mutant of those rules that our migrations and files of SQL name.

    :param files: their texts by path; of several that name a rule, the last one writes it.
    """
    for rule in found:
        if (written := _where(rule, files)) is not None:
            path, line = written
            text = files[path].splitlines()
            yield from numbered(
                Mutant(
                    path,
                    f"{rule.kind} {_label(rule)}",
                    _line(text, line, before),
                    short(before),
                    short(after),
                    text=sql,
                    words=words,
                )
                for before, after, sql, words in _changes(rule, role)
            )


def _label(rule: Rule) -> str:
    return f"{rule.name} ON {rule.table}" if rule.kind == "privilege" else rule.name


def _where(rule: Rule, files: Mapping[str, str]) -> tuple[str, int] | None:
    """Return the last file that names a rule, and the line."""
    wanted = re.compile(rf"\b{re.escape(rule.table if rule.kind == 'privilege' else rule.name)}\b")
    for path, text in reversed(list(files.items())):
        lines = [number for number, line in enumerate(text.splitlines(), 1) if wanted.search(line)]
        made = [
            number
            for number in lines
            if rule.kind != "function" or "FUNCTION" in text.splitlines()[number - 1].partition(rule.name)[0]
        ]
        if made:
            return path, made[0]
    return None


def _line(text: list[str], first: int, before: str) -> int:
    """Return the line of a file, from the rule's line on, that contains a piece of it; else the rule's line."""
    wanted = before.partition("\n")[0].strip()
    return next((number for number in range(first, len(text) + 1) if wanted in text[number - 1]), first)


def _around(body: str, start: int, end: int, text: str) -> tuple[str, str]:
    """Return the line of a change, before and after; of a long line, the part around the change."""
    first = max(body.rfind("\n", 0, start) + 1, start - 40)
    last = body.find("\n", end)
    last = min(len(body) if last < 0 else last, end + 40)
    return body[first:last].strip(), (body[first:start] + text + body[end:last]).strip()


def _changes(rule: Rule, role: str) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Yield for each change the old text, the new text, the SQL, and the names that tests may use."""
    words = tuple(filter(None, (rule.name, rule.table)))
    match rule.kind:
        case "function":
            for start, end, text in body_changes(rule.body):
                body = rule.body[:start] + text + rule.body[end:]
                near = _NAMED.search(rule.body, start)
                named = (near[1], *words) if near else words
                before, after = _around(rule.body, start, end, text)
                yield before, after or "nothing", rule.definition.replace(rule.body, body), named
        case "trigger":
            drop = f"DROP TRIGGER {rule.name} ON {rule.table};"
            yield "the trigger", "nothing", drop, words
            if when := _WHEN.search(rule.definition):
                without = rule.definition.replace(when[0], " EXECUTE FUNCTION")
                yield f"WHEN ({when['what']})", "nothing", f"{drop} {without};", words
        case "constraint":
            drop = f'ALTER TABLE {rule.table} DROP CONSTRAINT "{rule.name}"'
            yield short(rule.definition), "nothing", f"{drop};", words
            for start, end, text in body_changes(rule.body):
                changed = rule.body[:start] + text + rule.body[end:]
                add = f'ADD CONSTRAINT "{rule.name}" {changed} NOT VALID'
                yield *_around(rule.body, start, end, text), f"{drop}, {add};", words
        case "index":
            yield short(rule.definition), "nothing", f"DROP INDEX {rule.name};", words
        case "privilege":
            grant = f'GRANT {rule.name} ON {rule.table} TO "{role}"'
            yield "refused", "granted", f"{grant};", (rule.table,)


def body_changes(body: str) -> Iterator[tuple[int, int, str]]:  # noqa: C901 -- one loop for each kind of change
    """Yield start, end and new text of each change of a function's body or of a condition."""
    # Comments are replaced by spaces, so that offsets stay.
    bare = _COMMENT.sub(lambda comment: " " * len(comment[0]), body)
    quoted = [match.span() for match in re.finditer(r"'[^']*'", bare)]
    # The text of a RAISE is not a condition, but the portal reads the name of its rule.
    said = quoted + [match.span() for match in _STATEMENT["raise"].finditer(bare)]
    for condition in _CONDITION.finditer(bare):
        yield condition.start("what"), condition.end("what"), " true "
        yield condition.start("what"), condition.end("what"), " false "
    for pattern in _STATEMENT.values():
        for statement in pattern.finditer(bare):
            yield statement.start(), statement.end(), "NULL;"
    for lock in _LOCK.finditer(bare):
        yield lock.start(), lock.end(), ""
    for pattern, into in _WORDS:
        for word in pattern.finditer(bare):
            if not any(first <= word.start() < last for first, last in said):
                yield word.start(), word.end(), into[word[0]] if word[0] in into else into[word[0].lower()]
    for literal in _LITERAL.finditer(bare):
        if " " not in literal[1] and not bare[: literal.start()].rstrip("= \n").endswith("ERRCODE"):
            yield literal.end() - 1, literal.end() - 1, "_"
    for number in _NUMBER.finditer(bare):
        if not any(first <= number.start() < last for first, last in quoted):
            yield number.start(), number.end(), str(int(number[0]) + 1)
