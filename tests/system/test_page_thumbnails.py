"""The small pictures that the page has from the service, of what was given to it as an address."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable

import pytest
import replies
from origin import Origin
from pictures import BLUE, HTML, RED, plain, rotated_jpeg
from scenes import Scene
from service import Service
from visitor import Visitor

Visit = Callable[..., Visitor]
SCENE = Scene((800, 400), ((RED, (80, 120, 280, 360)), (BLUE, (400, 40, 760, 200))))

# What somebody sees of the picture: its size, and the colour at a place that is given in parts of its sides.
SEEN = """async (picture, [x, y]) => {
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  const context = canvas.getContext('2d');
  context.drawImage(picture, 0, 0);
  const at = [Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1];
  return [canvas.width, canvas.height, ...context.getImageData(...at).data.slice(0, 3)];
}"""


def seen(visitor: Visitor, card: int = 1, place: tuple[float, float] = (0.5, 0.5)) -> tuple[tuple, tuple]:
    """Size and colour of a card's picture."""
    picture = visitor.page.locator(f".card:nth-child({card}) img")
    width, height, *colour = picture.evaluate(SEEN, list(place))
    return (width, height), tuple(colour)


def test_an_address_is_seen_small_and_fetched_by_the_service_alone(
    service: Service, visit: Visit, origin: Origin
) -> None:
    urls = [
        origin.serve("/wide.png", replies.good(plain(RED, size=(640, 320)))),
        origin.serve("/small.png", replies.good(plain(BLUE))),
        origin.serve("/turned.jpg", replies.good(rotated_jpeg((600, 400), 6))),
    ]
    visitor = visit(service)
    for reloads in range(2):
        if reloads:
            visitor.page.reload()
        else:
            visitor.pastes(urls)
        visitor.waits_for_the_end()
        sizes, colours = zip(*(seen(visitor, card) for card in (1, 2, 3)), strict=True)
        assert sizes == ((192, 96), (48, 40), (128, 192)), "upright, and never enlarged"
        for colour, wanted in zip(colours, (RED, BLUE, RED), strict=True):
            assert colour == pytest.approx(wanted, abs=8)
        stages = [stage.bounding_box() for stage in visitor.page.locator(".stage").all()]
        ratios = [stage["width"] / stage["height"] for stage in stages]
        assert ratios == pytest.approx([2, 1.2, 2 / 3], rel=0.03)
    assert [origin.count(path) for path in ("/wide.png", "/small.png", "/turned.jpg")] == [1, 1, 1]
    assert not any(url.startswith(origin.base) for url in visitor.requests)


def test_what_failed_has_no_picture(service: Service, visit: Visit, origin: Origin) -> None:
    urls = [
        origin.serve("/gone.jpg", replies.status(404)),
        origin.serve("/page.html", replies.good(HTML)),
        origin.serve("/red.png", replies.good(plain(RED))),
        "no-address",
    ]
    visitor = visit(service)
    visitor.pastes(urls)
    visitor.waits_for_the_end()
    assert [card.locator("img").count() for card in visitor.page.locator(".card").all()] == [0, 0, 1, 0]


def test_boxes_lie_on_the_things_of_the_small_picture(service: Service, visit: Visit, origin: Origin) -> None:
    visitor = visit(service)
    visitor.chooses("Find objects")
    visitor.pastes([origin.serve("/scene.png", replies.good(SCENE.png()))])
    visitor.waits_for_the_end()
    card = visitor.page.locator(".card")
    stage = card.locator(".stage").bounding_box()
    picture = card.locator("img").bounding_box()
    assert [picture[side] for side in ("x", "y", "width", "height")] == pytest.approx(
        [stage[side] for side in ("x", "y", "width", "height")], abs=1
    )
    for label, colour in (("red", RED), ("blue", BLUE)):
        box = card.locator(".box", has_text=label).bounding_box()
        middle = (
            (box["x"] + box["width"] / 2 - stage["x"]) / stage["width"],
            (box["y"] + box["height"] / 2 - stage["y"]) / stage["height"],
        )
        size, inside = seen(visitor, place=middle)
        assert size == (192, 96)
        assert inside == pytest.approx(colour, abs=40)
    for box, (_, (x1, y1, x2, y2)) in zip(("red", "blue"), SCENE.things, strict=True):
        drawn = card.locator(".box", has_text=box).bounding_box()
        scale = stage["width"] / SCENE.size[0]
        assert [drawn["width"], drawn["height"]] == pytest.approx(
            [(x2 - x1) * scale, (y2 - y1) * scale], abs=16 * scale + 3
        )


def test_what_is_taken_home_holds_no_small_pictures(service: Service, visit: Visit, origin: Origin) -> None:
    visitor = visit(service)
    visitor.pastes([origin.serve("/red.png", replies.good(plain(RED)))])
    visitor.waits_for_the_end()
    for kind in ("CSV", "JSON"):
        with visitor.page.expect_download() as download:
            visitor.page.get_by_role("button", name=kind, exact=True).click()
        text = pathlib.Path(download.value.path()).read_text()
        assert "data:image" not in text and "thumbnail" not in text
    (result,) = json.loads(text)["results"]
    assert result["image"].keys() == {"width", "height", "format", "bytes", "sha256"}


def test_of_a_dropped_file_the_browser_makes_its_own(service: Service, visit: Visit) -> None:
    asked: list[bytes] = []
    visitor = visit(service)
    visitor.page.on("request", lambda request: asked.append(request.post_data_buffer or b""))
    visitor.drops({"red.png": plain(RED)})
    visitor.waits_for_the_end()
    visitor.page.locator(".card img").wait_for()
    assert visitor.page.locator(".card img").get_attribute("src").startswith("blob:")
    assert not any(b"thumbnail" in body for body in asked)
