"""The photographs of the demo and the benchmarks, and which labels are right for them: photographs.json.

`from` is PACK/FILE in Debian's package gcompris-qt-data; beside it, by model, the labels that are right (the whole label,
or its beginning up to a comma).
"""

import json
import pathlib

TABLE = pathlib.Path(__file__).with_name("photographs.json")


def photographs() -> list[dict]:
    return json.loads(TABLE.read_text(encoding="utf-8"))
