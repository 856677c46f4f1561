#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: small inputs, good ones and hostile ones, that a fuzzer goes on from.

usage: make_fuzz_seeds.py [CORPUS]   (default tests/fuzz/corpus; needs Pillow, which .setup/venv has)
A seed whose name begins with `found-` once broke something; those are kept, all others are written anew.
"""

import pathlib
import struct
import sys

import fuzz_seed_frames as frames
import fuzz_seed_http as http
import fuzz_seed_pictures as pictures

PROJECT = pathlib.Path(__file__).resolve().parents[1]
MAX_BYTES = 400 * 1024  # of the whole set: it lies in the repository

URLS = {  # first line: a URL; second line: where it redirects to
    "plain": "https://example.org/bird.jpg\n/other.jpg",
    "port-query": "http://example.org:8080/a/b.png?x=1&y=%20#part\n?z=2",
    "pasted": "  https://example.org/grüße an alle.jpg?q=a b  \nnext picture.jpg",
    "percent": "https://example.org/100%/%zz/%41\n%",
    "dots": "https://example.org/a/./b/../../../c/..\n../../x/./y/..",
    "scheme-case": "HTTPS://EXAMPLE.ORG./A\n//OTHER.example/B",
    "userinfo": "https://user:secret@example.org/\nhttps://good.example@evil.example/",
    "backslash": "https://good.example\\@evil.example/\nhttp:\\\\evil.example\\",
    "decimal": "http://2130706433/\nhttp://017700000001/",
    "hex": "http://0x7f000001/\nhttp://0x7f.1/",
    "octal-short": "http://0177.0.0.1/\nhttp://127.1/",
    "v4-too-big": "http://256.1.1.1/\nhttp://4294967296/",
    "v4-dot": "http://127.0.0.1./\nhttp://1.2.3.4.example/",
    "v6-loopback": "http://[::1]/\nhttp://[::ffff:127.0.0.1]:80/",
    "v6-zone": "http://[fe80::1%25eth0]/\nhttp://[fe80::1%eth0]/",
    "v6-broken": "http://[::1]x/\nhttp://[::1/",
    "v6-metadata": "http://[64:ff9b::a9fe:a9fe]/\nhttp://169.254.169.254/latest/meta-data",
    "control": "http://exa\tmple.org/\nhttp://example.org/\r\nX: 1",
    "nul": "http://example.org/\0.jpg\n/\0",
    "host-utf8": "http://exämple.org/\nhttp://xn--exmple-cua.org/",
    "ports": "http://example.org:0/\nhttp://example.org:65536/",
    "port-empty": "http://example.org:/\nhttp://example.org:-1/",
    "long-label": "http://" + "a" * 64 + ".org/\nhttp://a..org/",
    "other-scheme": "file:///etc/passwd\ngopher://127.0.0.1:6379/_x",
    "redirect-scheme": "https://example.org/\nfile:///etc/passwd",
    "no-slashes": "http:example.org\nhttp:/example.org",
    "colon-in-path": "https://example.org/a:b/c\nd:e/f",
    "near-limit": "http://example.org/" + "ä" * 1350 + "\n" + "x" * 400,
}

ADDRESSES = {
    **{
        f"a-{i:02}": "a" + text
        for i, text in enumerate(
            (
                "8.8.8.8",
                "127.0.0.1",
                "10.1.2.3",
                "0.0.0.0",
                "255.255.255.255",
                "192.88.99.1",
                "::",
                "::1",
                "::ffff:10.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b:1::a00:1",
                "2002:7f00:1::",
                "2001:0:7f00:1::8000:1",
                "2001:db8::1",
                "fe80::5efe:7f00:1",
                "2606:4700::1111",
                "2606:4700::5efe:a00:1",
                "fec0::1",
                "fd00::1",
                "ff02::1",
                "3fff::1",
                "1.2.3",
                "1.2.3.4.5",
                "::1%lo",
            )
        )
    },
    **{
        f"n-{i:02}": "n" + text
        for i, text in enumerate(
            (
                "10.0.0.0/8",
                "0.0.0.0/0",
                "::/0",
                "fd00::/8",
                "10.0.0.1",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0/-1",
                "10.0.0.0/8x",
                "10.0.0.0/",
                "/8",
                "::ffff:0:0/96",
                "1.2.3.4/032",
            )
        )
    },
    **{
        f"r-{i:02}": "r" + text
        for i, text in enumerate(
            (
                "120",
                "0",
                "-1",
                "99999999999999999999",
                "1e3",
                " 5 ",
                "Thu, 29 Feb 2024 00:00:10 GMT",
                "Thu, 29 Feb 2024 00:00:10 GMT\nThu, 29 Feb 2024 00:00:00 GMT",
                "Sun, 31 Feb 2024 25:61:61 GMT",
                "Fri, 31 Dec 9999 23:59:59 GMT",
                "Thursday, 29-Feb-24 00:00:10 GMT",
                "Thu Feb 29 00:00:10 2024",
            )
        )
    },
    "raw-v4": b"\0\x7f\0\0\x01",
    "raw-v6": b"\0" + bytes(10) + b"\xff\xff\x7f\0\0\x01\0",
    "raw-nat64": b"\0" + bytes.fromhex("0064ff9b0001000000000000000000000a000001"),
}

CSVS = {
    "header": "id,URL,name\n1,https://a/1.jpg,x\n2,https://a/2.jpg,y\n",
    "no-header": "https://a/1.jpg,x\nhttps://a/2.jpg,y",
    "semicolons": "name;url\r\nx;https://a/1.jpg\r\n",
    "tabs-cr": "url\tname\rhttps://a/1.jpg\tx\r",
    "bom-quotes": '\ufeff"url","title"\n"https://a/1.jpg","a, ""b""\nc"\n',
    "quote-open": 'url\n"https://a/1.jpg\nhttps://a/2.jpg\n',
    "quote-middle": 'url\n"https://a"/1.jpg\nhttps://a/"2.jpg\n" x " \n',
    "quotes-only": '""""""""\n"",""\n"""\n',
    "blank-rows": "url\n\n , \n\t\nhttps://a/1.jpg\n,\n",
    "short-rows": "a,b,url\n1\n1,2\n1,2,https://a/1.jpg\n1,2,3,4\n",
    "utf16": b"\xff\xfeu\0r\0l\0\n\0",
    "nul": b"url\nhttps://a/\0.jpg\n\0\n",
    "not-utf8": b"url\nhttps://a/\xff\xfe.jpg\n",
    "many": "url\n" + "h\n" * 101,
    "commas": "," * 500 + "\n" + "url" + "," * 100,
    "quote-pairs": "url\n" + '"a' * 300,
    "empty": "",
    "bom-only": "\ufeff",
    "formula": "url\n\"=cmd|' /C calc'!A0\"\n",
}

