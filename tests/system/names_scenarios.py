"""What test_names.py runs alone, where names and a public address are ours. Each gives what it saw, for JSON."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Iterator

import replies
from names import NO_SUCH_NAME, PUBLIC, SERVER_FAILED, NameServer
from origin import Origin
from pictures import RED, plain
from program import Curlew

Seen = dict[str, object]
GOOD = replies.good(plain(RED))


@contextlib.contextmanager
def stage() -> Iterator[tuple[NameServer, Origin, Origin]]:
    """The name server, an origin on the public address, and a listener on loopback with the same port."""
    with NameServer() as names, Origin((PUBLIC,)) as public, Origin(("127.0.0.1", "::1"), port=public.port) as secret:
        public.serve("*", GOOD)
        secret.serve("*", GOOD)
        yield names, public, secret


def classify(paths: tuple[str, ...], *args: str, **env: str) -> list[dict]:
    binary, home, models = map(pathlib.Path, paths)
    return Curlew(binary, home, models).run("classify", "--format", "json", *args, env=env).results


def codes_of_answers(*paths: str) -> Seen:
    """One name for each kind of answer."""
    answers = {
        "good": [PUBLIC],
        "good-by-cname": ["CNAME other.test", PUBLIC],
        "private": ["127.0.0.1"],
        "private6": ["::1"],
        "good-then-private": [PUBLIC, "127.0.0.1"],
        "private-then-good": ["10.0.0.1", PUBLIC],
        "good-and-private6": [PUBLIC, "::1"],
        "private-by-cname": ["CNAME localhost.test", "127.0.0.1"],
        "metadata": ["169.254.169.254"],
        "mapped": ["::ffff:127.0.0.1"],
        "no-such-name": NO_SUCH_NAME,
        "no-address": [],
        "broken-server": SERVER_FAILED,
    }
    with stage() as (names, public, secret):
        for name, answer in answers.items():
            names.answer(f"{name}.test", answer)
        results = classify(paths, *[f"http://{name}.test:{public.port}/a" for name in answers])
        return {
            "results": dict(zip(answers, results, strict=True)),
            "secret": secret.connections,
            "hosts": sorted({r.headers["host"].partition(":")[0] for r in public.requests}),
        }


def changing_answer(*paths: str) -> Seen:
    """The first answer is public, later ones are loopback, and none may be kept; the origin asks for a second try."""
    with stage() as (names, public, secret):
        names.answer("rebind.test", [PUBLIC], ["127.0.0.1"])
        public.serve("/again", replies.in_turn(replies.status(503), GOOD))
        public.serve("/hop", replies.redirect("/a"))
        again, hop, later = (f"http://rebind.test:{public.port}/{path}" for path in ("again", "hop", "a"))
        results = classify(paths, again, hop, later)
        return {"results": results, "secret": secret.connections, "asked": names.asked("rebind.test")}


def redirect_to_a_name(*paths: str) -> Seen:
    with stage() as (names, public, secret):
        names.answer("good.test", [PUBLIC])
        names.answer("evil.test", ["127.0.0.1"])
        public.serve("/start", replies.redirect(f"http://evil.test:{public.port}/a"))
        results = classify(paths, f"http://good.test:{public.port}/start")
        return {"results": results, "secret": secret.connections}


def silent_server(*paths: str) -> Seen:
    with stage() as (names, public, _):
        names.answer("silent.test", None)
        names.answer("good.test", [PUBLIC])
        urls = [f"http://{name}.test:{public.port}/a" for name in ("silent", "good")]
        return {"results": classify(paths, *urls, CURLEW_FETCH_RESOLVE_TIMEOUT_S="1", CURLEW_FETCH_TRIES="1")}


def many_names(*paths: str) -> Seen:
    """100 names that nobody answers for stand before one that is good."""
    with stage() as (names, public, _):
        urls = []
        for i in range(100):
            names.answer(f"silent{i}.test", None)
            urls.append(f"http://silent{i}.test:{public.port}/a")
        names.answer("good.test", [PUBLIC])
        urls.append(f"http://good.test:{public.port}/a")
        return {"results": classify(paths, *urls, CURLEW_FETCH_RESOLVE_TIMEOUT_S="1", CURLEW_FETCH_TRIES="1")}
