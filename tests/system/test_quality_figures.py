"""The arithmetic of bench/quality and of bench/compare/limits.py, where the answer is known."""

from __future__ import annotations

import io
import pathlib
import sys

import numpy as np
import pytest
from PIL import Image

ROOT = pathlib.Path(__file__).parents[2]
sys.path += [str(ROOT / "bench/compare"), str(ROOT / "bench/quality"), str(ROOT / "bench/service_trials")]
from answers import Object, Suppression, compare_classes, compare_objects, iou, ssd_objects, suppressed, yolox_objects  # noqa: E402
from limit_pictures import KINDS, enlarged, interlaced_png, write_at_limits, write_beyond  # noqa: E402
from limits import Expected, Limits, defaults  # noqa: E402
from samples import Fit, network_input  # noqa: E402

BY_CLASS, ACROSS = Suppression(0.5, False), Suppression(0.5, True)


def at(x: float, kind: int, score: float) -> Object:
    return Object(kind, score, (x, 0, x + 10, 10))


def test_iou_of_boxes_that_share_half_their_width_is_a_third() -> None:
    assert iou((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert iou((0, 0, 10, 10), (20, 0, 30, 10)) == 0 and iou((0, 0, 0, 0), (0, 0, 0, 0)) == 0


def test_the_surest_of_what_overlaps_stays_by_class_or_across_them() -> None:
    cat, dog = at(0, 17, 0.6), at(1, 18, 0.9)
    assert suppressed([cat, dog], ACROSS) == [dog]
    assert suppressed([cat, dog], BY_CLASS) == [dog, cat]


def test_ssd_rows_become_objects_in_pixels_without_the_background() -> None:
    boxes = np.array([[[0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]]])
    scores = np.array([[[0.9, 0.1, 0.8], [0.99, 0.1, 0.0]]])
    (found,) = ssd_objects(boxes, scores, 100, 200, BY_CLASS)
    assert found.kind == 2 and found.box == pytest.approx((20, 20, 40, 60))


def test_a_yolox_cell_becomes_a_box_around_its_middle() -> None:
    grids = np.zeros((1, 16 + 4 + 1, 7))  # an input of 32 x 32
    grids[0, 5] = [0.5, 0.5, 0, 0, 0.9, 0.1, 1]  # column 1, row 1 of stride 8
    (found,) = yolox_objects(grids, 32, 32, BY_CLASS)
    assert found == Object(1, pytest.approx(0.9), (8, 8, 16, 16))


def test_classes_agree_by_their_top_and_differ_by_the_score_of_the_references() -> None:
    near = compare_classes([np.array([0.7, 0.3]), np.array([0.5, 0.4])], [np.array([0.6, 0.4]), np.array([0.4, 0.45])])
    assert (near.same_top, near.pictures, near.same_sure, near.sure) == (1, 2, 1, 1)
    assert near.mean_difference == pytest.approx(0.1) and near.largest_difference == pytest.approx(0.1)


def test_an_object_whose_score_fell_below_the_line_is_missed_but_its_fall_is_counted() -> None:
    near = compare_objects([[at(0, 1, 0.9), at(50, 2, 0.6)]], [[at(0, 1, 0.8), at(50, 2, 0.5), at(80, 3, 0.3)]])
    assert (near.objects, near.matched, near.more, near.same_top) == (2, 1, 0, 1)
    assert near.mean_difference == pytest.approx(0.1) and near.mean_iou == 1


def test_each_object_is_found_again_once() -> None:
    near = compare_objects([[at(0, 1, 0.9), at(1, 1, 0.8)]], [[at(0, 1, 0.9)]])
    assert (near.objects, near.matched) == (2, 1)


def test_a_letterboxed_picture_stands_in_the_top_left() -> None:
    pixels = network_input(Image.new("RGB", (100, 50), (200, 10, 10)), Fit(40, 40, "letterbox", "bilinear", fill=114))
    assert pixels.shape == (1, 40, 40, 3)
    assert tuple(pixels[0, 19, 39]) == (200, 10, 10) and tuple(pixels[0, 20, 0]) == (114, 114, 114)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.ending)
@pytest.mark.parametrize("room", (70_000, 200_001, 65_537 * 2 + 1))
def test_files_at_the_limits_have_all_pixels_and_bytes_that_may_be(tmp_path: pathlib.Path, kind, room: int) -> None:
    photograph = Image.linear_gradient("L").convert("RGB").resize((40, 30))
    (made,) = write_at_limits(photograph, tmp_path, 10_000, 16_384, room, [kind])
    assert made.file.stat().st_size == room - (room % 2 if kind.ending == "webp" else 0)
    with Image.open(made.file) as picture:
        picture.load()
        assert picture.size == made.size
    assert 9_800 <= made.size[0] * made.size[1] <= 10_000


def test_the_interlaced_file_holds_the_picture(tmp_path: pathlib.Path) -> None:
    photograph = Image.effect_mandelbrot((33, 21), (-2, -1.5, 1, 1.5), 50).convert("RGB")
    with Image.open(io.BytesIO(interlaced_png(photograph))) as picture:
        assert picture.info.get("interlace") == 1
        assert np.array_equal(np.asarray(picture.convert("RGB")), np.asarray(photograph))


def test_neither_side_of_an_enlarged_picture_goes_beyond_the_limit() -> None:
    assert max(enlarged(Image.new("RGB", (10, 1000)), 50_000_000, 2000).size) == 2000


def test_what_is_beyond_is_so_by_one(tmp_path: pathlib.Path) -> None:
    files = write_beyond(Image.new("RGB", (8, 8)), tmp_path, 10_000, 300, 90_000)
    assert files["bytes"].stat().st_size == 90_001
    with Image.open(files["side"]) as side, Image.open(files["pixels"]) as pixels:
        assert max(side.size) == 301 and pixels.width * pixels.height > 10_000


def test_the_bound_follows_from_the_limits() -> None:
    limits = Limits(50_000_000, 16_384, 20 << 20, 64, 512 << 20, 6, 1 << 30)
    assert limits.bound_mib(100, 2, 0, 2) == 100 + 40 + 40 + 32
    assert limits.bound_mib(100, 2, 8, 64) == pytest.approx(100 + 512 + 2 * (20 + 400e6 / (1 << 20)) + 32)
    assert defaults().items_in_flight >= 1


def test_an_answer_is_right_where_class_and_size_are() -> None:
    result = {"status": "ok", "image": {"width": 3, "height": 2}, "predictions": [{"index": 7}]}
    assert Expected(7, (3, 2)).right(result) and Expected(None).right(result)
    assert not Expected(8, (3, 2)).right(result) and not Expected(7, (2, 3)).right(result)
    assert not Expected(None).right({"status": "error"})
