"""System user of the embedded servers: PostgreSQL does not run as root."""

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .places import EmbeddedError

UNPRIVILEGED = "nobody"
# Linux capabilities that let a process traverse closed folders, by setpriv's names; the weaker first.
CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


@dataclass(frozen=True, kw_only=True)
class Identity:
    """System user that the servers run as, and the command line that switches to it."""

    uid: int
    gid: int
    capability: str | None = None

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the command line for `subprocess`, to be used with `options()`."""
        plain = [str(argument) for argument in arguments]
        if self.capability is None:
            return plain
        # Without the secure bit, access() ignores the capability, and initdb calls access() on its own files.
        become = ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        become += ["--securebits=+no_setuid_fixup"]
        return [*become, f"--inh-caps=+{self.capability}", f"--ambient-caps=+{self.capability}", *plain]

    def options(self) -> dict[str, Any]:
        """Return the arguments of `subprocess` that `command()` needs."""
        if os.geteuid() != 0 or self.capability is not None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_folder(self, path: Path) -> None:
        """Create a folder that only this identity and root can enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        self.own(path)

    def own(self, path: Path) -> None:
        """Make this identity the owner of a file or folder."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)


def server_identity(cluster: Path, *, reach: tuple[Path, ...]) -> Identity:
    """Choose the user of the servers: this user; for root, the owner of an existing cluster, else `nobody`.

    Root's clone may be in a folder that other users cannot enter (/root). The servers then get one capability to
    traverse folders; the permissions of the folders do not change.

    :raises EmbeddedError: for root, if the servers cannot reach the folders of `reach`.
    """
    if os.geteuid() != 0:
        return Identity(uid=os.geteuid(), gid=os.getegid())
    owner = cluster.stat() if cluster.exists() else None
    if owner is not None and owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        user = pwd.getpwnam(UNPRIVILEGED)
        uid, gid = user.pw_uid, user.pw_gid
    closed = next(
        (folder for path in reach for folder in path.parents if not _may_enter(folder, uid, gid)), None
    )
    if closed is None:
        return Identity(uid=uid, gid=gid)
    capability = next((name for name, bit in CAPABILITIES.items() if _has_capability(bit)), None)
    if capability is None or shutil.which("setpriv") is None:
        message = f"as root, PostgreSQL runs as another user, who may not enter {closed}: move the clone, to /srv say."
        raise EmbeddedError(message)
    return Identity(uid=uid, gid=gid, capability=capability)


def _may_enter(folder: Path, uid: int, gid: int) -> bool:
    status = folder.stat()
    if status.st_uid == uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _has_capability(bit: int) -> bool:
    """True if this process has a Linux capability; False on systems without capabilities."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return False
    mask = next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
    return bool(mask >> bit & 1)