LINES = {
    "plain": "https://a/1.jpg\nhttps://a/2.jpg\n",
    "crlf": "https://a/1.jpg\r\n\r\nhttps://a/2.jpg\r",
    "bom": "\ufeff# list\nhttps://a\n",
    "two-boms": "\ufeff\ufeffhttps://a\n",
    "spaces": " \t https://a/1.jpg \t \n \n\t#x\n./#y\n",
    "nul": "a\0b\n\0\n",
    "utf16": b"\xfe\xff\0a",
    "not-utf8": b"\xff\xff\n\xc3\n",
    "many": "x\n" * 101,
    "controls": "\x1b[2J\x07\n\v\f\n",
    "empty": "",
    "long": "y" * 2000,
}

LIST = '{"urls": ["https://a/1.jpg"]'
JSONS = {
    "plain": LIST + "}",
    "whole": LIST[:-1] + ', "b"], "task": "detect", "model": "coco", "top": 3.0, "threshold": 0.25}',
    "escapes": r'{"urls": ["\u00e9\ud83d\ude00\u0000\/\n", "\"\\"]}',
    "half-surrogate": r'{"urls": ["\ud83d"]}',
    "empty-list": '{"urls": []}',
    "no-list": '{"top": 1}',
    "not-object": '["https://a/1.jpg"]',
    "number-url": '{"urls": ["a", 3]}',
    "unknown": LIST + ', "treshold": 0.5}',
    "pointer": LIST + ', "a/b~c": {"urls": ["x"]}}',
    "twice": LIST + ', "urls": ["b"]}',
    "top-high": LIST + ', "top": 1001}',
    "top-exponent": LIST + ', "top": 1e2}',
    "top-huge": LIST + ', "top": 1e999}',
    "integer-huge": LIST + ', "top": 123456789012345678901234567890}',
    "threshold": LIST + ', "threshold": -1e-320}',
    "nan": LIST + ', "threshold": NaN}',
    "infinity": LIST + ', "threshold": -Infinity}',
    "null": LIST + ', "model": null}',
    "deep-lists": "[" * 2000,
    "deep-objects": '{"a":' * 600,
    "depth-64": LIST + ', "x": ' + "[" * 63 + "]" * 63 + "}",
    "deep-urls": '{"urls": ' + "[" * 70 + "]" * 70 + "}",
    "trailing": LIST + "} x",
    "truncated": LIST,
    "comma": '{"urls": ["a",]}',
    "bom": b'\xef\xbb\xbf{"urls": ["a"]}',
    "not-utf8": b'{"urls": ["\xff\xc0\xaf"]}',
    "utf16": '{"urls": ["a"]}'.encode("utf-16"),
    "empty": "",
    "many": '{"urls": [' + ",".join(['""'] * 51) + "]}",
    "comment": "/* x */ {}",
    "long-name": '{"' + "n" * 100 + '": 1}',
    "control": '{"urls": ["a\x01b"]}',
}

