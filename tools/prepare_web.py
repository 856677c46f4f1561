#!/usr/bin/env python3
"""Prepares what the web page takes from the npm registry: the explorer of the API, and for tests the checker axe-core.

usage: prepare_web.py STATE explorer|axe   (writes STATE/explorer or STATE/axe; downloads are kept in STATE/cache)
"""

import pathlib
import shutil
import subprocess
import sys
import time

from archives import Archive, Unavailable, fetch, unpacked_npm
from prepare_models import prepare

SWAGGER_UI = Archive("npm", "swagger-ui-dist@5.35.0", "swagger-ui-dist-5.35.0.tgz",
                     "1b8e891893404ea4c3558b6a87e2a3e494e7eedba41168c2ece5800a391a6ea6", "Apache-2.0")
AXE = Archive("npm", "axe-core@4.14.1", "axe-core-4.14.1.tgz",
              "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745", "MPL-2.0")
FILES = {  # of each package: what is kept
    SWAGGER_UI: ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "LICENSE", "NOTICE"),
    AXE: ("axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt"),
}


def take(archive: Archive, cache: pathlib.Path, folder: pathlib.Path) -> str:
    with unpacked_npm(fetch(archive, cache)) as package:
        for name in FILES[archive]:
            shutil.copyfile(package / name, folder / name)
    return archive.package


STEPS = {
    "explorer": (lambda cache, folder: take(SWAGGER_UI, cache, folder), ["prepare_web.py"]),
    "axe": (lambda cache, folder: take(AXE, cache, folder), ["prepare_web.py"]),
}
WITHOUT = {
    "explorer": "/docs will be a plain list of the routes",
    "axe": "tests of the page's accessibility are skipped",
}


def main(state: pathlib.Path, name: str) -> None:
    state.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    try:
        said = prepare(state, name, STEPS)
    except (Unavailable, OSError, subprocess.SubprocessError) as e:
        print(f"{e}\nWithout it, {WITHOUT[name]}; run this again when the network is there.", file=sys.stderr)
        said = f"not to be had: {WITHOUT[name]}"
    print(f"  {name:<20} {said:<56} {time.monotonic() - start:6.1f} s", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] not in STEPS:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2])
