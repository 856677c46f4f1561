"""The Open Inference Protocol under /v2: with tritonclient, as its users have it, with requests as KServe's clients write
them, and with what nobody should send."""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Callable, Iterator, Sequence

import numpy
import pytest
import replies
from origin import Origin
from pictures import BLUE, GREEN, HTML, RED, plain
from seen_objects import THREE, TWO, real_files
from service import Reply, Service
from test_photographs import folder_of
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult
from tritonclient.utils import InferenceServerException

HEAD_LENGTH = "Inference-Header-Content-Length"
INFER = "/v2/models/colours/infer"
BOTH = ["json", "binary"]


@pytest.fixture
def triton(service: Service) -> Iterator[InferenceServerClient]:
    with InferenceServerClient(f"{service.host}:{service.port}", network_timeout=60, connection_timeout=60) as client:
        yield client


def tensor(pictures: Sequence[bytes], form: str, *, column: bool = False) -> InferInput:
    """JSON has base64 of the bytes, a binary tensor has them as they are."""
    elements = [base64.b64encode(picture) if form == "json" else picture for picture in pictures]
    array = numpy.array(elements, dtype=numpy.object_)
    if column:
        array = array.reshape(-1, 1)
    return InferInput("image", list(array.shape), "BYTES").set_data_from_numpy(array, binary_data=form == "binary")


def outputs(form: str, *names: str) -> list[InferRequestedOutput]:
    return [InferRequestedOutput(name, binary_data=form == "binary") for name in names]


def texts(result: InferResult, name: str) -> list:
    """A tensor of texts, which come as bytes in a binary one."""
    array = result.as_numpy(name)
    return numpy.vectorize(lambda t: t.decode() if isinstance(t, bytes) else t, otypes=[object])(array).tolist()


