"""One photograph in every format and several sizes, made anew for a measurement."""

import io
import pathlib

from PIL import Image

MEGAPIXELS = (0.3, 1.0, 12.0)
QUALITY = 85

# What the measured formats are called, and how Pillow writes them.
FORMATS = {
    "JPEG": ("jpg", {"format": "JPEG", "quality": QUALITY}),
    "JPEG, progressive": ("progressive.jpg", {"format": "JPEG", "quality": QUALITY, "progressive": True}),
    "JPEG, CMYK": ("cmyk.jpg", {"format": "JPEG", "quality": QUALITY}),
    "PNG": ("png", {"format": "PNG"}),
    "WebP": ("webp", {"format": "WEBP", "quality": QUALITY, "method": 2}),
    "WebP, lossless": ("lossless.webp", {"format": "WEBP", "lossless": True, "method": 0}),
    "AVIF": ("avif", {"format": "AVIF", "quality": 70, "speed": 9}),
    "GIF": ("gif", {"format": "GIF"}),
    "BMP": ("bmp", {"format": "BMP"}),
}


def scaled(photograph: Image.Image, megapixels: float) -> Image.Image:
    """So many megapixels of the photograph side by side with itself: its detail stays that of a photograph."""
    width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    height = round(width * 3 / 4)
    if photograph.width >= width and photograph.height >= height:
        return photograph.resize((width, height), Image.Resampling.LANCZOS)
    whole = Image.new("RGB", (width, height))
    for x in range(0, width, photograph.width):
        for y in range(0, height, photograph.height):
            whole.paste(photograph, (x, y))
    return whole


def write_pictures(photograph: pathlib.Path, folder: pathlib.Path) -> dict[tuple[str, float], pathlib.Path]:
    """The file of each format and size."""
    source = Image.open(photograph).convert("RGB")
    files = {}
    for megapixels in MEGAPIXELS:
        picture = scaled(source, megapixels)
        for name, (ending, options) in FORMATS.items():
            file = folder / f"{megapixels}.{ending}"
            shown = picture.convert("CMYK") if "CMYK" in name else picture
            data = io.BytesIO()
            shown.save(data, **options)
            file.write_bytes(data.getvalue())
            files[name, megapixels] = file
    return files
