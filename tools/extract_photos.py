"""Takes photographs out of Debian's package gcompris-qt-data and writes them as JPEG, with their credits."""

import io
import pathlib
import re
import struct
import zlib

from PIL import Image

from photograph_table import photographs


def extract(packs: pathlib.Path, out: pathlib.Path) -> int:
    """Writes NAME.jpg for each photograph of the table and CREDITS.txt into `out`; says how many."""
    credits, opened = [], {}
    for photograph in photographs():
        pack, file = photograph["from"].split("/")
        if pack not in opened:
            opened[pack] = {pathlib.PurePath(n).name: raw for n, raw in read_rcc((packs / f"{pack}.rcc").read_bytes())}
        raw = opened[pack][f"{file}.webp"]
        Image.open(io.BytesIO(raw)).convert("RGB").save(out / f"{photograph['name']}.jpg", quality=90)
        credits.append(f"{photograph['name']}.jpg\n{credit(opened[pack]['README'].decode(), f'{file}.webp')}\n")
    (out / "CREDITS.txt").write_text("\n".join(credits), encoding="utf-8")
    return len(credits)


def credit(readme: str, file: str) -> str:
    """The author, source and licence that a pack's README gives for a file."""
    for block in re.split(r"\n\s*\n", readme.replace("\r", "")):
        if re.search(rf"^(Files: *)?([^\s/]+/)?{re.escape(file)}$", block, re.M):
            wanted = [line for line in block.splitlines() if re.match("(Copyright|Source|License|Comments?):", line)]
            if any(line.startswith("License:") for line in wanted):
                return "\n".join(f"  {line}" for line in wanted)
    raise ValueError(f"no credit for {file}")


def read_rcc(d: bytes):
    """Yields (path, bytes) of every file in a Qt binary resource file."""
    magic, version, tree, data, names = struct.unpack(">4s4I", d[:20])
    if magic != b"qres":
        raise ValueError("not a Qt resource file")
    size = 14 if version < 2 else 22

    def walk(index, folder):
        name_at, flags, a, b = struct.unpack(">IHII", d[tree + index * size:][:14])
        length = struct.unpack(">H", d[names + name_at:][:2])[0]
        name = d[names + name_at + 6:][:2 * length].decode("utf-16-be") if index else ""
        if flags & 2:  # a folder: a children from node b on
            for child in range(b, b + a):
                yield from walk(child, f"{folder}{name}/")
        else:  # a file: its data at b
            length = struct.unpack(">I", d[data + b:][:4])[0]
            raw = d[data + b + 4:][:length]
            yield folder + name, zlib.decompress(raw[4:]) if flags & 1 else raw

    return walk(0, "")
