"""Changes of Python code: one place at a time, as a replacement of the text of a node."""

import ast
import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.mutants.changes import Lines, Mutant, apart, numbered

type Enums = Mapping[str, Sequence[str]]
type _Path = tuple[tuple[str, int | None], ...]
type _Changeable = ast.expr | ast.stmt

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_LANGUAGES = {"fr": "en", "en": "fr"}
_SWAPPED = {
    "filter": "exclude",
    "exclude": "filter",
    "first": "last",
    "last": "first",
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "ROUND_HALF_UP": "ROUND_HALF_EVEN",
}
_METHODS_ALONE = {"all"}  # other methods of these names do something else, for example `objects.all()`
_DROPPED = {"select_for_update", "order_by", "distinct", "strip", "lower", "casefold", "upper"}
_UNWRAPPED = {"escape", "conditional_escape", "sorted", "localtime"}
_LOOKUPS = {"gte": "gt", "gt": "gte", "lte": "lt", "lt": "lte"}
_TRANSLATED = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_LOGGERS = {"logger", "log", "logging"}
_KEPT_DECORATORS = re.compile(
    r"property|setter|staticmethod|classmethod|dataclass|cache|contextmanager|overload|override|register|"
    r"simple_tag|filter|inclusion_tag|receiver|wraps|total_ordering|deconstructible|shared_task|\.task|display"
)
_KEPT_NAMES = {
    "__all__",
    "__slots__",
    "app_label",
    "verbose_name",
    "verbose_name_plural",
    "default_auto_field",
}
_ATOMS = (
    ast.Constant,
    ast.Name,
    ast.Attribute,
    ast.Call,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.Tuple,
    ast.JoinedStr,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is changed in addition to the basic changes."""

    enums: Enums
    whole: bool = True
    """True for the whole product, False for the rules of eligibility.

    The product: also decorators, bases, methods, handlers and loops; no human wording; each member of an enumeration
    only to the next one. The rules: every string, and each member to each other one.
    """
    models: bool = False
    """True for a module of models: a test compares fields and `Meta` with the migrations."""


def mutants_of(path: str, source: str, scope: Scope) -> Iterator[Mutant]:
    """Yield every mutant of a module's text; those with the same name are numbered."""
    yield from numbered(_mutants(path, source, scope))


def enumerations(sources: Sequence[str]) -> dict[str, list[str]]:
    """Return the enumerations of some modules, by name, with their members in order."""
    found: dict[str, list[str]] = {}
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and any(
                ast.unparse(base).endswith(("Choices", "Enum")) for base in node.bases
            ):
                members = [
                    target.id
                    for one in node.body
                    if isinstance(one, ast.Assign)
                    for target in one.targets
                    if isinstance(target, ast.Name) and target.id.isupper()
                ]
                if len(members) > 1:
                    found[node.name] = members
    return found


def _mutants(path: str, source: str, scope: Scope) -> Iterator[Mutant]:
    lines = Lines(source)
    for function, anchor, way, node in _places(ast.parse(source), scope):
        for piece, text, before, after in _edits(anchor, way, node, scope):
            yield Mutant(
                path,
                function,
                piece.lineno,
                before,
                after,
                lines.offset(piece.lineno, piece.col_offset),
                lines.offset(piece.end_lineno or piece.lineno, piece.end_col_offset or 0),
                text,
            )


def _edits(
    anchor: ast.expr | None, way: _Path, node: _Changeable, scope: Scope
) -> Iterator[tuple[_Changeable, str, str, str]]:
    """Yield the node whose text is replaced, the new text, and both texts for display."""
    for changed in _changes(node, scope):
        gone = isinstance(changed, ast.Pass)
        before, after = apart(ast.unparse(node), "" if gone else ast.unparse(changed))
        if anchor is not None:  # the parts of an f-string have no text of their own
            whole = copy.deepcopy(anchor)
            _put(whole, way, changed)
            yield anchor, _code_of(whole), before, after
        elif isinstance(node, ast.If) and isinstance(changed, ast.If):
            yield node.test, ast.unparse(changed.test), before, after
        else:
            yield node, _code_of(changed), before, after
    if scope.whole and anchor is None:
        for piece, text in _pieces(node, scope):
            yield piece, text, *apart(ast.unparse(piece), text)


def _code_of(changed: ast.AST) -> str:
    text = ast.unparse(ast.fix_missing_locations(changed))
    bare = isinstance(changed, (ast.stmt, *_ATOMS)) and not text.startswith("-")
    return text if bare else f"({text})"


def _put(tree: ast.AST, path: _Path, changed: ast.AST) -> None:
    *way, (name, index) = path
    holder: ast.AST = tree
    for step, at in way:
        value = getattr(holder, step)
        holder = value if at is None else value[at]
    if index is None:
        setattr(holder, name, changed)
    else:
        getattr(holder, name)[index] = changed


# -- Where -------------------------------------------------------------------------------------------------
def _places(
    node: ast.AST, scope: Scope, function: str = "module", anchor: ast.expr | None = None, path: _Path = ()
) -> Iterator[tuple[str, ast.expr | None, _Path, _Changeable]]:
    """Yield what may be changed, with its f-string: no annotation, import, docstring or type alias."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        function = node.name if function == "module" else f"{function}.{node.name}"
    if scope.whole and _is_left_alone(node, scope):
        return
    if isinstance(node, (ast.expr, ast.stmt)) and not (anchor and not path):
        yield function, anchor, path, node
    if isinstance(node, ast.JoinedStr) and anchor is None:
        if scope.whole and " " in ast.unparse(node):
            # Human wording: only expressions in it are changed.
            scope = Scope({}, scope.whole, scope.models)
        anchor, path = node, ()
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "names", "bases", "type_params"}:
            continue
        for index, inner in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(inner, ast.AST) and not _is_prose(inner):
                step = (name, index if isinstance(value, list) else None)
                yield from _places(inner, scope, function, anchor, (*path, step) if anchor else ())


def _is_prose(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_left_alone(node: ast.AST, scope: Scope) -> bool:  # noqa: PLR0911 -- one case for each kind of code
    """True if a piece of code is not worth a change: people, type checkers or migrations read it."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.TypeAlias():
            return True
        case ast.Expr(value=inner):
            return _is_left_alone(inner, scope)
        case ast.Call(func=ast.Name(id=name)):
            return name in _TRANSLATED or name in {"cast", "TypeVar", "NewType"}
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
            return name in _LOGGERS
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            field = isinstance(value, ast.Call) and "models." in ast.unparse(value.func)
            return name in _KEPT_NAMES or (scope.models and field)
        case ast.ClassDef(name="Meta"):
            return scope.models
        case ast.keyword(arg="help_text" | "verbose_name" | "help" | "description" | "metavar"):
            return True
    return False


# -- What --------------------------------------------------------------------------------------------------
def _changes(node: _Changeable, scope: Scope) -> Iterator[ast.AST]:  # noqa: C901, PLR0912 -- one case for each kind of change
    """Yield the possible changes of a piece of code."""
    match node:
        case ast.Compare(ops=[operator]):
            for other in _COMPARED[type(operator)]:
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.Compare(ops=[first, second]):
            for other in _COMPARED[type(first)]:
                yield ast.Compare(node.left, [other(), second], node.comparators)
            for other in _COMPARED[type(second)]:
                yield ast.Compare(node.left, [first, other()], node.comparators)
        case ast.BinOp(op=operator, left=left) if type(operator) in _COMPUTED:
            if not (
                isinstance(operator, ast.Mod) and isinstance(left, ast.Constant)
            ):  # string formatting, not a remainder
                yield ast.BinOp(left, _COMPUTED[type(operator)](), node.right)
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert(), operand=operand):
            yield operand
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            yield from values
        case ast.If() | ast.IfExp():
            for forced in (True, False):
                changed = copy.copy(node)
                changed.test = ast.Constant(forced)
                yield changed
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(value=str() as value):
            if not scope.whole or (value and " " not in value and "\N{NO-BREAK SPACE}" not in value):
                yield ast.Constant(f"{value}~")  # not #: Django treats a template's part after it differently
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=member) if (
            member in scope.enums.get(owner, ())
        ):
            members = list(scope.enums[owner])
            others = members[members.index(member) + 1 :] + members[: members.index(member)]
            for other_member in others[:1] if scope.whole else sorted(others, key=members.index):
                yield ast.Attribute(node.value, other_member, node.ctx)
        case ast.Attribute(attr=language) if language in _LANGUAGES:
            yield ast.Attribute(node.value, _LANGUAGES[language], node.ctx)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Expr() | ast.AugAssign() | ast.Raise():
            yield ast.Pass()
        case ast.Dict(keys=keys, values=values):
            for index in range(len(keys)):
                yield ast.Dict(keys[:index] + keys[index + 1 :], values[:index] + values[index + 1 :])
        case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Set(elts=members) if len(members) > 1:
            sliced = any(isinstance(member, ast.Slice) for member in members)
            if not sliced and not isinstance(getattr(node, "ctx", None), ast.Store):
                for index in range(len(members)):
                    changed_list = copy.copy(node)
                    changed_list.elts = members[:index] + members[index + 1 :]
                    yield changed_list
        case ast.Call(keywords=keywords) if len(keywords) > 1:
            for index in range(len(keywords)):
                yield ast.Call(node.func, node.args, keywords[:index] + keywords[index + 1 :])
    if scope.whole:
        yield from _changes_of_the_whole(node)


