"""Stand-ins for a template's context: each prints its own name, and answers each condition as the state defines.

`{{ place.url }}` prints `‹place.url›`, and `{{ closes_at|deadline }}` prints `‹closes_at|deadline›`. A template is thus
rendered without a database: what it includes, what it extends and what tags compute is only named.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from crispy_forms.templatetags.crispy_forms_field import CrispyFieldNode
from crispy_forms.templatetags.crispy_forms_tags import CrispyFormNode
from django.contrib.admin.templatetags.base import InclusionAdminNode
from django.template import Context, Template, loader_tags, smartif
from django.template.base import FilterExpression, Node, Variable
from django.template.defaultfilters import default, default_if_none
from django.template.defaulttags import CsrfTokenNode, ForNode, IfNode, PartialDefNode, URLNode
from django.template.library import InclusionNode, SimpleNode
from django.templatetags.i18n import BlockTranslateNode, GetCurrentLanguageNode, LanguageNode
from django.templatetags.static import StaticNode
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

_ROWS = (1, 2)


@dataclass(slots=True)
class Answers:
    """Answers of one state to a template's conditions: `given` by question, `otherwise` for all others."""

    otherwise: bool
    given: dict[str, bool] = field(default_factory=dict)
    asked: dict[tuple[str, str], None] = field(default_factory=dict)
    """Questions in the order of their first use, each with the condition that asks it."""
    asker: str = ""
    _values: dict[str, object] = field(default_factory=dict)

    def to(self, question: str) -> bool:
        """Return the answer, and record the question."""
        self.asked.setdefault((question, self.asker))
        return self.given.get(question, self.otherwise)

    def is_equal(self, name: str, value: object) -> bool:
        """True if `name` has `value` in this state: it has one value at most."""
        if name in self._values:
            return self._values[name] == value
        equal = self.to(f"{name} == {_display(value)}")
        if equal:
            self._values[name] = value
        return equal


