#!/usr/bin/env python3
"""Scores how much of the structure of Word files survives, beside pandoc, mammoth and markitdown, in one run.

usage: benches/structure.py FOLDER [--larkspur BINARY] [--show COLUMN]

What a file holds is read from its XML by the few rules below, which share nothing with Larkspur's reader. Every
converter turns the same files into its own form (Larkspur: blocks; pandoc and mammoth: HTML; markitdown: Markdown,
rendered), and the same facts are counted there. A column's score is the F1 of the facts found against those that are
there, over all files together: twice what both have, over the sum of what each has. Some facts may be told or not,
and count for nobody: what is said so below.

  headings   level and text of paragraphs with an outline level, theirs or their style's (1 to 6); those of the style
             Title may be headings or not
  items      text of paragraphs that a list numbers, equations aside; those with a box to tick may be items or not
  tables     rows and columns of each table that is not within another one
  links      text and address of links that lead out of the file, hyperlinks and fields
  emphasis   each letter that is bold, italic or struck by its run, outside of headings; what a paragraph's style alone
             makes so may be so or not
  footnotes  the text of each foot- and endnote
  pictures   pictures that the file holds, in its body, once each

--show COLUMN prints what Larkspur has not and what only it has. Peers are used where they are installed: pandoc
(Debian), mammoth, markitdown and markdown-it-py (PyPI); lxml (PyPI) is needed.
"""

import argparse
import importlib.util
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

from lxml import etree, html

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ("headings", "items", "tables", "links", "emphasis", "footnotes", "pictures")


def local(element):
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def plain(text):
    """One space for any blanks; none at the ends."""
    return re.sub(r"\s+", " ", text.replace("\u00ad", "")).strip()


class Facts(dict):
    """What was counted in a file, a multiset a column."""

    def __init__(self):
        super().__init__((column, Counter()) for column in COLUMNS)
        self.free = {column: Counter() for column in COLUMNS}

    def add(self, column, fact):
        self[column][fact] += 1

    def letters(self, looks, text):
        for look in looks:
            self["emphasis"].update((look, letter) for letter in text if letter.isalnum())

    def beside(self, truth):
        """These facts without those that may be told or not."""
        facts = Facts()
        for column in COLUMNS:
            facts[column] = self[column] - (truth.free[column] & (self[column] - truth[column]))
        return facts


