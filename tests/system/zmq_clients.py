"""Clients of the ZeroMQ interface: plain sockets that take and give frames as they are on the wire, and the client of
the library that was there before Curlew."""

from __future__ import annotations

import asyncio
import base64
import collections
import contextlib
import dataclasses
import pathlib
import re
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine

import msgpack
import zmq
from datastreamcorelib.datamessage import PubSubDataMessage
from datastreamcorelib.pubsub import Subscription
from datastreamservicelib.reqrep import REQMixin
from service import Service

WAIT_S = 60  # what takes longer hangs
SYSTEM_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ANY_PORTS = {"pub_sockets": ["tcp://127.0.0.1:*"], "rep_sockets": ["tcp://127.0.0.1:*"]}
REQUESTS_AT = re.compile(r"ZeroMQ: requests at (.+)")
RESULTS_AT = re.compile(r"ZeroMQ: results at (.+)")


def ipc_in(folder: pathlib.Path) -> dict[str, list[str]]:
    """A [zmq] with sockets in `folder`, where a service is found again after a restart."""
    return {"pub_sockets": [f"ipc://{folder}/pub.sock"], "rep_sockets": [f"ipc://{folder}/rep.sock"]}


@dataclasses.dataclass(frozen=True)
class Ends:
    """Where a service is reached."""

    all_requests: list[str]
    all_results: list[str]

    @classmethod
    def of(cls, service: Service) -> Ends:
        """As it says on its standard error."""
        found = [pattern.search(service.wait_for_log(pattern)).group(1) for pattern in (REQUESTS_AT, RESULTS_AT)]
        return cls(*(text.split(", ") for text in found))

    @classmethod
    def of_config(cls, config: dict[str, list[str]]) -> Ends:
        """As a config says, whose [zmq] this is."""
        return cls(config["rep_sockets"], config["pub_sockets"])

    @property
    def requests(self) -> str:
        return self.all_requests[0]

    @property
    def results(self) -> str:
        return self.all_results[0]

    @property
    def config(self) -> dict[str, list[str]]:
        """The [zmq] of a client."""
        return {"pub_sockets": self.all_results, "rep_sockets": self.all_requests}


@dataclasses.dataclass(frozen=True)
class Message:
    """What the service sends, always three frames that Python can read."""

    topic: bytes
    id: bytes
    data: dict

    @classmethod
    def of(cls, frames: list[bytes]) -> Message:
        assert len(frames) == 3, frames
        message = cls(frames[0], frames[1], msgpack.unpackb(frames[2]))
        assert uuid.UUID(bytes=message.id).version == 4 and isinstance(message.data, dict), frames
        return message


def request(data: object, id_: bytes | None = None) -> list[bytes]:
    return [b"command", id_ or uuid.uuid4().bytes, data if isinstance(data, bytes) else msgpack.packb(data)]


def command(name: str, *arguments: object, **keywords: object) -> dict:
    return {"command": [name, *arguments], "command_kwargs": keywords}


class Client:
    """A socket of its own, connected; a context manager."""

    def __init__(self, kind: int, address: str, **options: int):
        self._context = zmq.Context()
        self.socket = self._context.socket(kind)
        for name, value in ({"rcvtimeo": WAIT_S * 1000, "sndtimeo": WAIT_S * 1000} | options).items():
            setattr(self.socket, name, value)
        self.socket.connect(address)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._context.destroy(linger=0)

    def send(self, frames: list[bytes]) -> None:
        self.socket.send_multipart(frames)

    def receive(self) -> list[bytes]:
        return self.socket.recv_multipart()


