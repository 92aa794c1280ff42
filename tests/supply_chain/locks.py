"""Reading of the lock files: requirements/*.txt and package-lock.json."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.markers import Marker
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[2]
PYTHON_LOCKS: Final = tuple(sorted((ROOT / "requirements").glob("*.txt")))
NPM_LOCK: Final = ROOT / "package-lock.json"
PORTAL: Final = "intake-portal"

_ENTRY = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))? \\\n(?P<rest>(?:[ \t]+.*\n)+)", re.MULTILINE
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")
_VIA = re.compile(r"^ +#(?: via| {2}) +([\w.-]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a Python lock file."""

    name: str
    """Normalised: lower case, hyphens."""
    version: str
    marker: str
    """Condition of the platform under which it is installed; empty: always."""
    hashes: tuple[str, ...]
    parents: tuple[str, ...]
    """Packages that need it, normalised; `PORTAL` is the portal itself."""

    @property
    def is_for_this_platform(self) -> bool:
        """True if it is installed here."""
        return not self.marker or Marker(self.marker).evaluate()


@dataclass(frozen=True, slots=True)
class NpmPin:
    """One package of package-lock.json."""

    path: str
    """Its folder, such as `node_modules/bootstrap`."""
    version: str
    licence: str
    """As its author states it; empty if it does not."""
    integrity: str
    is_optional: bool
    """True for Lighthouse and its packages, which only `scripts/lighthouse` installs."""
    is_dev: bool
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name in the registry."""
        return self.path.rpartition("node_modules/")[2]


def pins_of(lock: Path) -> dict[str, Pin]:
    """Return the packages of a Python lock file, by name."""
    text = lock.read_text(encoding="utf-8")
    found: dict[str, Pin] = {
        name: Pin(
            name=name,
            version=entry["version"],
            marker=entry["marker"] or "",
            hashes=tuple(_HASH.findall(entry["rest"])),
            parents=tuple(canonicalize_name(parent) for parent in _VIA.findall(entry["rest"])),
        )
        for entry in _ENTRY.finditer(text)
        if (name := canonicalize_name(entry["name"]))
    }
    if len(found) != len(re.findall(r"^[^\s#]", text, re.MULTILINE)):
        message = f"{lock.name} has lines that are no pinned package"
        raise ValueError(message)
    return found


def npm_pins() -> list[NpmPin]:
    """Return the packages of package-lock.json, in its order."""
    packages: dict[str, dict[str, Any]] = json.loads(NPM_LOCK.read_text(encoding="utf-8"))["packages"]
    return [
        NpmPin(
            path=path,
            version=row["version"],
            licence=row.get("license", ""),
            integrity=row.get("integrity", ""),
            is_optional=row.get("optional", False),
            is_dev=row.get("dev", False),
            needs=tuple(row.get("dependencies", ())),
        )
        for path, row in packages.items()
        if path
    ]
