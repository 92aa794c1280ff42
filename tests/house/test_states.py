"""Each template, in each of its states, renders the text stored in `held/states/`.

The crawl covers pages with the data of its world. These tests cover each branch of each template, with stand-ins for
its context. After an intended change, run `make held` and commit the files.
"""

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Origin, Template
from django.utils import translation

from tests.house.template_stand_ins import use_stand_ins
from tests.house.template_states import states_text

TEMPLATES = Path(settings.TEMPLATES[0]["DIRS"][0])
HELD = Path(__file__).with_name("held") / "states"
REWRITE = os.environ.get("HELD") == "rewrite"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())


@pytest.fixture(scope="module", autouse=True)
def stand_ins() -> Iterator[None]:
    with use_stand_ins(), translation.override("fr"):
        yield


def _compiled(name: str) -> Template:
    """Compile a template again: nodes compiled with stand-ins must not reach other tests."""
    path = TEMPLATES / name
    return Template(path.read_text(encoding="utf-8"), Origin(str(path), name), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_renders_its_stored_text_in_each_state(name: str) -> None:
    now, file = states_text(_compiled(name)), HELD / f"{name}.held"
    if REWRITE:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(now, encoding="utf-8")
    kept = file.read_text(encoding="utf-8") if file.exists() else ""
    differences = difflib.unified_diff(
        kept.splitlines(), now.splitlines(), "held", "as it is now", n=2, lineterm=""
    )
    assert "\n".join(differences) == "", (
        "Is it what you meant? `make held` keeps the templates as they are now."
    )


def test_each_stored_text_belongs_to_an_existing_template() -> None:
    held = {str(path.relative_to(HELD)).removesuffix(".held") for path in HELD.rglob("*.held")}
    for name in held - set(NAMES) if REWRITE else ():
        (HELD / f"{name}.held").unlink()
    assert REWRITE or held == set(NAMES)
