"""Upload handlers. They run before authentication, so they write a bounded number of bytes to disk."""

import tempfile
from typing import Any, override

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse

from intake.web.middleware import Middleware

from .temp_dirs import base_directory

MAX_REQUEST_FILE_BYTES = 32 * 1024 * 1024  # bytes per request; a document request may not allow more


class PlacedUploadedFile(TemporaryUploadedFile):
    """A file of a request, in the directory that `temp_dirs` cleans after a killed process; deleted once closed."""

    def __init__(self, name: str | None, content_type: str | None, charset: str | None) -> None:
        file = tempfile.NamedTemporaryFile(prefix="request-", dir=base_directory())  # noqa: SIM115 -- closed by its request
        UploadedFile.__init__(self, file, name, content_type, 0, charset)


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Write the files of one request to disk, `MAX_REQUEST_FILE_BYTES` in total; count and discard the rest.

    A truncated file keeps its true size, for the message of the refusal; its content is never read.
    """

    kept = 0

    @override
    def new_file(self, *args: Any, **kwargs: Any) -> None:
        # Not the parent class's, which would open a file elsewhere.
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = PlacedUploadedFile(self.file_name, self.content_type, self.charset)

    @override
    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        chunk = raw_data[: MAX_REQUEST_FILE_BYTES - self.kept]
        self.kept += len(chunk)
        self.file.write(chunk)

    @override
    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        complete = super().file_complete(file_size)
        del self.file  # the request closes it; `upload_interrupted` closes one that is not complete
        return complete


class InterruptedUploadMiddleware(Middleware):
    """Close and delete the file of which a request ended in the middle: Django closes only those that were complete."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond, then end the upload."""
        response = self.get_response(request)
        if request.content_type == "multipart/form-data":
            for handler in request.upload_handlers:
                handler.upload_interrupted()
        return response
