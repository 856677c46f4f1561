"""Golden messages of the Python library, byte for byte, and frames that nobody should send.

What holds for Curlew must hold for the library too, so most of it is also asked of a service on the library.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import uuid
from collections.abc import Callable, Iterator

import msgpack
import pytest
import zmq
from origin import Origin
from service import Service
from seen_objects import NOTHING, TWO, served
from zmq_clients import (
    ANY_PORTS,
    Client,
    Ends,
    Message,
    Requester,
    Subscriber,
    base64_of,
    command,
    reason,
    request,
)

FILE = pathlib.Path(os.environ.get("CURLEW_TEST_WIRE", "")) / "vectors.json"
VECTORS = json.loads(FILE.read_text()) if FILE.is_file() else {}
needs_vectors = pytest.mark.skipif(
    not VECTORS, reason="CURLEW_TEST_WIRE names no folder with vectors.json: golden messages are NOT tried"
)
EXCHANGES, MESSAGES = VECTORS.get("exchanges", {}), VECTORS.get("messages", {})
VERDICTS, PACKED = VECTORS.get("decode_data_frame", {}), VECTORS.get("pack", [])
# Python takes a key of bytes for one, and answers; that a request is no request is as good an answer.
EITHER_WAY = {"bin key"}
NEW_EACH_TIME = {"systemtime", "reason", "response"}
DEEPEST = 1024


@pytest.fixture
def asker(either: Ends) -> Iterator[Requester]:
    with Requester(either.requests) as client:
        yield client


def frames_of(hexes: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in hexes]


def bytes_of(text: str) -> bytes:
    """`91 x 1023 + c0`, or plain hex."""
    parts = [re.fullmatch(r"(\w*)(?: x (\d+))?", part).groups() for part in text.split(" + ")]
    return b"".join(bytes.fromhex(piece) * int(times or 1) for piece, times in parts)


def shape(value: object) -> object:
    """The types of a value, and of the first in its lists; a number that Python has as a float stays one."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value)


def check(reply: Message, expected: dict) -> None:
    """That it says what the vector's reply says; Curlew's response may say more, and a reason in other words."""
    assert reply.topic == b"reply" and reply.data.keys() == expected.keys()
    assert shape({k: v for k, v in reply.data.items() if k != "response"}) == shape(
        {k: v for k, v in expected.items() if k != "response"}
    )
    for key in expected.keys() - NEW_EACH_TIME:
        assert reply.data[key] == expected[key]
    assert bool(reply.data["reason"]) == bool(expected["reason"])
    if isinstance(expected.get("response"), dict):
        assert expected["response"].items() <= reply.data["response"].items()
    elif "response" in expected:
        assert reply.data["response"] == expected["response"]


@needs_vectors
@pytest.mark.parametrize("name", [name for name in EXCHANGES if name != "quit"])
def test_a_golden_request_gets_its_reply(asker: Requester, name: str) -> None:
    vector = EXCHANGES[name]
    sent = frames_of(vector["request"]["frames"])
    reply = asker.exchange(sent)
    check(reply, vector["reply"]["data"])
    assert reply.id not in sent


@needs_vectors
def test_a_golden_quit_is_obeyed_where_the_config_allows_it(start_service: Callable[..., Service]) -> None:
    service = start_service({"zmq": ANY_PORTS | {"allow_quit": True}})
    with Requester(Ends.of(service).requests) as client:
        check(client.exchange(frames_of(EXCHANGES["quit"]["request"]["frames"])), EXCHANGES["quit"]["reply"]["data"])
    assert service.wait() == 0


@needs_vectors
@pytest.mark.parametrize("name", MESSAGES)
def test_a_golden_message_that_is_no_request_is_told_so(asker: Requester, name: str) -> None:
    frames = frames_of(MESSAGES[name]["frames"])
    reply = asker.exchange(frames).data
    assert reply["cmd_msgid"] == MESSAGES[name]["messageid_b64"] and reason(reply)


@needs_vectors
@pytest.mark.parametrize("name", VERDICTS)
def test_data_is_read_or_refused_as_python_does(asker: Requester, name: str) -> None:
    id_ = uuid.uuid4().bytes
    reply = asker.exchange(request(bytes_of(VERDICTS[name]["data_hex"]), id_)).data
    assert reason(reply)
    if name not in EITHER_WAY:
        assert reply.get("cmd_msgid") == (base64_of(id_) if VERDICTS[name]["accepted"] else None)


