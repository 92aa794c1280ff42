"""Every address of the portal, read from Django's resolver."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLResolver, get_resolver

# `<uuid:public_id>` of a path, or `(?P<number>…)` of a regular expression with at most two levels of inner groups.
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")


@dataclass(frozen=True)
class Route:
    """One URL pattern. `name` is what `reverse` takes, or the pattern itself if it has no name."""

    name: str
    pattern: str

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the pattern's parameters."""
        return frozenset(_name_of(found) for found in _PARAMETER.finditer(self.pattern))

    def address(self, values: Mapping[str, object]) -> str:
        """Return the path with `values` for its parameters.

        :raises KeyError: if a parameter has no value.
        """
        text = _PARAMETER.sub(lambda found: str(values[_name_of(found)]), self.pattern)
        return "/" + text.replace("^", "").replace("$", "").replace("\\.", ".")


def all_routes() -> list[Route]:
    """Return every pattern of the resolver; included patterns have their namespace."""
    return list(_walk(get_resolver(), "", ()))


def _name_of(found: re.Match[str]) -> str:
    return found[1] or found[2]


def _walk(resolver: URLResolver, before: str, namespaces: tuple[str, ...]) -> Iterator[Route]:
    for each in resolver.url_patterns:
        pattern = before + str(each.pattern)
        if isinstance(each, URLResolver):
            inside = (*namespaces, each.namespace) if each.namespace else namespaces
            yield from _walk(each, pattern, inside)
        else:
            yield Route(":".join([*namespaces, each.name]) if each.name else pattern, pattern)
