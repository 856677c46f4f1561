"""Small pictures in results, for whoever asks for them: made by the service, kept with the result, of every format."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator

import pytest
import replies
from origin import Origin
from PIL import Image
from pictures import BLUE, HTML, RED, noise_jpeg, plain, rotated_jpeg
from service import EVENTS, NDJSON, Service

PREFIX = "data:image/jpeg;base64,"
MOST_BYTES = 24 * 1024


@pytest.fixture(scope="module", params=["here", "in-a-child"])
def either(
    request: pytest.FixtureRequest,
    start_any_service: Callable[..., Service],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """A service that decodes in its own process, and one that does it in children."""
    changes = {"decode": {"isolate": request.param == "in-a-child"}}
    with start_any_service(tmp_path_factory.mktemp("service"), changes) as service:
        yield service.ready()


def thumbnail(result: dict) -> Image.Image:
    """What a stranger's decoder makes of it."""
    url = result["image"]["thumbnail"]
    assert url.startswith(PREFIX)
    content = base64.b64decode(url.removeprefix(PREFIX), validate=True)
    assert len(content) <= MOST_BYTES
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.mode) == ("JPEG", "RGB")
    image.load()
    return image


def colour(image: Image.Image) -> tuple[int, ...]:
    return image.getpixel((image.width // 2, image.height // 2))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "AVIF"])
def test_every_format_has_one(either: Service, origin: Origin, kind: str) -> None:
    url = origin.serve("/picture", replies.good(plain(RED, kind, (400, 250))))
    (result,) = either.post("/v1/classify", {"urls": [url], "thumbnail": True}).results
    image = thumbnail(result)
    assert image.size == (192, 120)
    assert colour(image) == pytest.approx(RED, abs=12)
    assert result["image"]["width"] == 400 and result["predictions"][0]["label"] == "red"


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((1, 1), (1, 1)),
        ((2, 3), (2, 3)),
        ((192, 192), (192, 192)),
        ((193, 50), (192, 50)),
        ((16384, 1), (192, 1)),
        ((1, 16384), (1, 192)),
        ((1000, 4000), (48, 192)),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_it_is_small_and_keeps_its_proportions(
    either: Service, kind: str, size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    picture = plain(BLUE, kind, size)
    headers = {"Content-Type": f"image/{kind.lower()}"}
    (result,) = either.ask("POST", "/v1/classify?thumbnail=true", picture, headers).results
    image = thumbnail(result)
    assert image.size == wanted
    assert colour(image) == pytest.approx(BLUE, abs=12)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_it_is_upright(either: Service, orientation: int) -> None:
    picture = rotated_jpeg((800, 400), orientation)
    (result,) = either.ask("POST", "/v1/classify?thumbnail=true", picture, {"Content-Type": "image/jpeg"}).results
    assert thumbnail(result).size == ((192, 96) if orientation < 5 else (96, 192))


def test_noise_is_not_too_much(either: Service) -> None:
    picture = noise_jpeg((900, 900))
    (result,) = either.ask("POST", "/v1/classify?thumbnail=true", picture, {"Content-Type": "image/jpeg"}).results
    assert thumbnail(result).size == (192, 192)


def test_only_who_asks_has_one_and_only_of_what_was_named(service: Service, origin: Origin) -> None:
    urls = [
        origin.serve("/red.png", replies.good(plain(RED))),
        origin.serve("/page", replies.good(HTML)),
        origin.serve("/gone", replies.status(404)),
    ]
    for asked in ({}, {"thumbnail": False}):
        reply = service.post("/v1/classify", {"urls": urls, **asked})
        assert b"thumbnail" not in reply.body
    results = service.post("/v1/classify", {"urls": urls, "thumbnail": True}).results
    assert thumbnail(results[0]).size == (48, 40)
    assert [result["status"] for result in results] == ["ok", "error", "error"]
    assert all("image" not in result for result in results[1:])


def test_every_way_of_asking_is_understood(service: Service, origin: Origin) -> None:
    url = origin.serve("/red.png", replies.good(plain(RED)))
    form = (
        b'--x\r\nContent-Disposition: form-data; name="thumbnail"\r\n\r\ntrue\r\n--x\r\n'
        b'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + plain(RED) + b"\r\n--x--\r\n"
    )
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    answers = [
        service.get(f"/v1/classify?url={url}&thumbnail=true"),
        service.get(f"/v1/detect?url={url}&thumbnail=true"),
        service.post("/v1/classify?thumbnail=true", {"urls": [url]}),
        service.post("/v1/detect", {"urls": [url], "thumbnail": True}),
        service.ask("POST", "/v1/classify", form, multipart),
    ]
    for answer in answers:
        assert [thumbnail(result).size for result in answer.results] == [(48, 40)]
    assert b"thumbnail" not in service.post("/v1/classify?thumbnail=true", {"urls": [url], "thumbnail": False}).body
    for path in (f"/v1/classify?url={url}&thumbnail=1", f"/v1/detect?url={url}&thumbnail="):
        refused = service.get(path)
        assert (*refused.refusal, refused.problem["parameter"]) == (422, "invalid_request", "thumbnail")
    for path in ("/v1/classify", "/v1/detect", "/v1/batches"):
        refused = service.post(path, {"urls": [url], "thumbnail": "true"})
        assert (*refused.refusal, refused.problem["pointer"]) == (422, "invalid_request", "/thumbnail")


def test_streams_have_it_too(service: Service, origin: Origin) -> None:
    url = origin.serve("/red.png", replies.good(plain(RED)))
    body = {"urls": [url], "thumbnail": True}
    with service.open("POST", "/v1/classify", body, {"Accept": NDJSON}) as stream:
        assert thumbnail(next(stream.lines())).size == (48, 40)
    with service.open("POST", "/v1/classify", body, {"Accept": EVENTS}) as stream:
        assert thumbnail(next(stream.events()).data).size == (48, 40)


def test_it_is_kept_with_the_result(start_service: Callable[..., Service], origin: Origin) -> None:
    gate = origin.gate()
    urls = [
        origin.serve("/red.png", replies.good(plain(RED))),
        origin.serve("/late.png", replies.held(gate, replies.good(plain(BLUE)))),
    ]
    order = {"urls": urls, "thumbnail": True}
    with start_service({"limits": {"shutdown_grace_s": 0.1}}) as service:
        batch = service.ready().post("/v1/batches", order, Idempotency_Key="k").json
        own = batch["links"]["self"]
        service.until(lambda: service.get(own).json["done"] == 1)
        assert service.post("/v1/batches", order, Idempotency_Key="k").json["id"] == batch["id"]
        assert service.post("/v1/batches", {"urls": urls}, Idempotency_Key="k").status == 422
        service.kill()
    gate.open()
    with start_service() as service:
        service.ready().until(lambda: service.get(own).json["status"] == "done")
        results = service.get(f"{own}/results").json["results"]
    images = [thumbnail(result) for result in results]
    assert [image.size for image in images] == [(48, 40), (48, 40)]
    assert [colour(image) for image in images] == [pytest.approx(wanted, abs=12) for wanted in (RED, BLUE)]
