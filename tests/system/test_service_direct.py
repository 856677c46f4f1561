"""POST and GET /v1/classify and /v1/detect: one or many pictures over HTTP, at once or as they come."""

from __future__ import annotations

import json

import pytest
import replies
from origin import Origin
from pictures import BLUE, GREEN, GREY, HTML, RED, WHITE, plain
from program import outcome
from service import EVENTS, NDJSON, Service


@pytest.fixture
def urls(origin: Origin) -> dict[str, str]:
    """By what is to come out: a label or an error's code."""
    return {
        "red": origin.serve("/red.png", replies.good(plain(RED))),
        "green": origin.serve("/green.png", replies.good(plain(GREEN))),
        "blue": origin.serve("/blue.jpg", replies.good(plain(BLUE, "JPEG"))),
        "http_status": origin.serve("/gone", replies.status(404)),
        "not_an_image": origin.serve("/page", replies.good(HTML)),
        "background": origin.serve("/grey.png", replies.good(plain(GREY))),
        "url_invalid": "nothing://here",
        "blocked_by_policy": "http://10.0.0.1/x.png",
    }


def test_results_stand_in_the_order_of_the_list_errors_among_good_ones(service: Service, urls: dict[str, str]) -> None:
    reply = service.post("/v1/classify", {"urls": list(urls.values())})
    assert [outcome(r) for r in reply.results] == list(urls)
    assert [r["url"] for r in reply.results] == list(urls.values())
    assert [r["index"] for r in reply.results] == list(range(len(urls)))
    assert reply.json["timings_ms"]["total"] > 0
    assert reply.results[3]["error"]["http_status"] == 404
    assert "10.0.0.1" not in reply.results[-1]["error"]["message"]


def test_a_result_says_what_was_seen_and_by_what(service: Service, urls: dict[str, str]) -> None:
    (result,) = service.post("/v1/classify", {"urls": [urls["red"]]}).results
    assert (result["image"]["width"], result["image"]["height"], result["image"]["format"]) == (48, 40, "png")
    assert result["model"]["name"] == "colours" and len(result["model"]["sha256"]) == 64
    assert result["predictions"][0]["score"] > 0.9


def test_one_picture_many_times_is_as_many_results(service: Service, urls: dict[str, str]) -> None:
    reply = service.post("/v1/classify", {"urls": [urls["red"]] * 70})
    assert [outcome(r) for r in reply.results] == ["red"] * 70


@pytest.mark.parametrize(("asked", "count"), [({}, 3), ({"top": 1}, 1), ({"top": 2.0}, 2), ({"top": 1000}, 4)])
def test_top_says_how_many_labels(service: Service, urls: dict[str, str], asked: dict, count: int) -> None:
    (result,) = service.post("/v1/classify", {"urls": [urls["red"]], **asked}).results
    assert len(result["predictions"]) == count
    scores = [p["score"] for p in result["predictions"]]
    assert scores == sorted(scores, reverse=True) and "background" not in {p["label"] for p in result["predictions"]}


def test_objects_have_boxes(service: Service, origin: Origin) -> None:
    url = origin.serve("/faint.png", replies.good(plain((180, 0, 0), size=(64, 64))))
    (result,) = service.post("/v1/detect", {"urls": [url]}).results
    (seen,) = result["predictions"]
    assert seen["label"] == "red" and seen["box"] == [0, 0, 64, 64] and seen["score"] == pytest.approx(180 / 255, 0.02)
    (result,) = service.post("/v1/detect", {"urls": [url], "threshold": 0.9}).results
    assert result["status"] == "ok" and result["predictions"] == []


def test_a_model_can_be_named(service: Service, urls: dict[str, str]) -> None:
    (result,) = service.post("/v1/classify", {"urls": [urls["red"]], "model": "colours"}).results
    assert result["model"]["name"] == "colours"


def test_get_is_for_a_browser(service: Service, urls: dict[str, str]) -> None:
    reply = service.get(f"/v1/classify?url={urls['red']}&url={urls['not_an_image']}&top=1")
    assert [outcome(r) for r in reply.results] == ["red", "not_an_image"]
    assert len(reply.results[0]["predictions"]) == 1
    assert reply.headers["Content-Type"] == "application/json"


def test_get_takes_an_encoded_url_letter_for_letter(service: Service, origin: Origin) -> None:
    url = origin.serve("/a picture.png", replies.good(plain(RED)))
    origin.serve("/a%20picture.png", replies.good(plain(RED)))
    encoded = url.replace(":", "%3A").replace("/", "%2F").replace(" ", "+")
    (result,) = service.get(f"/v1/classify?url={encoded}%3Fa%3D1%26b%3D2").results
    assert outcome(result) == "red" and result["url"] == url + "?a=1&b=2"


