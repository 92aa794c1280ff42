"""Error of the uploads."""

from .child.refusal import Reason


class UploadRefused(Exception):
    """A file is not accepted. `code` is stable; `reason` is a message in the active language, with what to do."""

    def __init__(self, code: Reason, reason: str) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason
