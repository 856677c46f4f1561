"""Who reaches a socket and means no good, or another service: none of it ends the service, or holds others up."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import pytest
import replies
import zmq
from origin import Origin
from pictures import GREEN, plain
from service import Service
from zmq_clients import ANY_PORTS, Client, Ends, Message, Requester, Subscriber, command, request

GREETING = (b"\xff" + bytes(8) + b"\x7f\3\0NULL").ljust(64, b"\0")
GARBAGE = {
    "nothing": b"",
    "zeros": bytes(1_000),
    "http": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a greeting, then zeros": GREETING + bytes(1_000),
    "a greeting, then a frame without end": GREETING + b"\x02\x7f" + b"\xff" * 7 + b"x" * 1_000,
    "half a greeting": GREETING[:11],
    "all ones": b"\xff" * 100_000,
}


def check_it_works(ends: Ends, url: str) -> None:
    """For a client that comes now."""
    with Subscriber(ends.results).joined() as subscriber, Requester(ends.requests) as client:
        assert client.call("echo", 1) == [1]
        assert subscriber.results_of(client.predict([url]), 1)[0]["labels"] == ["red"]


@pytest.mark.parametrize("what", GARBAGE)
@pytest.mark.parametrize("end", ["requests", "results"])
def test_bytes_that_are_no_zeromq_harm_nobody(ends: Ends, red: str, end: str, what: str) -> None:
    host, _, port = getattr(ends, end).removeprefix("tcp://").rpartition(":")
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stranger = stack.enter_context(socket.create_connection((host, int(port)), 60))
            tell(stranger, GARBAGE[what])
        check_it_works(ends, red)
    check_it_works(ends, red)


@pytest.mark.parametrize("kind", [zmq.SUB, zmq.PULL, zmq.PUSH, zmq.PUB, zmq.XSUB, zmq.REP, zmq.PAIR])
def test_sockets_of_another_kind_harm_nobody(ends: Ends, red: str, kind: int) -> None:
    with Client(kind, ends.requests, sndtimeo=0) as stranger:
        with contextlib.suppress(zmq.ZMQError):  # some cannot send, and some have nobody to send to
            stranger.send(request(command("echo")))
        check_it_works(ends, red)


@pytest.mark.parametrize("kind", [zmq.REQ, zmq.DEALER, zmq.PULL, zmq.PUSH, zmq.PUB, zmq.PAIR])
def test_sockets_of_another_kind_hear_nothing(ends: Ends, red: str, kind: int) -> None:
    with Client(kind, ends.results, sndtimeo=0) as stranger:
        with contextlib.suppress(zmq.ZMQError):
            stranger.send([b"\1results"])
        check_it_works(ends, red)


def frame(body: bytes, flags: int = 0) -> bytes:
    """As it is on a connection; 1: more of the message follows, 4: a command."""
    if len(body) < 256:
        return bytes([flags, len(body)]) + body
    return bytes([flags | 2]) + len(body).to_bytes(8, "big") + body


def connection(address: str, kind: bytes) -> socket.socket:
    """A connection that has said that it is a socket of this kind, for what no library would send."""
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    stranger = socket.create_connection((host, int(port)), 60)
    stranger.sendall(GREETING + frame(b"\5READY\x0bSocket-Type" + len(kind).to_bytes(4, "big") + kind, 4))
    left = len(GREETING)
    while left > 0:
        assert (theirs := stranger.recv(left))
        left -= len(theirs)
    return stranger


def tell(stranger: socket.socket, words: bytes) -> None:
    with contextlib.suppress(OSError):  # it may be cut off in the middle
        stranger.sendall(words)


UPSTREAM = [
    frame(b""),
    frame(b"\0"),
    frame(b"\1"),
    frame(b"\2results"),
    frame(b"results"),
    frame(b"\0results"),  # to which it never subscribed
    frame(b"\0") * 3,
    frame(b"\1results", 1) + frame(b"\1results"),
    frame(b"\1" + bytes(200_000)),
    frame(b"\1welcome/"),
    frame(b"\1welcome/" + b"x" * 32),
    frame(b"\1welcome/" + b"0" * 33),
    frame(b"\1welcome/\xff\xfe"),
    frame(b"\x09SUBSCRIBEresults", 4),
    frame(b"\x06CANCELresults", 4),
    frame(b"\4PING\0\1x", 4),
    frame(b"x" * 1_000_000),
]


def test_odd_words_of_subscribers_harm_nobody(ends: Ends, red: str) -> None:
    with connection(ends.results, b"SUB") as stranger:
        tell(stranger, b"".join(UPSTREAM) * 10)
        check_it_works(ends, red)
    for words in UPSTREAM:
        with connection(ends.results, b"XSUB") as stranger:
            tell(stranger, words)
            check_it_works(ends, red)
    check_it_works(ends, red)


def test_who_subscribed_twice_and_left_is_not_waited_for(start_service: Callable[..., Service]) -> None:
    """Otherwise it would be taken for a listener for ever, and who subscribes after its reply would come too late."""
    service = start_service({"zmq": ANY_PORTS | {"join_ms": 0}}).ready()
    ends = Ends.of(service)
    with Subscriber(ends.results, b"results", b"results") as twice, Subscriber(ends.results, b"HEARTBEAT") as beats:
        twice.joined()
        twice.close()
        beats.joined()
        with Requester(ends.requests) as client:
            batch = client.call("predict", ["nothing://"])["batch_id"]
            service.until(lambda: client.replay(batch))
            assert beats.next_of(b"HEARTBEAT")
            with Subscriber(ends.results, b"results", b"HEARTBEAT") as late:
                topics = [late.take().topic for _ in range(3)]
    assert b"results" in topics


@pytest.mark.parametrize("end", ["requests", "results"])
@pytest.mark.parametrize(
    "words",
    [b"\4\0", frame(b"\5READY", 4), frame(b"\xffX", 4), b"\x08\0", b"\2" + b"\xff" * 8, frame(b"", 1) * 100_000],
    ids=["no command", "ready again", "a name that is cut", "unknown flags", "2^64 bytes", "100,000 frames and more"],
)
def test_connections_that_break_the_rules_harm_nobody(ends: Ends, red: str, end: str, words: bytes) -> None:
    for kind in (b"REQ", b"DEALER") if end == "requests" else (b"SUB", b"XSUB"):
        with connection(getattr(ends, end), kind) as stranger:
            tell(stranger, words)
            check_it_works(ends, red)


@pytest.mark.parametrize("mib", [9, 64, 1 << 43])
def test_who_announces_a_frame_beyond_the_limit_is_cut_off(ends: Ends, red: str, mib: int) -> None:
    with connection(ends.requests, b"REQ") as stranger:
        tell(stranger, frame(b"", 1) + frame(b"command", 1) + b"\3" + (mib * 1024 * 1024 - 1).to_bytes(8, "big"))
        with contextlib.suppress(ConnectionResetError):
            while stranger.recv(65536):  # its READY, and then the end
                pass
    check_it_works(ends, red)


def test_who_asks_for_a_welcome_again_and_again_harms_nobody(ends: Ends, red: str) -> None:
    """And reads none of the answers."""
    with connection(ends.results, b"SUB") as stranger:
        stranger.sendall(b"".join(frame(b"\1welcome/%032x" % i) for i in range(20_000)))
        check_it_works(ends, red)
    check_it_works(ends, red)


def test_only_32_hex_digits_are_welcome(ends: Ends) -> None:
    with Subscriber(ends.results, b"welcome/", b"welcome/0123", b"welcome/" + b"g" * 32) as subscriber:
        subscriber.joined()
        assert subscriber.silent()


def test_many_connections_are_served(ends: Ends, red: str) -> None:
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(Requester(ends.requests)) for _ in range(200)]
        for i, client in enumerate(crowd):
            client.send(request(command("echo", i)))
        assert [Message.of(client.receive()).data["response"] for client in crowd] == [[i] for i in range(200)]
        check_it_works(ends, red)


def test_replies_come_in_the_order_of_the_requests_whatever_they_cost(ends: Ends) -> None:
    """One that is kept takes longer than one that is only said again, or refused."""
    with Client(zmq.DEALER, ends.requests) as dealer:
        sent = []
        for i in range(30):
            for data in (command("predict", [f"nothing://{i}"] * 50), command("echo", i), command("no"), b"\xc1"):
                sent.append(request(data))
                dealer.send([b"", *sent[-1]])
        answers = [Message.of(dealer.receive()[1:]).data for _ in sent]
    kinds = [
        "unreadable" if "cmd_msgid" not in data
        else "refused" if data["failed"]
        else "taken" if "batch_id" in data["response"]
        else "said"
        for data in answers
    ]  # fmt: skip
    assert kinds == ["taken", "said", "refused", "unreadable"] * 30
    assert [data["response"] for data in answers[1::4]] == [[i] for i in range(30)]


def test_a_request_of_two_and_its_reply_are_kept_apart_from_others(ends: Ends) -> None:
    """Two frames before the delimiter, as a proxy adds them, come back with the reply."""
    with Client(zmq.DEALER, ends.requests) as dealer:
        dealer.send([b"one", b"two", b"", *request(command("echo", 1))])
        dealer.socket.rcvtimeo = 2_000  # ms
        with contextlib.suppress(zmq.Again):  # or it is dropped; it must only not be mixed up
            frames = dealer.receive()
            assert frames[:3] == [b"one", b"two", b""] and Message.of(frames[3:]).data["response"] == [1]
        dealer.socket.rcvtimeo = 60_000
        dealer.send([b"", *request(command("echo", 2))])
        assert Message.of(dealer.receive()[1:]).data["response"] == [2]


@pytest.mark.parametrize("count", [10_001, 200_000])
def test_a_list_that_is_too_long_is_refused(ends: Ends, requester: Requester, count: int) -> None:
    assert "10000" in requester.refusal("predict", ["http://a/"] * count).replace(",", "").replace("'", "")
    assert requester.call("echo", 1) == [1]


def test_the_longest_list_is_taken(ends: Ends, requester: Requester) -> None:
    with Subscriber(ends.results).joined() as subscriber:
        batch = requester.predict(["nothing://"] * 10_000)
        found = subscriber.results_of(batch, 10_000)
    assert sorted(result["index"] for result in found) == list(range(10_000))
    assert [result["seq"] for result in found] == list(range(1, 10_001))


def test_texts_of_strangers_come_back_letter_for_letter(ends: Ends, requester: Requester) -> None:
    urls = ["", " ", "\0", "a\nb", "ü" * 3_000, "http://\U0001f426/", "x" * 8_000, "\u202e", "'\"\\"]
    with Subscriber(ends.results).joined() as subscriber:
        found = subscriber.results_of(requester.predict(urls), len(urls))
    assert [result["url"] for result in sorted(found, key=lambda result: result["index"])] == urls
    assert all(result["error"] and "labels" not in result for result in found)


def test_a_url_that_is_cut_can_still_be_read(ends: Ends, requester: Requester) -> None:
    """Where the cut falls within a letter, Python could not read the message, and would hear nothing any more."""
    urls = ["http://a/" + "x" * i + "\U0001f426" * 30_000 for i in range(4)]
    with Subscriber(ends.results).joined() as subscriber:
        batch = requester.predict(urls)
        for result in [*subscriber.results_of(batch, len(urls)), *requester.replay(batch)]:
            assert (
                result["error"]
                and len(result["url"]) > 1_000
                and urls[result["index"]].startswith(result["url"].rstrip("\ufffd"))
            )


def test_a_short_list_does_not_wait_for_a_long_one(
    ends: Ends, origin: Origin, requester: Requester, red: str
) -> None:
    gate = origin.gate()
    later = origin.serve("/later", replies.held(gate, replies.good(plain(GREEN))))
    with Subscriber(ends.results).joined() as subscriber:
        long = requester.predict([f"{later}?{i}" for i in range(500)])
        origin.wait_until(lambda o: o.count("/later") == 6)
        for i in range(100):
            assert requester.call("echo", i) == [i]
        short = requester.predict([red.replace("127.0.0.1", "localhost")])
        assert subscriber.results_of(short, 1)[0]["labels"] == ["red"]
        gate.open()
        assert len(subscriber.results_of(long, 500)) == 500


def test_heartbeats_go_on_while_much_is_published_and_some_do_not_read(start_service: Callable[..., Service]) -> None:
    ends = Ends.of(start_service({"zmq": ANY_PORTS}).ready())
    with (
        Subscriber(ends.results, b"", rcvhwm=1, rcvbuf=4096).joined(),
        Subscriber(ends.results, b"HEARTBEAT") as beats,
        Requester(ends.requests) as client,
    ):
        for _ in range(3):
            client.predict(["nothing://"] * 10_000)
            assert beats.next_of(b"HEARTBEAT") and beats.next_of(b"HEARTBEAT")
