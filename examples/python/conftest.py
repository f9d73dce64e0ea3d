"""A server for the tests, and a tenant for each of them."""

import json
import os
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field

import lark_oapi as lark
import pytest


class Server:
    """`larkspur serve --memory`, and its operator's API."""

    def __init__(self, folder):
        self.env_file = folder / "env"
        binary = os.environ.get("LARKSPUR_BINARY", "larkspur")
        command = [binary, "serve", "--memory", "--listen", "127.0.0.1:0", "--env-file", str(self.env_file)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        # The file appears, whole, once the server answers.
        while not self.env_file.exists():
            assert self.process.poll() is None, "the server did not start"
            time.sleep(0.01)
        env = dict(line.split("=", 1) for line in self.env_file.read_text().splitlines())
        self.url, self.token = env["LARKSPUR_URL"], env["LARKSPUR_ADMIN_TOKEN"]

    def operate(self, path, body):
        """POST to the operator's API; the data of the answer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["data"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


@dataclass
class Tenant:
    """A tenant that no other test sees."""

    server: Server
    tenant_id: str
    client: lark.Client
    slept: list = field(default_factory=list)

    def sleep(self, seconds):
        """Time for the server, none for the test."""
        self.slept.append(seconds)
        self.server.operate("/larkspur/v1/clock/advance", {"by": f"{seconds}s"})

    def rehearse(self, **rule):
        """A rule for this tenant's requests or tasks."""
        self.server.operate("/larkspur/v1/faults", {"tenant": self.tenant_id, **rule})


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("larkspur"))
    yield server
    server.stop()


@pytest.fixture
def tenant(server):
    made = server.operate("/larkspur/v1/tenants", {"name": "example"})["tenant"]
    client = lark.Client.builder().domain(server.url).app_id(made["app_id"]).app_secret(made["app_secret"]).build()
    return Tenant(server, made["tenant_id"], client)