class Word:
    """A Word file's facts, read from its XML."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        self.facts = Facts()
        main = next((target for kind, target, _ in self.relations("").values() if kind == "officeDocument"), None)
        if main is None:
            raise ValueError("no document")
        self.part = main
        self.links = self.relations(main)
        parts = {kind: target for kind, target, _ in self.links.values()}
        self.styles = self.read_styles(parts.get("styles"))
        self.body = self.xml(main)
        self.fields = []
        self.walk(self.body, depth_of_tables=0)
        for kind in ("footnotes", "endnotes"):
            if parts.get(kind) in self.zip.namelist():
                for note in self.xml(parts[kind]):
                    if self.value(note, "type") in (None, "normal"):
                        self.facts.add("footnotes", plain(self.text(note)))
                        self.stray(parts[kind], note)
        self.facts["footnotes"].pop("", None)

    def stray(self, part, note):
        """What stands in a note may be told or not but for its text."""
        facts, links = self.facts, self.links
        self.facts, self.links = Facts(), self.relations(part)
        self.walk(note, depth_of_tables=0)
        for column in COLUMNS:
            facts.free[column] += self.facts[column]
        self.facts, self.links = facts, links

    def xml(self, name):
        return etree.fromstring(self.zip.read(name), etree.XMLParser(resolve_entities=False, huge_tree=True))

    def relations(self, part):
        folder, _, name = part.rpartition("/")
        file = f"{folder}/_rels/{name}.rels".lstrip("/")
        if file not in self.zip.namelist():
            return {}
        found = {}
        for one in self.xml(file):
            target = one.get("Target", "")
            if one.get("TargetMode") != "External":
                target = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
            found[one.get("Id")] = one.get("Type", "").rpartition("/")[2], target, one.get("TargetMode") == "External"
        return found

    @staticmethod
    def value(element, name="val"):
        if element is None:
            return None
        return next((text for key, text in element.attrib.items() if etree.QName(key).localname == name), None)

    @staticmethod
    def child(element, *names):
        for name in names:
            if element is None:
                return None
            element = next((one for one in element if local(one) == name), None)
        return element

    def on(self, element):
        return element is not None and self.value(element) not in ("0", "false", "off", "none")

    def read_styles(self, part):
        styles = {}
        if part in self.zip.namelist():
            for style in self.xml(part):
                if local(style) == "style":
                    styles[self.value(style, "styleId")] = style
        return styles

    def up(self, style):
        """A style and those it is based on."""
        seen = set()
        while style is not None and style not in seen:
            seen.add(style)
            yield style
            style = self.styles.get(self.value(self.child(style, "basedOn")))

    def of_style(self, properties, *path):
        """The first of a paragraph and its styles that says something."""
        own = self.child(properties, *path)
        if own is not None:
            return own
        style = self.styles.get(self.value(self.child(properties, "pStyle")))
        for one in self.up(style):
            found = self.child(one, "pPr", *path)
            if found is not None:
                return found
        return None

    def text(self, element):
        """Text that is shown: without what was deleted, and each text box or fallback once."""
        parts = []
        for one in element:
            name = local(one)
            if name == "t":
                parts.append(one.text or "")
            elif name in ("tab", "br", "cr", "noBreakHyphen", "p"):
                parts.append("-" if name == "noBreakHyphen" else " ")
                parts.append(self.text(one))
            elif name not in ("del", "moveFrom", "Fallback", "pPr", "rPr", "instrText", "rt", "txbxContent", "pict", "oMath"):
                parts.append(self.text(one))
        return "".join(parts)

    def walk(self, element, depth_of_tables):
        for one in element:
            name = local(one)
            if name == "p":
                self.paragraph(one)
            elif name in ("del", "moveFrom", "Fallback"):
                continue
            elif name == "tbl" and depth_of_tables == 0:
                self.table(one)
                self.walk(one, 1)
                continue
            elif name == "hyperlink":
                self.link(one)
            elif name == "fldSimple":
                self.field(self.value(one, "instr") or "", self.text(one))
            elif name == "fldChar":
                self.mark(self.value(one, "fldCharType"))
            elif name == "instrText" and self.fields and self.fields[-1][2]:
                self.fields[-1][0] += one.text or ""
            elif name == "t" and self.fields:
                for field in self.fields:
                    field[1] += "" if field[2] else one.text or ""
            elif name == "blip" and (self.value(one, "embed") or "") in self.links:
                if not self.links[self.value(one, "embed")][2]:
                    self.facts.add("pictures", "picture")
            elif name == "imagedata" and (self.value(one, "id") or "") in self.links:
                if not any(local(above) == "object" for above in one.iterancestors()):
                    self.facts.add("pictures", "picture")
            self.walk(one, depth_of_tables)

    def mark(self, kind):
        """The mark of a field: its code begins, its result begins, it ends."""
        if kind == "begin":
            self.fields.append(["", "", True])
        elif self.fields and kind == "separate":
            self.fields[-1][2] = False
        elif self.fields and kind == "end":
            self.field(*self.fields.pop()[:2])

    def field(self, code, text):
        match = re.match(r'\s*HYPERLINK\s+"([^"]*)"(?:.*?\\l\s+"([^"]*)")?', code)
        if match and plain(text):
            self.facts.add("links", (plain(text), match[1] + (f"#{match[2]}" if match[2] else "")))

    def table(self, table):
        rows, columns = 0, 0
        for row in table.iter("{*}tr"):
            if next(above for above in row.iterancestors("{*}tbl")) is not table:
                continue
            if self.child(row, "trPr", "del") is not None:
                continue
            rows += 1
            width = sum(int(self.value(self.child(row, "trPr", name)) or 0) for name in ("gridBefore", "gridAfter"))
            for cell in row.iter("{*}tc"):
                if next(above for above in cell.iterancestors("{*}tr")) is row:
                    width += int(self.value(self.child(cell, "tcPr", "gridSpan")) or 1)
            columns = max(columns, width)
        if rows:
            self.facts.add("tables", (rows, columns))

    def link(self, link):
        relation = self.links.get(self.value(link, "id"))
        if relation and relation[2] and plain(self.text(link)):
            anchor = self.value(link, "anchor")
            self.facts.add("links", (plain(self.text(link)), relation[1] + (f"#{anchor}" if anchor else "")))

    def paragraph(self, paragraph):
        properties = self.child(paragraph, "pPr")
        text = plain(self.text(paragraph))
        level = self.value(self.of_style(properties, "outlineLvl"))
        style = self.styles.get(self.value(self.child(properties, "pStyle")))
        named = [self.value(self.child(one, "name")) or "" for one in self.up(style)]
        heading = next((match for match in (re.fullmatch(r"heading (\d)", one, re.I) for one in named) if match), None)
        if heading and level is None:
            level = int(heading[1]) - 1
        if not text:
            return
        if "title" in (name.lower() for name in named):
            self.facts.free["headings"].update((level, text) for level in range(1, 7))
        box = any(local(one) in ("checkbox", "checkBox") for one in paragraph.iter()) or text[0] in "\u2610\u2611\u2612"
        if box:
            self.facts.free["items"].update((text, plain(text.lstrip("\u2610\u2611\u2612"))))
        if level is not None and 0 <= int(level) < 6:
            self.facts.add("headings", (int(level) + 1, text))
            return
        number = self.of_style(properties, "numPr", "numId")
        if number is not None and self.value(number) != "0":
            self.facts.add("items", text)
        for run in paragraph.iter("{*}r"):
            if any(local(above) in ("del", "moveFrom", "Fallback") for above in run.iterancestors()):
                continue
            if next(above for above in run.iterancestors("{*}p")) is paragraph:
                shown, own = self.text(run), set(self.looks(run))
                self.facts.letters(own, shown)
                free = Facts()
                free.letters(set(self.looks_of(style)) - own, shown)
                self.facts.free["emphasis"] += free["emphasis"]

    def looks_of(self, style):
        """What a paragraph's style makes of its text."""
        for look, name in (("bold", "b"), ("italic", "i"), ("struck", "strike")):
            found = next((one for one in (self.child(up, "rPr", name) for up in self.up(style)) if one is not None), None)
            if self.on(found):
                yield look

    def looks(self, run):
        properties = self.child(run, "rPr")
        style = self.styles.get(self.value(self.child(properties, "rStyle")))
        if self.on(self.child(properties, "vanish")):
            return
        for look, name in (("bold", "b"), ("italic", "i"), ("struck", "strike")):
            found = self.child(properties, name)
            for one in self.up(style):
                if found is None:
                    found = self.child(one, "rPr", name)
            if self.on(found):
                yield look


