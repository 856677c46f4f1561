"""The peer of compare_cli: what a Python engineer writes who wants the same answer fast.

usage: peer_litert.py MODEL.tflite LABELS.csv URL...   (prints a line a URL: the URL, the label, the score)

LiteRT with its XNNPACK kernels on two threads; downloads run side by side; Pillow decodes JPEG at a reduced scale
(draft), as curlew does. Nothing is imported that is not used.
"""

import csv
import io
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

SIDE = 224


def pixels(url: str) -> np.ndarray:
    with urllib.request.urlopen(url, timeout=30) as answer:
        image = Image.open(io.BytesIO(answer.read()))
    image.draft("RGB", (SIDE, SIDE))
    return np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.BILINEAR))[None]


def main(model: str, labels_file: str, urls: list[str]) -> None:
    with ThreadPoolExecutor(max_workers=len(urls)) as pool:
        pictures = pool.map(pixels, urls)  # they come while the model loads
        network = Interpreter(model_path=model, num_threads=2)
        network.allocate_tensors()
        with open(labels_file, encoding="utf-8") as file:
            labels = {int(row["id"]): row["name"] for row in csv.DictReader(file)}
        into, out = network.get_input_details()[0]["index"], network.get_output_details()[0]["index"]
        for url, picture in zip(urls, pictures):
            network.set_tensor(into, picture)
            network.invoke()
            scores = network.get_tensor(out)[0]
            best = int(scores.argmax())
            print(url, labels[best], f"{scores[best] / 256:.2f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
