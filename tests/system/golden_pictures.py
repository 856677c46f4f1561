"""Every format and variant that is read, as pictures for the golden tests.

All but two, which Pillow does not write: JPEG with arithmetic coding and AVIF of 10 bits. The decoder's contract tests
have both.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import struct
from collections.abc import Iterator

import golden_writers as writers
import numpy as np
from PIL import Image, features

SIZE = (641, 427)  # odd, as photographs cut by hand are
LARGE = (1333, 1001)  # a JPEG of this size is decoded at a quarter

# How far two right decoders may be apart, in grey levels on average.
EXACT = 0.02  # the same pixels, and their mean rounded
ROUNDED = 0.3  # colours are computed, and another version of a library may round them otherwise
AVERAGED = 0.5  # colours are computed from the mean of pixels, not the mean from the colours of each
CUT = 0.6  # five bits become eight: rounded here, cut there
SCALED = 2.0  # a JPEG is decoded smaller than it is: its waves are averaged, not its pixels


@dataclasses.dataclass(frozen=True)
class Variant:
    name: str
    data: bytes
    limit: float
    reason: str
    looks_like: bytes | None = None  # what another decoder is to read instead, where it would read `data` wrongly


@functools.cache
def scene(size: tuple[int, int] = SIZE) -> Image.Image:
    """What a photograph has, without its noise: soft ground, edges, round things, fine stripes, dark and bright."""
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    rgb = np.stack([0.15 + 0.75 * x, 0.25 + 0.5 * y, 0.9 - 0.7 * x * y], axis=-1)
    for (cx, cy, radius), colour in {
        (0.3, 0.35, 0.18): (0.85, 0.15, 0.1),
        (0.62, 0.6, 0.25): (0.1, 0.55, 0.2),
        (0.8, 0.22, 0.12): (0.95, 0.9, 0.2),
        (0.22, 0.75, 0.14): (0.05, 0.05, 0.08),
    }.items():
        distance = np.hypot((x - cx) * width / height, y - cy)
        inside = np.clip((radius - distance) * height / 2 + 0.5, 0, 1)[..., None]
        shade = (1 - 0.5 * distance / radius)[..., None]
        rgb = rgb * (1 - inside) + inside * np.clip(np.array(colour) * shade, 0, 1)
    stripes = ((x > 0.45) & (x < 0.6) & (y > 0.05) & (y < 0.3))[..., None]
    rgb = np.where(stripes, 0.5 + 0.4 * np.sin(x * width * 0.7)[..., None], rgb)
    return Image.fromarray(np.round(np.clip(rgb, 0, 1) * 255).astype(np.uint8))


@functools.cache
def alpha(size: tuple[int, int] = SIZE) -> Image.Image:
    """Clear at the left, then a ramp, with a hole."""
    width, height = size
    x, y = np.meshgrid(np.linspace(-0.2, 1.1, width), np.linspace(0, 1, height))
    values = np.clip(x, 0, 1) * (np.hypot(x - 0.7, y - 0.5) > 0.15)
    return Image.fromarray(np.round(values * 255).astype(np.uint8))


def with_alpha() -> Image.Image:
    picture = scene().convert("RGBA")
    picture.putalpha(alpha())
    return picture


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def samples(image: Image.Image) -> np.ndarray:
    values = np.asarray(image)
    return values[..., None] if values.ndim == 2 else values


def jpegs() -> Iterator[Variant]:
    picture, large = scene(), scene(LARGE)
    chroma = "chroma is made larger"
    yield Variant("jpeg 4:4:4", saved(picture, "JPEG", quality=90, subsampling=0), ROUNDED, "YCbCr, rounded")
    for name, kind in {"4:2:2": 1, "4:2:0": 2}.items():
        yield Variant(f"jpeg {name}", saved(picture, "JPEG", quality=90, subsampling=kind), ROUNDED, chroma)
    progressive = saved(picture, "JPEG", quality=90, progressive=True)
    yield Variant("jpeg progressive", progressive, ROUNDED, chroma)
    yield Variant("jpeg grey", saved(picture.convert("L"), "JPEG", quality=90), ROUNDED, "grey as stored")
    scaled = "decoded at a quarter"
    for name, options in {
        "4:4:4": {"subsampling": 0},
        "4:2:0": {"subsampling": 2},
        "progressive": {"progressive": True},
    }.items():
        yield Variant(f"jpeg large {name}", saved(large, "JPEG", quality=90, **options), SCALED, scaled)
    yield Variant("jpeg large grey", saved(large.convert("L"), "JPEG", quality=90), SCALED, scaled)
    yield from cmyk_jpegs()


def cmyk_jpegs() -> Iterator[Variant]:
    inks = scene().convert("CMYK")
    c, m, y, _ = inks.split()
    inks = Image.merge("CMYK", [c, m, y, alpha().point(lambda v: 100 - v * 100 // 255)])
    adobe = saved(inks, "JPEG", quality=95)
    yield Variant("jpeg cmyk adobe", adobe, ROUNDED, "ink over ink, rounded")
    yield Variant("jpeg cmyk plain", writers.plain_cmyk_jpeg(inks, quality=95), ROUNDED, "as adobe's form", adobe)
    yield Variant("jpeg ycck", writers.ycck_jpeg(inks, quality=95), ROUNDED, "YCbCr and ink")
    profile = writers.cmyk_profile()
    described = saved(inks, "JPEG", quality=95, icc_profile=profile)
    mixed = "converted after the pixels were averaged instead of before"
    yield Variant("jpeg cmyk adobe with profile", described, AVERAGED, mixed)
    plain = writers.plain_cmyk_jpeg(inks, quality=95, icc_profile=profile)
    yield Variant("jpeg cmyk plain with profile", plain, AVERAGED, mixed, described)


def pngs() -> Iterator[Variant]:
    picture, grey, clear = scene(), scene().convert("L"), with_alpha()
    wide = (np.asarray(picture).astype(np.uint32) * 257 + 99).clip(0, 65535)
    wide_alpha = np.concatenate([wide, samples(alpha()).astype(np.uint32) * 257], axis=-1)
    dotted = picture.quantize(256, dither=Image.Dither.NONE)
    colours = bytes(dotted.getpalette()).ljust(768, b"\x00")
    table = [(b"PLTE", colours)]
    kinds: dict[str, tuple] = {f"grey {b} bit": (samples(grey) >> (8 - b), b, 0) for b in (1, 2, 4, 8)}
    kinds |= {
        "grey 16 bit": (samples(grey).astype(np.uint32) * 257, 16, 0),
        "grey+alpha": (samples(clear.convert("LA")), 8, 4),
        "grey+alpha 16 bit": (samples(clear.convert("LA")).astype(np.uint32) * 257, 16, 4),
        "rgb": (samples(picture), 8, 2),
        "rgb 16 bit": (wide, 16, 2),
        "rgba": (samples(clear), 8, 6),
        "rgba 16 bit": (wide_alpha, 16, 6),
        "palette": (samples(dotted), 8, 3, table),
        "palette+tRNS": (samples(dotted), 8, 3, [*table, (b"tRNS", bytes(range(0, 256, 2)))]),
    }
    for b in (1, 2, 4):
        few = picture.quantize(2**b, dither=Image.Dither.NONE)
        entries = bytes(few.getpalette()[: 3 * 2**b])
        kinds[f"palette {b} bit"] = (samples(few), b, 3, [(b"PLTE", entries)])
    key = struct.pack(">3H", *picture.getpixel((5, 5)))
    kinds["rgb+tRNS"] = (samples(picture), 8, 2, [(b"tRNS", key)])
    for name, (values, bits, kind, *before) in kinds.items():
        for interlaced in (False, True):
            data = writers.png(values, bits, kind, interlaced=interlaced, before=before[0] if before else ())
            yield Variant(f"png {name}{' interlaced' * interlaced}", data, EXACT, "lossless")


def gifs() -> Iterator[Variant]:
    dotted = scene().quantize(255)
    lossless = "lossless"
    for name, interlace in {"plain": 0, "interlaced": 1}.items():
        yield Variant(f"gif {name}", saved(dotted, "GIF", interlace=interlace), EXACT, lossless)
    clear = dotted.copy()
    clear.paste(255, mask=alpha().point(lambda v: 255 if v < 128 else 0))
    transparent = saved(clear, "GIF", transparency=255, optimize=False)
    yield Variant("gif transparent", transparent, EXACT, lossless)
    others = [Image.new("P", SIZE, n) for n in range(5)]
    yield Variant("gif animated", saved(dotted, "GIF", save_all=True, append_images=others), EXACT, lossless)
    placed = bytearray(transparent)
    placed[6:10] = struct.pack("<HH", SIZE[0] + 120, SIZE[1] + 80)
    at = placed.index(b"\x2c" + bytes(4) + struct.pack("<HH", *SIZE))
    placed[at + 1 : at + 5] = struct.pack("<HH", 70, 31)
    yield Variant("gif offset", bytes(placed), EXACT, lossless)
    yield Variant("gif grey", saved(scene().convert("L"), "GIF"), EXACT, lossless)


def webps() -> Iterator[Variant]:
    picture, clear = scene(), with_alpha()
    lossy = "the same library in another version"
    yield Variant("webp lossy", saved(picture, "WEBP", quality=85), ROUNDED, lossy)
    yield Variant("webp lossy large", saved(scene(LARGE), "WEBP", quality=85), ROUNDED, lossy)
    yield Variant("webp lossy alpha", saved(clear, "WEBP", quality=85), ROUNDED, lossy)
    yield Variant("webp lossless", saved(picture, "WEBP", lossless=True, method=1), EXACT, "lossless")
    yield Variant("webp lossless alpha", saved(clear, "WEBP", lossless=True, method=1), EXACT, "lossless")
    others = [Image.new("RGB", SIZE, (n, 0, 0)) for n in range(3)]
    for name, options in {"lossy": {"quality": 85}, "lossless": {"lossless": True, "method": 1}}.items():
        data = saved(picture, "WEBP", save_all=True, append_images=others, **options)
        yield Variant(f"webp animated {name}", data, ROUNDED, lossy)


def avifs() -> Iterator[Variant]:
    if not features.check("avif"):
        return
    picture, rounded = scene(), "YCbCr by another library"
    for name in ("4:2:0", "4:2:2", "4:4:4"):
        data = saved(picture, "AVIF", quality=85, subsampling=name, speed=9)
        yield Variant(f"avif {name}", data, ROUNDED, rounded)
    limited = saved(picture, "AVIF", quality=85, range="limited", speed=9)
    yield Variant("avif limited range", limited, ROUNDED, rounded)
    yield Variant("avif grey", saved(picture.convert("L"), "AVIF", quality=85, speed=9), ROUNDED, rounded)
    yield Variant("avif alpha", saved(with_alpha(), "AVIF", quality=85, speed=9), ROUNDED, rounded)
    folded = saved(with_alpha(), "AVIF", quality=85, speed=9, alpha_premultiplied=True)
    yield Variant("avif alpha folded in", folded, ROUNDED, rounded)
    others = [Image.new("RGB", SIZE, (n, 0, 0)) for n in range(3)]
    sequence = saved(picture, "AVIF", quality=85, speed=9, save_all=True, append_images=others)
    yield Variant("avif animated", sequence, ROUNDED, rounded)
    for number in range(2, 9):  # Pillow writes it as irot and imir
        data = saved(picture, "AVIF", quality=85, speed=9, exif=exif(number))
        yield Variant(f"avif orientation {number}", data, ROUNDED, rounded)


def bmps() -> Iterator[Variant]:
    picture, lossless = scene(), "lossless"
    yield Variant("bmp 1 bit", saved(picture.convert("1"), "BMP"), EXACT, lossless)
    few = picture.quantize(16, dither=Image.Dither.NONE)
    palette = np.array(few.getpalette()[:48]).reshape(16, 3)
    yield Variant("bmp 4 bit", writers.bmp(np.asarray(few), 4, palette), EXACT, lossless)
    yield Variant("bmp 8 bit", saved(picture.quantize(256), "BMP"), EXACT, lossless)
    five = np.asarray(picture).astype(np.uint16) >> 3
    words = five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2]
    yield Variant("bmp 16 bit", writers.bmp(words, 16), CUT, "five bits become eight")
    yield Variant("bmp 24 bit", saved(picture, "BMP"), EXACT, lossless)
    yield Variant("bmp 32 bit", saved(picture.convert("RGBA"), "BMP"), EXACT, lossless)


def orientations() -> Iterator[Variant]:
    for kind, options, limit in (
        ("JPEG", {"quality": 90, "subsampling": 0}, ROUNDED),
        ("PNG", {"compress_level": 1}, EXACT),
        ("WEBP", {"lossless": True, "method": 0}, EXACT),
    ):
        for number in range(1, 9):
            data = saved(scene(), kind, exif=exif(number), **options)
            yield Variant(f"{kind.lower()} orientation {number}", data, limit, "as upright")


def profiles() -> Iterator[Variant]:
    display, print_like = writers.rgb_profile(writers.DISPLAY_P3, 2.2), writers.rgb_profile(writers.ADOBE_RGB, 2.199)
    after = "converted after the pixels were averaged instead of before"
    kinds = {"JPEG": {"quality": 92, "subsampling": 0}, "PNG": {"compress_level": 1}}
    kinds |= {"WEBP": {"lossless": True, "method": 0}}
    if features.check("avif"):
        kinds["AVIF"] = {"quality": 90, "subsampling": "4:4:4", "speed": 9}
    for kind, options in kinds.items():
        for name, profile in {"Display P3": display, "Adobe RGB": print_like}.items():
            data = saved(scene(), kind, icc_profile=profile, **options)
            yield Variant(f"{kind.lower()} profile like {name}", data, AVERAGED, after)
    grey = scene().convert("L")
    for kind in ("JPEG", "PNG"):
        data = saved(grey, kind, icc_profile=writers.grey_profile(1.5))
        yield Variant(f"{kind.lower()} grey profile", data, AVERAGED, after)
    wrong = saved(scene(), "JPEG", quality=92, icc_profile=b"nonsense" * 40)
    same = saved(scene(), "JPEG", quality=92)
    yield Variant("jpeg profile of nonsense", wrong, ROUNDED, "passed over", same)


FAMILIES = (jpegs, pngs, gifs, webps, avifs, bmps, orientations, profiles)
