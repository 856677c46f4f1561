#!/usr/bin/env python3
"""Takes the picture of a terminal for the README: what `curlew classify` shows on one, in an SVG.

usage: terminal_picture.py CURLEW PHOTOS OUT.svg   (the program; the folder that tools/prepare_models.py filled)
"""

import os
import pathlib
import pty
import re
import sys
from xml.sax.saxutils import escape

from demo import choose_model
from local_origin import origin
from photograph_table import photographs

PICTURES = 6
COLUMNS, LINE_PX, CHAR_PX, MARGIN_PX = 112, 19, 8.4, 18
COLOURS = {"": "#d8dee4", "2": "#8b949e", "31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}
PART = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|\x1b\][^\x07]*\x07")


def record(command: list[str]) -> str:
    """What the command writes to a terminal of COLUMNS, to its end."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS))
        os.environ.pop("NO_COLOR", None)
        os.execv(command[0], command)
    said = b""
    try:
        while block := os.read(terminal, 1 << 16):
            said += block
    except OSError:  # Linux's way to say that the other side has closed
        pass
    os.waitpid(child, 0)
    return said.decode("utf-8")


def last_line_shown(line: str) -> str:
    """A line without what a carriage return and an erasure took away again."""
    return re.split(r"\r|\x1b\[2?K", line)[-1]


def spans(line: str):
    """(text, colour, bold) of each piece of a line; of a long line the first COLUMNS characters."""
    style, at, room = set(), 0, COLUMNS
    for match in [*PART.finditer(line), None]:
        text = line[at:match.start() if match else None]
        if len(text) > room:
            text = text[:max(room - 1, 0)] + "…"[:room]
        room -= len(text)
        if text:
            yield text, next((COLOURS[s] for s in style if s in COLOURS), COLOURS[""]), "1" in style
        if match:
            at = match.end()
            if match[2] == "m":
                codes = (match[1] or "0").split(";")
                style = set() if "0" in codes else style | set(codes)


def svg(lines: list[str]) -> str:
    width = int(COLUMNS * CHAR_PX + 2 * MARGIN_PX)
    height = len(lines) * LINE_PX + 2 * MARGIN_PX + 14
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           f'viewBox="0 0 {width} {height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">',
           f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>']
    out += [f'<circle cx="{MARGIN_PX + 16 * i}" cy="14" r="5" fill="{c}"/>'
            for i, c in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))]
    for row, line in enumerate(lines):
        y = MARGIN_PX + 14 + (row + 1) * LINE_PX - 5
        pieces = "".join(f'<tspan fill="{colour}"{" font-weight=" + chr(34) + "bold" + chr(34) if bold else ""}>'
                         f"{escape(text)}</tspan>" for text, colour, bold in spans(line))
        out.append(f'<text x="{MARGIN_PX}" y="{y}" xml:space="preserve">{pieces}</text>')
    return "\n".join([*out, "</svg>", ""])


def main(curlew: str, photos: pathlib.Path, out: pathlib.Path) -> None:
    model = choose_model(curlew)
    names = [p["name"] for p in photographs() if model in p][:PICTURES]
    names[2:2] = ["not-here", "no-photograph"]
    with origin(photos) as base:
        urls = [f"{base}/{name}.jpg" for name in names]
        options = ["--allow-net", "127.0.0.0/8", *(["--model", model] if model != "birds" else [])]
        said = record([os.path.abspath(curlew), "classify", *options, *urls])
    command = f"\x1b[36m$\x1b[0m curlew classify {' '.join(options)} {urls[0]} …"
    shown = [last_line_shown(line.rstrip("\r")) for line in said.split("\n")]
    while shown and not PART.sub("", shown[-1]).strip():
        shown.pop()
    lines = [command, *shown]
    out.write_text(svg(lines), encoding="utf-8")
    print(f"{out}: {len(lines)} lines")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
