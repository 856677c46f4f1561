"""Every format and variant against an independent decoder: Pillow, lcms2, and a mean by numpy.

The program decode_to_raw, built with the tests, shows what a network of 224 x 224 would see. CURLEW_GOLDEN_TABLE names
a file for the table of differences; CURLEW_TEST_IMAGES a folder of photographs, which then take part.
"""

from __future__ import annotations

import io
import json
import os
import pathlib
import subprocess
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from golden_pictures import FAMILIES, ROUNDED, SCALED, Variant, saved
from PIL import Image, ImageCms, ImageOps

SIDE = 224
Check = Callable[[Variant], None]


def reference(data: bytes) -> tuple[tuple[int, int], np.ndarray]:
    """Size and pixels of the first picture: upright, sRGB, over white, each pixel the mean of what it covers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(data))
        image.load()
        upright = over_white(to_srgb(ImageOps.exif_transpose(image)))
    pixels = np.asarray(upright).astype(np.float64)
    across, down = means(upright.width), means(upright.height)
    return upright.size, np.round(np.einsum("yh,hwc,xw->yxc", down, pixels, across, optimize=True))


def to_srgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # grey of 16 bits
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if profile := image.info.get("icc_profile"):
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), srgb, outputMode="RGB")
    return image


def over_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), clear).convert("RGB")


def means(size: int) -> np.ndarray:
    """SIDE x size: how much each of `size` pixels counts in each of SIDE."""
    edges = np.linspace(0, size, SIDE + 1)
    pixel = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return np.clip(overlap, 0, None) * SIDE / size


@pytest.fixture(scope="module")
def decode_to_raw(binary: pathlib.Path) -> pathlib.Path:
    program = binary.with_name("decode_to_raw")
    if not program.is_file():
        pytest.skip(f"no {program.name} beside the binary: build the tests")
    return program


@pytest.fixture(scope="module")
def table() -> Iterator[list[str]]:
    rows = ["| picture | mean | largest | limit | why it may differ |", "| --- | ---: | ---: | ---: | --- |"]
    yield rows
    if place := os.environ.get("CURLEW_GOLDEN_TABLE"):
        pathlib.Path(place).write_text("\n".join(rows) + "\n")


@pytest.fixture
def check(decode_to_raw: pathlib.Path, tmp_path: pathlib.Path, table: list[str]) -> Check:
    def compare(variant: Variant) -> None:
        picture, output = tmp_path / "picture", tmp_path / "raw"
        picture.write_bytes(variant.data)
        output.unlink(missing_ok=True)
        arguments = [decode_to_raw, picture, SIDE, SIDE, "squash", "area", output]
        done = subprocess.run(list(map(str, arguments)), capture_output=True, check=True, text=True, timeout=60)
        info = json.loads(done.stdout)
        assert "error" not in info, (variant.name, info)
        ours = np.frombuffer(output.read_bytes(), np.uint8).reshape(SIDE, SIDE, 3)
        size, theirs = reference(variant.looks_like or variant.data)
        assert (info["width"], info["height"]) == size, variant.name
        difference = np.abs(ours - theirs)
        mean, largest = difference.mean(), difference.max()
        table.append(f"| {variant.name} | {mean:.2f} | {largest:.0f} | {variant.limit} | {variant.reason} |")
        assert mean <= variant.limit, f"{variant.name}: {mean:.2f} levels on average, {variant.limit} are allowed"

    return compare


def check_all(variants: Iterator[Variant], check: Check) -> None:
    wrong = []
    for variant in variants:
        try:
            check(variant)
        except AssertionError as difference:
            wrong.append(str(difference).splitlines()[0])
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_pictures_look_as_another_decoder_sees_them(family: Callable[[], Iterator[Variant]], check: Check) -> None:
    check_all(family(), check)


def photographs(folder: pathlib.Path) -> Iterator[Variant]:
    for path in sorted(folder.iterdir()):
        yield Variant(f"photograph {path.name}", path.read_bytes(), SCALED, "a photograph as it came")
    with Image.open(folder / "parrot.jpg") as image:
        parrot = image.convert("RGB")
    for kind, options, limit in (
        ("JPEG", {"quality": 80, "progressive": True}, SCALED),
        ("WEBP", {"quality": 80}, ROUNDED),
        ("AVIF", {"quality": 70, "speed": 9}, ROUNDED),
        ("PNG", {"compress_level": 1}, ROUNDED),
        ("GIF", {}, ROUNDED),
    ):
        yield Variant(f"photograph parrot as {kind.lower()}", saved(parrot, kind, **options), limit, "as its format")


def test_photographs_look_as_another_decoder_sees_them(check: Check) -> None:
    folder = os.environ.get("CURLEW_TEST_IMAGES")
    if not folder:
        pytest.skip("CURLEW_TEST_IMAGES is not set: no photographs to decode")
    check_all(photographs(pathlib.Path(folder)), check)
