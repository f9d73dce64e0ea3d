#!/usr/bin/env python3
"""Measures documents beside what people use instead, in one run, as ratios.

usage: benches/documents.py [docx] [doc] [markdown] [write] [print] [page] [table] [pictures]      (all by default)

Build first:   cargo build --release --workspace
Peers are used where they are installed: pandoc, antiword, soffice (LibreOffice). ROUNDS (3) changes how often each is
run; FILE names a docx to measure instead of the book. The book is made by this script, the same every time: about 226
pages of Chinese and English with headings, lists, tables, code, links and notes, 576 KB of Markdown.

Seconds are wall and processor time. Ours are told by the process: reading or writing alone, the first time, and warm
the quickest of further times; and for the whole process, as the peers' are.
"""

import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from compare import LARKSPUR, RELEASE, ROUNDS, measure

LEGS = RELEASE / "document_legs"
BYTES = 576_000

WORDS = ("the system task import export document block table page reader writer server result token folder user "
         "meeting report value number change state order queue worker limit error format picture heading list").split()
HAN = "文档导入导出任务服务器表格标题列表链接段落字符结果状态队列用户文件夹会议报告数值变化顺序工作限制错误格式图片读写"


def sentence(dice):
    if dice.random() < 0.5:
        return "".join(dice.choice(HAN) for _ in range(dice.randint(14, 40))) + "。"
    return " ".join(dice.choice(WORDS) for _ in range(dice.randint(8, 18))).capitalize() + ". "


def paragraph(dice):
    parts = [sentence(dice) for _ in range(dice.randint(2, 6))]
    parts.insert(1, dice.choice(["**bold words** ", "*leaning words* ", "`code` ", "[a link](https://example.com/a) "]))
    return "".join(parts).strip()


def book(size):
    """Markdown of about `size` bytes."""
    dice, out, length, chapter = random.Random(20), [], 0, 0
    while length < size:
        chapter += 1
        piece = [f"# Chapter {chapter} 第{chapter}章"]
        for section in range(1, 5):
            piece += [f"## Section {chapter}.{section} 小节", paragraph(dice), paragraph(dice)]
            kind = dice.randrange(4)
            if kind == 0:
                piece.append("\n".join(f"{'  ' * (n % 3 == 2)}- {sentence(dice).strip()}" for n in range(6)))
            elif kind == 1:
                piece.append("\n".join(f"{n}. {sentence(dice).strip()}" for n in range(1, 6)))
            elif kind == 2:
                rows = ["| Name 名称 | Value 值 | Remark |", "|---|---|---|"]
                rows += [f"| {dice.choice(WORDS)} | {dice.randrange(10_000)} | {sentence(dice)[:24].strip()} |" for _ in range(8)]
                piece.append("\n".join(rows))
            else:
                code = "\n".join(f"    let {dice.choice(WORDS)} = {dice.randrange(1_000)};" for _ in range(8))
                piece.append(f"```rust\nfn main() {{\n{code}\n}}\n```")
            piece.append(paragraph(dice))
        text = "\n\n".join(piece) + "\n\n"
        out.append(text)
        length += len(text.encode())
    return "".join(out)


