"""Form widgets of the administration's pages, those of other applications too."""

from django import forms


class DayInput(forms.DateInput):
    """A day, chosen in the browser's calendar or typed."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")