@needs_vectors
@pytest.mark.parametrize("vector", PACKED, ids=lambda vector: vector["hex"][:12])
def test_a_golden_value_comes_back_as_it_was(asker: Requester, vector: dict) -> None:
    packed = bytes.fromhex(vector["hex"])
    reply = asker.exchange(
        request(b"\x81" + msgpack.packb("command") + b"\x92" + msgpack.packb("echo") + packed)
    ).data
    assert reply["failed"] is False
    assert msgpack.packb(reply["response"]) == b"\x91" + packed  # to the type, and for what is not a number too


@needs_vectors
@pytest.mark.parametrize("vector", VECTORS.get("cmd_msgid", []), ids=lambda vector: vector["bytes"][:8])
def test_a_golden_id_is_named_as_python_names_it(asker: Requester, vector: dict) -> None:
    reply = asker.exchange(request(command("echo"), bytes.fromhex(vector["bytes"])))
    assert reply.data["cmd_msgid"] == vector["cmd_msgid"] and reply.id.hex() != vector["bytes"]


@needs_vectors
@pytest.mark.parametrize(
    ("name", "what"),
    [("result", "objects"), ("result, nothing found", "nothing"), ("result, error", "missing")],
)
def test_results_have_all_that_a_golden_one_has(either: Ends, origin: Origin, name: str, what: str) -> None:
    urls = {"objects": served(origin, TWO), "nothing": served(origin, NOTHING, "nothing"), "missing": origin.base}
    golden = MESSAGES[name]["data"]
    with Subscriber(either.results).joined_by_heartbeat() as subscriber, Requester(either.requests) as client:
        client.call("predict", [urls[what]])
        while (result := subscriber.next_of(b"results"))["url"] != urls[what]:
            pass  # of those whom nobody listened to
    assert "systemtime" not in result
    assert shape({key: result[key] for key in golden}) == shape(golden)
    assert ("error" in result) == ("error" in golden) and ("boxes" in result) == ("boxes" in golden)


@needs_vectors
def test_a_heartbeat_has_just_what_the_golden_one_has(either: Ends) -> None:
    with Subscriber(either.results, b"HEARTBEAT") as subscriber:
        assert shape(subscriber.next_of(b"HEARTBEAT")) == shape(MESSAGES["heartbeat"]["data"])


def test_each_reply_has_an_id_of_its_own(requester: Requester) -> None:
    ids = {requester.exchange(request(command("echo"))).id for _ in range(100)}
    assert len(ids) == 100


