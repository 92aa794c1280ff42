"""Upload handlers. They run before authentication, so they write a bounded number of bytes to disk."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, override

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse

from intake.web.middleware import Middleware
from intake.web.storage import StorageUnavailableError, storage_errors

from .temp_dirs import base_directory

MAX_REQUEST_FILE_BYTES = 32 * 1024 * 1024  # bytes per request; a document request may not allow more


class PlacedUploadedFile(TemporaryUploadedFile):
    """A file of a request, in the directory that `temp_dirs` cleans after a killed process; deleted once closed."""

    def __init__(self, name: str | None, content_type: str | None, charset: str | None) -> None:
        file = tempfile.NamedTemporaryFile(prefix="request-", dir=base_directory())  # noqa: SIM115 -- closed by its request
        UploadedFile.__init__(self, file, name, content_type, 0, charset)


class _Unstored:
    """What cannot be read of a file that the disk did not take."""

    mode, closed = "rb", True

    def __init__(self, failure: StorageUnavailableError) -> None:
        self._failure = failure

    def close(self) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        raise self._failure


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Write the files of one request to disk, `MAX_REQUEST_FILE_BYTES` in total; count and discard the rest.

    A truncated file keeps its true size, for the message of the refusal; its content is never read. Nor is that of a
    file that the disk did not take: who reads it gets the reason, and the request has all its fields.
    """

    kept = 0
    failure: StorageUnavailableError | None = None

    @override
    def new_file(self, *args: Any, **kwargs: Any) -> None:
        # Not the parent class's, which would open a file elsewhere.
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.failure = None
        with self._unless_unstored():
            self.file = PlacedUploadedFile(self.file_name, self.content_type, self.charset)

    @override
    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        chunk = raw_data[: MAX_REQUEST_FILE_BYTES - self.kept]
        self.kept += len(chunk)
        if self.failure is None:
            with self._unless_unstored():
                self.file.write(chunk)

    @override
    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        complete = None
        if self.failure is None:
            with self._unless_unstored():
                complete = super().file_complete(file_size)
                del self.file  # the request closes it; `upload_interrupted` closes one that is not complete
        if self.failure is None:
            return complete
        unstored: Any = _Unstored(self.failure)
        return UploadedFile(unstored, self.file_name, self.content_type, file_size, self.charset)

    @contextmanager
    def _unless_unstored(self) -> Iterator[None]:
        try:
            with storage_errors():
                yield
        except StorageUnavailableError as failure:
            self.failure = failure
            if hasattr(self, "file"):
                with suppress(OSError):  # what was not written yet
                    self.file.close()
                del self.file


class InterruptedUploadMiddleware(Middleware):
    """Close and delete the file of which a request ended in the middle: Django closes only those that were complete."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond, then end the upload."""
        response = self.get_response(request)
        if request.content_type == "multipart/form-data":
            for handler in request.upload_handlers:
                handler.upload_interrupted()
        return response
