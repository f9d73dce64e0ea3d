#!/usr/bin/env python3
"""Workbooks through the online spreadsheet and out again, read by two programs nobody here wrote.

usage: workbook_round_trip.py FOLDER [--larkspur BINARY]

Every xlsx and xlsm file of FOLDER is converted to xlsx once more (`larkspur convert`, which goes through
the model and the stored cells). Original and copy are then read with openpyxl, and with LibreOffice, which
saves what it read for openpyxl to look at. Values, formulas, number formats and merged areas must be equal.
A difference is counted under its reason, if there is one that holds for all files, else it fails the run.
"""

import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

warnings.simplefilter("ignore")
import openpyxl  # noqa: E402
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
EPOCH = datetime.datetime(1899, 12, 30)


def days(value):
    """The number of a date, to a second."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        value = datetime.datetime.combine(value, datetime.time())
    if isinstance(value, datetime.datetime):
        value = (value - EPOCH).total_seconds() / 86_400
    return round(value * 86_400) if isinstance(value, (int, float)) else None


# Reasons that hold whatever the file: what is compared, of which reader, and how it shows.
REASONS = [
    ("the original has a formula that no workbook can have alone: it refers to another one",
     lambda kind, old, new: kind == "formula" and "[" in str(old) and new is None),
    ("openpyxl does not know the built-in formats of East Asian locales, which the copy spells out",
     lambda kind, old, new: kind == "format" and old == "General" and re.search("[年月日时]", str(new))),
    ("the copy writes escaped control characters as XML does, which openpyxl shows as they are",
     lambda kind, old, new: kind == "value" and isinstance(old, str) and isinstance(new, str)
     and re.sub(r"_x000[dD]_|\r", "", old) == re.sub(r"_x000[dD]_|\r", "", new)),
    ("openpyxl shows a cell of ISO text as a date or a number, the same in the copy's cell of a number",
     lambda kind, old, new: kind == "value" and days(old) is not None and days(old) == days(new)),
    ("data tables are kept as values",
     lambda kind, old, new: kind == "formula" and str(old).startswith("data table")),
]


def convert(larkspur, source, target):
    run = subprocess.run([larkspur, "convert", "--quiet", source, target], capture_output=True, text=True)
    return run.returncode == 0, run.stderr.strip()


def with_openpyxl(path):
    """Of each sheet: {(kind, place): what}."""
    values = openpyxl.load_workbook(path, data_only=True)
    formulas = openpyxl.load_workbook(path)
    sheets = {}
    for sheet in formulas.worksheets:
        seen = {}
        for cell in list(sheet._cells.values()):
            value = cell.value
            if isinstance(value, ArrayFormula):
                seen["formula", cell.coordinate] = f"{{{value.text}}} over {value.ref}"
            elif isinstance(value, DataTableFormula):
                seen["formula", cell.coordinate] = f"data table over {value.ref}"
            elif cell.data_type == "f":
                seen["formula", cell.coordinate] = value
            if value is not None:
                seen["format", cell.coordinate] = cell.number_format
        for cell in list(values[sheet.title]._cells.values()):
            if cell.value is not None and cell.value != "":
                value = cell.value
                seen["value", cell.coordinate] = (
                    float(f"{value:.12g}") if isinstance(value, float) else value)
        for area in sheet.merged_cells.ranges:
            seen["merge", str(area)] = True
        sheets[sheet.title] = seen
    return sheets


def save_again(paths, folder):
    """Has LibreOffice read workbooks and save them as xlsx."""
    profile = Path(tempfile.mkdtemp())
    command = ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(folder)] + [str(path) for path in paths]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)
    shutil.rmtree(profile, ignore_errors=True)


def compare(name, reader, old, new, totals, reasons, failures):
    for title, before in old.items():
        after = new.get(title)
        if after is None:
            if before:
                failures.append(f"{reader} {name}: no sheet {title}")
            continue
        for key in before.keys() | after.keys():
            kind, place = key
            left, right = before.get(key), after.get(key)
            totals[reader, kind, left == right] += 1
            if left == right:
                continue
            reason = next((reason for reason, holds in REASONS if holds(kind, left, right)), None)
            if reason:
                reasons[reason] += 1
            else:
                failures.append(f"{reader} {name} {title} {place}: {kind} {left!r:.300} became {right!r:.300}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--larkspur", default=TARGET / "debug" / "larkspur")
    arguments = parser.parse_args()
    sources = sorted(path for path in arguments.folder.iterdir() if path.suffix in (".xlsx", ".xlsm"))
    totals, reasons, failures = Counter(), Counter(), []
    with tempfile.TemporaryDirectory() as temporary:
        temporary = Path(temporary)
        copies, originals, old_saved, new_saved = (temporary / part for part in ("copy", "from", "old", "new"))
        for folder in (copies, originals, old_saved, new_saved):
            folder.mkdir()
        for source in sources:
            (originals / source.name).write_bytes(source.read_bytes())
            done, said = convert(arguments.larkspur, source, copies / f"{source.stem}.xlsx")
            if not done:
                failures.append(f"{source.name}: {said}")
        for source in sources:
            copy = copies / f"{source.stem}.xlsx"
            try:
                old = with_openpyxl(source)
            except Exception as error:  # It fails in many ways, none of them ours.
                print(f"openpyxl does not read {source.name}: {type(error).__name__}")
                old = {}
            compare(source.name, "openpyxl", old, with_openpyxl(copy), totals, reasons, failures)
        if shutil.which("soffice"):
            save_again(sorted(originals.iterdir()), old_saved)
            save_again(sorted(copies.iterdir()), new_saved)
            for source in sources:
                old, new = (folder / f"{source.stem}.xlsx" for folder in (old_saved, new_saved))
                try:
                    before = with_openpyxl(old)
                except Exception as error:
                    print(f"LibreOffice does not save {source.name} so that it could be read: {error!r:.100}")
                    continue
                compare(source.name, "LibreOffice", before, with_openpyxl(new), totals, reasons, failures)
        else:
            print("soffice is not here: LibreOffice was not asked")
    for line in failures:
        print(line)
    for reader in ("openpyxl", "LibreOffice"):
        for kind in ("value", "formula", "format", "merge"):
            equal, different = totals[reader, kind, True], totals[reader, kind, False]
            print(f"{reader:12}{kind:8} {equal:6} equal, {different} different")
    for reason, count in reasons.most_common():
        print(f"  {count}: {reason}")
    print(f"{len(sources)} workbooks, {len(failures)} differences without a reason")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