class Requester(Client):
    """A REQ socket."""

    def __init__(self, address: str):
        super().__init__(zmq.REQ, address)

    def exchange(self, frames: list[bytes]) -> Message:
        """The reply to these frames, whatever they are."""
        self.send(frames)
        reply = Message.of(self.receive())
        assert reply.topic == b"reply" and SYSTEM_TIME.fullmatch(reply.data["systemtime"]), reply
        return reply

    def ask(self, data: dict) -> dict:
        """What a reply says that names its request."""
        sent = request(data)
        reply = self.exchange(sent)
        assert reply.data["cmd_msgid"] == base64_of(sent[1]), reply
        return reply.data

    def call(self, name: str, *arguments: object, **keywords: object) -> object:
        """The response of a command that succeeds."""
        data = self.ask(command(name, *arguments, **keywords))
        assert (data["failed"], data["exception"], data["reason"]) == (False, False, ""), data
        return data["response"]

    def refusal(self, name: str, *arguments: object, **keywords: object) -> str:
        """Why a command fails."""
        return reason(self.ask(command(name, *arguments, **keywords)))

    def predict(self, urls: list[str], **keywords: object) -> str:
        """The batch of a request whose client has subscribed before."""
        data = self.ask(command("predict", urls, **keywords) | {"subscribed": True})
        assert data["failed"] is False, data
        assert (data["response"]["status"], data["response"]["num_images"]) == ("processing", len(urls))
        return data["response"]["batch_id"]

    def replay(self, batch: str, after: int = 0) -> list[dict]:
        """All results of a batch that there are."""
        found = []
        while after is not None:
            page = self.call("results", batch_id=batch, after=after)
            found += page["results"]
            after = page["next"]
        return found


def reason(data: dict) -> str:
    """Of a reply that says no."""
    assert (data["failed"], data["exception"]) == (True, True) and "response" not in data, data
    assert isinstance(data["reason"], str) and data["reason"], data
    return data["reason"]


def base64_of(id_: bytes) -> str:
    """As replies name requests."""
    return base64.urlsafe_b64encode(id_).decode()


class Subscriber(Client):
    """A SUB socket, which by itself drops nothing."""

    def __init__(self, address: str, *topics: bytes, **options: int):
        super().__init__(zmq.SUB, address, **({"rcvhwm": 0} | options))
        self._early: collections.deque[Message] = collections.deque()
        for topic in topics or (b"results",):
            self.socket.subscribe(topic)

    def joined(self) -> Subscriber:
        """Itself, when its subscriptions are active: a subscription to a topic below `welcome/` is answered at once."""
        topic = b"welcome/" + uuid.uuid4().hex.encode()
        self.socket.subscribe(topic)
        self._wait_for(topic)
        return self

    def joined_by_heartbeat(self) -> Subscriber:
        """The same with a service that knows no welcome."""
        self.socket.subscribe(b"HEARTBEAT")
        self._wait_for(b"HEARTBEAT")
        self.socket.unsubscribe(b"HEARTBEAT")
        return self

    def take(self) -> Message:
        """The next message."""
        return self._early.popleft() if self._early else Message.of(self.receive())

    def next_of(self, topic: bytes) -> dict:
        """The data of the next message of that topic; others are passed over."""
        while (message := self.take()).topic != topic:
            pass
        return message.data

    def results(self, count: int) -> list[dict]:
        """As they come."""
        return [self.next_of(b"results") for _ in range(count)]

    def results_of(self, batch: str, count: int) -> list[dict]:
        """Those of one batch, as they come."""
        found: list[dict] = []
        while len(found) < count:
            result = self.next_of(b"results")
            found += [result] if result.get("batch_id") == batch else []
        return found

    def silent(self) -> bool:
        """Whether nothing has come that was not taken; sure only after joined()."""
        return not self._early and not self.socket.poll(0)

    def _wait_for(self, topic: bytes) -> None:
        while (message := Message.of(self.receive())).topic != topic:
            self._early.append(message)


class Heard:
    """What a subscription of the library brings."""

    def __init__(self, client: REQMixin, address: str, topic: bytes):
        self._queue: asyncio.Queue[PubSubDataMessage] = asyncio.Queue()
        client.psmgr.subscribe_async(
            Subscription(address, topic, self._put, decoder_class=PubSubDataMessage, isasync=True)
        )

    async def take(self, count: int) -> list[PubSubDataMessage]:
        return [await asyncio.wait_for(self._queue.get(), WAIT_S) for _ in range(count)]

    async def _put(self, _: Subscription, message: PubSubDataMessage) -> None:
        await self._queue.put(message)


@contextlib.asynccontextmanager
async def library_client() -> AsyncIterator[REQMixin]:
    """The library's client: `await client.send_command(address, "echo", 1)`."""
    client = REQMixin(pathlib.Path("none.toml"))
    try:
        yield client
    finally:
        await client.teardown()


def in_library(talk: Callable[[REQMixin], Coroutine]) -> object:
    """What `talk` returns with a client of the library, in a loop of its own."""

    async def whole() -> object:
        async with library_client() as client:
            return await asyncio.wait_for(talk(client), WAIT_S)

    return asyncio.run(whole())
