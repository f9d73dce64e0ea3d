"""A server process of the tests' own: started on a free port, ended by its id."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .operator import Operator, answers

# Settings that are the plugin's own.
_OWN = ("config", "data", "env_file", "listen")
# Longest waits, seconds: for a server that starts, and for one that is to end.
_START_S = 60
_END_S = 30


class Server:
    """`larkspur serve` with a data folder below `folder`."""

    def __init__(self, binary: Path, folder: Path, settings: Mapping[str, Any] | None = None):
        self.binary = binary
        self.folder = folder
        self.env_file = folder / "env"
        self.log_file = folder / "log"
        self._settings = {"shutdown_grace_s": 2, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self.environ: dict[str, str] = {}
        self.start()

    @property
    def url(self) -> str:
        return self.environ["LARKSPUR_URL"]

    @property
    def app_id(self) -> str:
        return self.environ["LARKSPUR_APP_ID"]

    @property
    def app_secret(self) -> str:
        return self.environ["LARKSPUR_APP_SECRET"]

    @property
    def admin_token(self) -> str:
        return self.environ["LARKSPUR_ADMIN_TOKEN"]

    @property
    def operator(self) -> Operator:
        return Operator(self.url, self.admin_token)

    @property
    def pid(self) -> int | None:
        """The process's id, while there is one."""
        return self._process.pid if self._process else None

    @property
    def exit_status(self) -> int | None:
        """What the process ended with, if it has ended."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Starts it, under the address it had before, and waits until it answers."""
        listen = self.url.removeprefix("http://") if self.environ else "127.0.0.1:0"
        own = ["--data", str(self.folder / "data"), "--env-file", str(self.env_file), "--listen", listen]
        # In a folder without larkspur.toml, and without what the environment sets for others.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LARKSPUR_")}
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [self.binary, "serve", *own, *flags(self._settings)],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ends it as systems do: what runs may finish, for two seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """Ends it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Ends it, if it has not ended, and starts it under the same address with what it holds."""
        self.stop()
        self.start()

    def keep(self) -> None:
        """Makes what the server holds now what every test begins with."""
        self.operator.call("POST", "/snapshots", {"name": "base", "replace": True})

    def reset(self) -> None:
        """Puts back what every test begins with: what it was born with, its fixtures, or what was kept."""
        self.operator.call("POST", "/reset")

    def command(self, *arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command of the command line against this server, such as `command("import", path)`."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LARKSPUR_")}
        done = subprocess.run(
            [self.binary, *map(str, arguments)],
            env={**environment, **self.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if check and done.returncode != 0:
            words = " ".join(map(str, arguments))
            raise AssertionError(f"larkspur {words} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def log(self, since: int = 0) -> str:
        """What it logged, from a byte of the file on."""
        with self.log_file.open("rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + _START_S
        while True:
            # The file appears, whole, once the server answers; at later starts it is there already.
            if self.env_file.exists():
                self.environ = read_env_file(self.env_file)
                if answers(self.url):
                    return
            if self.exit_status is not None:
                raise RuntimeError(f"larkspur ended with {self.exit_status} at its start:\n{self.log()}")
            if time.monotonic() > until:
                raise RuntimeError(f"larkspur does not answer after {_START_S} s:\n{self.log()}")
            time.sleep(0.01)


def find_binary(option: str | None) -> Path:
    """The binary: what `--larkspur-bin` names, then `LARKSPUR_BIN`, then the one of the `PATH`."""
    for source, named in (("--larkspur-bin", option), ("LARKSPUR_BIN", os.environ.get("LARKSPUR_BIN"))):
        if named:
            found = shutil.which(Path(named).expanduser())
            if not found:
                raise FileNotFoundError(f"{source} names {named}, which is no program")
            return Path(found).resolve()
    found = shutil.which("larkspur")
    if not found:
        raise FileNotFoundError("no larkspur: put it on the PATH, or name it by --larkspur-bin or LARKSPUR_BIN")
    return Path(found).resolve()


def flags(settings: Mapping[str, Any]) -> list[str]:
    """Settings by their names in docs/configuration.md as flags; lists become a flag for each member."""
    arguments = []
    for name, value in settings.items():
        if name in _OWN:
            raise ValueError(f"larkspur_settings: {name} is set by the plugin")
        flag = "--" + name.replace("_", "-")
        for one in value if isinstance(value, list | tuple) else [value]:
            if isinstance(one, bool):
                one = str(one).lower()
            elif isinstance(one, Path):
                one = one.resolve()
            arguments.append(f"{flag}={one}")
    return arguments


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a file that `serve --env-file` wrote, for a shell to read."""
    lines = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: "".join(shlex.split(value)) for name, equals, value in lines if equals}
