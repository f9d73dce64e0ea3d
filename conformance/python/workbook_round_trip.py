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
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

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


class Facts:
    """What is known of a difference beside the two things that differ."""

    def __init__(self, reader, key, original, copy, package):
        kind, place = key
        macros, pivots, pictures = package
        self.computing = reader == "LibreOffice"
        self.kind = kind
        # What the files themselves say, by openpyxl; LibreOffice may make something else of it.
        self.formula = str(original.get(("formula", place)) or "")
        self.cached = original.get(("value", place))
        self.same = bool(original) and original.get(key) == copy.get(key)
        self.same_formula = original.get(("formula", place)) == copy.get(("formula", place))
        self.macros = macros
        self.under_picture = place in pictures
        self.in_pivot = any(pivot.holds(place) for pivot in pivots)


class Pivot:
    """The cells of a pivot table, and those it may grow over: it has no borders but the sheet's."""

    def __init__(self, area):
        (self.left, self.top), _ = (cell(corner) for corner in (area.split(":") * 2)[:2])

    def holds(self, place):
        column, row = cell(place.split(":")[0])
        return column >= self.left and row >= self.top - FILTER_ROWS


FILTER_ROWS = 3


def cell(place):
    letters, digits = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", place).groups()
    return openpyxl.utils.column_index_from_string(letters), int(digits)


LATER = re.compile(r"_xlfn\.(TEXTAFTER|TEXTBEFORE|TEXTSPLIT|VSTACK|HSTACK|TAKE|DROP|LAMBDA|MAP|REDUCE|SCAN)\b")
EAST_ASIAN = re.compile("[年月日时分]|\\$-804")

# Reasons that hold whatever the file: what is compared, and how it shows.
REASONS = [
    ("the original has a formula that no workbook can have alone: it refers to another one",
     lambda facts, old, new: facts.kind == "formula" and "[" in str(old) and (new is None or facts.computing)
     and "[" in facts.formula),
    ("openpyxl knows a built-in format by the code of the standard, `mmss.0`, Excel and the copy by `mm:ss.0`",
     lambda facts, old, new: not facts.computing and facts.kind == "format" and {old, new} == {"mmss.0", "mm:ss.0"}),
    ("openpyxl does not know the built-in formats of East Asian locales, which the copy spells out",
     lambda facts, old, new: not facts.computing and facts.kind == "format" and old == "General"
     and EAST_ASIAN.search(str(new))),
    ("LibreOffice shows the built-in formats of East Asian locales as its own locale's, which the copy spells out",
     lambda facts, old, new: facts.computing and facts.kind == "format" and EAST_ASIAN.search(str(new))),
    ("the copy writes escaped control characters as XML does, which openpyxl shows as they are",
     lambda facts, old, new: facts.kind == "value" and isinstance(old, str) and isinstance(new, str)
     and re.sub(r"_x000[dD]_|\r", "", old) == re.sub(r"_x000[dD]_|\r", "", new)),
    ("openpyxl shows a cell of ISO text as a date or a number, the same in the copy's cell of a number",
     lambda facts, old, new: facts.kind == "value" and days(old) is not None and days(old) == days(new)),
    ("LibreOffice keeps a time of ISO text as text, which is a time in the copy",
     lambda facts, old, new: facts.computing and facts.kind == "value" and isinstance(new, datetime.time)
     and str(old) == new.isoformat()),
    ("data tables are kept as values",
     lambda facts, old, new: facts.kind == "formula" and str(old).startswith("data table")),
    ("LibreOffice builds the pivot tables of the original anew; the copy has the cells as the file shows them",
     lambda facts, old, new: facts.computing and facts.in_pivot and facts.kind in ("value", "format", "merge")),
    ("functions of macros mean nothing in the copy, which has no macros; the file's values are in it",
     lambda facts, old, new: facts.computing and facts.macros and facts.same_formula and (
         (facts.kind == "formula" and str(old).lower() == str(new).lower())
         or (facts.kind == "value" and new == "#NAME?" and facts.formula))),
    ("LibreOffice shows no value of functions it does not know, but where a shared formula of the original has them",
     lambda facts, old, new: facts.computing and facts.same_formula and LATER.search(facts.formula)
     and (facts.kind == "formula" or new == "#NAME?")),
    ("LibreOffice computed the original anew, and to something else than the file says; the copy says what the file says",
     lambda facts, old, new: facts.computing and facts.kind == "value" and facts.formula and new == facts.cached),
    ("a picture in a cell, which readers show as an error or a call, floats over the cell in the copy",
     lambda facts, old, new: facts.under_picture and (new is None or new == "") and
     ("#VALUE!" in str(old) or "DISPIMG" in str(old) or facts.kind == "format")),
    ("LibreOffice takes the number format of a named style where a cell says General; both files say General",
     lambda facts, old, new: facts.computing and facts.kind == "format" and facts.same and new == "General"
     and str(old).endswith("General")),
]


