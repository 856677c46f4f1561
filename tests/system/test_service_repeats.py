"""Work that a service spares itself: a URL that is on its way, and bytes that it has named before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import replies
from origin import Gate, Origin
from pictures import GREEN, RED, plain
from program import outcome
from service import Service

HITS = 'curlew_answer_cache_lookups_total{result="hit"}'
MISSES = 'curlew_answer_cache_lookups_total{result="miss"}'
JOINED = "curlew_fetches_joined_total"
Start = Callable[..., Service]


@pytest.fixture
def service(start_service: Start) -> Service:
    """One that has named nothing yet."""
    return start_service().ready()


def test_a_url_that_is_on_its_way_is_not_fetched_again(service: Service, origin: Origin, gate: Gate) -> None:
    held = origin.serve("/held", replies.held(gate, replies.good(plain(RED))))
    batches = [service.post("/v1/batches", {"urls": [held, f"{held}#again"]}).headers["Location"] for _ in range(2)]
    service.until(lambda: service.metric(JOINED) == 3)
    gate.open()
    for batch in batches:
        service.until(lambda batch=batch: service.get(batch).json["status"] == "done")
        results = service.get(f"{batch}/results").json["results"]
        assert [outcome(r) for r in results] == ["red", "red"]
        assert {r["url"] for r in results} == {held, f"{held}#again"}
    assert origin.count("/held") == 1


def test_who_shares_a_failed_fetch_hears_of_it(service: Service, origin: Origin, gate: Gate) -> None:
    held = origin.serve("/held", replies.held(gate, replies.status(404)))
    batch = service.post("/v1/batches", {"urls": [held, held]}).headers["Location"]
    service.until(lambda: service.metric(JOINED) == 1)
    gate.open()
    service.until(lambda: service.get(batch).json["status"] == "done")
    assert [outcome(r) for r in service.get(f"{batch}/results").json["results"]] == ["http_status", "http_status"]
    assert origin.count("/held") == 1


def test_bytes_that_were_named_before_are_known_under_any_url(service: Service, origin: Origin) -> None:
    first, second = (origin.serve(path, replies.good(plain(RED))) for path in ("/first", "/second"))
    other = origin.serve("/other", replies.good(plain(GREEN)))
    (named,) = service.post("/v1/classify", {"urls": [first]}).results
    known, new = service.post("/v1/classify", {"urls": [second, other]}).results
    assert (service.metric(HITS), service.metric(MISSES)) == (1, 2)
    assert service.metric("curlew_answer_cache_bytes") > 0
    assert outcome(new) == "green"
    assert known["url"] == second and known["timings_ms"]["decode"] == 0 and known["timings_ms"]["infer"] == 0
    assert all(known[key] == named[key] for key in ("status", "model", "image", "predictions"))
    (fewer,) = service.post("/v1/classify", {"urls": [second], "top": 1}).results
    assert len(fewer["predictions"]) == 1 and service.metric(HITS) == 1


def test_a_picture_that_comes_with_its_request_may_be_known_too(service: Service, origin: Origin) -> None:
    url = origin.serve("/red", replies.good(plain(RED)))
    service.post("/v1/classify", {"urls": [url]})
    (sent,) = service.post("/v1/classify", plain(RED), Content_Type="image/png").results
    assert outcome(sent) == "red" and service.metric(HITS) == 1


def test_what_cannot_be_named_is_tried_again(service: Service, origin: Origin) -> None:
    url = origin.serve("/none", replies.good(b"no picture"))
    for _ in range(2):
        assert [outcome(r) for r in service.post("/v1/classify", {"urls": [url]}).results] == ["not_an_image"]
    assert service.metric(HITS) == 0


def test_without_memory_for_it_nothing_is_known(start_service: Start, origin: Origin) -> None:
    url = origin.serve("/red", replies.good(plain(RED)))
    service = start_service({"infer": {"answer_cache_bytes": 0}}).ready()
    for _ in range(2):
        (result,) = service.post("/v1/classify", {"urls": [url]}).results
        assert result["timings_ms"]["decode"] > 0
    assert service.metric(HITS) == 0 and service.metric("curlew_answer_cache_bytes") == 0
