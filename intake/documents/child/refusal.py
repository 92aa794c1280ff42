"""Reason codes of a refusal, and the exception that carries one."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a file is not accepted. The parent process has the message of each code."""

    EMPTY = "EMPTY"
    TOO_LARGE = "TOO_LARGE"
    TOO_MANY_PAGES = "TOO_MANY_PAGES"
    NO_PAGES = "NO_PAGES"
    ENCRYPTED = "ENCRYPTED"
    DAMAGED = "DAMAGED"
    NOT_ACCEPTED_TYPE = "NOT_ACCEPTED_TYPE"
    TOO_COMPLEX = "TOO_COMPLEX"
    TIMED_OUT = "TIMED_OUT"
    DIMENSIONS = "DIMENSIONS"
    PORTFOLIO = "PORTFOLIO"
    DYNAMIC_FORM = "DYNAMIC_FORM"
    POLYGLOT = "POLYGLOT"
    SELF_REFERENCE = "SELF_REFERENCE"
    VIRUS_FOUND = "VIRUS_FOUND"
    SCANNER_UNAVAILABLE = "SCANNER_UNAVAILABLE"


class Refused(Exception):
    """A file is not accepted, for reason `code`; `facts` are the figures that the message needs."""

    def __init__(self, code: Reason, **facts: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
