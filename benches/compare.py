#!/usr/bin/env python3
"""Measures the release binary beside what people use instead, in one run, as ratios.

usage: benches/compare.py [sheet] [report] [polls] [creates] [contacts] [windows] [start]      (all by default)

Build first:   cargo build --release -p larkspur && cargo build --release -p larkspur-benches
Peers are used where they are installed: soffice (LibreOffice), openpyxl, wrk; benches/install-peers gets them.
"""

import importlib.util
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
LARKSPUR = RELEASE / "larkspur"
ROUNDS = int(os.environ.get("ROUNDS", "3"))
ROWS = int(os.environ.get("ROWS", "1000000"))
SECONDS = int(os.environ.get("SECONDS_EACH", "8"))

OPENPYXL = """
import csv, sys, openpyxl
sheet = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True).worksheets[0]
with open(sys.argv[2], "w", newline="") as file:
    csv.writer(file).writerows(sheet.values)
"""


def measure(command, **kwargs):
    """Wall seconds and peak resident MiB of a command and its children."""
    started = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, **kwargs)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed: {errors.decode(errors='replace')[-2000:]}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


def sheet():
    """One large xlsx to csv."""
    work = Path(tempfile.mkdtemp(prefix="larkspur-bench-"))
    book = work / "book.xlsx"
    subprocess.run([RELEASE / "make_workbook", book, str(ROWS), "10"], check=True, stdout=subprocess.DEVNULL)
    print(f"{ROWS} x 10 cells, {book.stat().st_size / 1e6:.0f} MB, {ROUNDS} rounds; medians")
    peers = {
        "larkspur convert": [LARKSPUR, "convert", book, work / "larkspur.csv"],
        "calamine loop": [RELEASE / "calamine_csv", book, work / "calamine.csv"],
    }
    if shutil.which("soffice"):
        peers["LibreOffice"] = ["soffice", "--headless", f"-env:UserInstallation=file://{work}/profile",
                                "--convert-to", "csv", "--outdir", work, book]
    if importlib.util.find_spec("openpyxl"):
        peers["openpyxl"] = [sys.executable, "-c", OPENPYXL, book, work / "openpyxl.csv"]
    seen = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, command in peers.items():
            seen[name].append(measure(command))
    ours = statistics.median(wall for wall, _ in seen["larkspur convert"])
    for name, runs in seen.items():
        wall = statistics.median(wall for wall, _ in runs)
        print(f"  {name:18} {wall:8.2f} s  {max(rss for _, rss in runs):7.0f} MiB   1/{wall / ours:.1f}")
    shutil.rmtree(work)


def report():
    """A report of as many minutes of quality, 35 texts each, beside rust_xlsxwriter in constant memory."""
    work = Path(tempfile.mkdtemp(prefix="larkspur-bench-"))
    names = ["ours", "rust_xlsxwriter"]
    seen = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            seen[name].append(measure([RELEASE / "report", name, work / f"{name}.xlsx", str(ROWS)]))
    ours = statistics.median(wall for wall, _ in seen["ours"])
    for name, runs in seen.items():
        wall = statistics.median(wall for wall, _ in runs)
        print(f"  {name:18} {wall:8.2f} s  {max(rss for _, rss in runs):7.0f} MiB   {ROWS / wall:.0f} rows/s"
              f"   1/{wall / ours:.1f}")
    shutil.rmtree(work)


def contacts():
    """Users that one batch of 100,000 adds, on each database."""
    subprocess.run([RELEASE / "contacts"], check=True, cwd=tempfile.gettempdir())


def windows():
    """Windows of a sheet of 490,000 x 10, and edits of it, over HTTP."""
    subprocess.run([RELEASE / "windows", LARKSPUR], check=True)


