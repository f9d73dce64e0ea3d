#!/usr/bin/env python3
"""A bulk run over many small files while everything goes wrong: throttled, refused and lost answers,
and the runner killed with -9. Afterwards every good file must be there exactly once, and the summary
must be true.

    many_files.py BINARY [--files 2000] [--kills 2] [--seed 7] [--documented-only] [--keep FOLDER]

Needs Python and the built binary, nothing else. Prints one JSON line; the exit status is 0 only if
everything held.
"""

import argparse
import collections
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

FOLDER_SIZE = 100
KINDS = {"md": "docx", "txt": "docx", "docx": "docx", "csv": "sheet", "xlsx": "sheet"}
# What goes wrong with every how-manieth call; primes, so that they meet in all combinations.
FAULTS = [
    {"operation": "driveMediaUploadAll", "every": 61, "throttle": 1},
    {"operation": "driveMediaUploadAll", "every": 23, "http": 500},
    {"operation": "driveMediaUploadAll", "every": 29, "drop": "after"},
    {"operation": "driveImportTaskCreate", "every": 53, "throttle": 1},
    {"operation": "driveImportTaskCreate", "every": 13, "http": 500},
    {"operation": "driveImportTaskCreate", "every": 17, "drop": "before"},
    {"operation": "driveImportTaskCreate", "every": 11, "drop": "after"},
    {"operation": "driveImportTaskGet", "every": 67, "throttle": 1},
    {"operation": "driveImportTaskGet", "every": 31, "error": 1069901},
    {"operation": "driveImportTaskGet", "every": 37, "drop": "before"},
    {"operation": "driveFileList", "every": 7, "http": 500},
    {"operation": "driveFileCreateFolder", "every": 3, "drop": "after"},
    {"family": "drive.import", "every": 97, "status": 3},
]


def archive(parts):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return data.getvalue()


HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def office(main, content_type, text, more=None, overrides=""):
    types = (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{content_type}"/>{overrides}</Types>'
    )
    rels = (
        f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="{main}"/></Relationships>'
    )
    return archive({"[Content_Types].xml": types, "_rels/.rels": rels, main: text, **(more or {})})


def docx(number):
    body = "".join(f"<w:p><w:r><w:t>第{number}页 {line}</w:t></w:r></w:p>" for line in range(5))
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    text = f'{HEAD}<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    return office("word/document.xml", kind, text)


def xlsx(number):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    start = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><v>{number}</v></c><c r="B{row}"><v>{row}</v></c></row>'
        for row in range(1, 6)
    )
    sheet = f'{HEAD}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
    book = (
        f'{HEAD}<workbook xmlns="{space}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="订单" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    rels = (
        f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    )
    override = f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{start}worksheet+xml"/>'
    more = {"xl/_rels/workbook.xml.rels": rels, "xl/worksheets/sheet1.xml": sheet}
    return office("xl/workbook.xml", start + "sheet.main+xml", book, more, override)


def content(extension, number, lossy):
    if extension == "md":
        picture = "\n![far away](https://pictures.invalid/a.png)\n" if lossy else ""
        return f"# 第{number}页\n\n- one\n- two\n{picture}".encode()
    if extension == "txt":
        return f"line {number}\n行\n".encode()
    if extension == "csv":
        return f"id,名称\n{number:04},甲\n".encode()
    return docx(number) if extension == "docx" else xlsx(number)


def generate(root, count, rng):
    """Files in folders; what is expected of each."""
    good, bad, lossy = collections.Counter(), set(), set()
    for number in range(count):
        folder = f"{number // FOLDER_SIZE:02}/月报" if number % 2 else f"{number // FOLDER_SIZE:02}"
        extension = rng.choice(list(KINDS))
        # Every twentieth name is there more than once in its folder, with another extension.
        name = "note" if number % 20 < 2 else f"file {number}"
        path = root / folder / f"{name}.{extension}"
        if path.exists():
            path = root / folder / f"file {number}.{extension}"
        path.parent.mkdir(parents=True, exist_ok=True)
        relative = path.relative_to(root).as_posix()
        if number % 101 == 50:
            path = path.with_suffix(".xlsx")
            relative = path.relative_to(root).as_posix()
            path.write_bytes(b"PK\x03\x04 this is no workbook")
            bad.add(relative)
            continue
        loses = extension == "md" and number % 10 == 4
        if loses:
            lossy.add(relative)
        path.write_bytes(content(extension, number, loses))
        good[(folder, path.stem, KINDS[extension])] += 1
    (root / "left-out.png").write_bytes(b"\x89PNG")
    return good, bad, lossy


