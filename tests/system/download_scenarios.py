"""What test_download.py runs alone, where the addresses of `birds` are ours. Each gives what it saw, for JSON."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator

import replies
from certificates import certificate, server_context
from names import PUBLIC, NameServer
from origin import Handler, Origin
from program import Curlew

Seen = dict[str, object]
NETWORK = ("tfhub.dev", "/google/lite-model/aiy/vision/classifier/birds_V1/3", "aiy_birds_V1.tflite", 3_561_598)
LABELS = ("www.gstatic.com", "/aihub/tfhub/labelmaps/aiy_birds_V1_labelmap.csv", "aiy_birds_V1_labelmap.csv", 22_386)
BOTH_NAMES = f"DNS:{NETWORK[0]},DNS:{LABELS[0]}"


@contextlib.contextmanager
def mirror(network: Handler, labels: Handler) -> Iterator[tuple[NameServer, Origin]]:
    with NameServer() as names, Origin((PUBLIC,), tls=server_context(BOTH_NAMES), port=443) as origin:
        for (host, path, _, _), reply in ((NETWORK, network), (LABELS, labels)):
            names.answer(host, [PUBLIC])
            origin.serve(path, reply)
        yield names, origin


def program(binary: str, home: str) -> Curlew:
    """It knows of no folder of models, and trusts the mirror's certificate."""
    curlew = Curlew(pathlib.Path(binary), pathlib.Path(home), pathlib.Path(home) / "none")
    del curlew.env["CURLEW_MODELS"], curlew.env["CURLEW_MODELS_CLASSIFY"]
    curlew.env["CURLEW_FETCH_CA_FILE"] = str(certificate(BOTH_NAMES))
    return curlew


def kept(home: str) -> list[str]:
    return sorted(p.name for p in pathlib.Path(home).rglob("aiy_birds_V1*") if p.suffix in (".tflite", ".csv"))


def pull(binary: str, home: str, network: Handler, labels: Handler) -> Seen:
    with mirror(network, labels) as (_, origin):
        run = program(binary, home).run("models", "pull", "birds")
        return {"status": run.status, "stdout": run.stdout, "stderr": run.stderr, "kept": kept(home),
                "requests": len(origin.requests)}  # fmt: skip


def wrong_bytes(binary: str, home: str) -> Seen:
    """Of the right size, but not the model."""
    return pull(binary, home, replies.resumable(bytes(NETWORK[3])), replies.resumable(bytes(LABELS[3])))


def endless(binary: str, home: str) -> Seen:
    return pull(binary, home, replies.endless(), replies.endless())


def missing(binary: str, home: str) -> Seen:
    return pull(binary, home, replies.status(404), replies.status(404))


def redirect_to_loopback(binary: str, home: str) -> Seen:
    with Origin(("127.0.0.1",)) as secret:
        secret.serve("*", replies.good(bytes(NETWORK[3])))
        away = replies.redirect(secret.base + "/model")
        return pull(binary, home, away, away) | {"secret": secret.connections}


def right_bytes(binary: str, home: str, models: str, picture: str) -> Seen:
    """The connection breaks in the middle; two processes ask at once; later there is no network any more."""
    data = (pathlib.Path(models) / NETWORK[2]).read_bytes()
    breaks = replies.declared(data[: len(data) // 2], len(data))
    labels = replies.resumable((pathlib.Path(models) / LABELS[2]).read_bytes())
    curlew = program(binary, home)
    args = ("classify", "--format", "json", picture)
    with mirror(replies.in_turn(breaks, replies.resumable(data)), labels) as (names, origin):
        both = [curlew.start(*args) for _ in range(2)]
        first = [process.communicate(timeout=60)[0].decode() for process in both]
        asked = [(r.target.partition("?")[0], r.headers.get("range", "")) for r in origin.requests]
        names.answer(NETWORK[0], [])
        names.answer(LABELS[0], [])
        later = curlew.run(*args)
        verified = curlew.run("models", "verify", "birds")
        return {"first": first, "later": later.stdout, "asked": sorted(asked), "kept": kept(home),
                "after": len(origin.requests) - len(asked), "verified": verified.status}  # fmt: skip
