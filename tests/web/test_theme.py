"""Contrast of the theme's light and dark colours, computed from the style sheet (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest
from django.conf import settings

_TEXT = 4.5
_CONTROL = 3.0


def _themes() -> dict[str, dict[str, str]]:
    css = (settings.BASE_DIR / "static/css/theme.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")[:2]
    colours = r"(--p-[a-z-]+): (#[0-9a-f]{3,6});"
    day = dict(re.findall(colours, light))
    return {"light": day, "dark": day | dict(re.findall(colours, dark.split("/* -- Bootstrap")[0]))}


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


_PAIRS = [
    ("text", "bg", _TEXT),
    ("text", "surface", _TEXT),
    ("text", "pale", _TEXT),
    ("quiet", "bg", _TEXT),
    ("quiet", "surface", _TEXT),
    ("link", "bg", _TEXT),
    ("link", "surface", _TEXT),
    ("link-hover", "pale", _TEXT),
    ("button-text", "button", _TEXT),
    ("button-text", "button-hover", _TEXT),
    ("on-blue", "blue", _TEXT),
    ("on-blue", "error", _TEXT),
    ("error-text", "bg", _TEXT),
    ("error-text", "error-bg", _TEXT),
    ("success-text", "bg", _TEXT),
    ("success-text", "success-bg", _TEXT),
    ("warning-text", "warning-bg", _TEXT),
    ("info-text", "info-bg", _TEXT),
    ("text", "error-bg", _TEXT),
    ("text", "success-bg", _TEXT),
    ("text", "warning-bg", _TEXT),
    ("text", "info-bg", _TEXT),
    ("control", "bg", _CONTROL),
    ("ring", "bg", _CONTROL),
    ("button", "bg", _CONTROL),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("front, back, least", _PAIRS)
def test_each_pair_of_colours_has_its_minimum_contrast(
    theme: str, front: str, back: str, least: float
) -> None:
    colours = _themes()[theme]
    assert _contrast(colours[f"--p-{front}"], colours[f"--p-{back}"]) >= least


def test_the_dark_theme_redefines_each_colour_that_is_read() -> None:
    themes = _themes()
    for name in ("text", "bg", "surface", "quiet", "link", "control", "ring"):
        assert themes["dark"][f"--p-{name}"] != themes["light"][f"--p-{name}"], name
