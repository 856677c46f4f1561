"""LitServe with OpenVINO: a worker process a core, each with a compiled network of one thread.

usage: litserve_service.py MODEL.tflite PORT WORKERS BATCH

POST /predict {"urls": […]} answers {"results": […]}. Up to BATCH requests that wait are taken together; the pictures of what
was taken are fetched side by side over kept connections (httpx) and decoded with OpenCV.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import litserve
import numpy as np
import openvino
from pictures import network_input

FETCHES = 8
BATCH_WAIT_S = 0.001


class Birds(litserve.LitAPI):
    def __init__(self, model: str, **options):
        super().__init__(**options)
        self.model = model

    def setup(self, device):
        core = openvino.Core()
        self.network = core.compile_model(core.read_model(self.model), "CPU",
                                          {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1})
        self.request = self.network.create_infer_request()
        self.client = httpx.Client(limits=httpx.Limits(max_connections=FETCHES, max_keepalive_connections=FETCHES), timeout=30)
        self.pool = ThreadPoolExecutor(FETCHES)

    def decode_request(self, request):
        return request["urls"]

    def batch(self, inputs):
        return inputs

    def unbatch(self, output):
        return output

    def fetched(self, url: str) -> bytes:
        return self.client.get(url).raise_for_status().content

    def named(self, url: str, data: bytes) -> dict:
        self.request.infer({0: network_input(data)}, share_inputs=True)
        scores = np.asarray(self.request.get_output_tensor(0).data)[0]
        best = int(scores.argmax())
        return {"url": url, "status": "ok", "index": best, "score": float(scores[best]) / 256}

    def predict(self, x):
        lists = x if x and isinstance(x[0], list) else [x]
        urls = [url for each in lists for url in each]
        all_bytes = map(self.fetched, urls) if len(urls) == 1 else self.pool.map(self.fetched, urls)
        results = iter([self.named(url, data) for url, data in zip(urls, all_bytes, strict=True)])
        answers = [[next(results) for _ in each] for each in lists]
        return answers if lists is x else answers[0]

    def encode_response(self, output):
        return {"results": output}


if __name__ == "__main__":
    model, port, workers, batch = sys.argv[1], *map(int, sys.argv[2:5])
    api = Birds(model, max_batch_size=batch, batch_timeout=BATCH_WAIT_S if batch > 1 else 0.0)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=workers, timeout=60)
    server.run(host="127.0.0.1", port=port, num_api_servers=1, log_level="warning", access_log=False,
               timeout_keep_alive=75, generate_client_file=False)
