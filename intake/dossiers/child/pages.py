"""Render HTML as tagged PDF. Only listed assets are read."""

from pathlib import Path
from typing import Any

import weasyprint
from weasyprint.urls import URLFetcher, URLFetcherResponse

_SCHEME = "asset:"
_MEDIA_TYPES = {".css": "text/css", ".woff": "font/woff", ".svg": "image/svg+xml"}


class UnknownAssetError(ValueError):
    """The page references a URL that is not one of its assets."""


class AssetFetcher(URLFetcher):  # type: ignore[misc]  # -- WeasyPrint ships no types
    """Serve only `asset:name` URLs, from a fixed list of files: no network, path or data URL."""

    def __init__(self, assets: dict[str, str]) -> None:
        super().__init__(allowed_protocols=())
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


def render_pdf(html: str, assets: dict[str, str], to: Path) -> int:
    """Write `html` as PDF/UA-1 at `to` and return the number of pages. Tags, language and title come from `html`."""
    page: Any = weasyprint.HTML(string=html, base_url="asset:", url_fetcher=AssetFetcher(assets))
    options = {"pdf_variant": "pdf/ua-1", "pdf_identifier": b"intake"}
    document = page.render(**options)
    document.write_pdf(to, **options)
    return len(document.pages)