def test_ndjson_is_a_result_a_line_as_they_come_and_a_summary(service: Service, origin: Origin) -> None:
    gate = origin.gate()
    held = origin.serve("/held", replies.held(gate, replies.good(plain(GREEN))))
    red = origin.serve("/red", replies.good(plain(RED)))
    with service.open("POST", "/v1/classify", {"urls": [held, red]}, {"Accept": NDJSON}) as stream:
        assert stream.status == 200 and stream.headers["Content-Type"] == NDJSON
        lines = stream.lines()
        first = next(lines)
        assert first["index"] == 1 and outcome(first) == "red"
        gate.open()
        second, last = lines
    assert second["index"] == 0 and outcome(second) == "green"
    assert list(last) == ["summary"] and last["summary"]["total"] == 2 and last["summary"]["ok"] == 2


def test_server_sent_events_as_they_come_and_a_summary(service: Service, urls: dict[str, str]) -> None:
    asked = {"urls": list(urls.values())}
    with service.open("POST", "/v1/classify", asked, {"Accept": EVENTS}) as stream:
        assert stream.headers["Content-Type"] == EVENTS
        *events, last = stream.events()
    assert {e.name for e in events} == {"result"} and [e.id for e in events] == [str(i + 1) for i in range(len(urls))]
    assert {e.data["index"]: outcome(e.data) for e in events} == dict(enumerate(urls))
    assert last.name == "summary" and last.data["total"] == len(urls) and last.data["failed"] == 4


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("application/json;q=0.1, application/x-ndjson", NDJSON),
        ("text/event-stream", EVENTS),
        ("text/*", EVENTS),
    ],
)
def test_accept_chooses(service: Service, urls: dict[str, str], accept: str | None, given: str) -> None:
    headers = {"Accept": accept} if accept else {}
    reply = service.ask("POST", "/v1/classify", {"urls": [urls["red"]]}, headers)
    assert reply.status == 200 and reply.headers.get_content_type() == given
    assert b'"red"' in reply.body


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/png"])
def test_what_nobody_has_is_not_acceptable(service: Service, origin: Origin, accept: str) -> None:
    url = origin.serve("/red", replies.good(plain(RED)))
    reply = service.ask("POST", "/v1/classify", {"urls": [url]}, {"Accept": accept})
    assert reply.refusal == (406, "not_acceptable")
    assert origin.count("/red") == 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_can_be_the_body(service: Service, kind: str) -> None:
    reply = service.ask("POST", "/v1/classify?top=2", plain(BLUE, kind), {"Content-Type": f"image/{kind.lower()}"})
    (result,) = reply.results
    assert outcome(result) == "blue" and result["url"] == "" and len(result["predictions"]) == 2
    assert result["image"]["format"] == kind.lower()


def test_an_uploaded_picture_can_be_searched_for_objects(service: Service) -> None:
    body = plain(RED, size=(64, 64))
    (result,) = service.ask("POST", "/v1/detect?threshold=0.9", body, {"Content-Type": "image/png"}).results
    assert result["predictions"][0]["box"] == [0, 0, 64, 64]


@pytest.mark.parametrize("accept", [NDJSON, EVENTS])
def test_the_result_of_an_upload_can_be_a_stream(service: Service, accept: str) -> None:
    headers = {"Content-Type": "image/png", "Accept": accept}
    reply = service.ask("POST", "/v1/classify", plain(WHITE), headers)
    assert reply.headers["Content-Type"] == accept and b'"white"' in reply.body and b"summary" in reply.body


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "not_an_image"), (HTML, "not_an_image"), (b"II*\0".ljust(256, b"\0"), "unsupported_format"),
     (plain(RED)[:60], "truncated"), (b"\x89PNG\r\n\x1a\n" + b"\xff" * 100, "decode_failed")],
)  # fmt: skip
def test_an_upload_that_is_no_picture_is_an_item_error(service: Service, body: bytes, code: str) -> None:
    reply = service.ask("POST", "/v1/classify", body, {"Content-Type": "image/png"})
    (result,) = reply.results
    assert result["status"] == "error" and result["error"]["code"] in {code, "decode_failed", "truncated"}
    assert code not in {"not_an_image", "unsupported_format"} or result["error"]["code"] == code
    assert result["error"]["retryable"] is False or code == "truncated"


