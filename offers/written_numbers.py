"""Whole numbers as people read them, for templates, texts and the administration's lists."""

from django.utils.translation import get_language


class WrittenNumber(int):
    """Whole number that every template and text writes with a thousands separator: `15 000`, `15,000`.

    It still counts as an integer, as the counter of `blocktranslate` and of a lazy plural must.
    """

    def __str__(self) -> str:
        grouped = f"{int(self):,}"
        return grouped if (get_language() or "").startswith("en") else grouped.replace(",", "\u00a0")
