"""docs/api-by-example.md: every example runs as it stands there, and says what the page shows."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import networks
import page_examples
import pytest
import replies
import scenes
from detector_networks import Detector
from origin import Origin
from page_examples import Example
from pictures import RED, WHITE, plain
from program import Curlew
from scenes import Scene
from service import Service, toml

HERE, GUARDED, FAR = "http://localhost:8000", "http://localhost:8001", "https://example.org"  # as the page has them
KEY = "green-heron"
ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = page_examples.examples(ROOT / "docs/api-by-example.md")
RUN_S = 60  # all examples of a language take a second or two
OVER = "-- over --"  # what a program says after each example, so that their outputs can be told apart
PROGRAMS = {
    "sh": ("examples.sh", ["bash", "-eu", "-o", "pipefail"], f"\necho '{OVER}'\n"),
    "python": ("examples.py", [sys.executable], f"\nprint({OVER!r}, flush=True)\n"),
    "javascript": ("examples.mjs", ["node"], f"\nconsole.log({OVER!r});\n"),
}

PARROT, OWL = plain(RED, "JPEG"), plain(WHITE, "JPEG")
LABELS = ["Ara macao", "Platycercus elegans", "Alisterus scapularis", "Athene cunicularia", "background"]


THINGS = ((scenes.RED, (5, 5, 30, 25)), (scenes.GREEN, (40, 5, 80, 30)), (scenes.BLUE, (20, 35, 70, 55)))
STREET = Scene((90, 60), THINGS).jpeg()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """With networks that know what those of the page know, by the same names."""
    made = tmp_path_factory.mktemp("examples")
    networks.write_colour_model(made, "birds")
    (made / "birds.toml").write_bytes(networks.card("birds").replace(b"MIT", b"Apache-2.0"))
    (made / "birds.txt").write_text("\n".join(LABELS) + "\n")
    Detector("ssd").write(made, "coco", "[labels]\nnames = ['', 'bicycle', 'car', 'dog']")
    return made


@pytest.fixture(scope="module")
def far() -> Iterator[Origin]:
    with Origin() as origin:
        origin.serve("/parrot.jpg", replies.good(PARROT))
        origin.serve("/owl.jpg", replies.good(OWL))
        origin.serve("/street.jpg", replies.good(STREET))
        origin.serve("/missing.jpg", replies.status(404))
        yield origin


@pytest.fixture(scope="module")
def places(
    binary: pathlib.Path, warm_home: pathlib.Path, folder: pathlib.Path, far: Origin
) -> Iterator[dict[str, str]]:
    """Where, in this test, the page's addresses are."""
    config = {
        "http": {"listen": "127.0.0.1:0"},
        "zmq": {"pub_sockets": [], "rep_sockets": []},
        "models": {"classify": str(folder / "birds.xml"), "detect": str(folder / "coco.xml")},
        "store": {"url": "memory:"},
        "fetch": {"allow_net": ["127.0.0.0/8"]},
        "limits": {"items_in_flight": 1},  # so that results come in the order of the list
    }
    with contextlib.ExitStack() as stack:
        def start(name: str, **http: object) -> str:
            file = folder / f"{name}.toml"
            file.write_text(toml(config | {"http": config["http"] | http}))
            return stack.enter_context(Service(Curlew(binary, warm_home, folder), file)).ready().base

        yield {HERE: start("open"), GUARDED: start("guarded", api_keys=[KEY]), FAR: far.base}


@pytest.fixture(scope="module")
def output(folder: pathlib.Path, places: dict[str, str], far: Origin) -> Callable[[Example], str]:
    """What an example says. All those of a language run once, in the order of the page, since they follow on."""
    outputs: dict[str, dict[Example, str]] = {}

    def output_of(example: Example) -> str:
        if example.language not in outputs:
            slow = far.gate()
            far.serve("/slow.jpg", replies.held(slow, replies.good(PARROT)))
            outputs[example.language] = run(example.language, folder / example.language, places)
            slow.open()  # what was cancelled is under way, and only one is at a time
        said = outputs[example.language]
        assert example in said, "an example before it failed"
        return said[example]

    return output_of


def run(language: str, work: pathlib.Path, places: dict[str, str]) -> dict[Example, str]:
    """The outputs of those that ran to their end; the one that failed has what its program said of it."""
    name, command, over = PROGRAMS[language]
    work.mkdir()
    (work / "parrot.jpg").write_bytes(PARROT)
    (work / "owl.jpg").write_bytes(OWL)
    mine = [example for example in EXAMPLES if example.language == language]
    text = "".join(example.code + over for example in mine)
    for page, here in places.items():
        text = text.replace(page, here)
    (work / name).write_text(text)
    env = {"PATH": os.environ["PATH"], "HOME": str(work), "LANG": "C.UTF-8", "NO_PROXY": "*"}
    options = {"capture_output": True, "text": True, "timeout": RUN_S, "check": False}
    done = subprocess.run([*command, name], cwd=work, env=env, **options)
    said = done.stdout
    for page, here in places.items():
        said = said.replace(here, page)
    outputs = said.split(OVER + "\n")
    if done.returncode == 0:
        assert len(outputs) == len(mine) + 1 and outputs.pop() == ""
    else:
        outputs[-1] += f"status {done.returncode}\n{done.stderr}"
    return dict(zip(mine, outputs, strict=False))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.language}-line-{example.line}")
def test_an_example_says_what_the_page_shows(example: Example, output: Callable[[Example], str]) -> None:
    program = PROGRAMS[example.language][1][0]
    if not shutil.which(program):
        pytest.skip(f"{program} is not on PATH")
    example.check(output(example))


def test_each_thing_is_shown_in_each_language() -> None:
    counts = {language: sum(example.language == language for example in EXAMPLES) for language in PROGRAMS}
    assert len(set(counts.values())) == 1 and min(counts.values()) >= 12, counts


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    links = {page: re.findall(r"\]\(([^)#]+)\)", page.read_text()) for page in pages}
    ours = [(page, link) for page in pages for link in links[page] if ":" not in link]
    assert [link for page, link in ours if not (page.parent / link).exists()] == []
    assert {f"docs/{page.name}" for page in pages[1:]} <= set(links[pages[0]]), "README.md names them all"


def test_an_output_that_differs_is_seen() -> None:
    text = '{"status": 422, "code": "full", "score": 0.5, "list": [{"a": "95f0…"}]}'
    shown = Example(1, "sh", "", text, is_json=True)
    hash_text = "95f0" + "f" * 60
    good = f'{{"status": 422, "code": "full", "score": 1, "list": [{{"a": "{hash_text}", "b": 1}}], "more": null}}'
    shown.check(good)
    changes = {"422": "400", "full": "fuller", "1,": '"1",', hash_text: "fall", '"a"': '"c"', "[": "[{},"}
    for old, new in changes.items():
        with pytest.raises(AssertionError):
            shown.check(good.replace(old, new))
    lines = Example(1, "sh", "", "a.jpg Ara macao 0.73\n404", is_json=False)
    lines.check("a.jpg Ara macao 1.00\n404\n")
    for other in ("a.jpg Ara 1.00\n404", "a.jpg Ara macao\n404", "a.jpg Ara macao 1.00\n401", "a.jpg Ara macao 1.00"):
        with pytest.raises(AssertionError):
            lines.check(other)
