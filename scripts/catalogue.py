"""Update `locale/en/LC_MESSAGES/django.po` from the French strings of the source, or check that it is up to date.

Needs no GNU gettext: Django's `templatize` converts templates, as in `makemessages`, and Babel extracts the strings
of all files. A string that is no longer in the source leaves the catalogue; a new string enters it without
translation. No translation is guessed from a similar string (no fuzzy entry).
"""

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
PYTHON_FOLDERS = ("eligibility", "intake", "offers")
TEMPLATE_FOLDERS = ("templates",)
TEMPLATE_ENDINGS = {".html", ".txt"}
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_now": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = """\
# The portal in English. The source is in French; this file is kept by scripts/catalogue.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def source_files() -> Iterator[Path]:
    """Yield every file that may contain a string to translate, in a stable order."""
    for folder in PYTHON_FOLDERS:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if path.parent.name != "migrations")
    for folder in TEMPLATE_FOLDERS:
        yield from sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in TEMPLATE_ENDINGS)


def as_python(path: Path) -> bytes:
    """Return a file as Python source; a template becomes calls of gettext functions."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in TEMPLATE_ENDINGS:
        # Babel tokenizes Python: indentation left from the template would be a syntax error.
        text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
    return text.encode()


def extract_catalogue() -> Catalog:
    """Return every string of the source that is marked for translation, without translations."""
    catalogue = Catalog(locale="en", domain="django", charset="utf-8")
    for path in source_files():
        name = path.relative_to(ROOT).as_posix()
        found = extract("python", io.BytesIO(as_python(path)), KEYWORDS, options={"encoding": "utf-8"})
        for line, message, _comments, context in found:
            catalogue.add(message, locations=[(name, line)], context=context)
    return catalogue


def read_catalogue() -> Catalog:
    """Return the committed catalogue, empty if there is none yet."""
    if not CATALOGUE.is_file():
        return Catalog(locale="en", domain="django", charset="utf-8")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en", domain="django")


def updated_catalogue() -> Catalog:
    """Return the strings of the source with the existing translations."""
    catalogue, known = extract_catalogue(), read_catalogue()
    # A string that differs only by ordinary and non-breaking spaces keeps its translation.
    alike = {same_but_for_spaces(message): message for message in messages(known)}
    for message in messages(catalogue):
        old = known.get(message.id, message.context) or alike.get(same_but_for_spaces(message))
        if old is not None and type(old.id) is type(message.id):
            message.string = old.string
            message.flags |= old.flags & {"fuzzy"}
    return catalogue


def same_but_for_spaces(message: Message) -> tuple[str, ...]:
    """Return a key of an entry that does not depend on the kind of its spaces."""
    ids = [message.id] if isinstance(message.id, str) else message.id
    return (message.context or "", *(each.replace("\u00a0", " ").replace("\u202f", " ") for each in ids))


def messages(catalogue: Catalog) -> list[Message]:
    """Return the entries of a catalogue, without its header."""
    return [message for message in catalogue if message.id]


def is_translated(message: Message) -> bool:
    """True if an entry has all its translations and is not marked fuzzy."""
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return bool(strings) and all(strings) and not message.fuzzy


def written(catalogue: Catalog) -> str:
    """Return the text of the catalogue's file. Locations have no line numbers, to keep diffs small."""
    file = io.BytesIO()
    write_po(file, catalogue, width=100, omit_header=True, ignore_obsolete=True, include_lineno=False)
    return HEADER + file.getvalue().decode("utf-8").strip() + "\n"


def main() -> int:
    """Write the catalogue, or only check it. Print the strings without translation in both cases."""
    parser = argparse.ArgumentParser(description="Bring the English catalogue in step with the source.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when something is to be done"
    )
    options = parser.parse_args()

    catalogue = updated_catalogue()
    text = written(catalogue)
    late = not CATALOGUE.is_file() or CATALOGUE.read_text(encoding="utf-8") != text
    if late and not options.check:
        CATALOGUE.write_text(text, encoding="utf-8")
    missing = [message for message in messages(catalogue) if not is_translated(message)]
    for message in missing:
        words = message.id[0] if isinstance(message.id, tuple) else message.id
        print(f"To translate: {words}", file=sys.stderr)
    if late and options.check:
        print("The catalogue is not in step with the source: run scripts/catalogue.", file=sys.stderr)
    return 1 if missing or (late and options.check) else 0


if __name__ == "__main__":
    raise SystemExit(main())
