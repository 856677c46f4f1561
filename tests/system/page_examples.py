"""The examples of a page of the documentation, and whether an output is the one that the page shows.

Fenced blocks in `sh`, `python` or `javascript` are examples; the block in `json` or `text` that follows one, or several
in a row, is their output. In it `…` stands for anything, and what differs from run to run (ids, times, hashes, numbers
with a point) for any such.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import re
from collections.abc import Iterator

LANGUAGES = ("sh", "python", "javascript")
# Numbers that are the same in every run, where they are whole.
EXACT = {"status", "http_status", "total", "ok", "done", "failed", "cancelled"}
VARYING = {
    "hash": (r"[0-9a-f]{4,}…", r"[0-9a-f]{64}"),
    "any": ("…", ".*"),
    "id": (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}(?:-[0-9a-f]+){2}"),
    "request": (r"[0-9a-f]{16}-[0-9a-f]+", r"[0-9a-f]{16}-[0-9a-f]+"),
    "time": (r"\d{4}-\d\d-\d\dT[\d:.]+Z", r"\d{4}-\d\d-\d\dT[\d:.]+Z"),
    "label": (r'"index":\d+(?=,"label")', r'"index":\d+'),
    "number": (r"\d+\.\d+(?!\.)", r"\d+(?:\.\d+)?(?:e-\d+)?"),
}
_VARIES = re.compile("|".join(f"(?P<{name}>{shown})" for name, (shown, _) in VARYING.items()))


@dataclasses.dataclass(frozen=True)
class Example:
    line: int  # of the page
    language: str
    code: str
    expected: str
    is_json: bool

    def check(self, output: str) -> None:
        if self.is_json:
            check_json(json.loads(self.expected), json.loads(output))
            return
        shown, said = self.expected.strip().splitlines(), output.strip().splitlines()
        assert len(shown) == len(said), output
        for line, other in zip(shown, said, strict=True):
            assert pattern(line).fullmatch(other), (line, other)


def examples(page: pathlib.Path) -> list[Example]:
    """In the order of the page; each has an output."""
    found: list[Example] = []
    waiting: list[tuple[int, str, str]] = []
    for line, language, text in _blocks(page):
        if language in LANGUAGES:
            waiting.append((line, language, text))
            continue
        assert language in {"", "json", "text"}, f"line {line}: {language} is not tried"
        assert bool(language) == bool(waiting) or not language, f"line {line}: an output without an example"
        assert language or not waiting, f"line {line}: the examples before it have no output"
        found += [Example(*example, text, language == "json") for example in waiting]
        waiting = []
    assert not waiting, "the last examples have no output"
    return found


def _blocks(page: pathlib.Path) -> Iterator[tuple[int, str, str]]:
    """(line, language, text) of each fenced block; a heading counts as one without language and text."""
    language, start, text = None, 0, []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if language is not None and line == "```":
            yield start, language, "\n".join(text)
            language = None
        elif language is not None:
            text.append(line)
        elif line.startswith("```"):
            language, start, text = line[3:], number, []
        elif line.startswith("#"):
            yield number, "", ""


def pattern(line: str) -> re.Pattern[str]:
    """What a line of output, shown as `line`, may be."""
    made, end = "", 0
    for match in _VARIES.finditer(line):
        made += re.escape(line[end : match.start()]) + VARYING[match.lastgroup][1]
        end = match.end()
    return re.compile(made + re.escape(line[end:]))


def check_json(shown: object, said: object, place: str = "") -> None:
    """Whether all that is shown was said. More may have been said: a page need not show each member."""
    if isinstance(shown, dict):
        assert isinstance(said, dict), place
        assert shown.keys() <= said.keys(), (place, shown.keys() - said.keys())
        for key, value in shown.items():
            check_json(value, said[key], f"{place}/{key}")
    elif isinstance(shown, list):
        assert isinstance(said, list), place
        items = shown[:-1] if shown and shown[-1] == "…" else shown
        assert len(items) == len(said) or (len(items) < len(shown) and len(items) <= len(said)), (place, said)
        for i, (item, other) in enumerate(zip(items, said, strict=False)):
            check_json(item, other, f"{place}/{i}")
    elif isinstance(shown, str):
        assert isinstance(said, str) and pattern(shown).fullmatch(said), (place, shown, said)
    elif isinstance(shown, bool) or shown is None or (isinstance(shown, int) and place.rpartition("/")[2] in EXACT):
        assert said == shown, (place, shown, said)
    else:
        assert isinstance(said, int | float) and not isinstance(said, bool), (place, shown, said)
