"""Licence of each package of the lock files, by what the package itself states, and whether it is allowed."""

import tomllib
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name

from tests.supply_chain.locks import ROOT

TABLE: Final = ROOT / "requirements" / "licences.toml"
_CADDY: Final = ROOT / "build" / "caddy"
UNKNOWN: Final = ""


@dataclass(frozen=True, slots=True)
class LicenceTable:
    """The tables of requirements/licences.toml."""

    allowed: dict[str, str]
    words: dict[str, str]
    classifiers: dict[str, str]
    stated: dict[str, list[str]]
    exceptions: dict[str, list[str]]

    @classmethod
    def read(cls) -> "LicenceTable":
        """Return the tables of the repository."""
        return cls(**tomllib.loads(TABLE.read_text(encoding="utf-8")))

    def licence_of(self, name: str, distribution: Distribution | None) -> str:
        """Return the SPDX expression of a Python package, `UNKNOWN` if it states none that the tables know."""
        if name in self.exceptions or name in self.stated:
            return (self.exceptions | self.stated)[name][0]
        if distribution is None:
            return UNKNOWN
        metadata: Any = distribution.metadata
        if expression := metadata.get("License-Expression"):
            return str(expression)
        said = str(metadata.get("License") or "").strip()
        if said in self.words:
            return self.words[said]
        try:
            return canonicalize_license_expression(said)
        except InvalidLicenseExpression:
            found = [row.rpartition(" :: ")[2] for row in metadata.get_all("Classifier") or ()]
            return " AND ".join(sorted({self.classifiers[row] for row in found if row in self.classifiers}))

    def is_allowed(self, name: str, licence: str) -> bool:
        """True if one alternative of an expression, without parentheses, has allowed licences only."""
        if name in self.exceptions:
            return licence == self.exceptions[name][0]
        return any(
            all(part in self.allowed for part in alternative.split(" AND "))
            for alternative in licence.split(" OR ")
        )


def installed(*folders: Path) -> dict[str, Distribution]:
    """Return the Python packages that are installed in this environment, and in `folders`, by normalised name."""
    here = distributions(path=[str(folder) for folder in folders]) if folders else distributions()
    return {canonicalize_name(found.name): found for found in here}


def all_installed() -> dict[str, Distribution]:
    """Return the packages of this environment, and Caddy, which has a folder of its own."""
    return installed() | installed(_CADDY)