CARD = 'name = "x"\ntask = "classify"\n'
CARDS = {
    "least": CARD,
    "detect": 'name = "d"\ntask = "detect"\n[resize]\nfit = "letterbox"\nfill = 114\n',
    "unknown": CARD + 'licnce = "MIT"\n',
    "types": "name = 1\ntask = []\n[input]\nwidth = 1.5\n",
    "ranges": CARD + "[input]\nwidth = 99999999999\nheight = -1\nscale = [0, nan, inf]\n",
    "no-toml": "name = \nx = [[[[[\n",
    "dots": "a." * 900 + "a = 1\n",
    "lists": "a = " + "[" * 900,
    "tables": CARD + "".join(f"[t{i}]\n" for i in range(100)),
    "path": CARD + 'network = "../../etc/passwd"\n[labels]\nfile = "/etc/passwd"\n',
    "dates": "name = 1979-05-27T07:32:00Z\n",
    "escapes": 'name = "\\u0000\\U0010ffff\\ud800"\ntask = "classify"\n',
    "not-utf8": b'name = "\xff"\n',
    "twice": "name = 'a'\nname = 'b'\n",
    "sources": CARD + 'network = "n.onnx"\n[[files]]\nname = "n.onnx"\nsources = ["https://a/n.onnx"]\n',
    "control": 'name = "\x1b"\n',
    "files": CARD
    + 'network = "n.onnx"\n'
    + '[[files]]\nname = "n.onnx"\nbytes = 1\nsha256 = "'
    + "0" * 64
    + '"\nsources = ["http://a"]\n',
    **{path.stem: path.read_bytes() for path in sorted((PROJECT / "models").glob("*.toml"))},
}


def tiff(order: str, entries: list[tuple[int, int, int, int]], first: int = 8, count: int | None = None) -> bytes:
    """A TIFF block: entries are tag, type, count, value; a SHORT stands at the front of its four bytes."""
    body = b"".join(
        struct.pack(order + ("HHIHH" if kind == 3 else "HHII"), tag, kind, n, value, *([0] if kind == 3 else []))
        for tag, kind, n, value in entries
    )
    return (
        (b"II" if order == "<" else b"MM")
        + struct.pack(order + "HI", 42, first)
        + struct.pack(order + "H", len(entries) if count is None else count)
        + body
        + bytes(4)
    )


