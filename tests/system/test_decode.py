"""What an origin may call a picture: type by first bytes, header before pixels, damage is an error."""

from __future__ import annotations

import struct
import zlib

import pictures
import pytest
import replies
from origin import Origin
from pictures import HTML, PDF, POSTSCRIPT, RED, SVG, UNREAD, noise_jpeg, plain
from program import Curlew, limits

NO_IMAGE = {
    "empty": b"",
    "one byte": b"\xff",
    "html": HTML,
    "svg": SVG,
    "pdf": PDF,
    "postscript": POSTSCRIPT,
    "json": b'{"error": "not found"}',
    "text": b"bird.jpg",
    "zeros": bytes(5000),
    "zip": b"PK\x03\x04" + bytes(100),
    "png magic, first half": b"\x89PNG",
    "other riff": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
}


def test_what_is_no_picture_is_told_so_whatever_its_name_and_type(curlew: Curlew, origin: Origin) -> None:
    urls = [origin.serve(f"/{i}.jpg", replies.good(data, "image/jpeg")) for i, data in enumerate(NO_IMAGE.values())]
    codes = dict(zip(NO_IMAGE, curlew.classify(*urls).codes, strict=True))
    assert codes == dict.fromkeys(NO_IMAGE, "not_an_image")


def test_pictures_of_formats_that_are_not_read_are_told_so(curlew: Curlew, origin: Origin) -> None:
    urls = [origin.serve(f"/{name}.jpg", replies.good(data, "image/jpeg")) for name, data in UNREAD.items()]
    codes = dict(zip(UNREAD, curlew.classify(*urls).codes, strict=True))
    assert codes == dict.fromkeys(UNREAD, "unsupported_format")


def test_the_type_is_that_of_the_bytes_not_of_name_or_header(curlew: Curlew, origin: Origin) -> None:
    png = origin.serve("/a.jpg", replies.good(plain(RED, "PNG"), "image/jpeg"))
    jpeg = origin.serve("/b.svg", replies.good(plain(RED, "JPEG", quality=95), "text/html; charset=utf-8"))
    assert [r["image"]["format"] for r in curlew.classify(png, jpeg).results] == ["png", "jpeg"]


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


DAMAGED = {
    "jpeg cut": cut(noise_jpeg()),
    "jpeg header only": noise_jpeg()[:200],
    "jpeg magic only": b"\xff\xd8\xff\xe0",
    "png cut": cut(plain((1, 2, 3), "PNG", (500, 500))),
    "png header only": plain(RED)[:33],
    "png magic only": b"\x89PNG\r\n\x1a\n",
    "png wrong checksum of the header": plain(RED)[:29] + b"\x00\x00\x00\x00" + plain(RED)[33:],
    "png no data": plain(RED)[:33] + b"\x00\x00\x00\x00IEND\xaeB`\x82",
    "bmp cut": cut(plain(RED, "BMP")),
    "bmp header only": plain(RED, "BMP")[:54],
    "bmp magic only": b"BM" + bytes(3),
}


def test_a_damaged_picture_is_decode_failed_not_grey_rows(curlew: Curlew, origin: Origin) -> None:
    """Whole by HTTP's count: the file itself is short."""
    urls = [origin.serve(f"/{i}", replies.good(data)) for i, data in enumerate(DAMAGED.values())]
    codes = dict(zip(DAMAGED, curlew.classify(*urls).codes, strict=True))
    wrong = {name: code for name, code in codes.items() if code != "decode_failed"}
    assert not {n: c for n, c in wrong.items() if not (n.endswith("magic only") and c == "not_an_image")}


def bmp(width: int, height: int) -> bytes:
    """A BMP's header that promises so much, and no pixels."""
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + info


def png_header(width: int, height: int) -> bytes:
    whole = plain(RED)
    body = b"IHDR" + struct.pack(">II", width, height) + whole[24:29]
    import zlib

    return whole[:12] + body + struct.pack(">I", zlib.crc32(body)) + whole[33:]


def jpeg_header(width: int, height: int) -> bytes:
    data = bytearray(plain(RED, "JPEG", (48, 40)))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


TOO_BIG = {
    "png of 400 megapixels": pictures.huge_png(),
    "png side": png_header(16_385, 1),
    "png sides of 31 bits": png_header(2**31 - 1, 2**31 - 1),
    "jpeg of 65535 x 65535": jpeg_header(65_535, 65_535),
    "jpeg pixels": jpeg_header(16_000, 4_000),
    "bmp side": bmp(16_385, 16),
    "bmp upside down": bmp(20_000, -20_000),
    "bmp of 31 bits": bmp(2**31 - 1, 2**31 - 1),
}


def test_too_many_pixels_are_refused_by_the_header(curlew: Curlew, origin: Origin) -> None:
    urls = [origin.serve(f"/{i}", replies.good(data)) for i, data in enumerate(TOO_BIG.values())]
    run = curlew.classify(*urls)
    assert dict(zip(TOO_BIG, run.codes, strict=True)) == dict.fromkeys(TOO_BIG, "too_many_pixels")
    assert all(r["timings_ms"]["decode"] < 50 for r in run.results)


@pytest.mark.parametrize(("key", "value"), [("side_px", 99), ("megapixels", 0.0049)])
def test_the_limits_of_pixels_are_keys_and_exact(curlew: Curlew, origin: Origin, key: str, value: float) -> None:
    fits = origin.serve("/fits", replies.good(plain(RED, size=(99, 49))))
    beyond = origin.serve("/beyond", replies.good(plain(RED, size=(100, 50))))
    assert curlew.classify(fits, beyond, env=limits(**{key: value})).codes == ["red", "too_many_pixels"]


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (16_384, 1)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP"])
def test_odd_sizes_are_read(curlew: Curlew, origin: Origin, kind: str, size: tuple[int, int]) -> None:
    url = origin.serve("/a", replies.good(plain(RED, kind, size)))
    (result,) = curlew.classify(url).results
    assert (result["image"]["width"], result["image"]["height"]) == size
    assert result["predictions"][0]["label"] == "red"
