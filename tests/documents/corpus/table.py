"""All cases of the corpus, in the order of their families."""

from . import active, bombs, honest_pdf, honest_pictures, pictures, polyglots, structures
from .case import Case

HOSTILE: list[Case] = [
    *active.CASES,
    *structures.CASES,
    *bombs.CASES,
    *polyglots.CASES,
    *pictures.CASES,
]
HONEST: list[Case] = [*honest_pdf.CASES, *honest_pictures.CASES]
CASES: list[Case] = [*HOSTILE, *HONEST]