def _changes_of_the_whole(node: _Changeable) -> Iterator[ast.AST]:
    """Yield the possible changes outside the rules, which have no rows, pages or locks."""
    match node:
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Name(id=name, ctx=ast.Load()) if name in _SWAPPED:
            yield ast.Name(_SWAPPED[name], node.ctx)
        case ast.Attribute(attr=name) if name in _SWAPPED and name not in _METHODS_ALONE:
            yield ast.Attribute(node.value, _SWAPPED[name], node.ctx)
        case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name in _DROPPED:
            yield receiver
        case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _UNWRAPPED:
            yield inner
    if isinstance(node, ast.Call):
        for index, keyword in enumerate(node.keywords):
            lookup = (keyword.arg or "").rpartition("__")
            if lookup[0] and lookup[2] in _LOOKUPS:
                changed = ast.keyword(f"{lookup[0]}__{_LOOKUPS[lookup[2]]}", keyword.value)
                yield ast.Call(
                    node.func, node.args, [*node.keywords[:index], changed, *node.keywords[index + 1 :]]
                )


def _pieces(node: _Changeable, scope: Scope) -> Iterator[tuple[ast.expr, str]]:  # noqa: C901 -- one case for each kind of statement
    """Yield the independent parts of a statement, with their replacements."""
    match node:
        case ast.FunctionDef(decorator_list=decorators) | ast.AsyncFunctionDef(decorator_list=decorators):
            for decorator in decorators:
                if not _KEPT_DECORATORS.search(ast.unparse(decorator)):
                    yield decorator, "(lambda decorated: decorated)"
        case ast.ClassDef(bases=bases) if len(bases) > 1 and not scope.models:
            for base in bases[:-1]:
                yield base, "type('Nothing', (), {})"
        case ast.For(iter=rows):
            yield rows, "()"
        case ast.Try(handlers=handlers):
            for handler in handlers:
                if handler.type is not None:
                    yield handler.type, "()"
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            for generator in node.generators:
                for condition in generator.ifs:
                    yield condition, "True"