def form(*parts: tuple[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """multipart/form-data of (what stands behind `form-data; `, content), and the header that goes with it."""
    body = b"".join(
        b"--edge\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (head.encode(), content)
        for head, content in parts
    )
    return body + b"--edge--\r\n", {"Content-Type": "multipart/form-data; boundary=edge"}


def test_a_form_can_bring_many_pictures_and_options(service: Service) -> None:
    body, headers = form(
        ('name="file"; filename="a.png"', plain(RED)), ('name="top"', b"1"),
        ('name="file"; filename="b.html"', HTML), ('name="file"; filename="c.jpg"', plain(BLUE, "JPEG")),
    )  # fmt: skip
    results = service.ask("POST", "/v1/classify?top=3", body, headers).results
    assert [outcome(r) for r in results] == ["red", "not_an_image", "blue"]
    assert [r["url"] for r in results] == ["a.png", "b.html", "c.jpg"]
    assert len(results[0]["predictions"]) == 1  # what the form says goes before the query


@pytest.mark.parametrize(
    ("parts", "status"),
    [([('name="top"', b"1")], 422), ([('name="file"; filename="a"', plain(RED)), ('name="tops"', b"1")], 422),
     ([('name="file"; filename="a"', plain(RED)), ('name="top"', b"0")], 422), ([], 422), ([("nothing", b"")], 400)],
)  # fmt: skip
def test_a_form_that_is_wrong_is_refused(service: Service, parts: list, status: int) -> None:
    reply = service.ask("POST", "/v1/classify", *form(*parts))
    assert reply.status == status and reply.problem["code"] == ("malformed" if status == 400 else "invalid_request")


def test_a_query_says_what_the_body_does_not(service: Service, urls: dict[str, str]) -> None:
    body = {"urls": [urls["red"]]}
    assert len(service.post("/v1/classify?top=1", body).results[0]["predictions"]) == 1
    assert len(service.post("/v1/classify?top=1", body | {"top": 2}).results[0]["predictions"]) == 2
    for query, parameter in (("top=0", "top"), ("model=nobody", "model"), ("tops=1", "tops"), ("top=1&top=1", "top")):
        reply = service.post(f"/v1/classify?{query}", body | {"top": 2, "model": "colours"})
        assert reply.refusal == (422, "invalid_request") and reply.problem["parameter"] == parameter


def test_upload_knows_no_url_parameter(service: Service) -> None:
    reply = service.ask("POST", "/v1/classify?url=x", plain(RED), {"Content-Type": "image/png"})
    assert reply.refusal == (422, "invalid_request") and reply.problem["parameter"] == "url"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"urls": []}, "/urls"),
        ({"urls": "http://x/"}, "/urls"),
        ({"urls": ["http://x/", 1]}, "/urls/1"),
        ({}, ""),
        ({"urls": ["u"], "url": "x"}, "/url"),
        ({"urls": ["u"], "task": "classify"}, "/task"),
        ({"urls": ["u"], "model": "nobody"}, "/model"),
        ({"urls": ["u"], "model": "boxes"}, "/model"),
        ({"urls": ["u"], "top": 0}, "/top"),
        ({"urls": ["u"], "top": 1.5}, "/top"),
        ({"urls": ["u"], "threshold": 1.1}, "/threshold"),
        ({"urls": ["u"], "a/b~": 1}, "/a~1b~0"),
        ({"urls": ["u"] * 10_001}, "/urls"),
    ],
)
def test_well_formed_and_wrong_says_where(service: Service, body: dict, pointer: str) -> None:
    reply = service.post("/v1/classify", body)
    assert reply.refusal == (422, "invalid_request")
    assert reply.problem["pointer"] == pointer


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"urls": ["u"], "top": NaN}', b'{"urls": ["u"], "threshold": Infinity}', b'{"urls": ["u"]} x',
     b'{"urls": ["\xff"]}', b"\xef\xbb\xbf{}x", b'{"urls": ' + b"[" * 100 + b"]" * 100 + b"}",
     b'{"urls": ["u"], "urls": ["v"]}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_json_is_malformed(service: Service, body: bytes) -> None:
    reply = service.ask("POST", "/v1/classify", body, {"Content-Type": "application/json"})
    assert reply.refusal == (400, "malformed")


@pytest.mark.parametrize("path", ["/v1/classify", "/v1/detect"])
@pytest.mark.parametrize(
    ("query", "parameter"),
    [("", "url"), ("?url=u&top=0", "top"), ("?url=u&top=x", "top"), ("?url=u&threshold=nan", "threshold"),
     ("?url=u&urls=v", "urls"), ("?url=u&top=1&top=2", "top")],
)  # fmt: skip
def test_a_query_that_is_wrong_says_where(service: Service, path: str, query: str, parameter: str) -> None:
    reply = service.get(path + query)
    assert reply.refusal == (422, "invalid_request")
    assert reply.problem["parameter"] == parameter


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("application/json; charset=utf-8", 200)],
)
def test_the_type_of_the_body_counts(service: Service, urls: dict[str, str], content_type: str, status: int) -> None:
    body = json.dumps({"urls": [urls["red"]]}).encode()
    assert service.ask("POST", "/v1/classify", body, {"Content-Type": content_type}).status == status


