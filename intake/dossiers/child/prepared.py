"""Style sheets and fonts of pages, read once before the process of each PDF is forked (`documents.child.forking`).

What is kept is the portal's own and the same for every page. Pango looks for fonts in a thread of each font map, and no
thread may run when a process is forked: the font map is dropped, and each process makes its own of the same fonts.
"""

import gc
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import weasyprint.css
from weasyprint.text.ffi import ffi, fontconfig, gobject, pangoft2
from weasyprint.text.fonts import FontConfiguration

from intake.documents.child.forking import threads

if TYPE_CHECKING:
    from pathlib import Path

_THREAD_SECONDS: Final = 5
PAGE: Final = """<!doctype html><html lang="fr-CA"><head><meta charset="utf-8"><title>Dossier</title>
<link rel="stylesheet" href="asset:pdf-fonts.css"><link rel="stylesheet" href="asset:pdf.css"></head>
<body><div class="band"><p class="portal">Portail</p><h1>Dossier</h1></div><h2>Réponses</h2><ul><li>Une</li></ul>
<svg viewBox="0 0 2 2"><path stroke="#223654" d="M0 0.5h1m1 1h-1" class="qrline"/></svg>
<table><thead><tr><th scope="col">Question</th></tr></thead>
<tbody><tr><td lang="en">Answer, fi, 1</td></tr></tbody></table>
<dl><dt>Nom</dt><dd><strong>Zoé</strong> <a href="#nom" id="nom">№ 1</a></dd></dl>"""
"""A page of no one, whose drawing reads what the others read."""
_LENGTH: Final = re.compile(r"\[\d+\]$")
_fonts: "_Fonts | None" = None


class _Fonts(FontConfiguration):  # type: ignore[misc]  # -- WeasyPrint ships no types
    """Fonts that outlive their font map."""

    def __init__(self) -> None:
        self._config = fontconfig.FcInitLoadConfigAndFonts()
        self._folder: Path | None = None
        self.kept: Path | None = None
        self.attach()

    def attach(self) -> None:
        """Make a font map."""
        self.strut_layouts: dict[Any, Any] = {}
        self.font_features: dict[Any, Any] = {}
        self.font_map = ffi.gc(pangoft2.pango_ft2_font_map_new(), gobject.g_object_unref)
        pangoft2.pango_fc_font_map_set_config(ffi.cast("PangoFcFontMap *", self.font_map), self._config)

    def detach(self) -> None:
        """Drop the font map."""
        self.kept, self._folder = self._folder, None
        self.font_map = None
        self.strut_layouts.clear()
        self.font_features.clear()


def keep_what_is_read(draw: Callable[[], object]) -> None:
    """Keep the linked style sheets and the fonts that `draw` reads, for the processes forked from this one."""
    global _fonts  # noqa: PLW0603 -- of the whole process, as what is loaded
    read = weasyprint.css.CSS
    sheets: dict[str, Any] = {}

    def read_once(*, url: str | None = None, **options: Any) -> Any:
        if url is None or "matcher" in options:  # a part of another sheet
            return read(url=url, **options)
        if url not in sheets:
            # WeasyPrint goes through the rules of each sheet in order: this list need not be the page's.
            sheets[url] = read(url=url, **options | {"page_rules": []})
        return sheets[url]

    new = ffi.new

    def new_of_any_length(kind: str, *content: Any) -> Any:
        """Allocate an array as long as its content: each length is another type, whose name takes 2 ms to parse."""
        return new(_LENGTH.sub("[]", kind) if content else kind, *content)

    weasyprint.css.CSS = read_once
    ffi.new = new_of_any_length
    _fonts = _Fonts()
    draw()
    _fonts.detach()
    gc.collect()
    until = time.monotonic() + _THREAD_SECONDS
    while threads() > 1 and time.monotonic() < until:
        time.sleep(0.01)


def fonts() -> Any:
    """Return the fonts that were kept, for one page; None if none were."""
    if _fonts is not None and _fonts.font_map is None:
        _fonts.attach()
    return _fonts


def kept_files() -> set[str]:
    """Return the folder of the fonts that were kept, if any: a process reads them there."""
    return {str(_fonts.kept)} if _fonts is not None and _fonts.kept is not None else set()