def of_blocks(path):
    """The facts of a document as Larkspur keeps it."""
    document = json.loads(path.read_text())
    facts = Facts()
    notes = False

    def text_of(kind, content):
        inner = content.get("text", content) if kind == "heading" else content
        return inner.get("elements", []) if isinstance(inner, dict) else []

    def walk(block, depth):
        nonlocal notes
        kind, content = block["content"], {}
        if isinstance(kind, dict):
            kind, content = next(iter(kind.items()))
        runs = [element["run"] for element in text_of(kind, content) if "run" in element]
        text = plain("".join(run["content"] for run in runs))
        text = re.sub(r"^\[[ x]\] ", "", text)
        if kind == "heading":
            if content["level"] <= 6:
                facts.add("headings", (content["level"], text))
        elif kind in ("bullet", "ordered", "todo"):
            if notes and kind == "ordered" and depth == 0:
                facts.add("footnotes", text)
            elif text:
                facts.add("items", text)
        elif kind == "table":
            facts.add("tables", (content["rows"], content["columns"]))
        elif kind == "image":
            facts.add("pictures", "picture")
        link = None
        for run in [*runs, {"content": "", "style": {}}]:
            style = run.get("style", {})
            if link and style.get("link") != link[1]:
                if not link[1].startswith("#") and plain(link[0]):
                    facts.add("links", (plain(link[0]), link[1]))
                link = None
            if style.get("link"):
                link = ((link[0] if link else "") + run["content"], style["link"])
            if kind != "heading":
                looks = (("bold", "bold"), ("italic", "italic"), ("struck", "strikethrough"))
                facts.letters([look for look, name in looks if style.get(name)], run["content"])
        for child in block.get("children", []):
            walk(child, depth + 1)

    blocks = document["blocks"]
    last_rule = max((at for at, block in enumerate(blocks) if block["content"] == "divider"), default=len(blocks))
    tail = blocks[last_rule + 1:]
    numbered = tail and all("ordered" in block["content"] for block in tail if isinstance(block["content"], dict))
    for at, block in enumerate(blocks):
        # Notes stand behind a rule at the end, numbered.
        notes = bool(numbered) and at > last_rule
        walk(block, 0)
    return facts


