"""When a request came to the web server, by the kernel's stamp of its last byte.

In a rush a request waits in the socket for seconds, before any line of ours runs. Linux alone stamps the bytes of a
connection (`SO_TIMESTAMPNS`, socket(7)); elsewhere nobody knows.
"""

import socket
import struct
import sys
from collections.abc import Mapping
from typing import Any, Final

_SO_TIMESTAMPNS: Final = 35  # of asm-generic/socket.h; Python names it nowhere
_STAMP: Final = struct.Struct("qq")
_ANCILLARY_BYTES: Final = socket.CMSG_SPACE(_STAMP.size)


def stamp_connections(listener: socket.socket) -> None:
    """Have the kernel stamp the bytes of the connections that `listener` accepts from now on."""
    if sys.platform == "linux":
        listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


class StampedSocket(socket.socket):
    """A connection that remembers when its latest bytes came: nanoseconds since 1970, by this machine's clock."""

    received_ns: int | None = None

    @classmethod
    def wrap(cls, accepted: socket.socket) -> "StampedSocket":
        """Return the same connection; `accepted` is no longer one."""
        family, kind, protocol, timeout = (
            accepted.family,
            accepted.type,
            accepted.proto,
            accepted.gettimeout(),
        )
        stamped = cls(family, kind, protocol, fileno=accepted.detach())
        stamped.settimeout(timeout)
        return stamped

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Receive, and keep the stamp of the last byte that is returned."""
        data, ancillary, _flags, _address = self.recvmsg(size, _ANCILLARY_BYTES, flags)
        for level, kind, value in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                seconds, nanoseconds = _STAMP.unpack(value)
                self.received_ns = seconds * 1_000_000_000 + nanoseconds
        return data


def received_ns_of(environ: Mapping[str, Any]) -> int | None:
    """Return when the last byte of a request came, as `time.time_ns` counts; None if its server does not tell.

    Call it once the body is read. A client cannot antedate it.

    :param environ: the WSGI environment of the request.
    """
    received_ns: int | None = getattr(environ.get("gunicorn.socket"), "received_ns", None)
    return received_ns
