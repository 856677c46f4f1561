#!/usr/bin/env python3
"""Sends a batch to a service, follows its events, and sees to it that every picture has one result.

usage: follow_batch.py SERVICE PHOTOS COUNT [AFTER COMMAND...]   (the URLs of the service and of a folder of
photographs; how many pictures; after how many results a command runs, while they go on)
Exit status 1 if a result is missing, doubled or an error; what the batch is called goes to stderr.
"""

import collections
import itertools
import json
import subprocess
import sys
import time
import urllib.request

NAMES = "aracari bison cow dog duck giraffes harrier hedgehog hens heron horses jaguar kingfisher kitten koala".split()
TRIES, SILENCE_S = 20, 60  # breaks of the stream; seconds without even a comment


def create(service: str, urls: list[str]) -> str:
    body = json.dumps({"urls": urls, "task": "classify"}).encode()
    request = urllib.request.Request(f"{service}/v1/batches", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SILENCE_S) as answer:
        return service + answer.headers["Location"]


def events(batch: str):
    """The pairs of id and result, to the event `done`; a stream that breaks off goes on after the last id."""
    last = "0"
    for _ in range(TRIES):
        request = urllib.request.Request(f"{batch}/events", headers={"Last-Event-ID": last})
        try:
            with urllib.request.urlopen(request, timeout=SILENCE_S) as stream:
                fields = {}
                for line in stream:
                    name, _, value = line.decode().rstrip("\n").partition(": ")
                    if name:
                        fields[name] = value
                    elif fields.get("event") == "done":
                        return
                    elif "data" in fields:
                        last = fields["id"]
                        yield int(last), json.loads(fields["data"])
                    if not name:
                        fields = {}
        except OSError as e:
            print(f"  the stream broke off: {e}", flush=True)
            time.sleep(0.5)
    sys.exit("the stream of events broke off too often")


def main(service: str, photos: str, count: int, after: int, command: list[str]) -> int:
    urls = [f"{photos}/{name}.jpg" for name in itertools.islice(itertools.cycle(NAMES), count)]
    began = time.monotonic()
    batch = create(service, urls)
    seen: list[tuple[int, dict]] = []
    for event in events(batch):
        seen.append(event)
        if command and len(seen) == after:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took = time.monotonic() - began
    indexes = collections.Counter(result["index"] for _, result in seen)
    failed = collections.Counter(result["error"]["code"] for _, result in seen if result["status"] != "ok")
    ids_once = [number for number, _ in seen] == list(range(1, count + 1))
    each_once = sorted(indexes) == list(range(count)) == sorted(indexes.elements())
    print(f"  batch                {len(seen)} results of {count} pictures, each once: {each_once and ids_once}, "
          f"failed: {sum(failed.values())} {dict(failed) or ''} {took:10.1f} s", flush=True)
    print(batch.removeprefix(service), file=sys.stderr)
    return 0 if each_once and ids_once and not failed else 1


if __name__ == "__main__":
    if len(sys.argv) < 4 or len(sys.argv) == 5:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int((sys.argv[4:] or ["0"])[0]), sys.argv[5:]))
