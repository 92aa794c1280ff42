"""Render HTML as tagged PDF. Only listed assets are read."""

import ssl
from pathlib import Path
from typing import Any

import weasyprint
from weasyprint.urls import URLFetcher, URLFetcherResponse

from . import prepared
from .actual_text import written_with_text
from .archival import declare_archival
from .glyphs import map_every_glyph, missing_characters
from .receipt_format import NAMESPACE
from .tags import Tagging

_SCHEME = "asset:"
_MEDIA_TYPES = {
    ".css": "text/css",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".svg": "image/svg+xml",
}
_ATTEMPTS = 3
"""A replaced character can change the font of its neighbours, which that font may not have."""


class UnknownAssetError(ValueError):
    """The page references a URL that is not one of its assets."""


class AssetFetcher(URLFetcher):  # type: ignore[misc]  # -- WeasyPrint ships no types
    """Serve only `asset:name` URLs, from a fixed list of files: no network, path or data URL."""

    def __init__(self, assets: dict[str, str]) -> None:
        # A context of its own would read the authorities of the machine for each page.
        super().__init__(allowed_protocols=(), ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self._assets = assets

    def fetch(self, url: str, _headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return the asset's content.

        :raises UnknownAssetError: if `url` is not an asset.
        """
        name = url.removeprefix(_SCHEME)
        if not url.startswith(_SCHEME) or name not in self._assets:
            raise UnknownAssetError(url)
        path = Path(self._assets[name])
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _MEDIA_TYPES[path.suffix]})


def render_pdf(html: str, assets: dict[str, str], to: Path, *, archival: bool = False) -> int:
    """Write `html` as PDF/UA-1 at `to` and return the number of pages. Tags, language and title come from `html`.

    As PDF/A-2a too if `archival`: only for a file in which no page of a document is inserted.
    A character that no font has is replaced by its number: « [U+1F9FF] », never an empty box.
    """
    for _attempt in range(_ATTEMPTS):
        pages, missing = _render(html, assets, to, archival=archival)
        if not missing:
            break
        head, mark, body = html.partition(
            "<body"
        )  # the title has its characters: the reader's fonts display it
        html = head + mark + body.translate({code: f"[U+{code:04X}]" for code in missing})
    return pages


def _render(html: str, assets: dict[str, str], to: Path, *, archival: bool) -> tuple[int, set[int]]:
    """Write `html` at `to`. Return the number of pages and the characters that no font has."""
    page: Any = weasyprint.HTML(string=html, base_url="asset:", url_fetcher=AssetFetcher(assets))
    options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": b"intake"}
    document = page.render(font_config=prepared.fonts(), **options)
    tagging = Tagging()

    def finish(drawn: Any, pdf: Any) -> None:
        tagging.finish(drawn, pdf)
        map_every_glyph(drawn, pdf)
        if archival:
            declare_archival(pdf, receipts=NAMESPACE)

    with tagging.recording(), written_with_text():
        document.write_pdf(to, finisher=finish, **options)
    return len(document.pages), missing_characters(document)
