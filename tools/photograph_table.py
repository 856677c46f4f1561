"""The photographs of the demo and the benchmarks, and which labels are right for them: photographs.json.

`from` is PACK/FILE in Debian's package gcompris-qt-data. Beside it, by model, is what is right: of a classifier the
labels of which any may come first (the whole label, or its beginning up to a comma); of a detector the labels of what
is surely found (0.6 or more), one an object. A model is not shown the photographs where it has none.
"""

import json
import pathlib

TABLE = pathlib.Path(__file__).with_name("photographs.json")


def photographs() -> list[dict]:
    return json.loads(TABLE.read_text(encoding="utf-8"))
