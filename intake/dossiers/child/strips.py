"""Strips above the pages of documents: each as wide as its page, and as high and large in print as that width needs."""

from collections.abc import Iterable

_LETTER, _NARROWEST = 612, 306  # points
_HEIGHT, _TEXT, _MARGIN, _NUMBER = 28, 8, 54, 187  # points, on a page as wide as Letter paper
_NARROW_MARGIN = 14

_STYLE = """
@page {name} {{
  background: #eef4f9; margin: 0 {number}pt 0 {margin}pt; size: {width}pt {height}pt;
  @top-left {{ content: none; border: 0 }} @top-right {{ content: none; border: 0 }}
  @bottom-left {{ content: none }} @bottom-right {{ content: none }}
  @right-middle {{
    color: #223654; content: string(number) " — page " counter(page) " sur " counter(pages);
    font-size: {text}pt; padding-right: {margin}pt; text-align: right; white-space: nowrap;
  }}
}}
.{name} {{ font-size: {text}pt; line-height: {height}pt; page: {name} }}
"""


def strip_name(width: float) -> str:
    """Return the name of the strip of a page `width` points wide: its class, and that of its page."""
    return f"strip-{round(max(width, _NARROWEST))}"


def strip_styles(widths: Iterable[float]) -> str:
    """Return the style sheet of the strips for pages of these `widths`, in points.

    A wider page is displayed smaller: its strip grows with it. A narrow page has a strip that is wider than itself, in
    which its name and number fit.
    """
    return "".join(_style(width) for width in sorted({round(max(width, _NARROWEST)) for width in widths}))


def _style(width: int) -> str:
    scale = max(width / _LETTER, 1)
    margin = _NARROW_MARGIN if width < _LETTER * 3 / 4 else _MARGIN * scale
    return _STYLE.format(
        name=strip_name(width),
        width=width,
        height=round(_HEIGHT * scale),
        text=round(_TEXT * scale, 2),
        margin=round(margin, 2),
        number=round((_NUMBER - _MARGIN) * scale + margin, 2),
    )
