"""File names: short, plain, and safe in every file system and every header."""

import re
import unicodedata

MAX_NAME_CHARACTERS = 120
DISPLAY_MAX_LENGTH = 80
EXTENSIONS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/heic": ".heic"}

_LETTERS = {
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "þ": "th",
    **dict(zip("øłđðħıŋ", "olddhin", strict=True)),
}
_TO_ASCII = str.maketrans(
    _LETTERS
    | {letter.upper(): plain.upper() for letter, plain in _LETTERS.items() if len(letter.upper()) == 1}
    | dict.fromkeys("’‘ʼ′‐‑‒–—−", "-")
)
"""Letters and signs that NFKD does not decompose, and what people write for them."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}$")
# Names that Windows reserves for devices, with any extension.
_DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)


def stored_name(name: str, media_type: str | None) -> str:
    """Return a safe file name: no path, ASCII letters, digits, `._-`, at most 120 characters.

    The extension is that of `media_type`, not that of `name`; none if `media_type` is unknown.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    stem = folded(last)
    extension = EXTENSIONS.get(media_type or "", "")
    while (shorter := _EXTENSION.sub("", stem)) != stem:
        stem = shorter
    stem = stem.strip("._-")
    if not stem or _DEVICES.match(stem):
        stem = f"document-{stem}".strip("-")
    return stem[: MAX_NAME_CHARACTERS - len(extension)].rstrip("._-") + extension


def folded(text: str) -> str:
    """Return `text` in ASCII, without accents; anything but letters, digits and `._-` becomes one hyphen.

    Consecutive points become one: two would name the parent folder.
    """
    plain = unicodedata.normalize("NFKD", text).translate(_TO_ASCII).encode("ascii", "ignore").decode()
    hyphened = _UNSAFE.sub("-", plain)
    return re.sub(r"([.-])\1+", r"\1", hyphened).strip("-")


def display_name(name: str) -> str:
    """Return a file's name for its sender to read: no path, no invisible or direction characters, 80 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(char for char in last if not unicodedata.category(char).startswith("C")).strip()
    if len(plain) <= DISPLAY_MAX_LENGTH:
        return plain
    half = DISPLAY_MAX_LENGTH // 2  # the start distinguishes files, and the end shows their type
    return f"{plain[: half - 1]}…{plain[-half:]}"
