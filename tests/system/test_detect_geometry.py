"""Boxes lie where the objects are in the upright original, to a pixel: for each form, fit, size and orientation."""

from __future__ import annotations

import pathlib

import pytest
from detector_networks import FORMS, Detector
from program import Curlew
from scenes import GREEN, RED, TURNS, Box, Scene

SIZES = {
    "wide": (480, 300),
    "tall": (300, 480),
    "square": (400, 400),
    "panorama": (1500, 100),
    "of the input's size": (64, 64),
    "smaller and wide": (40, 24),
    "smaller and tall": (24, 40),
    "a little larger": (70, 67),
    "large": (1600, 1000),
}
FITS = ("letterbox", "squash", "centre-crop")
CROP_FRACTION = 0.875
EXACT_PX = 1.0


def seen(size: tuple[int, int], fit: str) -> tuple[float, float, float, float]:
    """The part of the original that the network sees: x, y, width, height."""
    if fit != "centre-crop":
        return 0, 0, *size
    side = CROP_FRACTION * min(size)
    return (size[0] - side) / 2, (size[1] - side) / 2, side, side


def becomes(size: tuple[int, int], fit: str, into: tuple[int, int]) -> tuple[int, int]:
    """How many pixels of the input that part becomes."""
    if fit != "letterbox":
        return into
    ratio = min(into[0] / size[0], into[1] / size[1])
    return max(1, int(size[0] * ratio + 1e-9)), max(1, int(size[1] * ratio + 1e-9))


def thing_on(size: tuple[int, int], fit: str, into: tuple[int, int], place: tuple[float, float, float, float]) -> Box:
    """A box of whole pixels about `place`, in parts of what is seen, whose edges the input's pixels show."""
    x, y, width, height = seen(size, fit)
    columns, rows = becomes(size, fit, into)
    x1, x2 = (round(x + round(part * columns) * width / columns) for part in (place[0], place[2]))
    y1, y2 = (round(y + round(part * rows) * height / rows) for part in (place[1], place[3]))
    return x1, y1, x2, y2


def scene_for(size: tuple[int, int], fit: str, into: tuple[int, int]) -> Scene:
    """Two things, in no way symmetric, so that a picture turned wrongly shows."""
    red = thing_on(size, fit, into, (0.15, 0.1, 0.4, 0.5))
    green = thing_on(size, fit, into, (0.5, 0.6, 0.95, 0.9))
    return Scene(size, ((RED, red), (GREEN, green)))


def farthest(box: list[float], expected: Box) -> float:
    return max(abs(a - b) for a, b in zip(box, expected, strict=True))


def check(curlew: Curlew, network: pathlib.Path, pictures: dict[pathlib.Path, Scene], first_class: int) -> None:
    run = curlew.run("detect", "--model", network, "--format", "json", *pictures)
    assert run.status == 0, run.stderr
    wrong = []
    for (path, scene), result in zip(pictures.items(), run.results, strict=True):
        assert (result["image"]["width"], result["image"]["height"]) == scene.size
        found = {p["index"] - first_class: p["box"] for p in result["predictions"]}
        assert sorted(found) == [0, 1], (path.name, result["predictions"])
        for number, (_, box) in enumerate(scene.things):
            if farthest(found[number], box) > EXACT_PX:
                wrong.append(f"{path.name}: {found[number]} instead of {box}")
    assert not wrong, "\n".join(["", *wrong])


def card_of(fit: str, filter_: str = "area") -> str:
    crop = f"crop_fraction = {CROP_FRACTION}\n" if fit == "centre-crop" else ""
    return f'[resize]\nfit = "{fit}"\nfilter = "{filter_}"\n{crop}'


@pytest.mark.parametrize("into", [(64, 64), (128, 64), (64, 128)], ids=["square", "wide", "tall"])
@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("form", FORMS)
def test_boxes_are_exact_for_pictures_of_every_size(
    curlew: Curlew, tmp_path: pathlib.Path, form: str, fit: str, into: tuple[int, int]
) -> None:
    detector = Detector(form, *into)
    network = detector.write(tmp_path, "exact", card_of(fit))
    sizes = {name: size for name, size in SIZES.items() if usable(size, fit, into)}
    assert len(sizes) >= len(SIZES) - 1
    scenes = {tmp_path / f"{name}.png": scene_for(size, fit, into) for name, size in sizes.items()}
    check(curlew, network, {scene.write(path): scene for path, scene in scenes.items()}, detector.first_class)


def usable(size: tuple[int, int], fit: str, into: tuple[int, int]) -> bool:
    """Whether enough of the input's pixels show the picture for two things to be told apart."""
    return min(becomes(size, fit, into)) >= 8


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("form", FORMS)
def test_boxes_are_exact_for_pictures_turned_in_every_way(
    curlew: Curlew, tmp_path: pathlib.Path, form: str, fit: str
) -> None:
    detector = Detector(form)
    network = detector.write(tmp_path, "turned", card_of(fit, "bilinear"))
    pictures = {}
    for size in ((480, 300), (300, 480), (44, 36), (1600, 1000)):
        scene = scene_for(size, fit, (64, 64))
        for orientation in TURNS:
            path = tmp_path / f"{size[0]}x{size[1]}, turned as {orientation}.jpg"
            path.write_bytes(scene.jpeg(orientation))
            pictures[path] = scene
    check(curlew, network, pictures, detector.first_class)


@pytest.mark.parametrize("form", FORMS)
def test_what_a_crop_cuts_off_is_cut_off_the_box(curlew: Curlew, tmp_path: pathlib.Path, form: str) -> None:
    network = Detector(form).write(tmp_path, "cut", card_of("centre-crop"))
    picture = Scene((480, 320), ((RED, (0, 0, 480, 320)),)).write(tmp_path / "all red.png")
    (found,) = curlew.run("detect", "--model", network, "--format", "json", picture).results[0]["predictions"]
    assert farthest(found["box"], (100, 20, 380, 300)) <= EXACT_PX


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("form", FORMS)
def test_a_thing_that_fills_the_picture_ends_with_it(
    curlew: Curlew, tmp_path: pathlib.Path, form: str, fit: str
) -> None:
    network = Detector(form).write(tmp_path, "whole", f'[resize]\nfit = "{fit}"\ncrop_fraction = 1.0\n')
    pictures = [Scene(s, ((RED, (0, 0, *s)),)).write(tmp_path / f"{s[0]}.png") for s in ((333, 333), (59, 59))]
    for result, side in zip(
        curlew.run("detect", "--model", network, "--format", "json", *pictures).results, (333, 59), strict=True
    ):
        (found,) = result["predictions"]
        assert found["box"] == pytest.approx([0, 0, side, side], abs=0.01)
