#!/usr/bin/env python3
"""Draws the forms: source.html -> blank.pdf, blank.png and the geometry inside form.json.

Usage: forms/draw.py [FORM_ID ...]        (all forms if none is named)

What a form means (types, labels, bases) is written by hand in form.json; where things stand on the
page is measured here from the page as Chromium lays it out, never typed. Needs Debian's chromium,
poppler-utils, fonts-ipafont-mincho and fonts-ipafont-gothic (their licence allows embedding in
documents); nothing beyond Python's own library. The same source gives the same bytes again.
"""

import json
import re
import struct
import subprocess
import sys
import tempfile
import unicodedata
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
MM_PER_PX = 25.4 / 96  # CSS's definition of its pixel
PNG_DPI = 300  # finer than the registration grid (204 x 196), and three pixels to a box's line
PNG_SIZE = (2480, 3508)  # 210 x 297 mm at that resolution
FRAME_CLEARANCE_PX = 2  # 0.53 mm: twice the p99 registration error, keeps a frame out of its text
FIXED_DATE = "20240101000000+00'00'"  # the same source gives the same bytes on any day

# Puts every marked element's place into the document, where --dump-dom finds it.
MEASURE = """
<script>
const box = r => [r.left, r.top, r.width, r.height];
const text = e => { const r = document.createRange(); r.selectNodeContents(e); return r; };
const inner = e => { const r = e.getBoundingClientRect();
  return [r.left + e.clientLeft, r.top + e.clientTop, e.clientWidth, e.clientHeight, e.clientLeft]; };
const found = {
  options: [...document.querySelectorAll('[data-o]')].map(e => ({
    q: e.dataset.q, o: e.dataset.o, label: e.children[1].textContent,
    box: box(e.children[0].getBoundingClientRect()),
    labelBox: box(text(e.children[1]).getBoundingClientRect()) })),
  written: [...document.querySelectorAll('[data-w]')].map(e => ({ q: e.dataset.w, box: inner(e) })),
};
const out = document.createElement('script');
out.type = 'application/json'; out.id = 'measured'; out.textContent = JSON.stringify(found);
document.body.append(out);
</script>
"""


def chromium(*args):
    """Runs Chromium without a window or a network and returns what it printed."""
    with tempfile.TemporaryDirectory() as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update",
                   "--disable-sync", f"--user-data-dir={profile}", *args]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=True, timeout=120)
    return done.stdout.decode()


def measure(source):
    """Places of all marked elements of the page, in CSS pixels."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(source.read_text(encoding="utf-8").replace("</body>", MEASURE + "</body>"),
                        encoding="utf-8")
        dom = chromium("--dump-dom", page.as_uri())
    match = re.search(r'id="measured">(.*?)</script>', dom, re.S)
    if not match:
        sys.exit(f"{source}: Chromium returned no measurements")
    return json.loads(match.group(1))


def rect(x, y, w, h):
    """CSS pixels -> a rectangle in millimetres, to the hundredth that a form.json carries."""
    values = (round(v * MM_PER_PX, 2) for v in (x, y, w, h))
    return dict(zip("xywh", values))


def whole(values, what):
    """Chromium paints on whole pixels: anything else would be measured where it is not printed."""
    if any(abs(v - round(v)) > 0.01 for v in values):
        sys.exit(f"{what}: {values} is off the pixel grid")
    return values


def plain(text):
    """Width variants and blanks do not make two labels different."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def place_options(form, measured):
    """Writes the checkboxes' places into the form's options."""
    options = {(q["id"], o["id"]): o for q in form["questions"] for o in q.get("options", [])}
    for found in measured:
        key = (found["q"], found["o"])
        if key not in options:
            sys.exit(f"{key}: on the page, not in form.json")
        option = options.pop(key)
        if plain(found["label"]) != plain(option["label"]["ja"]):
            sys.exit(f"{key}: the page says {found['label']}, form.json {option['label']['ja']}")
        option["box"] = rect(*whole(found["box"], key))
        option["label_box"] = rect(*found["labelBox"])
    if options:
        sys.exit(f"not on the page: {sorted(options)}")


