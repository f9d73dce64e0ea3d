"""Push under load, with a kill -9 in the middle: every listener hears of every end.

Starts the built server with data of its own, has TASKS imports done while LISTENERS streams of server-sent
events and WEBHOOKS webhooks listen, kills the server when half of the ends were heard, starts it again, and
checks that each listener and each webhook heard of the end of every acknowledged task. Signatures are
verified with the public library `standardwebhooks`. Afterwards long polls are timed against the moment
their task ended.

    pip install standardwebhooks
    python push.py --larkspur target/release/larkspur

Most tasks end by a rehearsed refusal (`quick.md`), so that what is measured is push and not conversions;
one in fifty is a real import.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from standardwebhooks import Webhook, WebhookVerificationError

FINAL = {"task.succeeded", "task.failed", "task.cancelled"}


# The receiver of webhooks, in a process of its own.


class Receiving(asyncio.Protocol):
    """Just enough HTTP/1.1 for posts on kept connections."""

    def __init__(self, state):
        self.state, self.unread, self.transport = state, b"", None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.unread += data
        while True:
            end = self.unread.find(b"\r\n\r\n")
            if end < 0:
                return
            lines = self.unread[:end].decode("latin-1").split("\r\n")
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            length = int(headers.get("content-length", "0"))
            if len(self.unread) < end + 4 + length:
                return
            body = self.unread[end + 4 : end + 4 + length]
            self.unread = self.unread[end + 4 + length :]
            hook = lines[0].split(" ")[1].rsplit("/", 1)[1]
            self.transport.write(self.state.receive(hook, headers, body))


class Received:
    """What each webhook was told."""

    def __init__(self):
        self.secrets, self.heard, self.ids = {}, {}, {}
        self.messages = self.unverified = self.repeated = 0

    def receive(self, hook, headers, body):
        self.messages += 1
        try:
            event = self.secrets[hook].verify(body, headers)
        except (KeyError, WebhookVerificationError):
            self.unverified += 1
            return b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"
        seen = self.ids[hook]
        if headers["webhook-id"] in seen:
            self.repeated += 1
        seen.add(headers["webhook-id"])
        if event["type"] in FINAL:
            self.heard[hook].add(event["data"]["task_id"])
        return b"HTTP/1.1 204 No Content\r\n\r\n"


def receive_webhooks(port, pipe):
    async def serve():
        state = Received()
        loop = asyncio.get_running_loop()
        await loop.create_server(lambda: Receiving(state), "127.0.0.1", port, backlog=1024)
        while True:
            if not pipe.poll():
                await asyncio.sleep(0.05)
                continue
            what, value = pipe.recv()
            if what == "secret":
                hook, secret = value
                state.secrets[hook] = Webhook(secret)
                state.heard[hook], state.ids[hook] = set(), set()
            elif what == "count":
                pipe.send(min(map(len, state.heard.values()), default=0))
            elif what == "missing":
                wanted = set(value)
                pipe.send({hook: len(wanted - heard) for hook, heard in state.heard.items()})
            elif what == "sums":
                pipe.send((state.messages, state.unverified, state.repeated))

    asyncio.run(serve())


# The server and its listeners.


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    def __init__(self, binary, folder):
        self.binary, self.folder, self.port = binary, folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process, self.env = None, {}

    def start(self):
        env_file = os.path.join(self.folder, "env")
        log = open(os.path.join(self.folder, "log"), "a")
        self.process = subprocess.Popen(
            [
                self.binary, "serve", "--listen", f"127.0.0.1:{self.port}",
                "--data", os.path.join(self.folder, "data"), "--env-file", env_file,
                "--webhook-private=true", "--log", "warn",
            ],
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        for _ in range(3000):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1).read()
                if os.path.exists(env_file):
                    break
            except OSError:
                pass
            time.sleep(0.01)
        else:
            sys.exit(f"the server does not answer; see {self.folder}/log")
        if not self.env:
            with open(env_file) as lines:
                pairs = (line.strip().split("=", 1) for line in lines if "=" in line)
                self.env = {name: value.strip("'\"") for name, value in pairs}

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Connection:
    """A kept connection for calls with small JSON answers."""

    def __init__(self, port, token):
        self.port, self.token, self.reader, self.writer = port, token, None, None

    async def call(self, method, path, body=None, headers=None):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"Authorization: Bearer {self.token}"] if self.token else []
        lines += [f"Content-Length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        try:
            self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = 0
            for line in head.decode("latin-1").split("\r\n")[1:]:
                name, _, value = line.partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            answer = json.loads(await self.reader.readexactly(length))
        except (OSError, asyncio.IncompleteReadError):
            self.writer.close()
            self.writer = None
            raise
        if answer["code"] != 0:
            raise RuntimeError(f"{method} {path}: {answer}")
        return answer.get("data", answer)


class Listener:
    def __init__(self, port, token):
        self.port, self.token, self.cursor = port, token, ""
        self.heard, self.connections, self.repeated = set(), 0, 0

    async def listen(self):
        while True:
            try:
                await self.once()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)

    async def once(self):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        request = (
            "GET /larkspur/v1/events?state=succeeded,failed,cancelled HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
        )
        if self.cursor:
            request += f"Last-Event-ID: {self.cursor}\r\n"
        writer.write(request.encode() + b"\r\n")
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise RuntimeError(head.decode("latin-1"))
            self.connections += 1
            unread = b""
            while True:
                size = int((await reader.readuntil(b"\r\n")).strip(), 16)
                if size == 0:
                    return
                unread += (await reader.readexactly(size + 2))[:-2]
                *frames, unread = unread.split(b"\n\n")
                for frame in frames:
                    self.take(frame)
        finally:
            writer.close()

    def take(self, frame):
        name, data = b"", b""
        for line in frame.split(b"\n"):
            if line.startswith(b"data: "):
                data = line[6:]
            elif line.startswith(b"id: "):
                self.cursor = line[4:].decode()
            elif line.startswith(b"event: "):
                name = line[7:]
        if data and not name:
            task = json.loads(data)["data"]["task_id"]
            self.repeated += task in self.heard
            self.heard.add(task)


async def upload(port, token, name):
    root = await Connection(port, token).call("GET", "/open-apis/drive/explorer/v2/root_folder/meta")
    boundary, content = "b0undary", b"# a text\n"
    fields = {"file_name": name, "parent_type": "explorer", "parent_node": root["token"], "size": len(content)}
    body = b""
    for field, value in fields.items():
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
    body += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    body += content + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = await Connection(port, token).call("POST", "/open-apis/drive/v1/files/upload_all", body, kind)
    return answer["file_token"]


async def submit(server, token, sources, numbers, tickets):
    connection = Connection(server.port, token)
    for number in numbers:
        name, source = sources[number % 50 == 0]
        body = {"file_extension": "md", "file_token": source, "type": "docx", "file_name": name,
                "point": {"mount_type": 1, "mount_key": ""}}
        while True:
            try:
                made = await connection.call("POST", "/open-apis/drive/v1/import_tasks", body)
                tickets.append(made["ticket"])
                break
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.05)


async def long_polls(server, admin, token, source, count):
    """Milliseconds from the end of a task to the answer of who waited for it."""
    taken = []
    submitting, waiting = Connection(server.port, token), Connection(server.port, admin)
    body = {"file_extension": "md", "file_token": source, "type": "docx", "file_name": "polled",
            "point": {"mount_type": 1, "mount_key": ""}}
    for _ in range(count):
        made = await submitting.call("POST", "/open-apis/drive/v1/import_tasks", body)
        answer = await waiting.call("GET", f"/larkspur/v1/tasks/{made['ticket']}?wait=30s")
        taken.append(time.time() * 1000 - answer["task"]["finished_ms"])
    return taken


async def run(arguments, server, pipe, hook_port):
    server.start()
    admin = server.env["LARKSPUR_ADMIN_TOKEN"]
    operator = Connection(server.port, admin)
    credentials = {"app_id": server.env["LARKSPUR_APP_ID"], "app_secret": server.env["LARKSPUR_APP_SECRET"]}
    answer = await Connection(server.port, "").call(
        "POST", "/open-apis/auth/v3/tenant_access_token/internal", credentials)
    token = answer["tenant_access_token"]
    rule = {"family": "drive.import", "file": "quick*", "status": 3}
    await operator.call("POST", "/larkspur/v1/faults", rule)
    sources = [(name, await upload(server.port, token, f"{name}.md")) for name in ("quick", "real")]
    for number in range(arguments.webhooks):
        body = {"url": f"http://127.0.0.1:{hook_port}/hook/{number}"}
        made = await operator.call("POST", "/larkspur/v1/webhooks", body)
        pipe.send(("secret", (str(number), made["secret"])))
    listeners = [Listener(server.port, admin) for _ in range(arguments.listeners)]
    listening = [asyncio.create_task(one.listen()) for one in listeners]
    while not all(one.cursor for one in listeners):
        await asyncio.sleep(0.05)

    begun, tickets = time.monotonic(), []
    numbers = iter(range(arguments.tasks))
    submitting = [
        asyncio.create_task(submit(server, token, sources, numbers, tickets)) for _ in range(8)]

    def count(what="count", value=None):
        if not arguments.webhooks:
            return arguments.tasks
        pipe.send((what, value))
        return pipe.recv()

    killed = None
    while True:
        await asyncio.sleep(0.25)
        for one in listening + submitting:
            if one.done() and one.exception():
                raise one.exception()
        heard = min((len(one.heard) for one in listeners), default=arguments.tasks)
        told = count()
        if killed is None and heard >= arguments.tasks // 2:
            server.kill()
            server.start()
            killed = {"at_task": heard, "at_webhook": told}
        if all(one.done() for one in submitting) and min(heard, told) >= len(tickets):
            break
        if time.monotonic() - begun > arguments.limit:
            break
    took = time.monotonic() - begun
    missing = sum(len(set(tickets) - one.heard) for one in listeners)
    untold = sum(count("missing", tickets).values()) if arguments.webhooks else 0
    messages, unverified, repeated = count("sums") if arguments.webhooks else (0, 0, 0)
    polls = await long_polls(server, admin, token, sources[1][1], arguments.polls)
    result = {
        "tasks": len(tickets), "listeners": len(listeners), "webhooks": arguments.webhooks,
        "killed": killed, "seconds": round(took, 1),
        "missing_at_listeners": missing, "missing_at_webhooks": untold,
        "listener_connections": sum(one.connections for one in listeners),
        "repeated_at_listeners": sum(one.repeated for one in listeners),
        "messages": messages, "unverified_messages": unverified, "repeated_messages": repeated,
        "long_poll_ms": {
            "median": round(statistics.median(polls), 1), "worst": round(max(polls), 1)},
    }
    result["ok"] = (
        len(tickets) == arguments.tasks and killed is not None and missing == untold == unverified == 0
        and result["long_poll_ms"]["median"] <= 20)
    print(json.dumps(result))
    return result["ok"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--larkspur", default="target/debug/larkspur")
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--listeners", type=int, default=100)
    parser.add_argument("--webhooks", type=int, default=100)
    parser.add_argument("--polls", type=int, default=100)
    parser.add_argument("--limit", type=float, default=1800, help="seconds")
    arguments = parser.parse_args()
    hook_port, (pipe, theirs) = free_port(), multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive_webhooks, args=(hook_port, theirs), daemon=True)
    receiver.start()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(arguments.larkspur, folder)
        try:
            ok = asyncio.run(run(arguments, server, pipe, hook_port))
        finally:
            server.kill()
            receiver.kill()
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