def macros_of(path):
    """Whether a workbook has macros."""
    with zipfile.ZipFile(path) as archive:
        return any(name.replace("\\", "/").endswith("vbaProject.bin") for name in archive.namelist())


class Package:
    """The parts of a workbook that lie beside its sheets."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as archive:
            wanted = re.compile(r"\.(xml|rels)$")
            self.parts = {name: archive.read(name) for name in archive.namelist() if wanted.search(name)}

    def related(self, part):
        """Ids, kinds and parts that a part is related to."""
        folder, _, name = part.rpartition("/")
        rels = self.parts.get(f"{folder}/_rels/{name}.rels")
        return [] if rels is None else [
            (item.get("Id"), item.get("Type").rpartition("/")[2],
             posixpath.normpath(posixpath.join("/", folder, item.get("Target"))).lstrip("/"))
            for item in ElementTree.fromstring(rels) if item.get("TargetMode") != "External"]

    def elements(self, part, name):
        found = self.parts.get(part)
        return [] if found is None else [
            item for item in ElementTree.fromstring(found).iter() if item.tag.rpartition("}")[2] == name]

    def beside_sheets(self, kind):
        """Titles of sheets, and parts of a kind that they are related to."""
        parts = {id: target for id, _, target in self.related("xl/workbook.xml")}
        for sheet in self.elements("xl/workbook.xml", "sheet"):
            id = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
            for _, found, target in self.related(parts.get(id, "")):
                if found == kind:
                    yield sheet.get("name"), target


def pivots_of(path):
    """Of each sheet, by its title, its pivot tables."""
    pivots, package = {}, Package(path)
    for title, part in package.beside_sheets("pivotTable"):
        for location in package.elements(part, "location"):
            pivots.setdefault(title, []).append(Pivot(location.get("ref")))
    return pivots


def pictures_of(path):
    """Of each sheet, by its title, the cells that a picture begins in."""
    pictures, package = {}, Package(path)
    for title, part in package.beside_sheets("drawing"):
        for corner in package.elements(part, "from"):
            at = {item.tag.rpartition("}")[2]: int(item.text) for item in corner}
            place = f"{openpyxl.utils.get_column_letter(at['col'] + 1)}{at['row'] + 1}"
            pictures.setdefault(title, set()).add(place)
    return pictures


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


def compare(workbooks, reader, sheets, files, tallies):
    """Compares what a reader found in original and copy; `files` is what the two files say by openpyxl."""
    (source, made), (old, new), (original, copy) = workbooks, sheets, files
    totals, reasons, failures = tallies
    macros, pivots, pictures = macros_of(source), pivots_of(source), pictures_of(made)
    for title, before in old.items():
        after = new.get(title)
        if after is None:
            if before:
                failures.append(f"{reader} {source.name}: no sheet {title}")
            continue
        for key in before.keys() | after.keys():
            kind, place = key
            left, right = before.get(key), after.get(key)
            totals[reader, kind, left == right] += 1
            if left == right:
                continue
            package = macros, pivots.get(title, []), pictures.get(title, set())
            facts = Facts(reader, key, original.get(title, {}), copy.get(title, {}), package)
            reason = next((reason for reason, holds in REASONS if holds(facts, left, right)), None)
            if reason:
                reasons[reason] += 1
            else:
                failures.append(
                    f"{reader} {source.name} {title} {place}: {kind} {left!r:.300} became {right!r:.300}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--larkspur", default=TARGET / "debug" / "larkspur")
    arguments = parser.parse_args()
    sources = sorted(path for path in arguments.folder.iterdir() if path.suffix in (".xlsx", ".xlsm"))
    tallies = totals, reasons, failures = Counter(), Counter(), []
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
        files = {}

        def made(source):
            return copies / f"{source.stem}.xlsx"

        for source in sources:
            try:
                old = with_openpyxl(source)
            except Exception as error:  # It fails in many ways, none of them ours.
                print(f"openpyxl does not read {source.name}: {type(error).__name__}")
                old = {}
            files[source] = (old, with_openpyxl(made(source)))
            compare((source, made(source)), "openpyxl", files[source], files[source], tallies)
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
                compare((source, made(source)), "LibreOffice", (before, with_openpyxl(new)), files[source], tallies)
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