class StandIn:
    """Object that is only a name: each public attribute is a stand-in with a longer name.

    Only the first of a list's two rows records questions. The second is quiet: it answers `otherwise`.
    """

    __slots__ = ("_answers", "_name", "_quiet")

    def __init__(self, name: str, answers: Answers, *, quiet: bool = False) -> None:
        self._name, self._answers, self._quiet = name, answers, quiet

    def _derived(self, more: str) -> "StandIn":
        """Return a stand-in whose name is this one's and `more`."""
        return StandIn(f"{self._name}{more}", self._answers, quiet=self._quiet)

    def _is_named(self, name: str) -> bool:
        """True if it has this name, or is a row of a loop over it."""
        return self._name in {name, *(f"{name}{number}" for number in _ROWS)}

    def _rows(self, names: Iterable[str]) -> list[Any]:
        """Return two rows, or none. A row has one stand-in per variable of the loop."""
        if not self._ask(self._name):
            return []
        made = []
        for number in _ROWS:
            quiet = self._quiet or number > 1
            cells = [StandIn(f"{name}{number}", self._answers, quiet=quiet) for name in names]
            made.append(cells if len(cells) > 1 else cells[0])
        return made

    def _ask(self, question: str) -> bool:
        return self._answers.otherwise if self._quiet else self._answers.to(question)

    def __getattr__(self, name: str) -> "StandIn":
        if name.startswith("_") or name in {"resolve_expression", "silent_variable_failure"}:
            raise AttributeError(name)
        return self._derived(f".{name}")

    def __str__(self) -> str:
        return f"‹{self._name}&›"

    def __bool__(self) -> bool:
        return self._ask(self._name)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, StandIn) or self._quiet:
            return self._ask(f"{self._name} == {_display(other)}")
        return self._answers.is_equal(self._name, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # -- not used as a key

    def __lt__(self, other: object) -> bool:
        return self._ask(f"{self._name} < {_display(other)}")

    def __le__(self, other: object) -> bool:
        return self._ask(f"{self._name} <= {_display(other)}")

    def __gt__(self, other: object) -> bool:
        return self._ask(f"{self._name} > {_display(other)}")

    def __ge__(self, other: object) -> bool:
        return self._ask(f"{self._name} >= {_display(other)}")

    def __contains__(self, other: object) -> bool:
        return self._ask(f"{_display(other)} in {self._name}")

    def _is_one(self) -> bool:
        """True if its count is one in this state."""
        return self._ask(f"{self._name} is one")

    def _is_same(self, other: object) -> bool:
        """True if it is the object `other`, such as None, in this state."""
        return self._ask(f"{self._name} is {_display(other)}")


def _display(value: object) -> str:
    return (
        value._name if isinstance(value, StandIn) else repr(str(value) if isinstance(value, str) else value)
    )


class _Everything(dict[str, Any]):
    """A context in which every name has a value."""

    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self.answers = answers

    def __contains__(self, name: object) -> bool:
        return name != "forloop"

    def __getitem__(self, name: str) -> StandIn:
        return StandIn(name, self.answers)


def render(template: Template, answers: Answers, *, escaped: bool = True, **given: object) -> str:
    """Return the text of a template in one state. Call it inside `use_stand_ins`.

    `given`: real values of its context.
    """
    context = Context(given or None, autoescape=escaped)
    context.dicts.insert(0, _Everything(answers))
    return template.render(context).replace("&amp;›" if escaped else "&›", "›")


# -- How template nodes treat stand-ins --------------------------------------------------------------------------------
def _resolve(self: FilterExpression, context: Context, ignore_failures: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
    del ignore_failures
    value = self.var.resolve(context) if isinstance(self.var, Variable) else self.var
    for function, arguments in self.filters:
        given = [argument.resolve(context) if looked_up else argument for looked_up, argument in arguments]
        if function is default_if_none and isinstance(value, StandIn):
            value = given[0] if value._is_same(None) else value
            continue
        if function is default or not any(isinstance(each, StandIn) for each in (value, *given)):
            value = function(value, *given)
            continue
        name = getattr(function, "_filter_name", function.__name__)
        more = f"|{':'.join([name, *(_display(each) for each in given)])}"
        value = value._derived(more) if isinstance(value, StandIn) else given[0]._derived(f"←{value}{more}")
    return value


def _render_if(self: IfNode, context: Any) -> str:
    """Same as Django's own; also record which condition asks."""
    answers = context.dicts[0].answers
    for place, (condition, nodes) in enumerate(self.conditions_nodelists):
        answers.asker = f"{id(self)} {place}"
        if condition is None or condition.eval(context):
            answers.asker = ""
            return nodes.render(context)
    answers.asker = ""
    return ""


def _render_loop(original: Callable[[ForNode, Context], str]) -> Callable[[ForNode, Context], str]:
    def render_loop(self: ForNode, context: Context) -> str:
        sequence: Any = self.sequence
        rows = sequence.resolve(context)
        if not isinstance(rows, StandIn):
            return original(self, context)
        with patch.object(self, "sequence", _Resolved(rows._rows(self.loopvars))):
            return original(self, context)

    return render_loop


def _render_counted(
    original: Callable[[BlockTranslateNode, Context], str],
) -> Callable[[BlockTranslateNode, Context], str]:
    def render_counted(self: BlockTranslateNode, context: Context) -> str:
        counter: Any = self.counter
        count = counter.resolve(context) if counter else None
        if not isinstance(count, StandIn):
            return original(self, context)
        with patch.object(self, "counter", _Resolved(1 if count._is_one() else 2)):
            return original(self, context)

    return render_counted


@dataclass(frozen=True, slots=True)
class _Resolved:
    value: Any

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        del context, ignore_failures
        return self.value


def _name_only(self: Any, context: Context) -> str:
    """Print a tag as it is written. If it sets a variable, give the variable a stand-in named after the tag."""
    target = (
        getattr(self, "target_var", None) or getattr(self, "asvar", None) or getattr(self, "variable", None)
    )
    written = self.token.contents.removesuffix(f" as {target}")
    if target:
        context[target] = StandIn(written.replace('"', ""), context.dicts[0].answers)
        return ""
    return mark_safe(f"‹{written}›")  # noqa: S308 -- the tag's source text, from our own template


def _name_included(self: loader_tags.IncludeNode, context: Context) -> str:
    """Print the name of the included template and what it gets from the tag, and from earlier tags unless `only`."""
    given = {} if self.isolated_context else _set_by_tags(context)
    given |= {name: value.resolve(context) for name, value in self.extra_context.items()}
    only = " only" if self.isolated_context else ""
    lines = (f"{name} = {conditional_escape(value)}" for name, value in given.items())
    return mark_safe("\n".join([f"‹include {self.template.resolve(context)}{only}›", *lines, ""]))  # noqa: S308 -- escaped


def _set_by_tags(context: Context) -> dict[str, Any]:
    """Return the variables that tags of the template set, without loop variables and Django's own."""
    return {
        name: value
        for given in context.dicts[2:]
        for name, value in given.items()
        if name not in {"forloop", "block"} and not (isinstance(value, StandIn) and value._is_named(name))
    }


def _blocks_only(self: loader_tags.ExtendsNode, context: Context) -> str:
    """Print each block, without the parts of the extended template around it."""
    blocks = [node for node in self.nodelist if isinstance(node, loader_tags.BlockNode)]
    shown = "".join(f"<block {node.name}>{node.render(context)}" for node in blocks)
    return mark_safe(f"<extends {self.parent_name}>{shown}")  # noqa: S308 -- text that Django just rendered


def _partial_named(self: PartialDefNode, context: Context) -> str:
    return SafeString(f"<partial {self.partial_name}>{self.nodelist.render(context)}")


def _language_named(self: LanguageNode, context: Context) -> str:
    return SafeString(
        f"<language {self.language.resolve(context)}>{self.nodelist.render(context)}</language>"
    )


class _Is(smartif.TokenBase):
    """`is` and `is not`, evaluated by a stand-in."""

    lbp = 10
    negated = False

    def led(self, left: Any, parser: Any) -> Any:
        self.first, self.second = left, parser.expression(self.lbp)
        return self

    def eval(self, context: Context) -> bool:
        first, second = self.first.eval(context), self.second.eval(context)
        same = first._is_same(second) if isinstance(first, StandIn) else first is second
        return same is not self.negated


class _IsNot(_Is):
    negated = True


@contextmanager
def use_stand_ins(*, alone: bool = True) -> Iterator[None]:
    """Let templates that are compiled and rendered inside the block accept stand-ins.

    A template that is rendered `alone` only names what it extends and includes, and shows its partials.
    """
    named_only: list[type[Node]] = [
        *(SimpleNode, InclusionNode, URLNode, StaticNode, GetCurrentLanguageNode),
        *(CsrfTokenNode, CrispyFormNode, CrispyFieldNode, InclusionAdminNode),
    ]
    with ExitStack() as stack:
        for node in named_only:
            stack.enter_context(patch.object(node, "render", _name_only))
        stack.enter_context(patch.object(FilterExpression, "resolve", _resolve))
        stack.enter_context(patch.object(IfNode, "render", _render_if))
        stack.enter_context(patch.object(ForNode, "render", _render_loop(ForNode.render)))
        stack.enter_context(
            patch.object(BlockTranslateNode, "render", _render_counted(BlockTranslateNode.render))
        )
        stack.enter_context(patch.dict(smartif.OPERATORS, {"is": _Is, "is not": _IsNot}))
        if alone:
            stack.enter_context(patch.object(loader_tags.IncludeNode, "render", _name_included))
            stack.enter_context(patch.object(loader_tags.ExtendsNode, "render", _blocks_only))
            stack.enter_context(patch.object(loader_tags.BlockNode, "super", lambda _self: "‹block.super›"))
            stack.enter_context(patch.object(PartialDefNode, "render", _partial_named))
            stack.enter_context(patch.object(LanguageNode, "render", _language_named))
        yield
