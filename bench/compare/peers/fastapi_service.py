"""A tuned Python service: FastAPI on uvicorn (uvloop, httptools), httpx, OpenCV, LiteRT with its XNNPACK kernels.

usage: fastapi_service.py MODEL.tflite PORT THREADS     (one process; the comparison starts as many as there are cores)

POST /classify {"urls": […]} answers a line of JSON a picture, as they come. Fetches run on the event loop through one pool of
kept connections; decoding and the network run in THREADS threads, outside of Python's lock, each with an interpreter of one thread.
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import orjson
import uvicorn
from ai_edge_litert.interpreter import Interpreter
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from pictures import network_input

FETCHES = 8  # of one request at a time; more only wait for a thread, with their bytes in memory


class Network:
    """An interpreter a thread."""

    def __init__(self, model: str):
        self.model, self.own = model, threading.local()

    def top(self, data: bytes) -> tuple[int, float]:
        if not hasattr(self.own, "network"):
            self.own.network = Interpreter(model_path=self.model, num_threads=1)
            self.own.network.allocate_tensors()
            self.own.into = self.own.network.get_input_details()[0]["index"]
            self.own.out = self.own.network.get_output_details()[0]["index"]
        self.own.network.set_tensor(self.own.into, network_input(data))
        self.own.network.invoke()
        scores = self.own.network.get_tensor(self.own.out)[0]
        best = int(scores.argmax())
        return best, float(scores[best]) / 256


def make_app(model: str, threads: int) -> FastAPI:
    network, pool, state = Network(model), ThreadPoolExecutor(threads), {}

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        async with httpx.AsyncClient(limits=limits, timeout=30) as state["client"]:
            yield

    app = FastAPI(lifespan=lifespan)

    async def named(index: int, url: str) -> bytes:
        try:
            answer = await state["client"].get(url)
            answer.raise_for_status()
            best, score = await asyncio.get_running_loop().run_in_executor(pool, network.top, answer.content)
            return orjson.dumps({"url": url, "status": "ok", "position": index, "index": best, "score": score}) + b"\n"
        except Exception as fault:  # noqa: BLE001  # one bad picture costs itself
            return orjson.dumps({"url": url, "status": "error", "message": str(fault)}) + b"\n"

    @app.post("/classify")
    async def classify(request: Request) -> Response:
        urls = orjson.loads(await request.body())["urls"]
        if len(urls) == 1:
            return Response(await named(0, urls[0]), media_type="application/x-ndjson")

        async def lines() -> AsyncIterator[bytes]:
            rest, running = iter(enumerate(urls)), set()
            while True:
                while len(running) < FETCHES and (entry := next(rest, None)) is not None:
                    running.add(asyncio.ensure_future(named(*entry)))
                if not running:
                    return
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    yield each.result()

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    return app


if __name__ == "__main__":
    uvicorn.run(make_app(sys.argv[1], int(sys.argv[3])), host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop",
                http="httptools", log_level="warning", access_log=False, timeout_keep_alive=75)