def place_written(form, measured):
    """Writes the places where people write; a drawn frame stays outside its own field."""
    fields = {q["id"]: q for q in form["questions"] if "options" not in q}
    for found in measured:
        if found["q"] not in fields:
            sys.exit(f"{found['q']}: on the page, not in form.json")
        x, y, w, h, border = found["box"]
        gap = FRAME_CLEARANCE_PX if border else 0
        fields.pop(found["q"])["box"] = rect(x + gap, y + gap, w - 2 * gap, h - 2 * gap)
    if fields:
        sys.exit(f"not on the page: {sorted(fields)}")


def write_json(path, form):
    """Indented, but a rectangle, a label and a short list each on one line."""
    text = json.dumps(form, ensure_ascii=False, indent=2)
    flat = re.compile(r"[{\[]\n\s*([^{}\[\]]*?)\n\s*([}\]])")

    def join(match):
        line = re.sub(r",\n\s*", ", ", match.group(1))
        opening = match.group(0)[0]
        one = f"{opening}{line}{match.group(2)}"
        return one if len(one) <= 160 else match.group(0)

    path.write_text(flat.sub(join, text) + "\n", encoding="utf-8")


def draw_pdf(source, pdf):
    """The page with its text layer; must be one sheet."""
    chromium("--no-pdf-header-footer", f"--print-to-pdf={pdf}", source.as_uri())
    data = pdf.read_bytes()
    if len(re.findall(rb"/Type\s*/Page\b", data)) != 1:
        sys.exit(f"{source}: does not fit on one page")
    # Same length, so that the file's offsets stay right.
    stamp = re.compile(rb"(/(?:Creation|Mod)Date \(D:)\d{14}\+00'00'")
    pdf.write_bytes(stamp.sub(rb"\g<1>" + FIXED_DATE.encode(), data))


def draw_png(pdf, png):
    """The page in 16 greys: half the size of 256, and no reader can tell them apart.

    Chromium cuts its sheet to whole 1/100 inch (209.89 mm for 210); the picture is made up to the
    full sheet with white instead of stretched, or every place would drift to the right.
    """
    done = subprocess.run(["pdftoppm", "-gray", "-r", str(PNG_DPI), "-singlefile", str(pdf)],
                          stdout=subprocess.PIPE, check=True, timeout=120)
    magic, width, height, _ = done.stdout[:32].split(maxsplit=4)[:4]
    width, height = int(width), int(height)
    grey = done.stdout[-width * height:]
    if magic != b"P5":
        sys.exit(f"{pdf}: pdftoppm gave no grey picture")
    full_width, full_height = PNG_SIZE
    # Two pixels a byte, the left one in the high half; each row begins with its filter (none).
    nibble = bytes(round(v / 17) for v in range(256))
    rows = bytearray()
    for y in range(full_height):
        row = grey[y * width:(y + 1) * width].translate(nibble)
        row = row[:full_width].ljust(full_width, b"\x0f")
        rows.append(0)
        rows += bytes(a << 4 | b for a, b in zip(row[::2], row[1::2]))
    per_metre = round(PNG_DPI / 0.0254)
    png.write_bytes(b"\x89PNG\r\n\x1a\n"
                    + chunk(b"IHDR", struct.pack(">IIBBBBB", *PNG_SIZE, 4, 0, 0, 0, 0))
                    + chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
                    + chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + chunk(b"IEND", b""))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def draw(folder):
    source, target = folder / "source.html", folder / "form.json"
    form = json.loads(target.read_text(encoding="utf-8"))
    measured = measure(source)
    place_options(form, measured["options"])
    place_written(form, measured["written"])
    write_json(target, form)
    draw_pdf(source, folder / "blank.pdf")
    draw_png(folder / "blank.pdf", folder / "blank.png")
    print(f"{folder.name}: {len(measured['options'])} boxes, {len(measured['written'])} fields")


if __name__ == "__main__":
    names = sys.argv[1:] or sorted(p.parent.name for p in HERE.glob("*/source.html"))
    for name in names:
        draw(HERE / name)
