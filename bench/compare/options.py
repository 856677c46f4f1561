"""What the command lines of these programs have in common."""

import argparse
import pathlib
import signal
import sys
from collections.abc import Callable
from typing import NoReturn


def command_line(text: str) -> argparse.ArgumentParser:
    """A parser whose help is `text`, the program's own; with --out."""
    parser = argparse.ArgumentParser(description=text, usage=argparse.SUPPRESS, add_help=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-h", "--help", action="version", version=text.strip().replace("%", "%%"))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parents[2] / "build/compare")
    return parser


def names(text: str) -> list[str]:
    return text.split(",")


def program(text: str) -> pathlib.Path:
    path = pathlib.Path(text).resolve()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no {text}")
    return path


def folder(text: str) -> pathlib.Path:
    path = pathlib.Path(text).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text}")
    return path


def run(main: Callable[[], int]) -> NoReturn:
    """Ends with what `main` says; interrupted or told to end, with what is usual then, after all that was started has ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
