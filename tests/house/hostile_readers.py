"""What of a hostile text is left whole in each sort of answer, and what is not."""

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

from offers.folding import fold
from tests.house.hostile import MARK, wholes_of

_TOKEN = re.compile(rf"[{MARK[0]}{MARK[0].upper()}]{MARK[1]}0[0-7]\d")
_QUOTED = re.compile(r"""[\w /.?&=;:%+*~'",-]*""", re.ASCII)
"""An address, or a file's name; nothing of a tag, nor a line."""
_SAFE_NAME = re.compile(r"[A-Za-z0-9._/-]+")
_DATA = {"application/json", "application/ld+json"}


def tokens_in(text: str) -> set[str]:
    """Return the marks of the hostile texts of which something is in `text`."""
    return {found.lower() for found in _TOKEN.findall(text)}


@cache
def mangled(text: str) -> tuple[str, ...]:
    """Return what is left of hostile texts in `text` that is not the whole of one of their lines.

    Spaces are left out, and so is a text that is cut and says it by `…`. A filter of the offers names its value folded.
    Kept, for most texts are on hundreds of pages.
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
    """Return the marks of the hostile texts of which only parts are in `text`, for what reads a drawn page badly.

    A running head that is too long for its line is read twice over in part.
    """
    flat = "".join(text.split())
    return {token for token in tokens_in(flat) if not any(whole in flat for whole in wholes_of(token))}


# -- What a reader sees of each sort of answer ----------------------------------------------------------------------
def _of_html(content: bytes) -> Iterator[str]:
    page = html.document_fromstring(content.decode(), parser=html.HTMLParser(encoding="utf-8"))
    yield from _of_tree(page)


def _of_tree(tree: etree._Element) -> Iterator[str]:
    for node in tree.iter():
        if isinstance(node.tag, str):
            drawn = node.get("name") == "csrfmiddlewaretoken"  # at random: it may spell anything
            yield from (
                _unquoted(value) for name, value in node.attrib.items() if not drawn and name != "nonce"
            )
            yield from (f"<{node.tag} {name}>" for name in node.attrib)
        if isinstance(node.tag, str) and node.tag == "script" and node.get("type") in _DATA:
            yield from _of_value(json.loads(node.text or "null"))
        elif node.get("type") == "html":
            yield from _of_html((node.text or "").encode())
        else:
            yield node.text or ""
        yield node.tail or ""


def _unquoted(value: str) -> str:
    """Return what an address says, those that it carries as values included."""
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
    """Give the value of each line, unfolded; a line that no property begins is given as it is, and so is not whole."""
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
        # A line that is cut at the end of a page's line may be joined by a sign of its own.
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
    "application/zip": _of_zip,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _of_workbook,
}


def texts_of(content: bytes, media_type: str) -> list[str]:
    """Return what somebody reads in a body: its texts, and for a page the values and names of its attributes.

    :raises KeyError: if no reader is known for the media type.
    """
    return list(READERS[media_type.partition(";")[0].strip()](content)) if content else []


def faults_of(content: bytes, media_type: str) -> list[str]:
    """Return the hostile texts that are not whole in a body."""
    return faults_in(texts_of(content, media_type))


def faults_in(texts: Iterable[str]) -> list[str]:
    """Return the hostile texts that are not whole in some texts."""
    return [fault for text in texts for fault in mangled(text)]


def faults_of_headers(headers: dict[str, str]) -> list[str]:
    """Return the headers in which a hostile text is more than a value that its header quotes."""
    return [
        f"{name}: {value}"
        for name, value in headers.items()
        if MARK in value and not _QUOTED.fullmatch(value)
    ]


def faults_of_mail(sent: bytes) -> list[str]:
    """Return what is wrong with a mail as a server gets it: headers that somebody's text made, texts not whole."""
    message = message_from_bytes(sent, policy=policy.default)
    faults = [f"header {name}" for name in message if name.lower() in {"bcc", "cc"}]
    faults += [f"subject {fault}" for fault in mangled(str(message["Subject"]))]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            faults += faults_of(part.get_content().encode(), part.get_content_type())
    return faults


def tokens_of_mail(sent: bytes) -> set[str]:
    """Return the marks of the hostile texts that a mail says."""
    message = message_from_bytes(sent, policy=policy.default)
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return set().union(*(tokens_in(part) for part in [str(message["Subject"]), str(message["To"]), *parts]))
