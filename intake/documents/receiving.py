"""Take what a request sends, before anybody knows who sends it: a bounded part of it reaches the disk."""

import tempfile
from typing import Any, override

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from .temp_dirs import base_directory

MAX_REQUEST_FILE_BYTES = 32 * 1024 * 1024  # bytes of files in one request; no document asked may be larger


class PlacedUploadedFile(TemporaryUploadedFile):
    """A file of a request, on disk where what a killed process leaves is found (`rooms`), and gone once closed."""

    def __init__(self, name: str | None, content_type: str | None, charset: str | None) -> None:
        file = tempfile.NamedTemporaryFile(prefix="request-", dir=base_directory())  # noqa: SIM115 -- closed by its request
        UploadedFile.__init__(self, file, name, content_type, 0, charset)


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Write the files of one request to disk, `MOST_KEPT` bytes of them in all; count the rest and let it go.

    A file that was cut has its true size, so that the refusal can say it; its content is never read.
    """

    kept = 0

    @override
    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(
            self, *args, **kwargs
        )  # and not its own class's, which opens one elsewhere
        self.file = PlacedUploadedFile(self.file_name, self.content_type, self.charset)

    @override
    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        room = raw_data[: MAX_REQUEST_FILE_BYTES - self.kept]
        self.kept += len(room)
        self.file.write(room)