def test_the_client_finds_the_server_and_its_models(triton: InferenceServerClient) -> None:
    assert triton.is_server_live() and triton.is_server_ready()
    server = triton.get_server_metadata()
    assert server["name"] == "curlew" and "binary_tensor_data" in server["extensions"]
    for version in ("", "1"):
        assert triton.is_model_ready("colours", version) and triton.is_model_ready("boxes", version)
        model = triton.get_model_metadata("boxes", version)
        assert model["name"] == "boxes" and model["versions"] == ["1"]
        assert model["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
        assert {o["name"]: o["shape"] for o in model["outputs"]} == {
            "labels": [-1, -1], "scores": [-1, -1], "boxes": [-1, -1, 4], "errors": [-1],
        }  # fmt: skip
    assert not triton.is_model_ready("nobody") and not triton.is_model_ready("colours", "2")
    with pytest.raises(InferenceServerException, match="no model of this name") as caught:
        triton.get_model_metadata("nobody")
    assert caught.value.status() == "404"


@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("answer", BOTH)
@pytest.mark.parametrize("form", BOTH)
def test_the_client_has_pictures_named(triton: InferenceServerClient, form: str, answer: str, column: bool) -> None:
    pictures = [plain(RED), plain(GREEN, "JPEG"), plain(BLUE)]
    result = triton.infer(
        "colours",
        [tensor(pictures, form, column=column)],
        request_id="seven",
        outputs=outputs(answer, "scores", "labels"),
        parameters={"top": 2},
    )
    assert [row[0] for row in texts(result, "labels")] == ["red", "green", "blue"]
    scores = result.as_numpy("scores")
    assert scores.shape == (3, 2) and scores.dtype == numpy.float32 and (scores[:, 0] > 0.9).all()
    response = result.get_response()
    assert (response["id"], response["model_name"], response["model_version"]) == ("seven", "colours", "1")
    assert [o["name"] for o in response["outputs"]] == ["scores", "labels"]


def test_the_client_needs_to_say_nothing_but_the_pictures(triton: InferenceServerClient) -> None:
    result = triton.infer("colours", [tensor([plain(RED)], "binary")], model_version="1")
    assert result.as_numpy("labels").shape == (1, 3) and texts(result, "labels")[0][0] == "red"
    assert result.as_numpy("errors") is None and "id" not in result.get_response()


@pytest.mark.parametrize("form", BOTH)
def test_objects_have_boxes(triton: InferenceServerClient, form: str) -> None:
    pictures = [scene.png() for scene in (TWO, THREE)]
    result = triton.infer("boxes", [tensor(pictures, form)], outputs=outputs(form, "labels", "scores", "boxes"))
    assert texts(result, "labels") == [["red", "blue", ""], ["red", "green", "blue"]]
    boxes, scores = result.as_numpy("boxes"), result.as_numpy("scores")
    assert boxes.shape == (2, 3, 4) and (boxes[0, 2] == 0).all() and scores[0, 2] == 0
    assert (scores[1] > 0.5).all() and (boxes[1, :, 0] < boxes[1, :, 2]).all()
    nothing = triton.infer("boxes", [tensor([plain((0, 0, 0))], form)], outputs=outputs(form, "labels", "boxes"))
    assert nothing.as_numpy("boxes").shape == (1, 0, 4)


def test_a_threshold_is_a_parameter(triton: InferenceServerClient) -> None:
    faint = tensor([plain((180, 0, 0), size=(64, 64))], "binary")
    assert texts(triton.infer("boxes", [faint]), "labels") == [["red"]]
    assert triton.infer("boxes", [faint], parameters={"threshold": 0.9}).as_numpy("labels").shape == (1, 0)


@pytest.mark.parametrize("form", BOTH)
def test_a_picture_that_fails_has_an_empty_row_and_its_error(triton: InferenceServerClient, form: str) -> None:
    result = triton.infer("colours", [tensor([HTML, plain(RED)], form)], outputs=outputs(form, "labels", "scores"))
    assert texts(result, "labels")[0] == ["", "", ""] and texts(result, "labels")[1][0] == "red"
    assert result.as_numpy("scores")[0].tolist() == [0, 0, 0]
    first, second = texts(result, "errors")
    assert first.startswith("not_an_image: ") and second == ""


def test_where_all_fail_the_client_raises_unless_it_asked_for_errors(triton: InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="not_an_image: ") as caught:
        triton.infer("colours", [tensor([HTML], "binary")])
    assert caught.value.status() == "422"
    result = triton.infer("colours", [tensor([HTML], "binary")], outputs=outputs("binary", "labels", "errors"))
    assert texts(result, "labels") == [["", "", ""]] and texts(result, "errors")[0].startswith("not_an_image: ")


@pytest.mark.parametrize("form", BOTH)
def test_a_url_may_stand_for_a_picture(triton: InferenceServerClient, origin: Origin, form: str) -> None:
    url = origin.serve("/green.png", replies.good(plain(GREEN)))
    array = numpy.array([url, "http://10.0.0.1/x.png"], dtype=numpy.object_)
    given = InferInput("image", [2], "BYTES").set_data_from_numpy(array, binary_data=form == "binary")
    result = triton.infer("colours", [given])
    assert texts(result, "labels")[0][0] == "green"
    refused = texts(result, "errors")[1]
    assert refused.startswith("blocked_by_policy: ") and "10.0.0.1" not in refused


def test_the_client_is_told_what_is_wrong(triton: InferenceServerClient) -> None:
    red = tensor([plain(RED)], "binary")
    wrongs: list[tuple[dict, str, str]] = [
        ({"model_name": "nobody"}, "404", "no model of this name"),
        ({"model_version": "2"}, "404", "version 1"),
        ({"inputs": [red, red]}, "422", "one input"),
        ({"outputs": outputs("binary", "boxes")}, "422", "no output"),
        ({"outputs": [InferRequestedOutput("labels", class_count=3)]}, "422", "classification"),
        ({"parameters": {"top": 0}}, "422", "top"),
        ({"inputs": [InferInput("image", [1], "BYTES")]}, "422", "data"),
        ({"inputs": [InferInput("image", [1], "BYTES").set_shared_memory("r", 4)]}, "422", "shared memory"),
    ]
    for changes, status, message in wrongs:
        with pytest.raises(InferenceServerException, match=message) as caught:
            triton.infer(**({"model_name": "colours", "inputs": [red]} | changes))
        assert caught.value.status() == status, changes


def body(pictures: Sequence[bytes], **members: object) -> dict:
    """A request as KServe's clients write it."""
    data = [base64.b64encode(picture).decode() for picture in pictures]
    return {"inputs": [{"name": "image", "shape": [len(data)], "datatype": "BYTES", "data": data}], **members}


def test_kserve_style_json(service: Service) -> None:
    reply = service.post(INFER, body([plain(RED)], id="a", parameters=None, outputs=None))
    labels, scores = reply.json["outputs"]
    assert reply.headers["Content-Type"] == "application/json" and reply.headers["Server-Timing"]
    assert labels["datatype"] == "BYTES" and labels["shape"] == [1, 3] and labels["data"][0] == "red"
    assert scores["datatype"] == "FP32" and 0.9 < scores["data"][0] <= 1


def test_a_body_that_is_a_picture_and_nothing_else(service: Service) -> None:
    reply = service.post(INFER, plain(RED), **{"Content-Type": "image/png", HEAD_LENGTH: "0"})
    assert reply.status == 415
    for headers in ({"Content-Type": "application/octet-stream"}, {}):
        reply = service.post(INFER, plain(RED), **headers, **{HEAD_LENGTH: "0"})
        head = json.loads(reply.body[: int(reply.headers[HEAD_LENGTH])])
        assert reply.headers["Content-Type"] == "application/octet-stream"
        sizes = [o["parameters"]["binary_data_size"] for o in head["outputs"]]
        assert sum(sizes) == len(reply.body) - int(reply.headers[HEAD_LENGTH])


def error_of(reply: Reply) -> tuple[int, str]:
    """The body of an error as the protocol has it."""
    assert reply.headers["Content-Type"] == "application/json" and list(reply.json) == ["error"]
    assert reply.json["error"]
    return reply.status, reply.json["error"]


def binary_request(tail: bytes, size: int | None = None, count: int = 1) -> tuple[bytes, int]:
    head = {
        "inputs": [
            {"name": "image", "shape": [count], "datatype": "BYTES",
             "parameters": {"binary_data_size": len(tail) if size is None else size}}
        ]
    }  # fmt: skip
    text = json.dumps(head).encode()
    return text + tail, len(text)


def test_sizes_that_lie_are_refused(service: Service) -> None:
    picture = plain(RED)
    element = struct.pack("<I", len(picture)) + picture
    whole, head = binary_request(element)

    def send(data: bytes, length: object) -> Reply:
        return service.post(INFER, data, **{HEAD_LENGTH: str(length)})

    assert send(whole, head).status == 200
    for data, length in (
        (whole, head + 1),
        (whole, head - 1),
        (whole, len(whole) + 1),
        (whole, 2**64),
        (whole, -1),
        (whole, "a"),
        (whole, ""),
        (whole[:-1], head),
        (whole + b"x", head),
        *(binary_request(element, size) for size in (0, len(element) - 1, len(element) + 1, 2**53)),
        binary_request(struct.pack("<I", 2**32 - 1) + picture),
        binary_request(struct.pack("<I", len(picture) + 1) + picture),
        binary_request(struct.pack("<I", len(picture) - 1) + picture),
        binary_request(element[:3]),
    ):
        assert error_of(send(data, length))[0] == 400, (length, data[:80])
    for data, length in (
        binary_request(element, count=2),
        binary_request(element * 2),
        binary_request(b""),
        binary_request(bytes(4_000_000)),  # a million empty elements
        binary_request(element, size=2**64),
    ):
        assert error_of(send(data, length))[0] == 422, (length, data[:80])
    assert error_of(service.post(INFER, whole))[0] == 400  # nothing says where the JSON ends
    assert service.get("/readyz").status == 200


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"inputs":' * 100 + b"1" + b"}" * 100, 400),
        (b'{"inputs": [], "inputs": []}', 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"inputs": [' + b"{}," * 100_000 + b"{}]}", 422),
        (b'{"inputs": [{"name": "image", "datatype": "BYTES", "shape": [1], "data": [' + b"0," * 999_999 + b"0]}]}", 422),
        (b'{"outputs": [' + b"{}," * 100_000 + b"{}]}", 422),
    ],
)
def test_heads_that_are_none_are_refused(service: Service, text: bytes, status: int) -> None:
    assert error_of(service.post(INFER, text, Content_Type="application/json"))[0] == status


def test_a_picture_may_be_as_large_as_in_a_form(service: Service) -> None:
    large = plain(RED) + bytes(9_000_000)  # 12 MB in base64, which is more than other JSON may have
    assert service.post(INFER, body([large])).json["outputs"][0]["data"][0] == "red"
    reply = service.post(INFER, bytes(41 * 2**20), **{HEAD_LENGTH: "0"})
    assert error_of(reply)[0] == 413


def test_errors_of_these_paths_are_those_of_the_protocol(service: Service) -> None:
    for path in ("/v2/", "/v2/nothing", "/v2/models/colours/config", "/v2/models/colours/versions/1/x"):
        assert error_of(service.get(path))[0] == 404
    assert error_of(service.get(INFER))[0] == 405 and error_of(service.delete("/v2"))[0] == 405
    assert error_of(service.post(INFER, b"a=b", Content_Type="application/x-www-form-urlencoded"))[0] == 415


def test_all_but_health_needs_a_key_where_there_are_keys(start_service: Callable[..., Service]) -> None:
    service = start_service({"http": {"listen": "127.0.0.1:0", "api_keys": ["k"]}}).ready()
    assert service.get("/v2/health/live").status == service.get("/v2/health/ready").status == 200
    for path in ("/v2", "/v2/models", "/v2/models/colours", "/v2/models/colours/ready"):
        assert error_of(service.get(path))[0] == 401
    assert error_of(service.post(INFER, body([plain(RED)])))[0] == 401
    with InferenceServerClient(f"{service.host}:{service.port}") as client:
        result = client.infer("colours", [tensor([plain(RED)], "binary")], headers={"Authorization": "Bearer k"})
        assert texts(result, "labels")[0][0] == "red"


def test_a_client_that_goes_takes_its_work_with_it(service: Service, origin: Origin) -> None:
    gate = origin.gate()
    url = origin.serve("/held", replies.held(gate, replies.good(plain(RED))))
    request = body([plain(RED)])
    request["inputs"][0] |= {"shape": [1], "data": [url]}
    with service.send("POST", INFER, request):
        service.until(lambda: service.metric('curlew_items_in_flight{stage="fetch"}') == 1)
    service.until(lambda: service.metric('curlew_items_in_flight{stage="fetch"}') == 0)
    gate.open()


@pytest.mark.parametrize(
    ("name", "file", "label"),
    [("birds", "aiy_birds_V1.tflite", "Ara macao"), ("imagenet", "efficientnet_lite0.xml", "macaw")],
)
def test_a_real_model_names_a_photograph(
    start_service: Callable[..., Service], name: str, file: str, label: str
) -> None:
    (network,) = real_files(file)
    photograph = (folder_of("CURLEW_TEST_IMAGES", "parrot.jpg") / "parrot.jpg").read_bytes()
    service = start_service({"models": {"classify": name}}, {"CURLEW_MODELS": str(network.parent)})
    service.until(lambda: service.get(f"/v2/models/{name}/ready").status == 200)
    with InferenceServerClient(f"{service.host}:{service.port}", network_timeout=60) as client:
        for form in BOTH:
            result = client.infer(name, [tensor([photograph], form)])
            assert re.search(label, texts(result, "labels")[0][0]), form