def test_too_large_a_picture_is_refused_before_it_is_sent(service: Service) -> None:
    answer = service.raw(
        b"POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        b"Content-Length: 20971521\r\nExpect: 100-continue\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 413 ") and b'"body_too_large"' in answer


def test_a_request_without_a_body_says_so(service: Service) -> None:
    assert service.ask("POST", "/v1/classify").refusal in {(400, "malformed"), (415, "unsupported_media_type")}


def test_who_asks_for_a_head_gets_no_body(service: Service, urls: dict[str, str]) -> None:
    for path in ("/livez", "/v1/models", f"/v1/classify?url={urls['red']}"):
        whole, head = service.get(path), service.ask("HEAD", path)
        assert head.status == whole.status == 200 and head.body == b""
        assert head.headers["Content-Type"] == whole.headers["Content-Type"]
    assert service.ask("HEAD", "/livez").headers["Content-Length"] == str(len(service.get("/livez").body))


def test_options_and_other_methods_say_what_there_is(service: Service) -> None:
    reply = service.ask("OPTIONS", "/v1/classify")
    assert reply.status == 204 and reply.body == b""
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}
    reply = service.ask("PUT", "/v1/classify", b"")
    assert reply.refusal == (405, "method_not_allowed")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


@pytest.mark.parametrize("path", ["/v1", "/v1/classify/", "/v1/nothing", "/v1/batches/", "/V1/classify"])
def test_paths_that_are_not_there(service: Service, path: str) -> None:
    assert service.get(path).refusal == (404, "not_found")


def test_a_request_id_comes_back(service: Service, urls: dict[str, str]) -> None:
    reply = service.post("/v1/classify", {"urls": [urls["red"]]}, X_Request_Id="mine-42")
    assert reply.headers["X-Request-Id"] == "mine-42"
    assert service.post("/v1/classify", {}, X_Request_Id="mine-43").problem["request_id"] == "mine-43"
    first, second = (service.get("/livez").headers["X-Request-Id"] for _ in range(2))
    assert first and second and first != second
    assert service.get("/livez", X_Request_Id="<script>").headers["X-Request-Id"] != "<script>"


def test_the_answer_says_where_its_time_went(service: Service, origin: Origin) -> None:
    new = origin.serve("/new", replies.good(plain((12, 200, 34))))  # bytes that have not been named before
    timing = service.post("/v1/classify", {"urls": [new]}).headers["Server-Timing"]
    stages = {part.split(";")[0]: float(part.split("dur=")[1]) for part in timing.split(", ")}
    assert stages.keys() == {"queue", "fetch", "decode", "infer", "total"}
    assert stages["infer"] > 0 and stages["total"] >= stages["infer"]


@pytest.mark.parametrize("accept", ["application/json", NDJSON, EVENTS])
def test_what_a_client_that_goes_away_waited_for_is_not_begun(service: Service, origin: Origin, accept: str) -> None:
    """6 are fetched from one origin at once; the other 94 are not begun, and never will be."""
    gate = origin.gate()
    url = origin.serve("/held", replies.held(gate, replies.good(plain(RED))))
    with service.send("POST", "/v1/classify", {"urls": [f"{url}?{i}" for i in range(100)]}, {"Accept": accept}):
        origin.wait_until(lambda o: o.count("/held") == 6)
        service.until(lambda: service.metric("curlew_queue_depth") == 94)
    service.until(lambda: service.metric("curlew_queue_depth") == 0)
    gate.open()
    last = origin.serve("/last", replies.good(plain(GREEN)))
    assert outcome(service.post("/v1/classify", {"urls": [last]}).results[0]) == "green"
    assert origin.count("/held") == 6


def test_models_are_listed(service: Service) -> None:
    models = {m["name"]: m for m in service.get("/v1/models").json["models"]}
    assert models["colours"]["task"] == "classify" and models["colours"]["ready"] and models["colours"]["labels"] == 5
    assert models["boxes"]["task"] == "detect" and models["boxes"]["ready"] and len(models["boxes"]["sha256"]) == 64
    assert "birds" in models and not models["birds"]["ready"]


def test_probes_and_metrics(service: Service, urls: dict[str, str]) -> None:
    assert service.get("/livez").status == service.get("/readyz").status == service.get("/healthz").status == 200
    assert service.get("/version").json["name"] == "curlew"
    ok = 'curlew_items_total{task="classify",outcome="ok",code=""}'
    before = service.metric(ok)
    service.post("/v1/classify", {"urls": [urls["red"], urls["green"], urls["http_status"]]})
    assert service.metric(ok) == before + 2
    assert service.get("/metrics").headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
