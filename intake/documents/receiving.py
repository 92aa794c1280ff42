"""Take what a request sends, before anybody knows who sends it: a bounded part of it reaches the disk."""

from typing import override

from django.core.files.uploadhandler import TemporaryFileUploadHandler

MOST_KEPT = 32 * 1024 * 1024  # bytes of files in one request; no document asked may be larger


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Write the files of one request to disk, `MOST_KEPT` bytes of them in all; count the rest and let it go.

    A file that was cut has its true size, so that the refusal can say it; its content is never read.
    """

    kept = 0

    @override
    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        room = raw_data[: MOST_KEPT - self.kept]
        self.kept += len(room)
        self.file.write(room)
