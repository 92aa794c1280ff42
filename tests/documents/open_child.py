"""A document process that refuses nothing by itself: `python -m tests.documents.open_child MODULE …`.

It runs `intake.documents.child` or `intake.dossiers.child` without the filter of system calls and without the audit
hook, so that the one hides nothing from `kernel_calls` and the other refuses nothing before the kernel is asked.
"""

import os
import sys
from pathlib import Path
from unittest.mock import Mock

from intake.documents.child import confinement


def main(module: str, *arguments: str) -> None:
    """Run the main function of the process."""
    confinement._close_calls = Mock()
    if module == "intake.documents.child":
        from intake.documents.child import __main__ as inspection  # noqa: PLC0415 -- one of the two

        path, into, max_pages = arguments
        inspection.main(Path(path), Path(into), int(max_pages))
    else:
        from intake.dossiers.child import __main__ as drawing  # noqa: PLC0415 -- one of the two
        from intake.dossiers.child import sandbox  # noqa: PLC0415 -- one of the two

        sandbox.install_hook = Mock()
        drawing.main(Path(*arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # as the drawing process does
