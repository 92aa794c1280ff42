"""Base class of the errors that people read, in offers and in the portal."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self

from django.db.models import Choices
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class PortalError(Exception):
    """An operation was refused. `str(error)` is its sentence, in the active language.

    `code` is stable: rows and scripts keep it. `message` may have placeholders, which `values` fills.
    """

    code: ClassVar[str]
    message: ClassVar[StrOrPromise] = _(
        "Le formulaire reçu est incomplet : rien n’est enregistré. Rechargez la page, puis recommencez."
    )
    """The default is for errors that only a tampered or interrupted request causes."""

    @classmethod
    def subclasses(cls) -> Iterator[type[Self]]:
        """Yield the classes that derive from this one, directly or not."""
        for kind in cls.__subclasses__():
            yield kind
            yield from kind.subclasses()

    def __str__(self) -> str:
        """Return `message`, filled."""
        return str(self.message % self.values())

    def values(self) -> dict[str, Any]:
        """Return the values of the placeholders: the error's attributes, a choice as its label."""
        return {
            name: value.label if isinstance(value, Choices) else value for name, value in vars(self).items()
        }
