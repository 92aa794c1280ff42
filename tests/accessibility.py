"""Results of the tests with axe, for the public statement: `ACCESSIBILITY=rewrite make test-full` writes them.

Each test that checks pages reports its checks as a property, so that a run of several workers has them all.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import get_default_timezone

from intake.web.accessibility import RESULTS_FILE, Results

PROPERTY: Final = "accessibility"
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(slots=True)
class _Current:
    """The page that the current test checks, and its checks."""

    page: str = ""
    checks: list[dict[str, Any]] = field(default_factory=list)


_current: Final = _Current()


def begin(page: str) -> list[dict[str, Any]]:
    """Return the list, empty, of the checks of `page`, to which `add` appends."""
    _current.page, _current.checks = page, []
    return _current.checks


def add(**check: Any) -> None:
    """Add one check: `width`, `look`, `language`, `violations`, `chromium`."""
    _current.checks.append({"page": _current.page, **check})


def axe_version() -> str:
    """Return the version of axe-core in the front-end packages."""
    package = settings.NODE_MODULES / "axe-core" / "package.json"
    return str(json.loads(package.read_text(encoding="utf-8"))["version"])


def rewrite_if_asked(stats: Mapping[str, Sequence[object]]) -> None:
    """Write the results of the run that ends, if the variable `ACCESSIBILITY` asks for it."""
    made = list(_reported(stats))
    if os.environ.get("ACCESSIBILITY") != "rewrite" or not made:
        return
    results = Results(
        day=datetime.now(UTC).astimezone(get_default_timezone()).date(),
        pages=sorted({check["page"] for check in made}),
        checks=len(made),
        violations=sum(check["violations"] for check in made),
        widths=sorted({check["width"] for check in made}),
        looks=sorted({check["look"] for check in made}),
        languages=sorted({check["language"] for check in made}),
        rules=RULES,
        axe_version=axe_version(),
        chromium_version=made[0]["chromium"],
    )
    text = json.dumps(asdict(results), ensure_ascii=False, indent=2, default=str)
    RESULTS_FILE.write_text(text + "\n", encoding="utf-8")


def _reported(stats: Mapping[str, Sequence[object]]) -> Iterator[dict[str, Any]]:
    for outcome in ("passed", "failed"):
        for report in stats.get(outcome, ()):
            if getattr(report, "when", "") == "call":
                for name, value in getattr(report, "user_properties", ()):
                    yield from value if name == PROPERTY else ()
