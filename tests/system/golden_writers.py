"""What Pillow does not write: PNG of every kind, BMP of every depth, odd JPEGs, colour profiles."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable

import numpy as np
from PIL import Image

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    samples: np.ndarray,
    bits: int,
    colour_type: int,
    *,
    interlaced: bool = False,
    before: Iterable[tuple[bytes, bytes]] = (),
) -> bytes:
    """`samples` are height x width x channels, as the file has them; `before` are chunks that stand before the data."""
    height, width, _ = samples.shape
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    rows = b"".join(_png_rows(samples[y::down, x::right], bits) for x, y, right, down in passes)
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, int(interlaced))
    chunks = [(b"IHDR", header), *before, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, body) for name, body in chunks)


def _png_rows(samples: np.ndarray, bits: int) -> bytes:
    """Each row packed, with the filter "none" before it; nothing where there are no pixels."""
    if samples.size == 0:
        return b""
    return b"".join(b"\x00" + _packed(row.reshape(-1), bits) for row in samples)


def _packed(values: np.ndarray, bits: int) -> bytes:
    if bits == 16:
        return values.astype(">u2").tobytes()
    as_bits = (values[:, None].astype(np.uint8) >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(as_bits.reshape(-1)).tobytes()


def bmp(values: np.ndarray, bits: int, palette: np.ndarray | None = None) -> bytes:
    """`values` are height x width: numbers of colours, or words of 16 bits (five a channel)."""
    height, width = values.shape
    table = b"" if palette is None else b"".join(bytes((b, g, r, 0)) for r, g, b in palette.tolist())
    rows = []
    for row in values[::-1]:
        packed = row.astype("<u2").tobytes() if bits == 16 else _packed(row, bits)
        rows.append(packed + bytes(-len(packed) % 4))
    data = b"".join(rows)
    at = 14 + 40 + len(table)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 0, len(data), 2835, 2835, len(table) // 4, 0)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + info + table + data


def jpeg_segments(data: bytes) -> list[tuple[int, int, int]]:
    """Marker, begin and end of each segment before the picture's data."""
    found, at = [], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        found.append((data[at + 1], at, end))
        at = end
    return found


def plain_cmyk_jpeg(cmyk: Image.Image, **options: object) -> bytes:
    """CMYK as no program of Adobe's writes it: how much ink, and no marker that says whose file it is."""
    data = _jpeg(Image.merge("CMYK", [c.point(lambda v: 255 - v) for c in cmyk.split()]), **options)
    (begin, end) = next((b, e) for marker, b, e in jpeg_segments(data) if marker == 0xEE)
    return data[:begin] + data[end:]


def ycck_jpeg(cmyk: Image.Image, **options: object) -> bytes:
    """CMYK with its three colours as luma and chroma."""
    *inks, black = cmyk.split()
    luma_chroma = Image.merge("RGB", inks).convert("YCbCr").split()
    stored = [c.point(lambda v: 255 - v) for c in luma_chroma]
    data = bytearray(_jpeg(Image.merge("CMYK", [*stored, black]), **options))
    end = next(e for marker, _, e in jpeg_segments(bytes(data)) if marker == 0xEE)
    data[end - 1] = 2  # Adobe's number of this transform
    return bytes(data)


def _jpeg(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
D50 = (0.96420, 1.0, 0.82491)


def rgb_profile(colorants: tuple[tuple[float, float, float], ...], gamma: float) -> bytes:
    """An ICC profile of a display: the XYZ of its three colours and one curve."""
    tags = {name: _xyz(xyz) for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(gamma))
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags)


def grey_profile(gamma: float) -> bytes:
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _curve(gamma)})


def cmyk_profile() -> bytes:
    """An ICC profile of a press that does not exist: a table of the 16 full colours, in Lab, between which is mixed."""
    corners = []
    for number in range(16):
        c, m, y, k = (number >> shift & 1 for shift in (3, 2, 1, 0))
        lightness = 97 * (1 - 0.40 * c) * (1 - 0.45 * m) * (1 - 0.06 * y) * (1 - 0.85 * k)
        a = (-32 * c + 70 * m - 4 * y) * (1 - k)
        b = (-45 * c - 3 * m + 85 * y) * (1 - k)
        corners += [round(lightness * 2.55), round(a + 128), round(b + 128)]
    identity = (1, 0, 0, 0, 1, 0, 0, 0, 1)
    ramp = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + b"".join(struct.pack(">i", v << 16) for v in identity)
    table += ramp * 4 + bytes(max(0, min(255, v)) for v in corners) + ramp * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \x00\x00\x00\x00" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def _curve(gamma: float) -> bytes:
    return b"curv\x00\x00\x00\x00" + struct.pack(">IH", 1, round(gamma * 256))


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = b"made by a test"
    description = b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + bytes(1 + 4 + 4 + 2 + 1 + 67)
    tags = {b"desc": description, b"wtpt": _xyz(D50), b"cprt": b"text" + bytes(4) + b"none\x00", **tags}
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = at + len(body)
    head = struct.pack(">I4sI", size, b"\x00" * 4, 0x02400000) + kind + space + connection
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _xyz(D50)[8:] + bytes(48)
    return head + table + body
