"""All controls, by what they protect."""

from collections.abc import Mapping
from typing import Final

from tests.controls import access, files, pages, records, sign_in, uploads
from tests.controls.control import Control

GROUPS: Final[Mapping[str, tuple[Control, ...]]] = {
    "Every page": pages.CONTROLS,
    "Sign-in, sessions and settings": sign_in.CONTROLS,
    "Access": access.CONTROLS,
    "Files": files.CONTROLS,
    "Received and stored files": uploads.CONTROLS,
    "Records and the database": records.CONTROLS,
}
CONTROLS: Final = tuple(control for group in GROUPS.values() for control in group)
