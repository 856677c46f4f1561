"""Photographs, and more of them made by code: those that are asked, and others to calibrate on."""

import dataclasses
import io
import pathlib
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageOps

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
Part = tuple[float, float, float, float]  # of a picture: left, top, right, bottom, 0-1

WHOLE: Part = (0, 0, 1, 1)
ASKED: tuple[tuple[Part, bool], ...] = (  # and whether it is mirrored
    (WHOLE, False), (WHOLE, True), ((0, 0, .8, .8), False), ((.2, 0, 1, .8), True), ((0, .2, .8, 1), True), ((.2, .2, 1, 1), False),
)
CALIBRATED_ON: tuple[tuple[Part, bool], ...] = (
    ((.1, .1, .9, .9), True), ((0, .15, .7, .85), False), ((.3, .15, 1, .85), True), ((.15, .15, .85, .85), False),
)


@dataclasses.dataclass(frozen=True)
class Fit:
    """How a picture is brought to a network's input, as the card says it."""

    width: int
    height: int
    kind: str = "squash"
    filter: str = "area"
    crop_fraction: float = 1.0
    fill: int = 0


def photographs(folders: Sequence[pathlib.Path]) -> dict[str, Image.Image]:
    """By name, upright, in RGB."""
    files = {path.name: path for folder in folders for path in sorted(folder.iterdir()) if path.suffix.lower() in ENDINGS}
    return {name: ImageOps.exif_transpose(Image.open(path)).convert("RGB") for name, path in files.items()}


def parts(picture: Image.Image, which: Sequence[tuple[Part, bool]]) -> Iterator[Image.Image]:
    for part, mirrored in which:
        corners = [round(of * side) for of, side in zip(part, picture.size * 2, strict=True)]
        piece = picture.crop(corners)
        yield ImageOps.mirror(piece) if mirrored else piece


def resized(picture: Image.Image, size: tuple[int, int], filter_name: str, box: tuple[float, float, float, float]) -> Image.Image:
    if filter_name == "area":
        return picture.resize(size, Image.Resampling.BOX if box[2] - box[0] >= size[0] else Image.Resampling.BILINEAR, box)
    (left, top, right, bottom), (width, height) = box, size
    across, down = (right - left) / width, (bottom - top) / height  # Pillow's resize would average: transform takes four pixels
    edges = np.pad(np.asarray(picture), ((1, 1), (1, 1), (0, 0)), mode="edge")  # beyond its border it would be black
    return Image.fromarray(edges).transform(size, Image.Transform.AFFINE, (across, 0, left + 1, 0, down, top + 1),
                                            Image.Resampling.BILINEAR)


def network_input(picture: Image.Image, fit: Fit) -> np.ndarray:
    """Shape: 1 x height x width x 3, u8, RGB."""
    size, box = (fit.width, fit.height), (0.0, 0.0, float(picture.width), float(picture.height))
    if fit.kind == "centre-crop":
        side = min(picture.size) * fit.crop_fraction
        left, top = (picture.width - side) / 2, (picture.height - side) / 2
        box = (left, top, left + side, top + side)
    if fit.kind != "letterbox":
        return np.asarray(resized(picture, size, fit.filter, box))[None].copy()
    ratio = min(fit.width / picture.width, fit.height / picture.height)
    inner = (max(int(picture.width * ratio), 1), max(int(picture.height * ratio), 1))
    whole = Image.new("RGB", size, (fit.fill,) * 3)
    whole.paste(resized(picture, inner, fit.filter, box), (0, 0))
    return np.asarray(whole)[None].copy()


def inputs(pictures: dict[str, Image.Image], which: Sequence[tuple[Part, bool]], fit: Fit) -> list[np.ndarray]:
    return [network_input(piece, fit) for picture in pictures.values() for piece in parts(picture, which)]


def jpeg(picture: Image.Image) -> bytes:
    data = io.BytesIO()
    picture.save(data, format="JPEG", quality=85)
    return data.getvalue()