def exif_seeds() -> dict[str, bytes]:
    turned = [(0x0100, 4, 1, 7), (0x0112, 3, 1, 6)]
    blocks = {
        "little": tiff("<", turned),
        "big": tiff(">", turned),
        "nine": tiff("<", [(0x0112, 3, 1, 9)]),
        "zero": tiff(">", [(0x0112, 3, 1, 0)]),
        "long": tiff("<", [(0x0112, 4, 1, 6)]),
        "far": tiff("<", turned, first=0xFFFFFFFF),
        "self": tiff(">", turned, first=0),
        "count": tiff("<", turned, count=0xFFFF),
        "cut": tiff("<", turned)[:17],
        "no-tiff": b"II*\0",
        "none": tiff(">", []),
    }
    in_jpeg = {
        f"jpeg-{name}": pictures.app1(block) for name, block in blocks.items() if name in ("little", "far", "cut")
    }
    fronts = {
        "length-0": b"\xff\xd8\xff\xe1\0\0Exif\0\0",
        "length-1": b"\xff\xd8\xff\xe1\0\x01",
        "fill": b"\xff\xd8" + b"\xff" * 40,
        "rst": b"\xff\xd8\xff\xd0\xff\xd7\xff\x01\xff\0\xff\xe1\xff\xff",
        "stray": b"\xff\xd8abc\xff\xe1\0\x08Exif\0\0",
    }
    chunks = {
        "png-exif": pictures.chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0))
        + pictures.chunk(b"eXIf", blocks["big"])
        + pictures.chunk(b"IDAT", b"x")
        + pictures.chunk(b"IEND", b""),
        "png-length": struct.pack(">I", 0xFFFFFFF0) + b"IHDR" + bytes(30),
        "png-plte": pictures.chunk(b"PLTE", bytes(7)),
    }
    heads = {
        f"head-{i:02}": head
        for i, head in enumerate(
            (
                b"<svg xmlns=''>",
                b"<!DOCTYPE html><html>",
                b"%PDF-1.7",
                b"PK\x03\x04",
                b"8BPS",
                b"II*\0",
                b"\0\0\0\x18ftypheic" + bytes(12),
                b"\0\0\0\x20ftypmif1\0\0\0\0mif1avif" + bytes(8),
                b"RIFF\0\0\0\0WEBP",
                b"BM" + bytes(12) + b"\x28\0\0\0",
                b"P6\n1 1 255\n",
                b"",
                b"\0",
            )
        )
    }
    return {**blocks, **in_jpeg, **fronts, **chunks, **heads}


def detection(head: list[int], *numbers: float | int) -> bytes:
    """An input of fuzz_detections.cpp: its head of 12 bytes, and the numbers that the outputs are filled with."""
    return bytes(head) + b"".join(struct.pack("<i" if isinstance(n, int) else "<f", n) for n in numbers)


