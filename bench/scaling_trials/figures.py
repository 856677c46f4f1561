"""What trials have measured, in the file that FIGURES names, for simulate.py; where it names none, figures are only printed."""

import json
import os
import pathlib


def keep(trial: str, figures: dict) -> None:
    if not (name := os.environ.get("FIGURES")):
        return
    path = pathlib.Path(name)
    kept = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(kept | {trial: figures}, indent=2) + "\n")
