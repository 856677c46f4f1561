"""The client of the Python library, as its users have it: Curlew is to be what they knew, and then some."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator

import pytest
import replies
from datastreamservicelib.reqrep import REQMixin
from origin import Origin
from pictures import GREY, RED, plain
from seen_objects import TWO, served
from service import Service
from zmq_clients import ANY_PORTS, SYSTEM_TIME, Ends, Heard, Requester, Subscriber, base64_of, in_library

COUNTERS = "maxrss ixrss idrss isrss minflt majflt nswap inblock oublock msgsnd msgrcv nsignals nvcsw nivcsw".split()
ENTRY = {"batch_id", "index", "seq", "total", "url"}
Start = Callable[..., Service]


@pytest.fixture
def missing(origin: Origin) -> str:
    return origin.serve("/missing", replies.status(404))


@pytest.fixture
def patient(start_service: Start) -> Ends:
    """A service that gives clients a minute to subscribe."""
    return Ends.of(start_service({"zmq": ANY_PORTS | {"join_ms": 60_000}}).ready())


async def batch_of(client: REQMixin, ends: Ends, urls: list[str], **keywords: object) -> str:
    """As the clients of the Python service ask."""
    reply = await client.send_command(ends.requests, "predict", urls, raise_on_insane=True, **keywords)
    response = reply.data["response"]
    assert (response["status"], response["num_images"]) == ("processing", len(urls))
    return response["batch_id"]


async def done_before(client: REQMixin, ends: Ends, urls: list[str]) -> None:
    """Asks, and returns when there is a result for each, to which nobody has listened."""
    batch, status = await batch_of(client, ends, urls), ""
    while status != "done":
        reply = await client.send_command(ends.requests, "results", batch, 0, raise_on_insane=True)
        status = reply.data["response"]["status"]


async def answers(client: REQMixin, ends: Ends, urls: list[str]) -> list[dict]:
    """What a client hears that subscribes only when it has its reply, as the old console did, and late at that."""
    await done_before(client, ends, urls)
    return [message.data for message in await Heard(client, ends.results, b"results").take(len(urls))]


def by_index(results: list[dict]) -> list[dict]:
    """In the order of the list; each index must be there once."""
    found = sorted(results, key=lambda result: result["index"])
    assert [result["index"] for result in found] == list(range(len(found)))
    return found


@pytest.mark.parametrize("arguments", [[], [1, "ä", None, 2.5, b"\0\xff", [1, [2]], {"a": {"b": [True]}}]])
def test_echo_says_what_it_was_told(either: Ends, arguments: list) -> None:
    async def talk(client: REQMixin) -> None:
        reply = await client.send_command(either.requests, "echo", *arguments, raise_on_insane=True)
        assert reply.topic == b"reply" and reply.data["response"] == arguments
        assert SYSTEM_TIME.fullmatch(reply.data["systemtime"])

    in_library(talk)


REFUSED = {"nosuch": (), "": (), "__repr__": (), "reload": (), "predict": (), "config": (), "_exitcode": ()}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_command_is_an_exception(ends: Ends, name: str) -> None:
    async def talk(client: REQMixin) -> None:
        reply = await client.send_command(ends.requests, name)
        assert reply.data["failed"] is reply.data["exception"] is True and "response" not in reply.data
        assert name == "predict" or reply.data["reason"] == f"RuntimeError('no such method {name}')"
        with pytest.raises(RuntimeError, match="sanity"):
            await client.send_command(ends.requests, name, raise_on_insane=True)
        assert (await client.send_command(ends.requests, "echo", 1)).data["response"] == [1]

    in_library(talk)


def test_objects_come_as_boxes_labels_and_scores(ends: Ends, origin: Origin) -> None:
    url = served(origin, TWO)

    async def talk(client: REQMixin) -> list[dict]:
        return await answers(client, ends, [url])

    (result,) = in_library(talk)
    assert result["url"] == url and result["labels"] == ["red", "blue"] and "error" not in result
    assert result["scores"] == pytest.approx([230 / 255, 210 / 255], abs=0.01)
    assert all(type(score) is float for score in result["scores"])
    for box, expected in zip(result["boxes"], [[40, 20, 80, 60], [100, 50, 190, 90]], strict=True):
        assert all(type(side) is int for side in box) and box == pytest.approx(expected, abs=4)
    assert result.keys() >= ENTRY and (result["index"], result["total"]) == (0, 1) and result["seq"] >= 1
    assert uuid.UUID(result["batch_id"]).version == 7


def test_a_list_may_be_a_keyword_and_come_with_others(ends: Ends, red: str) -> None:
    async def ask(client: REQMixin, heard: Heard, **keywords: object) -> dict:
        await client.send_command(ends.requests, "predict", urls=[red], raise_on_insane=True, **keywords)
        return (await heard.take(1))[0].data

    async def talk(client: REQMixin) -> None:
        heard = Heard(client, ends.results, b"results")
        assert (await ask(client, heard))["labels"] == ["red"]
        classes = await ask(client, heard, task="classify", top=2)
        assert (classes["boxes"], len(classes["labels"])) == ([], 2)
        assert (await ask(client, heard, model="colours"))["boxes"] == []
        assert len((await ask(client, heard, model="boxes"))["boxes"]) == 1
        blurred = await ask(client, heard, task="detect", threshold=1.0)
        assert blurred["boxes"] == [] or blurred["scores"] == [1.0]

    in_library(talk)


def test_classify_has_no_boxes(ends: Ends, origin: Origin, red: str) -> None:
    grey = origin.serve("/grey", replies.good(plain(GREY)))

    async def talk(client: REQMixin) -> list[dict]:
        heard = Heard(client, ends.results, b"results")
        await batch_of(client, ends, [red, grey], task="classify", top=2)
        return [message.data for message in await heard.take(2)]

    named, background = by_index(in_library(talk))
    assert named["boxes"] == background["boxes"] == []
    assert named["labels"][0] == "red" and len(named["labels"]) == len(named["scores"]) == 2
    assert named["scores"] == sorted(named["scores"], reverse=True) and named["scores"][0] > 0.99
    assert "background" not in background["labels"]


@pytest.mark.parametrize(
    "keywords",
    [{"task": "paint"}, {"task": 7}, {"model": "no such"}, {"task": "detect", "model": "colours"}, {"top": 0},
     {"top": "3"}, {"threshold": 2}, {"threshold": "x"}, {"tops": 3}, {"urls": ["http://a/"]}],
)  # fmt: skip
def test_keywords_that_are_wrong_are_refused_with_what_is_allowed(ends: Ends, red: str, keywords: dict) -> None:
    async def talk(client: REQMixin) -> dict:
        return (await client.send_command(ends.requests, "predict", [red], **keywords)).data

    reply = in_library(talk)
    assert reply["failed"] is True and len(reply["reason"]) > len("ValueError('')")


def test_an_empty_list_is_no_images(either: Ends) -> None:
    async def talk(client: REQMixin) -> dict:
        return (await client.send_command(either.requests, "predict", [], raise_on_insane=True)).data["response"]

    response = in_library(talk)
    assert (response["status"], response["num_images"]) == ("processing", 0)


@pytest.mark.parametrize("topic", [b"results", b"res", b""])
def test_who_subscribes_after_the_reply_hears_all_of_it(ends: Ends, red: str, missing: str, topic: bytes) -> None:
    """Nobody else is subscribed, so the first results wait, also of URLs that fail before the reply is out."""
    urls = ["nothing://", "http://[::", missing, red, "", red, "http://10.0.0.1/", missing]

    async def talk(client: REQMixin) -> list[dict]:
        await done_before(client, ends, urls)
        heard, found = Heard(client, ends.results, topic), []
        while len(found) < len(urls):
            (message,) = await heard.take(1)
            if message.topic == b"results":  # b"" hears heartbeats too
                found.append(message.data)
        return found

    found = by_index(in_library(talk))
    assert [result["url"] for result in found] == urls
    assert ["labels" in result for result in found] == [url == red for url in urls]
    assert all(isinstance(result["error"], str) and result["error"] for result in found if "labels" not in result)
    assert {result["total"] for result in found} == {len(urls)}
    assert sorted(result["seq"] for result in found) == list(range(1, len(urls) + 1))


def test_who_subscribes_after_the_reply_hears_all_while_others_are_there(patient: Ends) -> None:
    urls = ["nothing://1", "nothing://2"]
    with Subscriber(patient.results).joined() as other:
        found = in_library(lambda client: answers(client, patient, urls))
        assert [result["url"] for result in by_index(found)] == urls
        assert [result["url"] for result in by_index(other.results(2))] == urls


def test_two_that_subscribe_after_their_replies_both_hear_all(start_service: Start) -> None:
    """Whoever of them is first: its subscription is not the sign that the other one listens."""
    ends = Ends.of(start_service({"zmq": ANY_PORTS | {"join_ms": 2_000}}).ready())
    with Requester(ends.requests) as client:
        one, other = (client.call("predict", [f"nothing://{i}"])["batch_id"] for i in range(2))
    with Subscriber(ends.results).joined() as first, Subscriber(ends.results, rcvtimeo=10_000) as second:
        assert first.results_of(other, 1)[0]["url"] == "nothing://1"
        assert second.results_of(one, 1)[0]["url"] == "nothing://0"


def test_who_says_that_it_has_subscribed_waits_for_nobody(patient: Ends) -> None:
    with Subscriber(patient.results).joined() as subscriber, Requester(patient.requests) as client:
        batch = client.predict(["nothing://"])
        assert subscriber.results(1)[0]["batch_id"] == batch


def test_who_never_subscribes_holds_up_nobody_for_long(start_service: Start, red: str) -> None:
    ends = Ends.of(start_service({"zmq": ANY_PORTS}).ready())
    with Subscriber(ends.results).joined() as subscriber, Requester(ends.requests) as client:
        client.call("predict", [red, "nothing://"])
        assert len(by_index(subscriber.results(2))) == 2


def test_four_clients_at_once_hear_each_result_once(ends: Ends, origin: Origin) -> None:
    origin.serve("/red", replies.good(plain(RED)))
    lists = [[f"{origin.base}/red?{client}-{i}" for i in range(25)] for client in range(4)]

    async def one(client: REQMixin, urls: list[str]) -> list[dict]:
        heard = Heard(client, ends.results, b"results")
        await Heard(client, ends.results, b"HEARTBEAT").take(1)
        everybody.add(urls[0])
        while len(everybody) < len(lists):
            await client.send_command(ends.requests, "echo", raise_on_insane=True)
        batch = await batch_of(client, ends, urls)
        found = [message.data for message in await heard.take(100)]
        assert len({(result["batch_id"], result["index"]) for result in found}) == 100
        return by_index([result for result in found if result["batch_id"] == batch])

    everybody: set[str] = set()

    async def all_of_them() -> list[list[dict]]:
        return await asyncio.gather(*(asyncio.to_thread(in_library, lambda c, u=urls: one(c, u)) for urls in lists))

    found = asyncio.run(all_of_them())
    assert [[result["url"] for result in results] for results in found] == lists


def test_heartbeats_come_again_and_again(either: Ends) -> None:
    async def talk(client: REQMixin) -> list:
        return await Heard(client, either.results, b"HEARTBEAT").take(3)

    beats = in_library(talk)
    assert len({beat.messageid for beat in beats}) == 3
    times = [beat.data["systemtime"] for beat in beats]
    assert all(map(SYSTEM_TIME.fullmatch, times)) and times == sorted(times)
    for beat in beats:
        assert set(beat.data) == {"systemtime", "resources"}
        resources = beat.data["resources"]
        assert set(resources) == {"utime", "stime", *COUNTERS}
        assert all(type(resources[name]) is int for name in COUNTERS) and resources["maxrss"] > 10_000
        assert type(resources["utime"]) is type(resources["stime"]) is float and resources["utime"] > 0


def test_models_are_those_of_http(ends: Ends, zmq_service: Service) -> None:
    async def talk(client: REQMixin) -> dict:
        return (await client.send_command(ends.requests, "models", raise_on_insane=True)).data["response"]

    said = zmq_service.get("/v1/models").json
    assert in_library(talk) in (said, said["models"])


@pytest.fixture
def done(ends: Ends, requester: Requester, red: str) -> str:
    """A batch of 250 of which all are done."""
    with Subscriber(ends.results).joined() as subscriber:
        batch = requester.predict([red if i % 50 == 0 else f"nothing://{i}" for i in range(250)])
        subscriber.results_of(batch, 250)
    return batch


def test_results_are_played_again_from_any_place(ends: Ends, requester: Requester, done: str) -> None:
    found = requester.replay(done)
    assert len(by_index(found)) == 250 and [result["seq"] for result in found] == list(range(1, 251))
    assert {result["batch_id"] for result in found} == {done} and {result["total"] for result in found} == {250}
    assert {result["index"] for result in found if "labels" in result} == {0, 50, 100, 150, 200}
    for after in (1, 99, 100, 249, 250, 300):
        assert requester.replay(done, after) == found[after:]

    async def talk(client: REQMixin) -> dict:
        return (await client.send_command(ends.requests, "results", done, 245, raise_on_insane=True)).data["response"]

    last = in_library(talk)
    assert last["results"] == found[245:] and last["next"] is None
    assert (last["status"], last["total"], last["done"]) == ("done", 250, 250)


def test_what_was_published_and_what_is_played_again_are_the_same(ends: Ends, requester: Requester, red: str) -> None:
    with Subscriber(ends.results).joined() as subscriber:
        batch = requester.predict([red, "nothing://"])
        heard = subscriber.results_of(batch, 2)
    assert sorted(heard, key=lambda result: result["seq"]) == requester.replay(batch)


@pytest.mark.parametrize("batch", ["", "x", "01890a5d-ac96-774b-bcce-b302099a8057", 7, None, b"x", "../..", "a\0b"])
def test_results_of_what_is_no_batch_are_refused(requester: Requester, batch: object) -> None:
    assert requester.refusal("results", batch, 0)


@pytest.mark.parametrize("after", [-1, "0", 1.5, None, 2**32, 2**64 - 1, [0]])
def test_results_after_what_is_no_place_are_refused(requester: Requester, done: str, after: object) -> None:
    assert requester.refusal("results", done, after)


def test_a_batch_is_the_same_over_http(zmq_service: Service, requester: Requester, done: str) -> None:
    status = zmq_service.get(f"/v1/batches/{done}").json
    assert (status["status"], status["total"], status["done"], status["task"]) == ("done", 250, 250, "detect")


def test_batches_of_http_are_not_published_to_zeromq_clients(
    zmq_service: Service, subscriber: Subscriber, requester: Requester, red: str
) -> None:
    reply = zmq_service.post("/v1/batches", {"urls": [red]})
    zmq_service.until(lambda: zmq_service.get(reply.headers["Location"]).json["status"] == "done")
    batch = requester.predict([red])
    assert subscriber.results(1)[0]["batch_id"] == batch


@pytest.fixture
def obedient(start_service: Start) -> Iterator[Service]:
    service = start_service({"zmq": ANY_PORTS | {"allow_quit": True}})
    yield service
    if service.process.poll() is None:
        service.kill()


def test_quit_is_no_command(zmq_service: Service, requester: Requester) -> None:
    assert "no such method" in requester.refusal("quit") and "no such method" in requester.refusal("quit", 7)
    assert requester.call("echo", 1) == [1] and zmq_service.process.poll() is None


@pytest.mark.parametrize(("arguments", "status"), [([], 0), ([0], 0), ([7], 7), ([255], 255)])
def test_quit_ends_it_with_a_status_where_that_is_allowed(obedient: Service, arguments: list, status: int) -> None:
    obedient.status = status
    ends = Ends.of(obedient)

    async def talk(client: REQMixin) -> dict:
        return (await client.send_command(ends.requests, "quit", *arguments, raise_on_insane=True)).data

    assert in_library(talk)["response"] is None
    assert obedient.wait() == status


@pytest.mark.parametrize("code", ["now", 256, -1, 1.5, [0]])
def test_quit_with_what_is_no_status_is_refused(obedient: Service, code: object) -> None:
    with Requester(Ends.of(obedient).requests) as client:
        assert client.refusal("quit", code)
        assert client.call("echo", 1) == [1]


def test_ids_of_requests_are_named_in_replies(ends: Ends) -> None:
    async def talk(client: REQMixin) -> None:
        sent = client.construct_command("echo")
        reply = await client._do_reqrep_async(ends.requests, sent, timeout=5)
        assert reply.data["cmd_msgid"] == base64_of(sent.messageid.bytes) and reply.messageid != sent.messageid

    in_library(talk)
