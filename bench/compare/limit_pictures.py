"""Pictures that are as large as limits let them be, in pixels and in bytes, and just beyond: one photograph, in each format."""

import dataclasses
import io
import pathlib
import struct
import zlib
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # x, y, and their steps
ROWS_AT_ONCE = 256
PNG_16_BIT_RGBA = (16, 6)
MOST_WEBP_SIDE = 16_383


@dataclasses.dataclass(frozen=True)
class Kind:
    """A format, and the bytes a pixel that its codec holds of a whole picture; 0: some rows."""

    name: str
    ending: str
    held: int
    encode: Callable[[Image.Image], bytes]
    fill: Callable[[bytes, int], bytes]  # makes it so many bytes longer, as its format allows


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def interlaced_png(picture: Image.Image) -> bytes:
    """16 bits a channel, with alpha, in the seven passes of Adam7: Pillow writes no such file. Source: PNG (ISO/IEC 15948), 8.2."""
    pixels, packed = np.asarray(picture.convert("RGBA")), io.BytesIO()
    packer = zlib.compressobj(1)
    for x, y, right, down in ADAM7:
        rows = pixels[y::down, x::right]
        before = np.zeros((rows.shape[1] * 8,), dtype=np.uint8)
        for at in range(0, rows.shape[0], ROWS_AT_ONCE):
            wide = np.repeat(rows[at:at + ROWS_AT_ONCE], 2, axis=2).reshape(-1, rows.shape[1] * 8)  # 0xab becomes 0xabab
            above = np.vstack([before[None], wide[:-1]])
            before = wide[-1]
            packed.write(packer.compress(np.hstack([np.full((len(wide), 1), 2, np.uint8), wide - above]).tobytes()))  # filter 2: Up
    packed.write(packer.flush())
    head = struct.pack(">IIBBBBB", *picture.size, *PNG_16_BIT_RGBA, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", packed.getvalue()) + png_chunk(b"IEND", b"")


def by_pillow(mode: str, **options: object) -> Callable[[Image.Image], bytes]:
    def encode(picture: Image.Image) -> bytes:
        data, shown = io.BytesIO(), picture.convert(mode)
        if mode == "RGBA":
            shown.putalpha(Image.linear_gradient("L").point(lambda v: 255 - v // 16).resize(picture.size))
        shown.save(data, **options)
        return data.getvalue()

    return encode


def fill_jpeg(data: bytes, more: int) -> bytes:
    """Comments, of 4 to 65,537 bytes each, before all else."""
    comments = b""
    while more:
        size = min(more, 65_537)
        if 0 < more - size < 4:
            size -= 4
        comments += b"\xff\xfe" + struct.pack(">H", size - 2) + bytes(size - 4)
        more -= size
    return data[:2] + comments + data[2:]


def fill_png(data: bytes, more: int) -> bytes:
    return data[:-12] + png_chunk(b"fiLl", bytes(more - 12)) + data[-12:]


def fill_webp(data: bytes, more: int) -> bytes:
    more -= more % 2
    whole = data + b"FILL" + struct.pack("<I", more - 8) + bytes(more - 8)
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


def fill_avif(data: bytes, more: int) -> bytes:
    return data + struct.pack(">I", more) + b"free" + bytes(more - 8)


KINDS = (
    Kind("JPEG", "jpg", 0, by_pillow("RGB", format="JPEG", quality=85), fill_jpeg),
    Kind("JPEG, progressive, CMYK 4:4:4", "progressive.jpg", 8,
         by_pillow("CMYK", format="JPEG", quality=85, subsampling=0, progressive=True), fill_jpeg),
    Kind("PNG", "png", 0, by_pillow("RGB", format="PNG", compress_level=1), fill_png),
    Kind("PNG, interlaced, 16 bits, alpha", "interlaced.png", 8, interlaced_png, fill_png),
    Kind("WebP, alpha", "webp", 8, by_pillow("RGBA", format="WEBP", quality=60, method=0), fill_webp),
    Kind("AVIF, 4:4:4, alpha", "avif", 8, by_pillow("RGBA", format="AVIF", quality=50, subsampling="4:4:4", speed=10), fill_avif),
)


def enlarged(photograph: Image.Image, pixels: int, side: int) -> Image.Image:
    """Of its own shape, with as many pixels as may be."""
    scale = min((pixels / (photograph.width * photograph.height)) ** .5, side / max(photograph.size))
    width = min(int(photograph.width * scale), side)
    return photograph.resize((width, min(pixels // width, int(photograph.height * scale) + 1, side)), Image.Resampling.NEAREST)


@dataclasses.dataclass(frozen=True)
class Made:
    kind: Kind
    file: pathlib.Path
    size: tuple[int, int]


def write_at_limits(photograph: Image.Image, folder: pathlib.Path, pixels: int, side: int, most_bytes: int,
                    kinds: Sequence[Kind] = KINDS) -> list[Made]:
    """A file of each kind, of `most_bytes` exactly, WebP of a byte less where that is odd.

    Errors: ValueError where a picture of so many pixels cannot be kept in so few bytes."""
    made = []
    picture = enlarged(photograph, pixels, min(side, MOST_WEBP_SIDE))
    for kind in kinds:
        data = kind.encode(picture)
        room = most_bytes - len(data)
        if room < 16:
            raise ValueError(f"{kind.name}: {len(data)} bytes for {pixels} pixels, of which {most_bytes} are allowed")
        file = folder / f"limit.{kind.ending}"
        file.write_bytes(kind.fill(data, room))
        made.append(Made(kind, file, picture.size))
    return made


def write_beyond(photograph: Image.Image, folder: pathlib.Path, pixels: int, side: int, most_bytes: int) -> dict[str, pathlib.Path]:
    """What is refused, by why: a pixel row, a side, a byte more than may be."""
    small = by_pillow("RGB", format="JPEG")(photograph)
    width = int(pixels ** .5)
    files = {"pixels": by_pillow("L", format="PNG", compress_level=1)(Image.new("L", (width, pixels // width + 1))),
             "side": by_pillow("L", format="PNG")(Image.new("L", (side + 1, 8))),
             "bytes": fill_jpeg(small, most_bytes + 1 - len(small))}
    for name, data in files.items():
        (folder / f"beyond_{name}").write_bytes(data)
    return {name: folder / f"beyond_{name}" for name in files}
