"""Readers of responses and mails: which hostile texts are intact in each media type, and which are not."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes, policy
from functools import cache
from urllib.parse import unquote_plus
from zipfile import ZipFile

import openpyxl
import pypdfium2
from lxml import etree, html
from PIL import Image

from intake.base.folding import fold
from tests.house.hostile import MARK, wholes_of

_TOKEN = re.compile(rf"[{MARK[0]}{MARK[0].upper()}]{MARK[1]}0\d\d")
_QUOTED = re.compile(r"""[\w /.?&=;:%+*~'",-]*""", re.ASCII)
"""An address or a file name, without tags or line breaks."""
_SAFE_NAME = re.compile(r"[A-Za-z0-9._/-]+")
_DATA = {"application/json", "application/ld+json"}


def tokens_in(text: str) -> set[str]:
    """Return the marks of the hostile texts that `text` contains in part or in full."""
    return {found.lower() for found in _TOKEN.findall(text)}


@cache
def mangled(text: str) -> tuple[str, ...]:
    """Return the fragments of hostile texts in `text` that are not one of their complete lines.

    Ignores spaces, and fragments that are visibly cut by `…`. Accepts folded texts, as the offers' filters name them.
    Cached: most texts are on hundreds of pages.
    """
    left = "".join(text.split()).casefold()
    for token in tokens_in(text):
        wholes = [whole.casefold() for whole in wholes_of(token)]
        wholes += ["".join(fold(whole).split()) for whole in wholes]
        for whole in wholes:
            left = left.replace(whole, "")
        for cut in re.findall(rf"{token}[^…]*(?=…)", left):
            if any(whole.startswith(cut) for whole in wholes):
                left = left.replace(f"{cut}…", "")
    return tuple(left[max(0, found.start() - 20) :][:80] for found in _TOKEN.finditer(left))


def always_cut(text: str) -> set[str]:
    """Return the marks of the hostile texts of which `text` has only fragments. For readers that extract PDF text.

    A running head that is too long for its line is extracted twice, once in part.
    """
    flat = "".join(text.split())
    return {token for token in tokens_in(flat) if not any(whole in flat for whole in wholes_of(token))}


# -- What a reader gets from each media type ------------------------------------------------------------------------
def _of_html(content: bytes) -> Iterator[str]:
    page = html.document_fromstring(content.decode(), parser=html.HTMLParser(encoding="utf-8"))
    yield from _of_tree(page)


def _of_tree(tree: etree._Element) -> Iterator[str]:
    for node in tree.iter():
        if isinstance(node.tag, str):
            drawn = node.get("name") == "csrfmiddlewaretoken"  # random: it may contain any letters
            yield from (
                _unquoted(value)
                for name, value in node.attrib.items()
                if not drawn and name not in {"nonce", "data-options"}
            )
            yield from (f"<{node.tag} {name}>" for name in node.attrib)
            yield from _of_value(json.loads(node.get("data-options") or "null"))
        if isinstance(node.tag, str) and node.tag == "script" and node.get("type") in _DATA:
            yield from _of_value(json.loads(node.text or "null"))
        elif node.get("type") == "html":
            yield from _of_html((node.text or "").encode())
        else:
            yield node.text or ""
        yield node.tail or ""


def _unquoted(value: str) -> str:
    """Return the text of an address, with its percent-encoded values decoded."""
    for _depth in range(3):
        value = unquote_plus(value) if "%" in value else value
    return value


def _of_xml(content: bytes) -> Iterator[str]:
    yield from _of_tree(etree.fromstring(content))


def _of_json(content: bytes) -> Iterator[str]:
    yield from _of_value(json.loads(content))


def _of_value(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in _of_value(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _of_value(each))


def _of_calendar(content: bytes) -> Iterator[str]:
    """Yield the unfolded value of each line; a line without a property name is yielded complete, as a fault."""
    for line in content.decode().replace("\r\n ", "").split("\r\n"):
        _name, _colon, value = line.partition(":")
        yield re.sub(r"\\([,;\\nN])", lambda found: found[1] if found[1] in ",;\\" else " ", value)
        if re.match(r"(?i)bcc", line):
            yield line


def _of_text(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8-sig", errors="replace")


def _of_csv(content: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        yield from row


def _of_workbook(content: bytes) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            yield from (str(cell.value) for cell in row if cell.value is not None)
            yield from (f"={cell.coordinate}" for cell in row if cell.data_type == "f")


def _of_pdf(content: bytes) -> Iterator[str]:
    with pypdfium2.PdfDocument(content) as pdf:
        # PDFium joins a line that is hyphenated at its end by U+FFFE.
        yield "".join(page.get_textpage().get_text_range().replace("\ufffe", "") for page in pdf)
        yield from pdf.get_metadata_dict().values()


def _of_zip(content: bytes) -> Iterator[str]:
    with ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield from [] if _SAFE_NAME.fullmatch(name) else [name]
            if name.endswith(".csv"):
                yield from (cell for cell in _of_csv(archive.read(name)) if not _SAFE_NAME.fullmatch(cell))
            elif name == "MISSING.txt":
                yield from _of_text(archive.read(name))


def _of_picture(content: bytes) -> Iterator[str]:
    with Image.open(io.BytesIO(content)) as picture:
        yield from (str(value) for value in picture.info.values())


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "text/html": _of_html,
    "text/plain": _of_text,
    "text/csv": _of_csv,
    "text/calendar": _of_calendar,
    "text/javascript": _of_text,
    "application/json": _of_json,
    "application/jwk-set+json": _of_json,
    "application/atom+xml": _of_xml,
    "application/pdf": _of_pdf,
    "image/jpeg": _of_picture,
    "application/zip": _of_zip,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _of_workbook,
}


def texts_of(content: bytes, media_type: str) -> list[str]:
    """Return the texts that a reader gets from a body. For a page also the names and values of its attributes.

    :raises KeyError: if the media type has no reader.
    """
    return list(READERS[media_type.partition(";")[0].strip()](content)) if content else []


def faults_of(content: bytes, media_type: str) -> list[str]:
    """Return the hostile texts that are not intact in a body."""
    return faults_in(texts_of(content, media_type))


def faults_in(texts: Iterable[str]) -> list[str]:
    """Return the hostile texts that are not intact in `texts`."""
    return [fault for text in texts for fault in mangled(text)]


def faults_of_headers(headers: dict[str, str]) -> list[str]:
    """Return the headers in which a hostile text is more than a quoted value."""
    return [
        f"{name}: {value}"
        for name, value in headers.items()
        if MARK in value and not _QUOTED.fullmatch(value)
    ]


def faults_of_mail(sent: bytes) -> list[str]:
    """Return the faults of a mail as the server receives it: injected headers, and texts that are not intact."""
    message = message_from_bytes(sent, policy=policy.default)
    faults = [f"header {name}" for name in message if name.lower() in {"bcc", "cc"}]
    faults += [f"subject {fault}" for fault in mangled(str(message["Subject"]))]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            faults += faults_of(part.get_content().encode(), part.get_content_type())
    return faults


def tokens_of_mail(sent: bytes) -> set[str]:
    """Return the marks of the hostile texts in a mail."""
    message = message_from_bytes(sent, policy=policy.default)
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return set().union(*(tokens_in(part) for part in [str(message["Subject"]), str(message["To"]), *parts]))
