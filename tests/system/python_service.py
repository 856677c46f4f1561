"""A service like the one that was there before Curlew, on the library that it was written with.

It answers `echo` and `predict`, publishes results and heartbeats, and sees what the tests' detectors see
(detector_networks.py): of each colour the rectangle that it fills.
usage: python_service.py CONFIG.toml
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import http.client
import io
import pathlib
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

from datastreamcorelib.datamessage import PubSubDataMessage
from datastreamservicelib.reqrep import FullService
from detector_networks import LABELS, MARK
from PIL import Image
from service import toml
from zmq_clients import Ends, ipc_in

FETCH_S = 30
WITHOUT_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answer(url: str) -> dict:
    """The data of a result."""
    try:
        with WITHOUT_PROXY.open(url, timeout=FETCH_S) as response:
            body = response.read()
    except urllib.error.HTTPError as error:
        return {"url": url, "error": f"Failed to fetch image: HTTP error: {error.code}"}
    except (OSError, ValueError, http.client.HTTPException) as error:
        return {"url": url, "error": f"Failed to fetch image: {error}"}
    try:
        image = Image.open(io.BytesIO(body)).convert("RGB")
    except OSError as error:
        return {"url": url, "error": f"Image open error: {error}"}
    found = []
    for label, channel in zip(LABELS, image.split(), strict=True):
        if box := channel.point(lambda value: 255 * (value > MARK)).getbbox():
            found.append((channel.getextrema()[1] / 255, label, list(box)))
    found.sort(reverse=True)
    scores, labels, boxes = ([list(column) for column in zip(*found, strict=True)]) if found else ([], [], [])
    return {"url": url, "boxes": boxes, "labels": labels, "scores": scores}


@dataclasses.dataclass
class PythonService(FullService):
    """Which answers as it did, but for lists with a URL twice, which it refused."""

    async def echo(self, *arguments: object) -> tuple[object, ...]:
        return arguments

    def predict(self, urls: list[str]) -> dict:
        for url in urls:
            self.tm.create_task(self._process(url))
        return {"status": "processing", "num_images": len(urls)}

    async def _process(self, url: str) -> None:
        data = await asyncio.to_thread(answer, url)
        await self.psmgr.publish_async(PubSubDataMessage(b"results", data=data))


@contextlib.contextmanager
def python_service(folder: pathlib.Path) -> Iterator[Ends]:
    """One in a process of its own, with sockets in `folder`; who connects before it listens only waits."""
    config = folder / "python.toml"
    config.write_text(toml({"zmq": ipc_in(folder)}))
    with config.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen([sys.executable, __file__, str(config)], stdout=log, stderr=log)
    try:
        yield Ends.of_config(ipc_in(folder))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(FETCH_S)
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(PythonService(pathlib.Path(sys.argv[1])).run()))
