"""The action run as a runner runs it: its steps, one by one, from `action.yml`."""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

ACTION = Path(__file__).parent.parent
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Step:
    """A step that ran, and what it told the runner."""

    name: str
    outcome: str
    printed: str
    outputs: dict = field(default_factory=dict)


class Runner:
    """A job: its environment goes from step to step and from action to action."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.temp = folder / "temp"
        self.temp.mkdir()
        self.environment = {**os.environ, "RUNNER_TEMP": str(self.temp), "RUNNER_OS": "Linux"}
        for name in list(self.environment):
            if name.startswith(("LARKSPUR_", "GITHUB_", "INPUT_")):
                del self.environment[name]
        self.cached = False

    def uses(self, action: Path, **inputs) -> dict[str, Step]:
        """Runs an action; the steps that ran, by id or name, in order. `fail_on` stands for `fail-on`."""
        described = yaml.safe_load((action / "action.yml").read_text())
        given = {name: spec["default"] for name, spec in described["inputs"].items()}
        for name, value in inputs.items():
            assert name.replace("_", "-") in given, f"no input {name}"
            given[name.replace("_", "-")] = value
        steps: dict[str, Step] = {}
        for step in described["runs"]["steps"]:
            name = step.get("id", step.get("name"))
            if any(ran.outcome == "failure" for ran in steps.values()):
                break
            if "if" in step and not self._holds(step["if"], steps):
                continue
            if "uses" in step:
                assert step["uses"].startswith("actions/cache@")
                self.cache = {key: self._filled(value, given, steps) for key, value in step["with"].items()}
                steps[name] = Step(name, "success", "", {"cache-hit": "true" if self.cached else ""})
                continue
            steps[name] = self._run(name, step, action, given, steps)
        self.outputs = {
            name: self._filled(spec["value"], given, steps)
            for name, spec in described.get("outputs", {}).items()
            if all(ran.outcome == "success" for ran in steps.values())
        }
        return steps

    def run(self, script: str) -> str:
        """A step of the workflow itself."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    def _run(self, name, step, action, given, steps) -> Step:
        files = {what: self.folder / f"{what.lower()}.txt" for what in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT")}
        for file in files.values():
            file.write_text("")
        environment = {
            **self.environment,
            **{what: str(file) for what, file in files.items()},
            **{key: self._filled(value, given, steps) for key, value in step.get("env", {}).items()},
            "GITHUB_ACTION_PATH": str(action),
        }
        assert step["shell"] == "bash"
        script = self._filled(step["run"], given, steps)
        # A file: a pipe would be held open by the server that goes on.
        printed = self.folder / "printed"
        with printed.open("wb") as output:
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
                env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        self.environment.update(pairs(files["GITHUB_ENV"]))
        for folder in files["GITHUB_PATH"].read_text().splitlines():
            self.environment["PATH"] = f"{folder}:{self.environment['PATH']}"
        outcome = "success" if done.returncode == 0 else "failure"
        return Step(name, outcome, printed.read_text(), pairs(files["GITHUB_OUTPUT"]))

    def _filled(self, text, given, steps) -> str:
        def value(expression):
            kind, _, rest = expression[1].partition(".")
            if kind == "inputs":
                return str(given[rest])
            if kind == "runner":
                return {"os": "Linux", "arch": "X64"}[rest]
            step, outputs, output = rest.split(".")
            assert (kind, outputs) == ("steps", "outputs")
            return steps[step].outputs.get(output, "")

        return EXPRESSION.sub(value, str(text))

    def _holds(self, condition, steps) -> bool:
        def holds(comparison):
            left, sign, right = re.fullmatch(r"steps\.(\S+) (==|!=) '(.*)'", comparison).groups()
            step, _, output = left.split(".")
            equal = steps[step].outputs.get(output, "") == right
            return equal if sign == "==" else not equal

        return all(map(holds, condition.split(" && ")))


def pairs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


@pytest.fixture
def runner(tmp_path):
    made = Runner(tmp_path)
    yield made
    # What a test left running, as the runner does at the end of a job.
    pid = made.temp / "larkspur" / "pid"
    if pid.exists():
        subprocess.run(["kill", "-KILL", pid.read_text().strip()], stderr=subprocess.DEVNULL, check=False)


@pytest.fixture
def binary():
    return Path(os.environ["LARKSPUR_BIN"])
