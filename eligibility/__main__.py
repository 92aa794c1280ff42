"""Evaluate facts against a rulebook: `python -m eligibility --rulebook RULEBOOK.json < facts.jsonl > verdicts.jsonl`.

One facts object per line in, one verdict per line out, in the same order, each written before the next line is
read. Exits 0 on success; 1 if verdicts cannot be written; 2 at the first malformed rulebook or line, with one line
on standard error that names the line and the field. Verdicts of earlier lines are already written. Empty lines are
allowed only at the end of the input.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from eligibility.codec import MalformedError, parse, rulebook_from_json
from eligibility.lines import BadLineError, evaluate_lines

DONE, NOT_WRITTEN, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


class _Arguments(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Exit with code 2 and one line on standard error, as for other bad input."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = _Arguments(prog="eligibility", description="Judge one facts object per line by a rulebook.")
    parser.add_argument("--rulebook", required=True, type=Path, help="the rulebook, a JSON file")
    path: Path = parser.parse_args(arguments).rulebook
    try:
        rulebook = rulebook_from_json(parse(path.read_bytes()))
    except OSError as error:
        return _print_error(f"{path}: {error.strerror}")
    except MalformedError as error:
        return _print_error(f"{path}: {error}")
    try:
        for verdict in evaluate_lines(rulebook, sys.stdin.buffer):
            sys.stdout.buffer.write(verdict.encode() + b"\n")
            sys.stdout.buffer.flush()
    except BadLineError as error:
        return _print_error(str(error))
    except BrokenPipeError:
        # The reader closed the pipe: it needs no more lines.
        _discard_stdout()
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        _discard_stdout()
        _print_error(f"standard input or output: {error.strerror}")
        return NOT_WRITTEN
    return DONE


def _discard_stdout() -> None:
    # Unwritten bytes are still buffered: without this, Python writes them at exit and prints an error.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(message: str) -> int:
    sys.stderr.write(f"eligibility: {message}\n")
    return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
