"""Room for the calls of a run, taken once: without it, a tenth of the suite's time is the system giving Python memory.

Python keeps the frames of its calls in blocks of 16 KB. One is given back as soon as the calls return out of it, and is
asked for again by the next call that goes deeper: under pytest, a page of ours crosses such a limit hundreds of times.
A frame that fits in no block gets one of its own, twice as large at most, and what it calls fills the rest.
"""

from collections.abc import Callable

from _pytest import main

_WORDS = (1 << 16) + 64
"""Of the frame: it gets a block of a megabyte, of which half remains for deeper calls."""


def run_in_large_frame() -> None:
    """Let all that pytest does from now on run inside one large block of frames."""
    setattr(main, main.wrap_session.__name__, _with_large_frame(main.wrap_session))


def _with_large_frame[**Given, Returned](function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    def call(*given: Given.args, **named: Given.kwargs) -> Returned:
        return function(*given, **named)

    call.__code__ = call.__code__.replace(co_stacksize=_WORDS)
    return call