def detection_seeds() -> dict[str, bytes]:
    # form, threshold, IoU, scope, width and height / 8 - 1, rows (2 bytes), classes, lies, original's size / 64 (2)
    ssd = [0, 127, 127, 1, 31, 31, 3, 0, 3, 0, 12, 9]
    yolox = [1, 127, 115, 0, 7, 3, 0, 0, 2, 0, 12, 9]
    lists = [2, 127, 127, 0, 31, 31, 2, 0, 0, 0, 12, 9]
    boxes = [0.1, 0.2, 0.5, 0.6, 0.1, 0.2, 0.5, 0.61, 0.5, 0.5, 0.9, 0.8]
    scores = [0.1, 0.87, 0.2, 0.1, 0.2, 0.63, 0.0, 0.0, 0.9]
    cell = [0.5, 0.5, 0.7, 0.7, 0.9, 0.1, 0.9]
    corners = [10.0, 20.0, 90.0, 80.0, 11.0, 20.0, 200.0, 120.0]
    nan, infinity, largest = float("nan"), float("inf"), 3.4e38

    def changed(head: list[int], **places: int) -> list[int]:
        at = {"threshold": 1, "iou": 2, "scope": 3, "rows": 6, "rows_high": 7, "classes": 8, "lies": 9}
        head = list(head)
        for place, value in places.items():
            head[at[place]] = value
        return head

    return {
        "ssd": detection(ssd, *boxes, *scores),
        "ssd-by-class": detection(changed(ssd, scope=2), *boxes, *scores),
        "ssd-nan-score": detection(ssd, *boxes, *scores[:4], nan),
        "ssd-infinite-box": detection(ssd, infinity, *boxes[1:], *scores),
        "ssd-largest-box": detection(ssd, -largest, -largest, largest, largest, *boxes[4:], *scores),
        "ssd-many": detection(changed(ssd, threshold=0, rows=255, rows_high=15, classes=2), 0.1, 0.2, 0.3, 0.4, 0.5),
        "ssd-no-rows": detection(changed(ssd, rows=0)),
        "ssd-no-classes": detection(changed(ssd, classes=1), *boxes, *scores),
        **{f"ssd-lie-{bit}": detection(changed(ssd, lies=bit), *boxes, *scores) for bit in (1, 2, 8, 16, 160)},
        "yolox": detection(yolox, *cell),
        "yolox-few": detection(changed(yolox, threshold=200), *cell, *([0.0] * 70)),
        "yolox-across": detection(changed(yolox, scope=3, iou=0), *cell),
        "yolox-overflow": detection(yolox, 0.5, 0.5, 1000.0, 0.7, 1.0, 1.0, 1.0),
        "yolox-underflow": detection(yolox, 0.5, 0.5, -1000.0, 0.7, 1.0, 1.0, 1.0),
        "yolox-nan": detection(yolox, 0.5, 0.5, 0.7, 0.7, nan, 0.1, 0.9),
        "yolox-lie": detection(changed(yolox, lies=1), *cell),
        "lists": detection(lists, *corners, 16, 17, 0.9, 0.8),
        "lists-none": detection(changed(lists, rows=0)),
        "lists-negative": detection(lists, *corners, -1, 17, 0.9, 0.8),
        "lists-beyond": detection(lists, *corners, 1, 1_000_000, 0.9, 0.8),
        "lists-padded": detection(lists, *corners, 16, -1, 0.9, 0.0),
        "lists-inverted": detection(lists, 90.0, 80.0, 10.0, 20.0, *corners[4:], 16, 17, 0.9, 0.8),
        "lists-lie": detection(changed(lists, lies=136), *corners, 16, 17, 0.9, 0.8),
        "short": bytes(11),
        "head-only": bytes(ssd),
    }


def write(folder: pathlib.Path, seeds: dict[str, str | bytes]) -> int:
    """Writes one target's seeds over the old ones; their bytes in all."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if not old.name.startswith("found-"):
            old.unlink()
    for name, content in seeds.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    total = sum(path.stat().st_size for path in folder.iterdir())
    print(f"  {folder.name:<10} {len(list(folder.iterdir())):>4} seeds {total:>8} bytes")
    return total


def main(corpus: pathlib.Path) -> int:
    texts = {
        "url": URLS,
        "address": ADDRESSES,
        "csv": CSVS,
        "lines": LINES,
        "json": JSONS,
        "card": CARDS,
        "exif": exif_seeds(),
        "detections": detection_seeds(),
        "http": http.HTTP,
        "multipart": http.MULTIPART,
        "frames": frames.FRAMES,
    }
    total = sum(write(corpus / target, seeds) for target, seeds in {**texts, **pictures.all_seeds()}.items())
    if total > MAX_BYTES:
        print(f"the seeds have {total} bytes, and {MAX_BYTES} are the limit", file=sys.stderr)
    return 1 if total > MAX_BYTES else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "tests/fuzz/corpus"))