def legs(source, target, times=8):
    """A leg in a process of its own, and what it says of times in it."""
    output = subprocess.run([LEGS, source, target, str(times)], check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def run(command):
    """Wall and processor seconds, and peak resident MiB, of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall, mib = measure(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, mib


def line(name, wall, processor, mib, first):
    spent = f"{processor * 1000:10.1f}" if processor is not None else " " * 10
    print(f"  {name:26} {wall * 1000:10.1f} {spent} ms  {mib:7.0f} MiB   {wall / first:8.2f}", flush=True)


def side_by_side(source, target, peers):
    """Our leg, first and warm, then the whole process and the peers' commands, compared with the whole process."""
    inner = legs(source, target)
    commands = {"larkspur, whole process": [LEGS, source, target], **peers}
    seen = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            seen[name].append(run(command))
    whole = statistics.median(wall for wall, _, _ in seen["larkspur, whole process"])
    line("larkspur", inner["first"], None, inner["peak_mib"], whole)
    line("larkspur, warm", inner["best"], None, inner["peak_mib"], whole)
    for name, runs in seen.items():
        wall, processor = (statistics.median(values) for values in list(zip(*runs))[:2])
        line(name, wall, processor, max(mib for _, _, mib in runs), whole)


def office(work, kind, source):
    return ["soffice", "--headless", f"-env:UserInstallation=file://{work}/profile", "--convert-to", kind, "--outdir",
            work / "office", source]


class Inputs:
    """The book in every form, made when asked for."""

    def __init__(self):
        self.work = Path(tempfile.mkdtemp(prefix="larkspur-bench-"))
        (self.work / "office").mkdir()
        self.markdown = self.work / "book.md"
        self.markdown.write_text(book(BYTES), encoding="utf-8")

    def docx(self):
        path = self.work / "book.docx"
        if "FILE" in os.environ:
            return Path(os.environ["FILE"])
        if not path.exists():
            # pandoc's, where it is installed, so that we do not read what we wrote ourselves.
            maker = ["pandoc", self.markdown, "-o", path] if shutil.which("pandoc") else [LARKSPUR, "convert", self.markdown, path]
            subprocess.run(maker, check=True, stderr=subprocess.DEVNULL)
        return path

    def doc(self):
        path = self.work / "office" / "book.doc"
        if not path.exists():
            subprocess.run(office(self.work, "doc:MS Word 97", self.docx()), check=True, capture_output=True)
        return path

    def json(self):
        path = self.work / "book.json"
        if not path.exists():
            subprocess.run([LEGS, self.docx(), path], check=True, capture_output=True)
        return path


def docx(inputs):
    """A docx of 226 pages into blocks; pandoc into its tree; inflating its parts alone."""
    source = inputs.docx()
    peers = {"inflating alone": [RELEASE / "floors", "inflate", source]}
    if shutil.which("pandoc"):
        peers["pandoc"] = ["pandoc", source, "-t", "native", "-o", os.devnull]
    side_by_side(source, "null", peers)


def doc(inputs):
    """The same as Word 97-2003 into blocks; antiword and LibreOffice into text."""
    if not shutil.which("soffice"):
        print("  LibreOffice makes the doc file; it is not installed")
        return
    source = inputs.doc()
    peers = {"LibreOffice": office(inputs.work, "txt:Text", source)}
    if shutil.which("antiword"):
        peers["antiword"] = ["antiword", "-m", "UTF-8.txt", source]
    side_by_side(source, "null", peers)


def markdown(inputs):
    """576 KB of Markdown into blocks; pandoc into its tree."""
    peers = {"pandoc": ["pandoc", "-f", "gfm", inputs.markdown, "-t", "native", "-o", os.devnull]} if shutil.which("pandoc") else {}
    side_by_side(inputs.markdown, "null", peers)


def write(inputs):
    """The blocks of that book to docx; pandoc from Markdown to docx."""
    peers = {"pandoc": ["pandoc", inputs.markdown, "-o", inputs.work / "theirs.docx"]} if shutil.which("pandoc") else {}
    side_by_side(inputs.json(), inputs.work / "ours.docx", peers)


def print_pages(inputs):
    """The blocks of that book to pdf; LibreOffice from docx to pdf."""
    peers = {"LibreOffice": office(inputs.work, "pdf", inputs.docx())} if shutil.which("soffice") else {}
    side_by_side(inputs.json(), inputs.work / "ours.pdf", peers)


def page(inputs):
    """One page of Markdown to pdf, each time in a process of its own; LibreOffice from docx."""
    source, word = inputs.work / "page.md", inputs.work / "page.docx"
    source.write_text(book(2_000)[:2_400].rsplit("\n\n", 1)[0], encoding="utf-8")
    subprocess.run([LARKSPUR, "convert", source, word], check=True, capture_output=True)
    peers = {"larkspur convert": [LARKSPUR, "convert", source, inputs.work / "page.pdf"]}
    if shutil.which("soffice"):
        peers["LibreOffice"] = office(inputs.work, "pdf", word)
    side_by_side(source, inputs.work / "page.pdf", peers)


def table(inputs):
    """A table of 10,000 x 8 to pdf."""
    dice = random.Random(8)
    rows = ["| " + " | ".join(f"Column {n} 列" for n in range(8)) + " |", "|---" * 8 + "|"]
    rows += ["| " + " | ".join(f"{dice.choice(WORDS)} {dice.randrange(1_000)}" for _ in range(8)) + " |" for _ in range(10_000)]
    source = inputs.work / "table.md"
    source.write_text("\n".join(rows) + "\n", encoding="utf-8")
    target = inputs.work / "table.pdf"
    wall, mib = measure([LARKSPUR, "convert", source, target])
    print(f"  {wall:.2f} s, {mib:.0f} MiB, {target.stat().st_size / 1e6:.1f} MB")


def pictures(inputs):
    """A docx of 600 MB full of pictures into blocks."""
    path = inputs.work / "pictures.docx"
    dice = random.Random(6)
    count, size = 300, 2_000_000
    head = bytes.fromhex("89504e470d0a1a0a0000000d49484452000004b0000003200802000000")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("_rels/.rels", RELS)
        related = "".join(f'<Relationship Id="p{n}" Type="{REL}/image" Target="media/{n}.png"/>' for n in range(count))
        archive.writestr("word/_rels/document.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>')
        drawn = "".join(DRAWING.replace("NUMBER", str(n)) for n in range(count))
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}" {SPACES}><w:body>{drawn}</w:body></w:document>')
        for number in range(count):
            archive.writestr(f"word/media/{number}.png", head + dice.randbytes(size))
    print(f"  {path.stat().st_size / 1e6:.0f} MB")
    side_by_side(path, "null", {})


REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SPACES = (f'xmlns:r="{REL}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
          'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
          'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"')
TYPES = (f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
         f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
         '<Default Extension="png" ContentType="image/png"/><Override PartName="/word/document.xml" ContentType='
         '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>')
RELS = (f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" Type="{REL}/officeDocument" '
        'Target="word/document.xml"/></Relationships>')
DRAWING = ('<w:p><w:r><w:t>picture NUMBER</w:t></w:r></w:p><w:p><w:r><w:drawing><wp:inline>'
           '<wp:extent cx="3000000" cy="2000000"/><wp:docPr id="1" name="NUMBER"/><a:graphic><a:graphicData><pic:pic>'
           '<pic:blipFill><a:blip r:embed="pNUMBER"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
           '</w:drawing></w:r></w:p>')


def main():
    parts = {"docx": docx, "doc": doc, "markdown": markdown, "write": write, "print": print_pages, "page": page,
             "table": table, "pictures": pictures}
    chosen = sys.argv[1:] or list(parts)
    inputs = Inputs()
    for name in chosen:
        if name not in parts:
            sys.exit(__doc__)
        print(f"{name}: {parts[name].__doc__}")
        parts[name](inputs)
    shutil.rmtree(inputs.work)


if __name__ == "__main__":
    main()
