"""Odd files, made here: each with what it gives, the label of its colour or an error's code."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

from golden_writers import jpeg_segments, png_chunk
from PIL import Image, features
from pictures import GREEN, RED, plain

Odd = tuple[str, bytes, str]
SIZE = (48, 40)
MEGABYTES_100 = 100_000_000


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def red(kind: str, **options: object) -> bytes:
    return plain(RED, kind, SIZE, **options)


def animated(kind: str, pictures: int = 3, **options: object) -> bytes:
    """The first is red, the others are green."""
    others = [Image.new("RGB", SIZE, (0, 255 - n % 64, 0)) for n in range(pictures - 1)]
    return saved(Image.new("RGB", SIZE, RED), kind, save_all=True, append_images=others, **options)


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def inserted(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at:]


def jpegs() -> Iterator[Odd]:
    good, other = red("JPEG", quality=95), plain(GREEN, "JPEG", SIZE, quality=95)
    progressive = red("JPEG", quality=95, progressive=True)
    tables = next(begin for marker, begin, _ in jpeg_segments(good) if marker == 0xDB)
    frame = good.index(b"\xff\xc0")
    height = frame + 5
    yield "jpeg stray bytes before a marker", inserted(good, tables, b"\x00\x12\x34"), "red"
    yield "jpeg fill bytes before a marker", inserted(good, tables, b"\xff" * 9), "red"
    yield "jpeg garbage behind its end", good + bytes(range(256)) * 20, "red"
    yield "jpeg and another behind it", good + other, "red"
    yield "jpeg of two (MPO)", animated("MPO", 2, quality=95), "red"
    yield "jpeg without its end marker", good[:-2], "red"
    yield "jpeg progressive without its end marker", progressive[:-2], "decode_failed"
    yield "jpeg height 0, told behind (DNL)", patched(good, height, b"\x00\x00"), "decode_failed"
    yield "jpeg width 0", patched(good, height + 2, b"\x00\x00"), "decode_failed"
    yield "jpeg two beginnings", inserted(good, 2, b"\xff\xd8"), "decode_failed"
    yield "jpeg empty APP1", inserted(good, 2, b"\xff\xe1\x00\x02"), "red"
    yield "jpeg EXIF of no bytes", inserted(good, 2, b"\xff\xe1\x00\x08Exif\x00\x00"), "red"
    loop = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff" + bytes(20)
    yield "jpeg EXIF of 65535 entries", inserted(good, 2, b"\xff\xe1" + struct.pack(">H", len(loop) + 2) + loop), "red"
    piece = b"ICC_PROFILE\x00\x01\x02" + bytes(100)
    part = b"\xff\xe2" + struct.pack(">H", len(piece) + 2) + piece
    yield "jpeg first half of a profile", inserted(good, 2, part), "red"
    yield "jpeg 6 MB of comments", inserted(good, 2, (b"\xff\xfe\xff\xff" + bytes(65533)) * 96), "red"
    yield "jpeg segment longer than the file", inserted(good, 2, b"\xff\xe5\xff\xff"), "decode_failed"
    yield "jpeg of 12 bits", patched(good, frame + 4, b"\x0c"), "unsupported_format"
    yield "jpeg lossless", patched(good, frame + 1, b"\xc3"), "unsupported_format"
    yield "jpeg tables missing", good[:tables] + good[frame:], "decode_failed"
    scan = progressive.rindex(b"\xff\xda")
    yield "jpeg of 3,000 scans", progressive[:scan] + progressive[scan:-2] * 3000 + b"\xff\xd9", "decode_failed"


def pngs() -> Iterator[Odd]:
    good = red("PNG")
    data = good.index(b"IDAT") - 4
    packed = good[data + 8 : good.index(b"IEND") - 8]
    head, end = good[:data], png_chunk(b"IEND", b"")
    text = png_chunk(b"tEXt", b"Comment\x00hello")
    bomb = zlib.compress(bytes(MEGABYTES_100), 9)
    yield "png wrong checksum of a text", head + text[:-1] + b"\x00" + good[data:], "red"
    yield "png wrong checksum, but right data", patched(good, len(good) - 13, bytes((good[-13] ^ 1,))), "red"
    stored = bytearray(red("PNG", compress_level=0))
    stored[len(stored) // 2] ^= 0xFF
    yield "png one wrong byte of the data", bytes(stored), "decode_failed"
    yield "png text of 100 MB, packed", head + png_chunk(b"zTXt", b"a\x00\x00" + bomb) + good[data:], "red"
    yield "png profile of 100 MB, packed", head + png_chunk(b"iCCP", b"a\x00\x00" + bomb) + good[data:], "red"
    yield "png profile of nonsense", head + png_chunk(b"iCCP", b"a\x00\x00" + zlib.compress(b"no")) + good[data:], "red"
    yield "png 100,000 texts", head + text * 100_000 + good[data:], "red"
    pieces = b"".join(png_chunk(b"IDAT", packed[i : i + 1]) + png_chunk(b"IDAT", b"") for i in range(len(packed)))
    yield "png data byte by byte, with empty chunks", head + pieces + end, "red"
    halves = png_chunk(b"IDAT", packed[:9]) + text + png_chunk(b"IDAT", packed[9:])
    yield "png data parted by a text", head + halves + end, "decode_failed"
    yield "png without an end", good[: -len(end)], "red"
    yield "png garbage behind its end", good + b"garbage" * 1000, "red"
    yield "png animated (APNG)", animated("PNG"), "red"
    yield "png of Apple's kind", inserted(good, 8, png_chunk(b"CgBI", b"\x50\x00\x20\x02")), "unsupported_format"
    sizes = {"width 0": (0, 40), "height 0": (48, 0), "height of 2^31": (48, 2**31)}
    for name, size in sizes.items():
        header = png_chunk(b"IHDR", struct.pack(">II", *size) + good[24:29])
        yield f"png {name}", good[:8] + header + good[33:], "decode_failed"
    palette = png_chunk(b"IHDR", good[16:25] + b"\x03" + good[26:29])
    yield "png palette missing", good[:8] + palette + good[33:], "decode_failed"
    more = png_chunk(b"IDAT", zlib.compress(zlib.decompress(packed) + bytes(50_000)))
    yield "png more data than pixels", head + more + end, "red"


def webps() -> Iterator[Odd]:
    good = red("WEBP", lossless=True)
    lossy = red("WEBP", quality=90)
    chunk = good[12:]
    canvas = b"VP8X" + struct.pack("<II", 10, 0)

    def riff(body: bytes) -> bytes:
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body

    def size(width: int, height: int) -> bytes:
        return (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")

    yield "webp canvas as large as the picture", riff(canvas + size(*SIZE) + chunk), "red"
    yield "webp canvas of another size", riff(canvas + size(49, 40) + chunk), "decode_failed"
    yield "webp canvas of 2^24 pixels a side", riff(canvas + size(2**24, 2**24)), "too_many_pixels"
    yield "webp canvas and no picture", riff(canvas + size(*SIZE)), "decode_failed"
    yield "webp garbage behind its end", good + b"garbage!" * 1000, "red"
    yield "webp length of the file too large", patched(good, 4, struct.pack("<I", 2**32 - 10)), "red"
    yield "webp length of the file too small", patched(good, 4, struct.pack("<I", 20)), "decode_failed"
    yield "webp length of the picture too large", patched(good, 16, struct.pack("<I", 2**32 - 1)), "decode_failed"
    yield "webp unknown chunk in front", riff(b"JUNK\x03\x00\x00\x00abc\x00" + chunk), "red"
    yield "webp two pictures", riff(chunk + plain(GREEN, "WEBP", SIZE, lossless=True)[12:]), "red"
    yield "webp profile of nonsense", red("WEBP", lossless=True, icc_profile=b"nonsense" * 20), "red"
    yield "webp that is no key frame", patched(lossy, 20, bytes((lossy[20] | 1,))), "decode_failed"
    moving = animated("WEBP", lossless=True)
    second = moving.index(b"ANMF", moving.index(b"ANMF") + 4)
    yield "webp animated", moving, "red"
    yield "webp animated, cut behind the first", moving[:second], "red"
    yield "webp animated, garbage behind the first", moving[:second] + b"\xa5" * 500, "red"
    yield "webp animated, cut within the first", moving[: second - 20], "decode_failed"


def gifs() -> Iterator[Odd]:
    good = red("GIF")
    moving = animated("GIF", 1000)
    picture = good.index(b"\x2c\x00\x00\x00\x00")
    thousand = moving.index(b"\x21\xf9", moving.index(b"\x2c\x00\x00\x00\x00"))
    yield "gif of 1,000 pictures", moving, "red"
    yield "gif of 1,000 pictures, cut behind the first", moving[:thousand], "red"
    yield "gif of 1,000 pictures, garbage behind the first", moving[:thousand] + b"\xa5" * 5000, "red"
    yield "gif cut within the picture", good[:-4], "decode_failed"
    yield "gif without pictures", good[:picture] + b";", "decode_failed"
    yield "gif palette only", good[:picture], "decode_failed"
    comment = b"\x21\xfe" + (b"\xff" + b"c" * 255) * 4000 + b"\x00"
    yield "gif comment of 1 MB", inserted(good, picture, comment), "red"
    yield "gif of 65535 x 65535", patched(good, 6, b"\xff" * 4), "too_many_pixels"
    yield "gif picture larger than its screen", patched(good, 6, b"\x01\x00\x01\x00"), "red"
    yield "gif screen of no pixels", patched(good, 6, bytes(4)), "red"
    yield "gif picture of no pixels", patched(good, picture + 5, bytes(2)), "decode_failed"
    colours = 3 * 2 ** ((good[10] & 7) + 1)
    bare = patched(good, 10, bytes((good[10] & 0x7F,)))
    yield "gif without a palette", bare[:13] + bare[13 + colours :], "background"
    at = picture + 10
    yield "gif codes of 12 bits", patched(good, at, b"\x0c"), "decode_failed"
    yield "gif codes that mean nothing", patched(good, at + 2, b"\xff" * 4), "decode_failed"
    yield "gif that is a script too", b"GIF89a=1;alert(document.domain)//" + bytes(300), "decode_failed"
    clear = Image.new("P", SIZE, 3)
    yield "gif that is all transparent", saved(clear, "GIF", transparency=3), "white"


def bmps() -> Iterator[Odd]:
    good = red("BMP")
    yield "bmp run-length coded", patched(good, 30, struct.pack("<I", 1)), "unsupported_format"
    yield "bmp with a JPEG in it", patched(good, 30, struct.pack("<I", 4)), "unsupported_format"
    yield "bmp pixels behind the file", patched(good, 10, struct.pack("<I", 2**31)), "decode_failed"
    yield "bmp pixels inside the header", patched(good, 10, struct.pack("<I", 2)), "decode_failed"
    yield "bmp upside down", patched(good, 22, struct.pack("<i", -SIZE[1])), "red"
    yield "bmp height of -2^31", patched(good, 22, struct.pack("<i", -(2**31))), "decode_failed"
    yield "bmp of 5 bits", patched(good, 28, struct.pack("<H", 5)), "unsupported_format"
    yield "bmp length of the file 0", patched(good, 2, bytes(4)), "red"
    yield "bmp garbage behind its end", good + b"garbage" * 100, "red"
    head = b"BM" + struct.pack("<IHHI", 0, 0, 0, 26) + struct.pack("<IHHHH", 12, *SIZE, 1, 24)
    yield "bmp of OS/2", head + good[54:], "red"


def avifs() -> Iterator[Odd]:
    if not features.check("avif"):
        return
    good = red("AVIF", quality=95, subsampling="4:4:4")
    yield "avif sequence", animated("AVIF", quality=95, subsampling="4:4:4"), "red"
    yield "avif cut", good[:-10], "decode_failed"
    yield "avif header only", good[:40], "decode_failed"
    yield "avif garbage behind its end", good + b"garbage" * 100, "red"
    size = good.index(b"ispe") + 8
    yield "avif of 40,000 x 40,000", patched(good, size, struct.pack(">II", 40_000, 40_000)), "too_many_pixels"
    item = good.index(b"av01")
    yield "avif with HEVC in it", patched(good, item, b"hvc1"), "decode_failed"


FAMILIES = (jpegs, pngs, webps, gifs, bmps, avifs)