def of_html(source):
    """The facts of an HTML page."""
    facts = Facts()
    if not source.strip():
        return facts
    page = html.fromstring(f"<div>{source}</div>")
    for equation in page.xpath("//span[contains(@class,'math')]"):
        equation.drop_tree()
    notes = []
    for note in page.xpath("//section[contains(@class,'footnotes')]//li | //li[starts-with(@id,'footnote-')"
                           " or starts-with(@id,'endnote-')]"):
        text = plain(note.text_content()).rstrip("↩︎↑ ").strip()
        facts.add("footnotes", text)
        notes.append(note)
    for note in notes:
        note.getparent().remove(note)
    for element in page.iter():
        name = element.tag if isinstance(element.tag, str) else ""
        if re.fullmatch(r"h[1-6]", name):
            if plain(element.text_content()):
                facts.add("headings", (int(name[1]), plain(element.text_content())))
        elif name == "li":
            nested = [one for one in element.iter("ul", "ol", "table")]
            text = plain(element.text_content())
            for one in nested:
                inner = plain(one.text_content())
                text = plain(text.replace(inner, "", 1)) if inner else text
            if text:
                facts.add("items", text)
        elif name == "table" and next(element.iterancestors("table"), None) is None:
            rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
            width = max((sum(int(cell.get("colspan") or 1) for cell in row if cell.tag in ("td", "th"))
                         for row in rows), default=0)
            if rows:
                facts.add("tables", (len(rows), width))
        elif name == "a" and element.get("href") and not element.get("href").startswith("#"):
            if plain(element.text_content()):
                facts.add("links", (plain(element.text_content()), element.get("href")))
        elif name == "img":
            facts.add("pictures", "picture")
        heads = any(above.tag in ("h1", "h2", "h3", "h4", "h5", "h6") for above in [element, *element.iterancestors()]
                    if isinstance(above.tag, str))
        if not heads and name:
            chain = [one.tag for one in [element, *element.iterancestors()]]
            looks = [look for look, tags in (("bold", ("strong", "b")), ("italic", ("em", "i")),
                                             ("struck", ("del", "s"))) if any(tag in tags for tag in chain)]
            facts.letters(looks, element.text or "")
            above = [one.tag for one in element.iterancestors()]
            looks = [look for look, tags in (("bold", ("strong", "b")), ("italic", ("em", "i")),
                                             ("struck", ("del", "s"))) if any(tag in tags for tag in above)]
            facts.letters(looks, element.tail or "")
    return facts


def larkspur(binary):
    def convert(path):
        with tempfile.TemporaryDirectory() as work:
            out = Path(work) / "out.json"
            subprocess.run([binary, "convert", "--quiet", path, out], check=True, capture_output=True, timeout=60)
            return of_blocks(out)
    return convert


def peers():
    found = {}
    if shutil.which("pandoc"):
        found["pandoc"] = lambda path: of_html(subprocess.run(
            ["pandoc", "--from", "docx", "--to", "html", path], check=True, capture_output=True, timeout=120,
            text=True).stdout)
    if importlib.util.find_spec("mammoth"):
        import mammoth
        found["mammoth"] = lambda path: of_html(mammoth.convert_to_html(io.BytesIO(path.read_bytes())).value)
    if importlib.util.find_spec("markitdown") and importlib.util.find_spec("markdown_it"):
        from markdown_it import MarkdownIt
        from markitdown import MarkItDown
        render = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render
        found["markitdown"] = lambda path: of_html(render(MarkItDown().convert(str(path)).text_content))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--larkspur", type=Path, default=ROOT / "target/release/larkspur")
    parser.add_argument("--show", choices=COLUMNS)
    options = parser.parse_args()
    converters = {"larkspur": larkspur(options.larkspur), **({} if options.show else peers())}
    there = {name: Facts() for name in converters}
    found = {name: Facts() for name in converters}
    both = {name: Facts() for name in converters}
    read = 0
    for path in sorted(options.folder.glob("*.docx")):
        try:
            truth = Word(path).facts
        except (zipfile.BadZipFile, etree.XMLSyntaxError, ValueError, KeyError) as error:
            print(f"left out: {path.name}: {error}")
            continue
        read += 1
        for name, convert in converters.items():
            try:
                facts = convert(path)
            except Exception as error:  # A converter that fails has found nothing; which one and where is told.
                print(f"{name} failed on {path.name}: {type(error).__name__}")
                facts = Facts()
            facts = facts.beside(truth)
            for column in COLUMNS:
                there[name][column] += truth[column]
                found[name][column] += facts[column]
                both[name][column] += truth[column] & facts[column]
            if name == "larkspur" and options.show:
                lacks, adds = truth[options.show] - facts[options.show], facts[options.show] - truth[options.show]
                if lacks or adds:
                    print(f"{path.name}\n  lacks {dict(lacks.most_common(12))}\n  adds {dict(adds.most_common(12))}")
    print(f"{read} files; F1 in percent, and how many facts there are")
    print(f"{'':12}" + "".join(f"{column:>11}" for column in COLUMNS))
    for name in converters:
        scores = []
        for column in COLUMNS:
            total = there[name][column].total() + found[name][column].total()
            scores.append(200 * both[name][column].total() / total if total else 100.0)
        print(f"{name:12}" + "".join(f"{score:11.2f}" for score in scores))
    print(f"{'facts':12}" + "".join(f"{there['larkspur'][column].total():11}" for column in COLUMNS))


if __name__ == "__main__":
    sys.exit(main())
