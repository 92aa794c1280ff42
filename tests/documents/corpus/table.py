"""All cases of the corpus, in the order of their families."""

from . import active, bombs, heic, honest_pdf, honest_pictures, pictures, polyglots, structures
from .case import Case

HOSTILE: list[Case] = [
    *active.CASES,
    *structures.CASES,
    *bombs.CASES,
    *polyglots.CASES,
    *pictures.CASES,
    *(case for case in heic.CASES if not case.is_honest),
]
HONEST: list[Case] = [
    *honest_pdf.CASES,
    *honest_pictures.CASES,
    *(case for case in heic.CASES if case.is_honest),
]
CASES: list[Case] = [*HOSTILE, *HONEST]
