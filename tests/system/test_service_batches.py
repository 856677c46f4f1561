"""/v1/batches: lists that are kept, and worked through whatever happens to who asked."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator

import pytest
import replies
from origin import Gate, Origin
from pictures import GREEN, plain
from program import outcome
from service import Event, Reply, Service

NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"  # a UUIDv7 that no batch has


@pytest.fixture
def held(origin: Origin, red: str, gate: Gate) -> list[str]:
    """50 of which the first 20 answer, and the others when the gate is open."""
    later = origin.serve("/later", replies.held(gate, replies.good(plain(GREEN))))
    return [f"{red if i < 20 else later}?{i}" for i in range(50)]


def create(service: Service, urls: list[str], **more: object) -> str:
    reply = service.post("/v1/batches", {"urls": urls, **more})
    assert reply.status == 202, reply.body
    assert reply.headers["Location"] == f"/v1/batches/{reply.json['id']}" == reply.json["links"]["self"]
    return reply.headers["Location"]


def wait_for(service: Service, batch: str, done: int | None = None) -> dict:
    """The batch when so many of it are done, or all."""
    service.until(lambda: service.get(batch).json["done"] >= (done or service.get(batch).json["total"]))
    return service.get(batch).json


def pages(service: Service, batch: str, limit: int) -> Iterator[dict]:
    cursor = ""
    while cursor is not None:
        page = service.get(f"{batch}/results?limit={limit}{cursor and f'&cursor={cursor}'}").json
        yield page
        cursor = page["next"]


def all_results(service: Service, batch: str, limit: int = 1000) -> list[dict]:
    return [result for page in pages(service, batch, limit) for result in page["results"]]


def events(service: Service, batch: str, after: str | None = None) -> list[Event]:
    headers = {"Last-Event-ID": after} if after else {}
    with service.open("GET", f"{batch}/events", headers=headers) as stream:
        assert stream.status == 200 and stream.headers["Content-Type"] == "text/event-stream"
        return list(stream.events())


def indices(found: list[dict]) -> list[int]:
    return sorted(result["index"] for result in found)


def test_a_batch_is_accepted_and_counted(service: Service, origin: Origin, red: str) -> None:
    missing = origin.serve("/missing", replies.status(404))
    reply = service.post("/v1/batches", {"urls": [red, missing, "nothing://"], "top": 1})
    assert reply.status == 202 and uuid.UUID(reply.json["id"]).version == 7
    assert reply.json["total"] == 3 and reply.json["status"] in {"queued", "running", "done"}
    status = wait_for(service, reply.headers["Location"])
    assert status["status"] == "done" and (status["total"], status["done"], status["failed"]) == (3, 3, 2)
    assert status["task"] == "classify" and status["model"] == "colours"
    assert status["created_at"] <= status["ended_at"] < status["expires_at"]
    results = {r["index"]: r for r in all_results(service, reply.headers["Location"])}
    assert [outcome(results[i]) for i in range(3)] == ["red", "http_status", "url_invalid"]
    assert len(results[0]["predictions"]) == 1


@pytest.mark.parametrize("asked", [{"task": "detect"}, {"task": "detect", "model": "boxes"}, {"model": "boxes"}])
def test_a_batch_can_search_for_objects(service: Service, red: str, asked: dict) -> None:
    batch = create(service, [red], **asked)
    assert wait_for(service, batch)["task"] == "detect"
    (result,) = all_results(service, batch)
    assert result["predictions"][0]["label"] == "red" and len(result["predictions"][0]["box"]) == 4


@pytest.mark.parametrize("limit", [1, 7, 50, 1000])
def test_results_come_page_by_page(service: Service, red: str, limit: int) -> None:
    batch = create(service, [f"{red}?{i}" for i in range(50)])
    wait_for(service, batch)
    found = list(pages(service, batch, limit))
    assert [len(page["results"]) for page in found] == [min(limit, 50 - i) for i in range(0, 50, limit)]
    assert indices([r for page in found for r in page["results"]]) == list(range(50))
    assert found[-1]["next"] is None


def test_the_default_page_is_of_100(service: Service, red: str) -> None:
    batch = create(service, [red] * 101)
    wait_for(service, batch)
    page = service.get(f"{batch}/results").json
    assert len(page["results"]) == 100 and page["next"].isdigit()
    page = service.get(f"{batch}/results?cursor={page['next']}").json
    assert len(page["results"]) == 1 and page["next"] is None


def test_pages_of_a_running_batch_end_where_there_is_no_more(service: Service, gate: Gate, held: list[str]) -> None:
    batch = create(service, held)
    assert wait_for(service, batch, done=20)["status"] == "running"
    found = list(pages(service, batch, 15))
    assert [len(page["results"]) for page in found] == [15, 5] and found[-1]["next"] is None
    gate.open()
    wait_for(service, batch)
    rest = service.get(f"{batch}/results?cursor=20").json["results"]
    assert indices(rest) == list(range(20, 50))


def test_events_tell_all_from_the_start_and_say_when_it_is_done(
    service: Service, gate: Gate, held: list[str]
) -> None:
    batch = create(service, held)
    with service.open("GET", f"{batch}/events") as stream:
        coming = stream.events()
        first = list(itertools.islice(coming, 20))
        gate.open()
        *rest, done = coming
    assert [e.id for e in first + rest] == [str(i + 1) for i in range(50)]
    assert {e.name for e in first + rest} == {"result"} and indices([e.data for e in first + rest]) == list(range(50))
    assert done.name == "done" and done.data["status"] == "done" and done.data["done"] == 50
    again = events(service, batch)
    assert [(e.id, e.data["index"]) for e in again[:-1]] == [(e.id, e.data["index"]) for e in first + rest]
    assert again[-1].name == "done"


@pytest.mark.parametrize(("after", "first"), [("1", 2), ("30", 31), ("49", 50)])
def test_events_go_on_after_the_last_one_that_was_read(service: Service, red: str, after: str, first: int) -> None:
    batch = create(service, [red] * 50)
    wait_for(service, batch)
    *results, done = events(service, batch, after)
    assert [e.id for e in results] == [str(i) for i in range(first, 51)] and done.name == "done"


@pytest.mark.parametrize("after", ["50", "51", "4000000000"])
def test_who_has_read_all_events_only_hears_that_it_is_done(service: Service, red: str, after: str) -> None:
    batch = create(service, [red] * 50)
    wait_for(service, batch)
    assert [e.name for e in events(service, batch, after)] == ["done"]


def test_a_reader_that_was_cut_off_comes_back_and_sees_each_once(
    service: Service, gate: Gate, held: list[str]
) -> None:
    batch = create(service, held)
    with service.open("GET", f"{batch}/events") as stream:
        first = list(itertools.islice(stream.events(), 13))
    gate.open()
    *rest, done = events(service, batch, first[-1].id)
    assert indices([e.data for e in first + rest]) == list(range(50)) and done.name == "done"


def test_a_cancelled_batch_ends_and_says_so(service: Service, origin: Origin, gate: Gate, held: list[str]) -> None:
    batch = create(service, held)
    with service.open("GET", f"{batch}/events") as stream:
        coming = stream.events()
        first = list(itertools.islice(coming, 20))
        origin.wait_until(lambda o: o.count("/later") == 6)
        reply = service.delete(batch)
        assert reply.status == 200 and reply.json["status"] == "cancelled"
        gate.open()
        *rest, done = coming
    assert done.name == "done" and done.data["status"] == "cancelled" and done.data["done"] == 50
    assert done.data["cancelled"] == 24 and done.data["failed"] >= 0
    outcomes = [outcome(e.data) for e in first + rest]
    assert sorted(outcomes) == ["cancelled"] * 24 + ["green"] * 6 + ["red"] * 20
    assert service.delete(batch).json == done.data
    assert indices(all_results(service, batch)) == list(range(50))


def test_the_same_key_and_body_are_the_same_batch(service: Service, red: str) -> None:
    key = f'"{uuid.uuid4()}"'
    first, second = (service.post("/v1/batches", {"urls": [red]}, Idempotency_Key=key) for _ in range(2))
    assert first.status == second.status == 202 and first.json["id"] == second.json["id"]
    assert first.headers["Idempotency-Replayed"] is None and second.headers["Idempotency-Replayed"] == "true"
    other = service.post("/v1/batches", {"urls": [red, red]}, Idempotency_Key=key)
    assert other.refusal == (422, "key_reused")
    assert service.post("/v1/batches", {"urls": [red]}).json["id"] != first.json["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a b"])
def test_a_key_that_is_none_is_malformed(service: Service, red: str, key: str) -> None:
    assert service.post("/v1/batches", {"urls": [red]}, Idempotency_Key=key).refusal == (400, "malformed")


@pytest.mark.parametrize("name", [NOBODY, "x", "..", "%00", NOBODY.upper(), "'; drop table batches"])
@pytest.mark.parametrize("part", ["", "/results", "/events"])
def test_batches_that_are_not_there(service: Service, name: str, part: str) -> None:
    path = f"/v1/batches/{name.replace(' ', '%20')}{part}"
    reply = service.get(path)
    assert reply.refusal in {(404, "not_found"), (400, "malformed")}
    assert reply.status == 404 or name in {"..", "%00"}


def test_what_is_not_there_cannot_be_cancelled(service: Service) -> None:
    assert service.delete(f"/v1/batches/{NOBODY}").refusal == (404, "not_found")


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=-1", "cursor=", "cursor=1.0", "cursor=4294967296", "cursor=%201",
     "limit=0", "limit=1001", "limit=x", "limit=", "limit=99999999999999999999"],
)  # fmt: skip
def test_cursors_and_limits_are_checked(service: Service, red: str, query: str) -> None:
    batch = create(service, [red])
    reply = service.get(f"{batch}/results?{query}")
    assert reply.refusal == (422, "invalid_request") and reply.problem["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"urls": []}, "/urls"), ({"urls": ["u"], "task": "paint"}, "/task"), ({"urls": ["u"], "model": "no"}, "/model"),
     ({"urls": ["u"], "task": "detect", "model": "colours"}, "/model"), ({"urls": ["u"], "tops": 3}, "/tops")],
)  # fmt: skip
def test_a_batch_that_is_wrong_is_not_kept(service: Service, body: dict, pointer: str) -> None:
    reply = service.post("/v1/batches", body)
    assert reply.refusal == (422, "invalid_request") and reply.problem["pointer"] == pointer


def finish(service: Service, batch: str) -> list[dict]:
    wait_for(service, batch)
    return all_results(service, batch)


@pytest.mark.parametrize("end", [Service.terminate, Service.kill])
def test_a_batch_goes_on_after_the_end_of_the_process(
    start_service: Callable[..., Service], gate: Gate, held: list[str], end: Callable[[Service], None]
) -> None:
    first = start_service({"limits": {"shutdown_grace_s": 1}}).ready()
    batch = create(first, held)
    wait_for(first, batch, done=20)
    end(first)
    assert first.wait() == (0 if end is Service.terminate else -9)
    gate.open()
    second = start_service().ready()
    assert second.get(batch).json["total"] == 50
    assert indices(finish(second, batch)) == list(range(50))
    assert [e.id for e in events(second, batch)[:-1]] == [str(i + 1) for i in range(50)]


def test_a_service_that_is_told_to_stop_answers_who_waits(
    start_service: Callable[..., Service], origin: Origin, gate: Gate, held: list[str]
) -> None:
    service = start_service().ready()
    batch = create(service, held)
    slow = origin.gate()
    other = origin.serve("/slow", replies.held(slow, replies.good(plain(GREEN))))
    wait_for(service, batch, done=20)
    # Its origin has 6 of the batch under way, so this one waits for one of their places.
    with service.send("POST", "/v1/classify", {"urls": [other.replace("127.0.0.1", "localhost")]}) as waiting:
        origin.wait_until(lambda o: o.count("/slow") == 1)
        with service.open("GET", f"{batch}/events") as stream:
            service.terminate()
            service.until(lambda: service.get("/readyz").status == 503)
            assert "draining" in service.get("/readyz").json["reasons"][0]
            assert service.get("/livez").status == 200
            assert service.post("/v1/classify", {"urls": [other]}).refusal == (503, "draining")
            assert service.post("/v1/batches", {"urls": [other]}).refusal == (503, "draining")
            assert service.get(batch).status == 200
            slow.open()
            gate.open()
            answer = waiting.begin()
            assert answer.status == 200 and b'"green"' in answer.rest()
            assert {e.name for e in stream.events()} == {"result"}  # and no `done`: it comes again
    assert service.wait() == 0
    second = start_service().ready()
    assert indices(finish(second, batch)) == list(range(50))


def test_events_go_on_over_a_restart(
    start_service: Callable[..., Service], gate: Gate, held: list[str]
) -> None:
    first = start_service().ready()
    batch = create(first, held)
    with first.open("GET", f"{batch}/events") as stream:
        seen = list(itertools.islice(stream.events(), 20))
    first.kill()
    gate.open()
    second = start_service().ready()
    *rest, done = events(second, batch, seen[-1].id)
    assert indices([e.data for e in seen + rest]) == list(range(50)) and done.data["status"] == "done"
    assert [e.id for e in rest] == [str(i) for i in range(21, 51)]


def test_a_key_is_known_after_a_restart(start_service: Callable[..., Service], red: str) -> None:
    replies_of: list[Reply] = []
    for _ in range(2):
        with start_service().ready() as service:
            replies_of.append(service.post("/v1/batches", {"urls": [red]}, Idempotency_Key="again"))
    assert replies_of[0].json["id"] == replies_of[1].json["id"]
