#!/usr/bin/env python3
"""Measures the release binary beside what people use instead, in one run, as ratios.

usage: benches/compare.py [sheet] [cells] [large] [report] [polls] [creates] [contacts] [windows] [start]      (all by default)

Build first:   cargo build --release -p larkspur && cargo build --release -p larkspur-benches
Peers are used where they are installed: soffice (LibreOffice), openpyxl, xlsx2csv, wrk; benches/install-peers gets
them. ROUNDS (3), ROWS (1000000) and SECONDS_EACH (8) change how much is done; PEERS=fast leaves out those that take
minutes.
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
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
LARKSPUR = RELEASE / "larkspur"
ROUNDS = int(os.environ.get("ROUNDS", "3"))
ROWS = int(os.environ.get("ROWS", "1000000"))
SECONDS = int(os.environ.get("SECONDS_EACH", "8"))

PEERS = os.environ.get("PEERS", "all")

OPENPYXL = """
import csv, sys, openpyxl
sheet = openpyxl.load_workbook(sys.argv[1], read_only=True, data_only=True).worksheets[0]
with open(sys.argv[2], "w", newline="") as file:
    csv.writer(file).writerows(sheet.values)
"""

OPENPYXL_WRITE = """
import csv, sys, openpyxl
book = openpyxl.Workbook(write_only=True)
sheet = book.create_sheet()
def value(text):
    try:
        return float(text)
    except ValueError:
        return text
with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
    for record in csv.reader(file):
        sheet.append([value(field) for field in record])
book.save(sys.argv[2])
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
    side_by_side({**peers, **slow_readers(book, work)})
    shutil.rmtree(work)


def slow_readers(book, work):
    """What people turn a workbook into csv with today, as far as it is installed."""
    peers = {}
    if PEERS == "fast":
        return peers
    if shutil.which("soffice"):
        peers["LibreOffice"] = ["soffice", "--headless", f"-env:UserInstallation=file://{work}/profile",
                                "--convert-to", "csv", "--outdir", work, book]
    if importlib.util.find_spec("openpyxl"):
        peers["openpyxl"] = [sys.executable, "-c", OPENPYXL, book, work / "openpyxl.csv"]
    if importlib.util.find_spec("xlsx2csv"):
        peers["xlsx2csv"] = [sys.executable, "-m", "xlsx2csv", book, work / "xlsx2csv.csv"]
    return peers


def side_by_side(peers):
    """Runs each command as often as there are rounds, in turn; the first is what the others are compared with."""
    seen = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, command in peers.items():
            seen[name].append(measure(command))
    first = statistics.median(wall for wall, _ in next(iter(seen.values())))
    for name, runs in seen.items():
        wall = statistics.median(wall for wall, _ in runs)
        print(f"  {name:22} {wall:8.2f} s  {max(rss for _, rss in runs):7.0f} MiB   {wall / first:6.2f}", flush=True)


def cells():
    """The legs of a workbook one by one: files into the chunks a server keeps, and chunks into files."""
    work = Path(tempfile.mkdtemp(prefix="larkspur-bench-"))
    book, chunks, table = work / "book.xlsx", work / "cells.chunks", work / "table.csv"
    make, legs = RELEASE / "make_workbook", RELEASE / "workbook_legs"
    for command in ([make, book, str(ROWS), "10"], [legs, book, chunks], [legs, chunks, table]):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    print(f" xlsx ({book.stat().st_size / 1e6:.0f} MB) to chunks")
    side_by_side({
        "larkspur": [legs, book, chunks],
        "inflating alone": [RELEASE / "floors", "inflate", book],
        "calamine loop": [RELEASE / "calamine_csv", book, work / "calamine.csv"],
        **slow_readers(book, work),
    })
    print(f" csv ({table.stat().st_size / 1e6:.0f} MB) to chunks")
    side_by_side({
        "larkspur": [legs, table, work / "table.chunks"],
        "splitting alone (csv)": [RELEASE / "floors", "csv", table],
    })
    print(" chunks to xlsx")
    writers = {
        "larkspur": [legs, chunks, work / "out.xlsx"],
        "rust_xlsxwriter": [make, work / "theirs.xlsx", str(ROWS), "10"],
    }
    if PEERS != "fast" and importlib.util.find_spec("openpyxl"):
        writers["openpyxl write-only"] = [sys.executable, "-c", OPENPYXL_WRITE, table, work / "openpyxl.xlsx"]
    side_by_side(writers)
    sizes = {name: (work / name).stat().st_size / 1e6 for name in ("out.xlsx", "theirs.xlsx")}
    print("  " + ", ".join(f"{name} {size:.0f} MB" for name, size in sizes.items()))
    print(" chunks to csv")
    side_by_side({"larkspur": [legs, chunks, work / "out.csv"]})
    shutil.rmtree(work)


def large():
    """A workbook of 800 MB into chunks, all its cells; and a csv of 100 MB through a server into a base."""
    work = Path(tempfile.mkdtemp(prefix="larkspur-bench-"))
    book = work / "large.xlsx"
    subprocess.run([RELEASE / "make_workbook", book, str(ROWS), "58", "2"], check=True, stdout=subprocess.DEVNULL)
    print(f" 2 sheets of {ROWS} x 58 cells, {book.stat().st_size / 1e6:.0f} MB of xlsx to chunks")
    legs = RELEASE / "workbook_legs"
    side_by_side({
        "larkspur": [legs, book, work / "cells.chunks"],
        "inflating alone": [RELEASE / "floors", "inflate", book],
    })
    small = work / "small.xlsx"
    # As many rows as make 100 MB, which is the most that becomes a base.
    rows = str(ROWS * 85 // 100)
    subprocess.run([RELEASE / "make_workbook", small, rows, "10"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([legs, small, work / "table.csv"], check=True, stdout=subprocess.DEVNULL)
    server = Server("--base-records", str(2 * ROWS))
    environment = {**os.environ, **server.env}
    for path, kind in ((work / "table.csv", "bitable"), (book, "sheet")):
        command = [LARKSPUR, "import", path, "--as", kind]
        with Resident(server.process.pid) as resident:
            wall = statistics.median(measure(command, env=environment)[0] for _ in range(ROUNDS))
        print(f"  {path.name} ({path.stat().st_size / 1e6:.0f} MB) as a {kind} through the server: {wall:.2f} s, "
              f"server and its child {resident.peak_mib:.0f} MiB", flush=True)
    server.stop()
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


class Resident:
    """Looks at the resident memory of a process and its children, fifty times a second."""

    def __init__(self, pid):
        self.pid, self.peak_mib = pid, 0.0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def look(self):
        while not self.done.wait(0.02):
            threads = Path(f"/proc/{self.pid}/task").glob("*/children")
            pids = [self.pid, *(pid for children in threads for pid in read(children).split())]
            pages = [read(f"/proc/{pid}/statm").split() for pid in pids]
            mib = sum(int(page[1]) for page in pages if page) * os.sysconf("SC_PAGESIZE") / 2**20
            self.peak_mib = max(self.peak_mib, mib)


def read(path):
    """A file's text; nothing once the process it tells of has ended."""
    try:
        return Path(path).read_text()
    except OSError:
        return ""


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
    parts = {"sheet": sheet, "cells": cells, "large": large, "report": report, "polls": polls, "creates": creates,
             "contacts": contacts, "windows": windows, "start": start}
    chosen = sys.argv[1:] or list(parts)
    for name in chosen:
        if name not in parts:
            sys.exit(__doc__)
        print(f"{name}: {parts[name].__doc__}")
        parts[name]()


if __name__ == "__main__":
    main()
