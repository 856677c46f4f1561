"""The seeds of the codecs' fuzz targets, for make_fuzz_seeds.py: small pictures of every variant, and damaged ones."""

import io
import random
import struct
import zlib

from PIL import Image, ImageCms

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def picture(mode: str = "RGB", size: tuple[int, int] = (19, 13)) -> Image.Image:
    """A slope of colours with some noise: small when packed, and no two rows the same."""
    noise = random.Random(7)
    image = Image.new("RGB", size)
    image.putdata(
        [
            ((x * 13) % 256, (y * 19 + noise.randrange(9)) % 256, (x * y) % 256)
            for y in range(size[1])
            for x in range(size[0])
        ]
    )
    if mode in ("LA", "RGBA"):
        image = image.convert(mode)
        image.putalpha(Image.linear_gradient("L").resize(size))
        return image
    return image.convert(mode)


def saved(image: Image.Image, format: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def damaged(seeds: dict[str, bytes], name: str) -> dict[str, bytes]:
    """Ways in which any file is damaged, of the seed called `name`."""
    whole = seeds[name]
    half = len(whole) // 2
    return {
        f"{name}-half": whole[:half],
        f"{name}-less-one": whole[:-1],
        f"{name}-twice": whole + whole[:40],
        f"{name}-hole": whole[:half] + whole[half + 7 :],
        f"{name}-zeros": whole[:half] + bytes(len(whole) - half),
    }


def app1(tiff: bytes) -> bytes:
    """The front of a JPEG with an EXIF block."""
    body = b"Exif\0\0" + tiff
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def with_size(jpeg: bytes, marker: int, width: int, height: int) -> bytes:
    """`jpeg` with another size in its frame header."""
    at = jpeg.index(bytes((0xFF, marker))) + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def jpegs() -> dict[str, bytes]:
    plain = saved(picture(), "JPEG", quality=60, optimize=True)
    progressive = saved(picture(), "JPEG", quality=60, progressive=True)
    cmyk = saved(picture("CMYK"), "JPEG", quality=60, optimize=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    seeds = {
        "rgb": plain,
        "progressive": progressive,
        "cmyk-adobe": cmyk,
        "cmyk-plain": cmyk.replace(b"Adobe", b"Adobf"),
        "grey": saved(picture("L"), "JPEG", quality=60, optimize=True),
        "turned": saved(picture(), "JPEG", quality=60, exif=exif),
        "chroma-full": saved(picture(), "JPEG", subsampling=0, quality=60),
        "no-ycc": saved(picture(), "JPEG", keep_rgb=True, quality=60),
        "restarts": saved(picture(size=(64, 48)), "JPEG", quality=30, restart_marker_blocks=1),
        "profile": saved(picture(), "JPEG", quality=50, icc_profile=rgb_profile()),
    }
    scan = progressive.rindex(b"\xff\xda")
    hostile = {
        "huge": with_size(plain, 0xC0, 65535, 65535),
        "wide": with_size(plain, 0xC0, 65535, 1),
        "no-height": with_size(plain, 0xC0, 19, 0),
        "progressive-huge": with_size(progressive, 0xC2, 65500, 65500),
        "many-scans": progressive[:-2] + progressive[scan:-2] * 60,
        "twelve-bits": plain.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"),
        "segment-0": plain[:2] + b"\xff\xe0\0\0" + plain[2:],
        "segment-long": plain[:2] + b"\xff\xfe\xff\xff" + plain[2:],
        "arithmetic": plain.replace(b"\xff\xc0", b"\xff\xc9"),
        "lossless": plain.replace(b"\xff\xc0", b"\xff\xc3"),
        "no-tables": plain.replace(b"\xff\xdb", b"\xff\xfe"),
        "magic-only": b"\xff\xd8\xff",
        "profile-chunks": plain[:2] + b"".join(app2(b"x" * 20, n, 3) for n in (3, 1, 1, 200)) + plain[2:],
    }
    return {**seeds, **hostile, **damaged(seeds, "rgb"), **damaged(seeds, "progressive")}


def app2(piece: bytes, number: int, count: int) -> bytes:
    body = b"ICC_PROFILE\0" + bytes((number, count)) + piece
    return b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    width: int,
    height: int,
    depth: int,
    colour: int,
    rows: bytes,
    *,
    interlaced: int = 0,
    before: bytes = b"",
    level: int = 0,
) -> bytes:
    """A PNG by hand; level 0 stores the rows as they are, so that a fuzzer can reach them."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return (
        PNG_SIGNATURE + chunk(b"IHDR", head) + before + chunk(b"IDAT", zlib.compress(rows, level)) + chunk(b"IEND", b"")
    )


def palette_of(depth: int) -> bytes:
    return chunk(b"PLTE", bytes(range(3 * 2 ** min(depth, 4))))


def pngs() -> dict[str, bytes]:
    palette = palette_of(4)
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0"
    seeds = {
        f"colour-{colour}-{depth}": png(
            5,
            4,
            depth,
            colour,
            (b"\x04" + bytes(range((5 * depth * samples + 7) // 8))) * 4,
            before=palette_of(depth) if colour == 3 else b"",
        )
        for colour, samples, depths in (
            (0, 1, (1, 2, 4, 8, 16)),
            (2, 3, (8, 16)),
            (3, 1, (1, 2, 4, 8)),
            (4, 2, (8, 16)),
            (6, 4, (8, 16)),
        )
        for depth in depths
    }
    seeds |= {
        "interlaced": png(5, 4, 8, 0, b"\1" * 60, interlaced=1),
        "trns": png(2, 2, 8, 2, bytes(14), before=chunk(b"tRNS", bytes(6))),
        "trns-palette": png(2, 2, 8, 3, bytes(6), before=palette + chunk(b"tRNS", b"\0\x80")),
        "turned": png(2, 1, 8, 0, bytes(3), before=chunk(b"eXIf", exif)),
        "pillow": saved(picture("RGBA"), "PNG"),
        "profile": saved(picture("L"), "PNG", icc_profile=rgb_profile()),
        "sub-filters": png(3, 5, 8, 2, b"".join(bytes((f,)) + bytes(range(9)) for f in range(5))),
    }
    hostile = {
        "huge": png(20000, 20000, 1, 0, bytes(2501 * 40), level=9),
        "sides": png(0x7FFFFFFF, 0x7FFFFFFF, 16, 6, b""),
        "zero": png(0, 4, 8, 0, b"\0"),
        "filter-5": png(2, 2, 8, 0, b"\x05\0\0\0\0\0"),
        "short-rows": png(5, 5, 8, 0, bytes(20)),
        "long-rows": png(2, 2, 8, 0, bytes(4000), level=9),
        "no-palette": png(2, 2, 8, 3, bytes(6)),
        "palette-long": png(5, 4, 1, 3, bytes(8), before=palette),
        "palette-over": png(2, 2, 8, 3, b"\0\xff\xff\0\xff\xff", before=palette),
        "depth-3": png(2, 2, 3, 0, bytes(6)),
        "colour-5": png(2, 2, 8, 5, bytes(20)),
        "apple": PNG_SIGNATURE + chunk(b"CgBI", bytes(4)) + png(2, 2, 8, 6, bytes(18))[8:],
        "profile-bomb": png(2, 2, 8, 0, bytes(6), before=chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(400_000), 9))),
        "profile-cut": png(2, 2, 8, 0, bytes(6), before=chunk(b"iCCP", b"name\0\0x\x9c")),
        "text-bomb": png(2, 2, 8, 0, bytes(6), before=chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(99999)))),
        "no-end": png(2, 2, 8, 0, bytes(6))[:-12],
        "length": PNG_SIGNATURE + b"\xff\xff\xff\xffIHDR" + bytes(17),
        "magic-only": PNG_SIGNATURE,
        "checksum-wrong": b"\x88" + png(2, 2, 8, 0, bytes(6))[1:-20] + b"\1" * 20,
    }
    return {**seeds, **hostile, **damaged(seeds, "pillow")}


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webps() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x0112] = 8
    lossy, lossless = saved(picture(), "WEBP", quality=40), saved(picture("RGBA"), "WEBP", lossless=True)
    frames = [picture("RGBA", (8, 8)), picture("RGBA", (8, 8)).rotate(90)]
    animated = io.BytesIO()
    frames[0].save(animated, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    seeds = {
        "lossy": lossy,
        "lossless": lossless,
        "alpha": saved(picture("RGBA"), "WEBP", quality=40),
        "turned": saved(picture(), "WEBP", quality=40, exif=exif),
        "profile": saved(picture(), "WEBP", quality=40, icc_profile=rgb_profile()),
        "animated": animated.getvalue(),
    }
    size = bytes.fromhex("ff3fff3f")
    big = b"\xff" * 6
    hostile = {
        "huge-lossy": lossy.replace(b"\x9d\x01\x2a" + struct.pack("<HH", 19, 13), b"\x9d\x01\x2a" + size),
        "huge-lossless": riff((b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(20))),
        "canvas": riff((b"VP8X", b"\0\0\0\0" + big), (b"VP8L", lossless[20:])),
        "animation-only": riff((b"VP8X", b"\2\0\0\0\1\0\0\1\0\0")),
        "frame-outside": riff(
            (b"VP8X", b"\2\0\0\0\7\0\0\7\0\0"),
            (b"ANIM", bytes(6)),
            (b"ANMF", big + bytes(10) + b"VP8L" + lossless[16:]),
        ),
        "riff-short": lossy[:4] + b"\4\0\0\0" + lossy[8:],
        "riff-long": lossy[:4] + b"\xff\xff\xff\xff" + lossy[8:],
        "chunk-long": lossy[:16] + b"\xff\xff\xff\xff" + lossy[20:],
        "odd-chunk": riff((b"XXXX", b"\1"), (b"VP8 ", lossy[20:])),
        "exif-cut": riff((b"VP8X", b"\x08\0\0\0\x12\0\0\x0c\0\0"), (b"VP8 ", lossy[20:]), (b"EXIF", b"II*")),
        "magic-only": b"RIFF\0\0\0\0WEBP",
    }
    return {**seeds, **hostile, **damaged(seeds, "lossy"), **damaged(seeds, "lossless")}


def gif(width: int, height: int, blocks: bytes, *, flags: int = 0x80) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, flags, 0, 0)
        + (b"\0\0\0\xff\xff\xff" if flags & 0x80 else b"")
        + blocks
    )


def gif_frame(x: int, y: int, width: int, height: int, codes: bytes, *, flags: int = 0, bits: int = 2) -> bytes:
    return b"," + struct.pack("<HHHHBB", x, y, width, height, flags, bits) + bytes((len(codes),)) + codes + b"\0"


def gifs() -> dict[str, bytes]:
    image = picture("P")
    many = io.BytesIO()
    picture("P", (4, 4)).save(
        many, "GIF", save_all=True, append_images=[picture("P", (4, 4)).rotate(90 * i) for i in range(1, 4)]
    )
    clear = b"\x21\xf9\x04\x01\0\0\0\0"
    seeds = {
        "pillow": saved(image, "GIF"),
        "interlaced": saved(image, "GIF", interlace=1),
        "transparent": saved(image, "GIF", transparency=3),
        "frames": many.getvalue(),
        "tiny": gif(2, 2, gif_frame(0, 0, 2, 2, b"\x44\x02\x05") + b";"),
        "clear": gif(2, 2, clear + gif_frame(0, 0, 2, 2, b"\x44\x02\x05") + b";"),
        "comment": gif(1, 1, b"\x21\xfe\x03abc\0" + gif_frame(0, 0, 1, 1, b"\x44\x01") + b";"),
    }
    hostile = {
        "huge": gif(65535, 65535, gif_frame(0, 0, 65535, 65535, b"\x44\x01")),
        "frame-outside": gif(4, 4, gif_frame(3, 3, 9, 9, b"\x44\x01")),
        "frame-zero": gif(4, 4, gif_frame(0, 0, 0, 0, b"\x44\x01")),
        "screen-zero": gif(0, 0, gif_frame(0, 0, 2, 2, b"\x44\x02\x05")),
        "no-colours": gif(2, 2, gif_frame(0, 0, 2, 2, b"\x44\x02\x05"), flags=0),
        "bits-12": gif(2, 2, gif_frame(0, 0, 2, 2, b"\x44\x02\x05", bits=12)),
        "bits-0": gif(2, 2, gif_frame(0, 0, 2, 2, b"\x44", bits=0)),
        "codes-ahead": gif(9, 9, gif_frame(0, 0, 9, 9, b"\xff" * 40)),
        "no-frame": gif(2, 2, b";"),
        "extensions": gif(2, 2, b"\x21\xff\0" * 400),
        "local-table": gif(2, 2, b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0x87) + bytes(30)),
        "magic-only": b"GIF87a",
        "sub-blocks": gif(64, 64, gif_frame(0, 0, 64, 64, bytes(255)) * 3),
    }
    return {**seeds, **hostile, **damaged(seeds, "pillow")}


def bmp(
    width: int,
    height: int,
    bits: int,
    compression: int,
    pixels: bytes,
    *,
    palette: bytes = b"",
    colours: int = 0,
    header: int = 40,
    extra: bytes = b"",
) -> bytes:
    body = (
        struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(pixels), 0, 0, colours, 0) + extra
    )
    offset = 14 + len(body) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + body + palette + pixels


def bmps() -> dict[str, bytes]:
    grey = b"".join(bytes((i * 16, i * 16, i * 16, 0)) for i in range(16))
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    seeds = {
        f"bits-{bits}": bmp(
            5,
            3,
            bits,
            0,
            bytes(range(60)),
            palette=grey if bits <= 8 else b"",
            colours=16 if bits == 4 else 2 if bits == 1 else 16 if bits == 8 else 0,
        )
        for bits in (1, 4, 8, 16, 24, 32)
    }
    seeds |= {
        "top-down": bmp(5, -3, 24, 0, bytes(48)),
        "masks": bmp(4, 2, 16, 3, bytes(range(16)), extra=masks),
        "v5": bmp(4, 2, 32, 3, bytes(32), header=124, extra=masks + bytes(72)),
        "rle8": bmp(4, 2, 8, 1, b"\4\1\0\0\0\3\1\2\3\0\0\2\1\0\0\1", palette=grey, colours=16),
        "rle4": bmp(4, 2, 4, 2, b"\4\x12\0\0\0\3\x12\x30\0\1", palette=grey, colours=16),
        "os2": b"BM"
        + struct.pack("<IHHI", 60, 0, 0, 32)
        + struct.pack("<IHHHH", 12, 2, 2, 1, 1)
        + b"\0\0\0\xff\xff\xff"
        + bytes(8),
        "pillow": saved(picture(size=(9, 7)), "BMP"),
    }
    hostile = {
        "huge": bmp(0x7FFFFFFF, 0x7FFFFFFF, 32, 0, b""),
        "least-height": bmp(4, -0x80000000, 24, 0, b""),
        "zero": bmp(0, 0, 24, 0, b""),
        "negative": bmp(-4, 4, 24, 0, bytes(48)),
        "bits-7": bmp(4, 4, 7, 0, bytes(48)),
        "colours": bmp(4, 4, 8, 0, bytes(16), colours=0xFFFFFFFF),
        "rle-outside": bmp(4, 2, 8, 1, b"\0\2\xff\xff\4\1\0\1", palette=grey, colours=16),
        "rle-endless": bmp(4, 2, 8, 1, b"\xff\1" * 60, palette=grey, colours=16),
        "jpeg-inside": bmp(4, 4, 0, 4, b"\xff\xd8\xff"),
        "masks-overlap": bmp(4, 2, 32, 3, bytes(32), extra=struct.pack("<III", 0xFF, 0xFF, 0xF0F)),
        "masks-none": bmp(4, 2, 16, 3, bytes(16), extra=bytes(12)),
        "offset": b"BM" + struct.pack("<IHHI", 99, 0, 0, 0xFFFFFFF0) + bmp(4, 4, 24, 0, bytes(48))[14:],
        "header-only": bmp(4, 4, 24, 0, b""),
    }
    return {**seeds, **hostile, **damaged(seeds, "pillow")}


def avifs() -> dict[str, bytes]:
    options = {"quality": 30, "speed": 8}
    exif = Image.Exif()
    exif[0x0112] = 6
    seeds = {
        "rgb": saved(picture(), "AVIF", **options),
        "alpha": saved(picture("RGBA"), "AVIF", **options),
        "full-chroma": saved(picture(), "AVIF", subsampling="4:4:4", **options),
        "grey": saved(picture("L"), "AVIF", subsampling="4:0:0", **options),
        "turned": saved(picture(), "AVIF", exif=exif, **options),
        "profile": saved(picture(), "AVIF", icc_profile=rgb_profile(), **options),
    }
    plain = seeds["rgb"]
    size = plain.index(b"ispe") + 8
    hostile = {
        "huge": plain[:size] + b"\0\1\0\0" * 2 + plain[size + 8 :],
        "zero": plain[:size] + bytes(8) + plain[size + 8 :],
        "magic-only": plain[:16],
        **{
            f"box-{name.decode()}": plain.replace(name, b"zzzz", 1)
            for name in (b"meta", b"iloc", b"iprp", b"ipco", b"av1C", b"mdat", b"pitm")
        },
        "box-long": plain[: plain.index(b"meta") - 4] + b"\xff\xff\xff\xff" + plain[plain.index(b"meta") :],
        "box-zero": plain[: plain.index(b"iloc") - 4] + bytes(4) + plain[plain.index(b"iloc") :],
    }
    return {**seeds, **hostile, **damaged(seeds, "rgb"), **damaged(seeds, "alpha")}


def rgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def tag_table(space: bytes, tags: dict[bytes, bytes], *, kind: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    """An ICC profile by hand."""
    table, data = struct.pack(">I", len(tags)), b""
    start = 132 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", start + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    head = (
        struct.pack(">I4sI4s4s4s", 128 + len(table) + len(data), b"test", 0x02400000, kind, space, connection)
        + bytes(12)
        + b"acsp"
        + bytes(28)
    )
    return head + b"\0\0\xf6\xd6\0\1\0\0\0\0\xd3\x2d" + bytes(48) + table + data


def profiles() -> dict[str, bytes]:
    xyz = b"XYZ " + bytes(4) + struct.pack(">iii", 0x6FA2, 0x38F5, 0x0390)
    gamma = b"curv" + bytes(4) + struct.pack(">IH", 1, 0x0233)
    table = b"curv" + bytes(4) + struct.pack(">I5H", 5, 0, 9000, 30000, 50000, 65535)
    matrix = {b"wtpt": xyz, b"rXYZ": xyz, b"gXYZ": xyz, b"bXYZ": xyz, b"rTRC": gamma, b"gTRC": gamma, b"bTRC": table}
    lut = (
        b"mft1"
        + bytes(4)
        + bytes((4, 3, 2, 0))
        + struct.pack(">9i", *(65536, 0, 0, 0, 65536, 0, 0, 0, 65536))
        + bytes(range(256)) * 4
        + bytes(range(48))
        + bytes(range(256)) * 3
    )
    return {
        "srgb": rgb_profile(),
        "matrix": tag_table(b"RGB ", matrix),
        "grey": tag_table(b"GRAY", {b"wtpt": xyz, b"kTRC": gamma}),
        "cmyk": tag_table(b"CMYK", {b"A2B0": lut}, kind=b"prtr", connection=b"Lab "),
        "no-tags": tag_table(b"RGB ", {}),
        "parametric": tag_table(b"RGB ", {**matrix, b"rTRC": b"para" + bytes(4) + struct.pack(">HHi", 0, 0, 0x20000)}),
        "lab": tag_table(b"Lab ", matrix),
        "curve-long": tag_table(b"RGB ", {**matrix, b"rTRC": b"curv" + bytes(4) + b"\xff" * 8}),
        "many-tags": tag_table(b"RGB ", {f"t{i:03}".encode(): gamma for i in range(110)}),
        "parametric-9": tag_table(b"RGB ", {**matrix, b"rTRC": b"para" + bytes(4) + b"\0\x09" + bytes(30)}),
        "empty": b"",
        "half": rgb_profile()[:300],
    }


def all_seeds() -> dict[str, dict[str, bytes]]:
    return {
        "jpeg": jpegs(),
        "png": pngs(),
        "webp": webps(),
        "gif": gifs(),
        "bmp": bmps(),
        "avif": avifs(),
        "profile": profiles(),
    }
