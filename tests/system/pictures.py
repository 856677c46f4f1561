"""Pictures made by the tests: plain colours, which the test's network names, and files that only look like pictures."""

from __future__ import annotations

import functools
import io
import struct
import zlib

from PIL import Image

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
WHITE, GREY = (255, 255, 255), (128, 128, 128)
COLOURS = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}


@functools.cache
def plain(colour: tuple[int, int, int], kind: str = "PNG", size: tuple[int, int] = (48, 40), **options: int) -> bytes:
    return _saved(Image.new("RGB", size, colour), kind, **options)


@functools.cache
def rotated_jpeg(size: tuple[int, int], orientation: int) -> bytes:
    """A JPEG stored with `size`, and an EXIF orientation that says how to turn it."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return _saved(Image.new("RGB", size, RED), "JPEG", exif=exif.tobytes())


@functools.cache
def noise_jpeg(size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG with much in it, so that half of it is a damaged picture."""
    return _saved(Image.effect_noise(size, 80).convert("RGB"), "JPEG", quality=90)


@functools.cache
def huge_png(side: int = 20_000) -> bytes:
    """A valid PNG of side x side pixels of one bit, all black, in some 44 KB."""
    row = bytes(1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(name, data) for name, data in chunks)


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


HTML = b"<!DOCTYPE html><html><body><h1>Not here</h1></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
POSTSCRIPT = b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n"

# The first bytes of pictures that are known and not read, filled up to the size of a small file.
_FTYP = b"\x00\x00\x00\x18ftyp%s\x00\x00\x00\x00mif1miaf"
UNREAD = {
    "tiff-le": b"II*\x00\x08\x00\x00\x00".ljust(256, b"\x00"),
    "tiff-be": b"MM\x00*\x00\x00\x00\x08".ljust(256, b"\x00"),
    "heic": (_FTYP % b"heic").ljust(256, b"\x00"),
    "jxl-codestream": b"\xff\x0a".ljust(256, b"\x00"),
    "jxl-container": b"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a".ljust(256, b"\x00"),
    "ico": bytes.fromhex("00000100010010100000010020006804000016000000").ljust(256, b"\x00"),
    "psd": b"8BPS\x00\x01".ljust(256, b"\x00"),
}
