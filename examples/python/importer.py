"""Imports files as online documents, and does not give up where patience helps."""

import json
import time
from pathlib import Path

import lark_oapi as lark
from lark_oapi.api.drive.v1 import (
    CreateImportTaskRequest,
    GetImportTaskRequest,
    ImportTask,
    ImportTaskMountPoint,
    UploadAllMediaRequest,
    UploadAllMediaRequestBody,
)

SOURCE_EXPIRED = 1069913
TOO_MANY_REQUESTS = (99991400, 1069923)
PENDING = (1, 2)


class Refused(Exception):
    """The platform said no."""

    def __init__(self, response):
        super().__init__(f"{response.code} {response.msg}")
        self.code = response.code


class Importer:
    """`sleep` takes seconds; a test passes one that only moves the server's clock."""

    def __init__(self, client: lark.Client, sleep=time.sleep):
        self.tasks = client.drive.v1.import_task
        self.media = client.drive.v1.media
        self.sleep = sleep

    def import_file(self, path: Path, source: str | None = None) -> str:
        """The address of the document. `source` is an upload from earlier, which may have expired."""
        try:
            ticket = self.create(path, source or self.upload(path))
        except Refused as refused:
            if refused.code != SOURCE_EXPIRED:
                raise
            ticket = self.create(path, self.upload(path))
        return self.wait(ticket)

    def upload(self, path: Path) -> str:
        extra = json.dumps({"obj_type": "docx", "file_extension": path.suffix[1:]})
        with path.open("rb") as file:
            body = UploadAllMediaRequestBody.builder().file_name(path.name).parent_type("ccm_import_open") \
                .size(path.stat().st_size).extra(extra).file(file).build()
            response = self.media.upload_all(UploadAllMediaRequest.builder().request_body(body).build())
        return self.checked(response).file_token

    def create(self, path: Path, source: str) -> str:
        point = ImportTaskMountPoint.builder().mount_type(1).mount_key("").build()
        task = ImportTask.builder().file_extension(path.suffix[1:]).file_token(source).type("docx") \
            .file_name(path.stem).point(point).build()
        response = self.tasks.create(CreateImportTaskRequest.builder().request_body(task).build())
        return self.checked(response).ticket

    def wait(self, ticket: str) -> str:
        request = GetImportTaskRequest.builder().ticket(ticket).build()
        for _ in range(60):
            response = self.tasks.get(request)
            if response.code in TOO_MANY_REQUESTS:
                self.sleep(int(response.raw.headers["X-Ogw-Ratelimit-Reset"]))
                continue
            result = self.checked(response).result
            if result.job_status == 0:
                return result.url
            if result.job_status not in PENDING:
                raise RuntimeError(f"import failed: {result.job_status} {result.job_error_msg}")
            self.sleep(1)
        raise TimeoutError(ticket)

    @staticmethod
    def checked(response):
        if not response.success():
            raise Refused(response)
        return response.data
