"""One large block for call frames: without it, allocating frames takes a tenth of the suite's time.

Python allocates call frames in blocks of 16 KB. It frees a block as soon as calls return out of it, and the next
deeper call allocates one again: under pytest, a page of the portal crosses such a limit hundreds of times. A frame
that fits in no block gets its own, at most twice as large, and later calls use the rest.
"""

from collections.abc import Callable

from _pytest import main

_WORDS = (1 << 16) + 64
"""Size of the frame, in words: it gets a block of a megabyte, of which half remains for deeper calls."""


def run_in_large_frame() -> None:
    """Run all of pytest inside one large block of frames."""
    setattr(main, main.wrap_session.__name__, _with_large_frame(main.wrap_session))


def _with_large_frame[**Given, Returned](function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    def call(*given: Given.args, **named: Given.kwargs) -> Returned:
        return function(*given, **named)

    call.__code__ = call.__code__.replace(co_stacksize=_WORDS)
    return call
