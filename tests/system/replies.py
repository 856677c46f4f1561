"""What an imposter origin can answer: each function gives a handler for Origin.serve."""

from __future__ import annotations

import asyncio
import gzip

from origin import Exchange, Gate, Handler


def head(status: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} Because", *headers, "", ""]).encode("latin-1")


def good(data: bytes, content_type: str = "application/octet-stream") -> Handler:
    return raw(head(200, f"Content-Type: {content_type}", f"Content-Length: {len(data)}") + data)


def raw(data: bytes, *, hang_up: bool = False) -> Handler:
    """Exactly these bytes."""

    async def handler(exchange: Exchange) -> None:
        if hang_up:
            exchange.hang_up()
        await exchange.send(data)

    return handler


def status(code: int, *headers: str, body: bytes = b"") -> Handler:
    return raw(head(code, f"Content-Length: {len(body)}", *headers) + body)


def redirect(location: str, code: int = 302) -> Handler:
    return status(code, f"Location: {location}")


def in_turn(*handlers: Handler) -> Handler:
    """The first request of the path gets the first, the second the second, ... and later ones the last."""

    async def handler(exchange: Exchange) -> None:
        await handlers[min(exchange.request.number, len(handlers)) - 1](exchange)

    return handler


def held(gate: Gate, then: Handler) -> Handler:
    """`then`, once the gate is open."""

    async def handler(exchange: Exchange) -> None:
        await gate.passed()
        await then(exchange)

    return handler


def declared(data: bytes, length: int) -> Handler:
    """A Content-Length that lies; then the connection is closed."""
    return raw(head(200, f"Content-Length: {length}", "Connection: close") + data, hang_up=True)


def until_close(data: bytes) -> Handler:
    """A body without a declared length."""
    return raw(head(200, "Connection: close") + data, hang_up=True)


def chunked(data: bytes, piece: int = 1000, *, whole: bool = True) -> Handler:
    pieces = [data[i : i + piece] for i in range(0, len(data), piece)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces)
    return raw(head(200, "Transfer-Encoding: chunked") + body + (b"0\r\n\r\n" if whole else b""), hang_up=not whole)


def endless(first: bytes = b"") -> Handler:
    """A body that never ends, without a declared length."""

    async def handler(exchange: Exchange) -> None:
        exchange.hang_up()
        await exchange.send(head(200, "Connection: close") + first)
        while True:
            await exchange.send(bytes(64 * 1024))

    return handler


def silent() -> Handler:
    """Never a byte."""

    async def handler(exchange: Exchange) -> None:
        await exchange.client_gone()

    return handler


def stalled(data: bytes, length: int) -> Handler:
    """Some bytes of a body of `length`, then nothing."""

    async def handler(exchange: Exchange) -> None:
        await exchange.send(head(200, f"Content-Length: {length}") + data)
        await exchange.client_gone()

    return handler


def drip(data: bytes, *, seconds_a_byte: float, headers: bool = False) -> Handler:
    """A byte now and then: of the body, or of the headers too."""

    async def handler(exchange: Exchange) -> None:
        start = head(200, f"Content-Length: {len(data)}")
        slow = start + data if headers else data
        if not headers:
            await exchange.send(start)
        for i in range(len(slow)):
            await exchange.send(slow[i : i + 1])
            await asyncio.sleep(seconds_a_byte)

    return handler


def dropped() -> Handler:
    """The connection is closed without a byte."""

    async def handler(exchange: Exchange) -> None:
        exchange.hang_up()

    return handler


def gzipped(data: bytes) -> Handler:
    packed = gzip.compress(data)
    return raw(head(200, "Content-Encoding: gzip", f"Content-Length: {len(packed)}") + packed)


def resumable(data: bytes) -> Handler:
    """The whole of `data`, or what a `Range: bytes=N-` asks for."""

    async def handler(exchange: Exchange) -> None:
        asked = exchange.request.headers.get("range", "")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        where = f"Content-Range: bytes {start}-{len(data) - 1}/{len(data)}"
        length = f"Content-Length: {len(data) - start}"
        await exchange.send((head(206, where, length) if asked else head(200, length)) + data[start:])

    return handler
