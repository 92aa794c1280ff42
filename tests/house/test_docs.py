"""The pages of documentation name files and code that exist."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from intake.submissions.states import CANDIDATE_LABELS, State

ROOT = Path(settings.BASE_DIR)
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FOLDERS = (
    "deploy",
    "eligibility",
    "intake",
    "offers",
    "requirements",
    "scripts",
    "static",
    "templates",
    "tests",
)
SOURCES = [
    *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()),
    *(ROOT / name for name in ("Makefile", "docker-compose.yml", "manage.py", "pyproject.toml")),
]
_PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]+")
_NAME = re.compile(r"(?:[a-z_]\w{4,}|[A-Z]\w*(?:[a-z]|[A-Z]_)\w*)(?=\(\)$|$)")
_ANY_NAME = re.compile(r"[A-Z]{4}")
"""Stands for any name, as in `templates/mail/NAME.html`."""
MADE_LATER = ("deploy/secrets",)
"""What `docs/operations/first-day.md` has an operator generate."""


@cache
def _words() -> frozenset[str]:
    """Return every word of the code."""
    text = (path.read_text(encoding="utf-8", errors="ignore") for path in SOURCES if path.suffix != ".pyc")
    return frozenset(word for source in text for word in re.findall(r"\w+", source))


def _cited(page: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", page)


def _missing(page: str) -> set[str]:
    """Return what a page cites, in backticks, that is neither a file, nor a folder, nor a word of the code."""
    paths = {
        text
        for text in _cited(page)
        if _PATH.fullmatch(text) and not _ANY_NAME.search(text)
        if not text.startswith(MADE_LATER) and not (ROOT / text).exists()
    }
    names = {text for text in _cited(page) if (found := _NAME.match(text)) and found[0] not in _words()}
    return paths | names


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_names_only_existing_files_and_code(page: Path) -> None:
    assert _missing(page.read_text(encoding="utf-8")) == set()


def test_a_name_that_does_not_exist_is_found() -> None:
    gone = "no_such_" + "function"
    assert _missing(f"see `{gone}`, `{gone}()`, `intake/{gone}.py` and `intake/wiring.py`") == {
        gone,
        f"{gone}()",
        f"intake/{gone}.py",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_link_of_a_page_leads_to_a_heading_that_exists(page: Path) -> None:
    broken = set()
    for target, anchor in re.findall(
        r"\]\((?!https?:)([^)#\s]*)#?([\w-]*)\)", page.read_text(encoding="utf-8")
    ):
        file = (page.parent / target) if target else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.add(f"{target}#{anchor}")
    assert broken == set()


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_glossary_has_the_labels_of_the_states() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    table = glossary.partition("| State | Candidate reads | Staff read |\n|---|---|---|\n")[2]
    rows = [f"| {state} | {CANDIDATE_LABELS[state]} | {state.label} |\n" for state in State]
    assert table.partition("\n\n")[0] + "\n" == "".join(rows)


def test_decisions_are_dated_and_listed_in_their_order() -> None:
    folder = ROOT / "docs" / "decisions"
    dated = {}
    for page in set(folder.glob("*.md")) - {folder / "README.md"}:
        third_line = page.read_text(encoding="utf-8").splitlines()[2]
        date = re.fullmatch(r"Decided on (\d{4}-\d\d-\d\d)\.", third_line)
        assert date is not None, page
        dated[page.name] = date[1]
    rows = (folder / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([\d-]+) \| \[.*\]\((.*)\) \|", rows, re.MULTILINE)
    assert {name: date for date, name in listed} == dated
    assert [date for date, _name in listed] == sorted(dated.values())


def test_comments_cite_headings_of_the_rules_that_exist() -> None:
    cited = {
        match
        for path in SOURCES
        if path.suffix in {".py", ".html", ".js", ".css"}
        for match in re.findall(r"docs/([\w-]+\.md)#([\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert len(cited) > 10
    assert {(page, anchor) for page, anchor in cited if anchor not in _anchors(ROOT / "docs" / page)} == set()


def test_a_secret_of_the_settings_is_missing_from_the_inventory_of_keys() -> None:
    settings_of_production = (ROOT / "intake" / "settings" / "production.py").read_text(encoding="utf-8")
    secrets = set(re.findall(r'"(\w*(?:_KEYS?|SECRET\w*))"', settings_of_production)) | {"DATABASE_OWNER_URL"}
    assert {"SECRET_KEY", "SIGNING_KEYS", "JOURNAL_KEYS"} <= secrets
    page = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert sorted(name for name in secrets if f"`{name}`" not in page) == []