class Server:
    def __init__(self, binary, folder):
        self.env_file = folder / "env"
        log = open(folder / "log", "w")
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--data", folder / "data"]
        self.process = subprocess.Popen(
            [*command, "--env-file", self.env_file], stdout=log, stderr=log
        )
        for _ in range(600):
            if self.env_file.exists():
                break
            if self.process.poll() is not None:
                sys.exit("the server did not start: " + (folder / "log").read_text())
            time.sleep(0.05)
        lines = self.env_file.read_text().splitlines()
        self.env = dict(line.split("=", 1) for line in lines)
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        token = self.call(
            "/open-apis/auth/v3/tenant_access_token/internal",
            {"app_id": self.env["LARKSPUR_APP_ID"], "app_secret": self.env["LARKSPUR_APP_SECRET"]},
        )
        self.token = token["tenant_access_token"]

    def call(self, path, body=None, token="", method=None):
        request = urllib.request.Request(
            self.env["LARKSPUR_URL"] + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method=method,
        )
        with self.opener.open(request, timeout=60) as answer:
            return json.load(answer)

    def operator(self, path, body=None, method=None):
        return self.call("/larkspur/v1" + path, body, self.env["LARKSPUR_ADMIN_TOKEN"], method)

    def tree(self, folder, path=""):
        """Everything below a folder: its folder's path, name, kind, token."""
        after = ""
        while True:
            query = f"?folder_token={folder}&page_size=200&page_token={after}"
            data = self.call("/open-apis/drive/v1/files" + query, token=self.token)["data"]
            for file in data["files"]:
                if file["type"] == "folder":
                    below = f"{path}/{file['name']}".lstrip("/")
                    yield path, file["name"], "folder", file["token"]
                    yield from self.tree(file["token"], below)
                else:
                    yield path, file["name"], file["type"], file["token"]
            after = data.get("next_page_token", "")
            if not data.get("has_more"):
                return


def ended(journal):
    if not journal.exists():
        return 0
    return journal.read_bytes().count(b'{"line":"done"')


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("binary")
    arguments.add_argument("--files", type=int, default=2000)
    arguments.add_argument("--kills", type=int, default=2)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--documented-only", action="store_true")
    arguments.add_argument("--keep")
    options = arguments.parse_args()
    rng = random.Random(options.seed)
    temporary = tempfile.TemporaryDirectory()
    work = pathlib.Path(options.keep or temporary.name)
    source = work / "source"
    good, bad, lossy = generate(source, options.files, rng)
    server = Server(os.path.abspath(options.binary), work)
    try:
        report = check(options, rng, work, source, server, good, bad, lossy)
    finally:
        server.process.kill()
        server.process.wait()
    print(json.dumps(report, ensure_ascii=False))
    sys.exit(0 if report["ok"] else 1)


def check(options, rng, work, source, server, good, bad, lossy):
    meta = server.call("/open-apis/drive/explorer/v2/root_folder/meta", token=server.token)
    made = server.call(
        "/open-apis/drive/v1/files/create_folder",
        {"name": "bulk", "folder_token": meta["data"]["token"]},
        server.token,
    )
    folder = made["data"]["token"]
    for fault in FAULTS:
        server.operator("/faults", fault)
    journal = work / "run.jsonl"
    command = [os.path.abspath(options.binary), "run", "import", source, "--folder", folder]
    command += ["--journal", journal, "--env-file", server.env_file, "--json"]
    if options.documented_only:
        command += ["--documented-only", "--pace", "off", "--settle", "3"]
    thresholds = sorted(rng.sample(range(1, max(2, options.files * 9 // 10)), options.kills))
    kills, started = [], time.monotonic()
    for threshold in thresholds:
        runner = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while ended(journal) < threshold and runner.poll() is None:
            time.sleep(rng.uniform(0.005, 0.05))
        runner.kill()
        runner.wait()
        kills.append(ended(journal))
    last = subprocess.run(command, stdout=subprocess.PIPE, stderr=open(work / "told", "w"))
    seconds = time.monotonic() - started
    rules = server.operator("/faults")["data"]["items"]
    server.operator("/faults", method="DELETE")
    problems = []

    def require(holds, what):
        if not holds:
            problems.append(what)

    summary = json.loads(last.stdout)
    totals = summary["totals"]
    require(last.returncode == 1, f"exit status {last.returncode}, 1 means some failed")
    found = list(server.tree(folder))
    documents = [entry for entry in found if entry[2] != "folder"]
    there = collections.Counter((path, name, kind) for path, name, kind, _ in documents)
    require(there == good, f"missing {good - there}, too many {there - good}")
    folders = [entry[0] + "/" + entry[1] for entry in found if entry[2] == "folder"]
    require(len(folders) == len(set(folders)), "a folder was made twice")
    by_state = collections.defaultdict(list)
    for item in summary["items"]:
        by_state[item["state"]].append(item)
    relative = lambda item: pathlib.Path(item["file"]).relative_to(source).as_posix()
    require({relative(item) for item in by_state["failed"]} == bad, "not the bad ones failed")
    tokens = sorted(item["result"]["token"] for item in by_state["done"])
    require(tokens == sorted(entry[3] for entry in documents), "tokens are not those that are there")
    counted = (totals["done"], totals["failed"], totals["open"], totals["items"])
    expected = (sum(good.values()), len(bad), 0, sum(good.values()) + len(bad))
    require(counted == expected, f"totals {counted}, expected {expected}")
    unknown = {relative(item) for item in by_state["done"] if item["result"].get("found_by_name")}
    warned = {relative(item) for item in by_state["done"] if item["warnings"]}
    require(warned - lossy == set(), f"warnings for {sorted(warned - lossy)[:5]}")
    require(lossy - warned <= unknown, f"no warnings for {sorted(lossy - warned - unknown)[:5]}")
    require(totals["skipped"] == 1, "the picture was not left out")
    return {
        "ok": not problems,
        "problems": problems,
        "files": options.files,
        "killed_after": kills,
        "seconds": round(seconds, 1),
        "imported": totals["done"],
        "failed": totals["failed"],
        "with_losses": totals["with_losses"],
        "found_by_name": len(unknown),
        "faults_hit": sum(rule["hit_count"] for rule in rules),
        "journal_bytes": journal.stat().st_size,
    }


if __name__ == "__main__":
    main()