ECHO = msgpack.packb(command("echo"))
ID = uuid.UUID(int=7).bytes
UNREADABLE = {
    "an empty frame": [b""],
    "three empty frames": [b"", b"", b""],
    "an id of 17 bytes": [b"command", ID + b"x", ECHO],
    "an id in base64": [b"command", base64_of(ID).encode(), ECHO],
    "a text of 2^32 - 1 bytes that is not there": [b"command", ID, b"\xdb\xff\xff\xff\xff"],
    "a map of 2^32 - 1 pairs that are not there": [b"command", ID, b"\xdf\xff\xff\xff\xff"],
    "bytes of 2^32 - 1 that are not there": [b"command", ID, b"\xc6\xff\xff\xff\xff"],
    "a key that is no utf-8": [b"command", ID, b"\x81\xa1\xff\x01"],
    "a name that is no utf-8": [b"command", ID, b"\x81\xa7command\x91\xa2\xc3\x28"],
    "two values": [b"command", ID, ECHO + ECHO],
    "a million bytes of nothing": [b"command", ID, bytes(1_000_000)],
}
ODD = {
    "a number": 7,
    "a text": "echo",
    "a command of none": {"command": None},
    "a command of an empty list": {"command": []},
    "a command of a map": {"command": {"echo": 1}},
    "a command of bytes": {"command": b"echo"},
    "a name of bytes": {"command": [b"echo"]},
    "a name of a number": {"command": [7]},
    "an empty name": {"command": [""]},
    "a name with a zero in it": {"command": ["ec\0ho"]},
    "keywords of none": {"command": ["echo"], "command_kwargs": None},
    "keywords of a list": {"command": ["echo"], "command_kwargs": [1]},
    "keywords for who takes none": {"command": ["echo"], "command_kwargs": {"x": 1}},
    "predict of nothing": {"command": ["predict"]},
    "predict of two lists": {"command": ["predict", [], []]},
    "predict of a list twice": {"command": ["predict", []], "command_kwargs": {"urls": []}},
    "predict with an unknown keyword": {"command": ["predict", []], "command_kwargs": {"tops": 1}},
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_answered_all_the_same(asker: Requester, name: str) -> None:
    reply = asker.exchange(UNREADABLE[name]).data
    assert reason(reply) and "cmd_msgid" not in reply
    assert asker.call("echo", name) == [name]


@pytest.mark.parametrize("name", ODD)
def test_what_can_be_read_and_not_be_done_is_refused(asker: Requester, name: str) -> None:
    reply = asker.exchange(request(ODD[name], ID)).data
    assert reason(reply) and reply["cmd_msgid"] == base64_of(ID)


@pytest.mark.parametrize(
    "urls", ["http://a/b", b"http://a/b", 7, None, {"http://a/b": 1}, [b"http://a/b"], [7], [None], [["http://a/b"]]]
)
def test_what_is_no_list_of_texts_is_refused(requester: Requester, urls: object) -> None:
    assert requester.refusal("predict", urls) and requester.refusal("predict", urls=urls)


@pytest.mark.parametrize("topic", [b"", b"results", b"\xff\xfe", b"x" * 10_000])
def test_the_topic_of_a_request_does_not_count(asker: Requester, topic: bytes) -> None:
    assert asker.exchange([topic, ID, ECHO, b"", b"more"]).data["response"] == []


@pytest.mark.parametrize(("opens", "closes"), [(b"\x91", b"\xc0"), (b"\x81\xa1a", b"\xc0"), (b"\x91", b"")])
@pytest.mark.parametrize("levels", [DEEPEST - 1, DEEPEST, DEEPEST + 1, 20_000, 1_000_000])
def test_nesting_ends_no_service(asker: Requester, opens: bytes, closes: bytes, levels: int) -> None:
    reply = asker.exchange(request(opens * levels + closes)).data
    assert reason(reply) and ("cmd_msgid" in reply) == (levels <= DEEPEST and closes != b"")
    assert asker.call("echo", 1) == [1]


def test_what_is_as_deep_as_may_be_comes_back(requester: Requester) -> None:
    value: object = None
    for _ in range(DEEPEST - 2):  # the request is a map, and the command in it a list
        value = [value]
    # Python compares no lists that are so deep.
    assert msgpack.packb(requester.call("echo", value)) == msgpack.packb([value])


def test_undelimited_messages_are_dropped_and_all_others_answered(ends: Ends, requester: Requester) -> None:
    """Of them the Python library dies."""
    with Client(zmq.DEALER, ends.requests) as dealer:
        for i in range(5_000):
            dealer.send([request(command("echo"))[0], ID, ECHO][: 1 + i % 3])
        assert requester.call("echo", "in between") == ["in between"]
        dealer.send([b"", *request(command("echo", "delimited"))])
        assert Message.of(dealer.receive()[1:]).data["response"] == ["delimited"]
    with Client(zmq.DEALER, ends.requests) as dealer:
        for frames in ([b""], [b"", b""], [b"\x00", b""], [b"no delimiter", *request(command("echo"))]):
            dealer.send(frames)
    assert requester.call("echo", "after") == ["after"]


def test_requests_without_waiting_are_answered_in_their_order(either: Ends) -> None:
    with Client(zmq.DEALER, either.requests) as dealer:
        for i in range(200):
            dealer.send([b"", *request(command("echo", i))])
        replies = [dealer.receive() for _ in range(200)]
    assert [Message.of(frames[1:]).data["response"] for frames in replies] == [[i] for i in range(200)]


def test_a_client_that_goes_before_its_reply_harms_nobody(ends: Ends, requester: Requester) -> None:
    for _ in range(50):
        with Client(zmq.DEALER, ends.requests) as gone:
            gone.send([b"", *request(command("echo", "x" * 100_000))])
    assert requester.call("echo", 1) == [1]
