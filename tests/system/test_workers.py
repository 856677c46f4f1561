"""`curlew worker` and services without workers of their own, around a Redis: what one takes, others do, and nothing is
lost or doubled whatever dies."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
import replies
from cluster import Cluster
from origin import Gate, Origin
from pictures import GREEN, RED, plain
from program import Curlew, outcome
from service import EVENTS, NDJSON, Event, Service
from zmq_clients import ANY_PORTS, Ends, Requester, Subscriber


@pytest.fixture
def held(origin: Origin, gate: Gate) -> str:
    """What is not answered before the gate is open."""
    return origin.serve("/held", replies.held(gate, replies.good(plain(GREEN))))


def create(service: Service, urls: list[str], **more: object) -> str:
    reply = service.post("/v1/batches", {"urls": urls, **more})
    assert reply.status == 202, reply.body
    return reply.headers["Location"]


def wait_for(service: Service, batch: str, done: int | None = None) -> dict:
    def enough() -> bool:
        reply = service.get(batch)
        return reply.status == 200 and reply.json["done"] >= (done or reply.json["total"])

    service.until(enough)
    return service.get(batch).json


def all_results(service: Service, batch: str) -> list[dict]:
    found, cursor = [], "0"
    while cursor is not None:
        page = service.get(f"{batch}/results?limit=1000&cursor={cursor}").json
        found += page["results"]
        cursor = page["next"]
    return found


def assert_each_once(found: list[dict], count: int) -> None:
    assert sorted(result["index"] for result in found) == list(range(count))


def events(service: Service, batch: str, after: str | None = None) -> list[Event]:
    with service.open("GET", f"{batch}/events", headers={"Last-Event-ID": after} if after else {}) as stream:
        return list(stream.events())


# What a service without workers does


def test_what_a_service_takes_a_worker_does(cluster: Cluster, red: str) -> None:
    front = cluster.front()
    cluster.worker()
    reply = front.post("/v1/classify", {"urls": [red, "nothing://"]})
    assert [outcome(r) for r in reply.results] == ["red", "url_invalid"]
    batch = create(front, [red] * 20)
    status = wait_for(front, batch)
    assert status["status"] == "done" and status["model"] == "colours" and status["failed"] == 0
    assert_each_once(all_results(front, batch), 20)
    assert [e.name for e in events(front, batch)] == ["result"] * 20 + ["done"]


def test_pictures_that_come_with_their_request_reach_a_worker(cluster: Cluster) -> None:
    front = cluster.front()
    with ThreadPoolExecutor() as clients:
        asked = [
            clients.submit(front.post, "/v1/classify", plain(colour), Content_Type="image/png")
            for colour in (RED, GREEN, RED)
        ]
        front.until(lambda: cluster.redis.ask("KEYS", "curlew:direct:picture:*").count(b"picture") == 3)
        cluster.worker()
        found = [outcome(result) for reply in asked for result in reply.result().results]
    assert found == ["red", "green", "red"]
    assert b"picture" not in cluster.redis.ask("KEYS", "*")


def test_a_picture_whose_client_has_gone_does_not_stay(cluster: Cluster) -> None:
    front = cluster.front()
    with front.send("POST", "/v1/classify", plain(RED), {"Content-Type": "image/png"}):
        front.until(lambda: b"picture" in cluster.redis.ask("KEYS", "*"))
    front.until(lambda: b"picture" not in cluster.redis.ask("KEYS", "*"))


def test_streams_bring_what_workers_have_done(cluster: Cluster, red: str) -> None:
    front = cluster.front()
    cluster.worker()
    body = {"urls": [f"{red}?{i}" for i in range(5)], "top": 1}
    with front.open("POST", "/v1/classify", body, {"Accept": NDJSON}) as stream:
        *results, summary = stream.lines()
    assert_each_once(results, 5)
    assert summary["summary"]["ok"] == 5
    with front.open("POST", "/v1/detect", body, {"Accept": EVENTS}) as stream:
        assert [e.name for e in stream.events()] == ["result"] * 5 + ["summary"]


def test_work_waits_for_a_worker(cluster: Cluster, red: str) -> None:
    front = cluster.front()
    batch = create(front, [red] * 3)
    assert front.get(batch).json["status"] == "queued"
    assert front.metric("curlew_queue_depth") == 3
    cluster.worker()
    assert wait_for(front, batch)["status"] == "done"


def test_a_service_with_workers_shares_its_batches_too(cluster: Cluster, red: str) -> None:
    both = cluster.start("service", {"infer": {"workers": 1}})
    worker = cluster.worker()
    assert [outcome(r) for r in both.post("/v1/classify", {"urls": [red]}).results] == ["red"]
    batch = create(both, [f"{red}?{i}" for i in range(60)])
    wait_for(both, batch)
    assert_each_once(all_results(both, batch), 60)
    done = [s.metric('curlew_items_total{task="classify",outcome="ok",code=""}') for s in (both, worker)]
    assert sum(done) == 61


def test_a_cancelled_batch_is_not_worked_on(cluster: Cluster, red: str, gate: Gate, held: str) -> None:
    front = cluster.front()
    cluster.worker()
    batch = create(front, [f"{held}?{i}" for i in range(200)])
    assert front.delete(batch).json["status"] == "cancelled"
    gate.open()
    assert wait_for(front, batch)["status"] == "cancelled"
    codes = [outcome(r) for r in all_results(front, batch)]
    assert codes.count("cancelled") >= 200 - 64 and set(codes) <= {"cancelled", "green"}
    assert [outcome(r) for r in front.post("/v1/classify", {"urls": [red]}).results] == ["red"]


def test_what_two_services_take_either_tells(cluster: Cluster, red: str) -> None:
    one, other = cluster.front(), cluster.front()
    cluster.worker()
    batch = create(one, [f"{red}?{i}" for i in range(30)])
    told = events(other, batch)
    assert [e.id for e in told[:-1]] == [str(i + 1) for i in range(30)] and told[-1].name == "done"
    assert_each_once([e.data for e in told[:-1]], 30)
    assert [(e.id, e.data) for e in events(one, batch, after="20")] == [(e.id, e.data) for e in told[20:]]


# What dies


def test_what_a_killed_worker_had_in_its_hands_another_does(
    cluster: Cluster, origin: Origin, gate: Gate, held: str
) -> None:
    front = cluster.front()
    doomed = cluster.worker()
    batch = create(front, [f"{held}?{i}" for i in range(30)])
    origin.wait_until(lambda o: o.count("/held") >= 3)
    doomed.kill()
    gate.open()
    cluster.worker()
    assert wait_for(front, batch)["failed"] == 0
    assert_each_once(all_results(front, batch), 30)


def test_a_worker_that_hung_longer_than_its_lease_doubles_nothing(
    cluster: Cluster, origin: Origin, gate: Gate, held: str
) -> None:
    front = cluster.front()
    hung = cluster.worker()
    batch = create(front, [f"{held}?{i}" for i in range(30)])
    origin.wait_until(lambda o: o.count("/held") >= 3)
    hung.suspend()
    gate.open()
    cluster.worker()
    wait_for(front, batch)
    hung.resume()
    later = create(front, [f"{held}?later"])
    wait_for(front, later)
    told = events(front, batch)
    assert_each_once([e.data for e in told[:-1]], 30)
    assert [e.id for e in told[:-1]] == [str(i + 1) for i in range(30)]


def test_a_worker_that_is_told_to_stop_gives_back_what_it_has_not_done(
    cluster: Cluster, origin: Origin, gate: Gate, held: str
) -> None:
    front = cluster.front()
    leaving = cluster.worker({"limits": {"shutdown_grace_s": 1}})
    batch = create(front, [f"{held}?{i}" for i in range(30)])
    origin.wait_until(lambda o: o.count("/held") >= 3)
    leaving.terminate()
    assert leaving.wait() == 0
    assert front.get(batch).json["done"] == 0
    gate.open()
    cluster.worker({"store": {"lease_s": 600}})
    wait_for(front, batch)
    assert_each_once(all_results(front, batch), 30)


def test_redis_may_go_and_come_back(cluster: Cluster, red: str, gate: Gate, held: str) -> None:
    front = cluster.front()
    cluster.worker()
    batch = create(front, [f"{red if i < 10 else held}?{i}" for i in range(40)])
    wait_for(front, batch, done=10)
    cluster.redis.kill()
    front.until(lambda: front.get("/readyz").status == 503)
    assert front.post("/v1/batches", {"urls": [red]}).refusal == (503, "store_unavailable")
    gate.open()
    cluster.redis.start()
    front.until(lambda: front.get("/readyz").status == 200)
    wait_for(front, batch)
    found = all_results(front, batch)
    assert_each_once(found, 40)
    assert {outcome(r) for r in found} == {"red", "green"}


def test_a_service_may_be_killed_and_its_clients_go_on_elsewhere(
    cluster: Cluster, red: str, gate: Gate, held: str
) -> None:
    front = cluster.front()
    cluster.worker()
    batch = create(front, [f"{red if i < 10 else held}?{i}" for i in range(40)])
    with front.open("GET", f"{batch}/events") as stream:
        first = list(itertools.islice(stream.events(), 10))
    front.kill()
    gate.open()
    rest = events(cluster.front(), batch, after=first[-1].id)
    assert [e.id for e in first + rest[:-1]] == [str(i + 1) for i in range(40)] and rest[-1].name == "done"
    assert_each_once([e.data for e in first + rest[:-1]], 40)


# ZeroMQ


def test_subscribers_get_the_results_of_their_own_service(cluster: Cluster, red: str) -> None:
    one, other = (cluster.front({"zmq": ANY_PORTS | {"task": "classify"}}) for _ in range(2))
    cluster.worker()
    with Subscriber(Ends.of(one).results) as mine, Subscriber(Ends.of(other).results) as theirs:
        mine.joined(), theirs.joined()
        for service, count in ((one, 10), (other, 5)):
            with Requester(Ends.of(service).requests) as requester:
                requester.predict([f"{red}?{i}" for i in range(count)])
        assert_each_once(mine.results(10), 10)
        assert_each_once(theirs.results(5), 5)


# What is asked for wrongly


@pytest.mark.parametrize("subcommand", ["worker", "service"])
def test_without_a_redis_there_is_nothing_to_share(curlew: Curlew, subcommand: str) -> None:
    run = curlew.run(subcommand, env={"CURLEW_STORE_URL": "memory:", "CURLEW_INFER_WORKERS": "0"})
    assert run.status == 2 and "redis://" in run.stderr


def test_a_wrong_address_is_told_without_its_password(curlew: Curlew) -> None:
    run = curlew.run("worker", env={"CURLEW_STORE_URL": "redis://me:secret@host:port/0"})
    assert run.status == 2 and "store.url" in run.stderr and "secret" not in run.stderr


def test_a_worker_answers_probes_and_metrics_alone(cluster: Cluster) -> None:
    worker = cluster.worker()
    assert worker.get("/livez").status == 200
    assert b"curlew_items_total" in worker.get("/metrics").body
    assert worker.post("/v1/classify", {"urls": ["https://example.org/x"]}).status == 404
    worker.terminate()
    assert worker.wait() == 0