class Server:
    """A release server on a temporary data directory."""

    def __init__(self, *options):
        self.data = Path(tempfile.mkdtemp(prefix="larkspur-bench-"))
        self.options = options
        self.start()

    def start(self):
        env = self.data / "env"
        before = env.stat().st_mtime_ns if env.exists() else None
        began = time.monotonic()
        self.process = subprocess.Popen(
            [LARKSPUR, "serve", "--data", self.data / "data", "--listen", "127.0.0.1:0", "--env-file", env,
             *self.options], stdout=subprocess.DEVNULL, stderr=open(self.data / "log", "ab"))
        while True:
            if env.exists() and env.stat().st_mtime_ns != before:
                break
            if self.process.poll() is not None or time.monotonic() - began > 20:
                sys.exit((self.data / "log").read_text()[-2000:])
            time.sleep(0.0005)
        self.start_ms = (time.monotonic() - began) * 1000
        self.env = dict(line.split("=", 1) for line in env.read_text().split())
        self.url = self.env["LARKSPUR_URL"]

    def call(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def token(self):
        return self.call("POST", "/open-apis/auth/v3/tenant_access_token/internal",
                         {"app_id": self.env["LARKSPUR_APP_ID"], "app_secret": self.env["LARKSPUR_APP_SECRET"]}
                         )["tenant_access_token"]

    def import_sample(self):
        """Imports a small page; its ticket and token."""
        page = self.data / "page.md"
        page.write_text("# 标题\n\ntext\n")
        environment = {**os.environ, **self.env}
        subprocess.run([LARKSPUR, "import", page], env=environment, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        token = self.token()
        files = self.call("GET", "/open-apis/drive/v1/files", token=token)["data"]["files"]
        return next(file["token"] for file in files if file["type"] == "docx")

    def stop(self, keep=False):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        if not keep:
            shutil.rmtree(self.data, ignore_errors=True)


def wrk(url, connections, *options):
    """Requests a second and answers that were not 2xx."""
    output = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", *options, url],
                            check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    return rate, int(bad[1]) if bad else 0


def polls():
    """Polls of a finished export beside a bare axum handler, with everything on and off."""
    # Ceilings as high as counts go: each call is counted against them, and none is refused.
    ceilings = Path(tempfile.mkdtemp(prefix="larkspur-bench-")) / "rates.toml"
    ceilings.write_text("default = { per_second = 4000000000, per_minute = 4000000000, per_day = 4000000000 }\n")
    variants = {
        "larkspur poll": (),
        "  limits enforced": ("--rate-limits", str(ceilings)),
        "  no record": ("--record", "0"),
        "  no log": ("--log", "off"),
    }
    bare = subprocess.Popen([RELEASE / "bare_axum"], stdout=subprocess.PIPE, text=True)
    bare_url = bare.stdout.readline().strip() + "/open-apis/drive/v1/import_tasks/1"
    polled = {}
    for name, options in variants.items():
        server = Server(*options)
        document, token = server.import_sample(), server.token()
        ticket = server.call("POST", "/open-apis/drive/v1/export_tasks",
                             {"file_extension": "docx", "token": document, "type": "docx"}, token)["data"]["ticket"]
        url = f"{server.url}/open-apis/drive/v1/export_tasks/{ticket}?token={document}"
        polled[name] = server, url, token
    rates = {"bare axum": [], **{name: [] for name in variants}}
    for _ in range(ROUNDS):
        rates["bare axum"].append(wrk(bare_url, 32)[0])
        for name, (_, url, token) in polled.items():
            rate, bad = wrk(url, 32, "-H", f"Authorization: Bearer {token}")
            if bad:
                sys.exit(f"{bad} polls failed")
            rates[name].append(rate)
    bare.kill()
    bare.wait()
    for server, _, _ in polled.values():
        server.stop()
    floor = statistics.median(rates["bare axum"])
    for name, seen in rates.items():
        print(f"  {name:18} {statistics.median(seen):10.0f} req/s   {statistics.median(seen) / floor:.0%}")


def creates():
    """Durable task creates over HTTP, workers switched off, so that creates alone are measured."""
    server = Server()
    document = server.import_sample()
    server.stop(keep=True)
    server.options = ("--light-tasks", "0", "--heavy-tasks", "0")
    server.start()
    token = server.token()
    script = server.data / "create.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        f'wrk.headers["Authorization"] = "Bearer {token}"\n'
        f'wrk.body = \'{{"file_extension":"docx","token":"{document}","type":"docx"}}\'\n')
    for clients in (1, 16, 64):
        rate, bad = wrk(server.url + "/open-apis/drive/v1/export_tasks", clients, "-s", str(script))
        print(f"  {clients:3} clients {rate:10.0f} creates/s   refused: {bad}")
    server.stop()


def start():
    """Start-up on an existing data directory until the first answer, and idle memory."""
    server = Server()
    times, memory = [], []
    for _ in range(max(ROUNDS, 5)):
        server.stop(keep=True)
        server.start()
        times.append(server.start_ms)
        time.sleep(1)
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        memory.append(int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024)
    server.stop()
    print(f"  start-up {statistics.median(times):.0f} ms, idle {statistics.median(memory):.0f} MiB resident")


def main():
    parts = {"sheet": sheet, "report": report, "polls": polls, "creates": creates, "contacts": contacts,
             "windows": windows, "start": start}
    chosen = sys.argv[1:] or list(parts)
    for name in chosen:
        if name not in parts:
            sys.exit(__doc__)
        print(f"{name}: {parts[name].__doc__}")
        parts[name]()


if __name__ == "__main__":
    main()
