"""The explorer of the API at /docs, as a person with a browser has it."""

from __future__ import annotations

import json
import pathlib
import shutil
import sys
from collections.abc import Callable

import pytest
import replies
from origin import Origin
from pictures import RED, plain
from service import Service
from visitor import Visitor

ROOT = pathlib.Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src/curlew/service")]
import archives  # noqa: E402
import embed_web  # noqa: E402
import prepare_web  # noqa: E402

Visit = Callable[..., Visitor]
STATUS = ".live-responses-table tbody .response-col_status"


@pytest.fixture
def explorer(service: Service, visit: Visit) -> Visitor:
    visitor = visit(service, "/docs")
    visitor.page.locator(".opblock, #routes li").first.wait_for()
    if visitor.page.locator("#routes li").count():
        pytest.skip("built without swagger-ui: set up where the npm registry is reached (make setup)")
    return visitor


def opened(explorer: Visitor, method: str, path: str) -> object:
    """The block of a route, ready to be tried."""
    named = explorer.page.locator(f'[data-path="{path}"]')
    block = explorer.page.locator(f".opblock-{method}").filter(has=named)
    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Try it out").click()
    return block


def answer(block: object) -> tuple[str, dict]:
    block.locator(".execute").click()
    status = block.locator(STATUS).first
    status.wait_for()
    body = block.locator(".live-responses-table .highlight-code pre").first.inner_text()
    return status.inner_text().split()[0], json.loads(body)


def test_every_route_is_there(explorer: Visitor, service: Service) -> None:
    paths = service.get("/openapi.json").json["paths"]
    wanted = sorted((method, path) for path, methods in paths.items() for method in methods)
    blocks = explorer.page.locator(".opblock").all()
    found = [
        (
            block.locator(".opblock-summary-method").inner_text().lower(),
            block.locator("[data-path]").get_attribute("data-path"),
        )
        for block in blocks
    ]
    assert sorted(found) == wanted


@pytest.mark.parametrize("path", ["/v1/classify", "/v1/detect"])
def test_a_route_can_be_tried(explorer: Visitor, origin: Origin, path: str) -> None:
    block = opened(explorer, "post", path)
    body = block.locator(".body-param__text")
    example = json.loads(body.input_value())
    assert example["urls"][0].startswith("https://")
    body.fill(json.dumps(example | {"urls": [origin.serve("/red.png", replies.good(plain(RED)))]}))
    status, answered = answer(block)
    assert status == "200"
    assert answered["results"][0]["status"] == "ok"


def test_examples_run_as_they_are(explorer: Visitor) -> None:
    """Where there is no internet the picture of the example is an error of its own."""
    status, answered = answer(opened(explorer, "post", "/v1/classify"))
    assert status == "200" and len(answered["results"]) == 1
    explorer.goes_to("/docs")
    status, answered = answer(opened(explorer, "post", "/v1/batches"))
    assert status == "202" and answered["total"] == 1
    explorer.goes_to("/docs")
    status, answered = answer(opened(explorer, "get", "/v1/classify"))
    assert status == "200" and len(answered["results"]) == 1
    explorer.goes_to("/docs")
    status, answered = answer(opened(explorer, "get", "/v1/models"))
    assert status == "200" and answered["models"]


def test_a_file_can_be_sent(explorer: Visitor) -> None:
    block = opened(explorer, "post", "/v1/classify")
    block.locator(".opblock-section-request-body select").first.select_option("multipart/form-data")
    picture = {"name": "red.png", "mimeType": "image/png", "buffer": plain(RED)}
    block.locator("input[type=file]").set_input_files([picture])
    status, answered = answer(block)
    assert status == "200", answered
    assert answered["results"][0]["url"] == "red.png" and answered["results"][0]["status"] == "ok"
    explorer.expects("JsonSchema_string_binary")  # the library's own: it takes another of its fields for it


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(service: Service, visit: Visit, explorer: Visitor, scheme: str) -> None:
    visitor = visit(service, "/docs", color_scheme=scheme)
    visitor.page.locator(".opblock").first.wait_for()
    assert visitor.barriers() == []
    answer(opened(visitor, "post", "/v1/classify"))
    assert visitor.barriers() == []


def test_without_the_explorer_the_routes_are_listed(service: Service, visit: Visit, origin: Origin) -> None:
    """As /docs is where swagger-ui was not there when Curlew was built."""
    plain_page = embed_web.collect(ROOT / "web", pathlib.Path("/nowhere"))[0]["/docs"]
    visitor = visit(service)
    visitor.page.route("**/docs", lambda route: route.fulfill(response=route.fetch(), body=plain_page))
    visitor.goes_to("/docs")
    visitor.page.locator("#routes li").first.wait_for()
    paths = service.get("/openapi.json").json["paths"]
    listed = visitor.page.locator("#routes .path").all_text_contents()
    assert listed == [path for path, methods in paths.items() for _ in methods]
    assert visitor.barriers() == []
    visitor.page.set_viewport_size({"width": 400, "height": 800})
    assert visitor.overflow_px() == 0


def test_what_the_page_is_made_of_decides_its_version(tmp_path: pathlib.Path) -> None:
    web = tmp_path / "web"
    shutil.copytree(ROOT / "web", web)
    files, version = embed_web.collect(web, tmp_path)
    assert embed_web.collect(web, tmp_path) == (files, version)
    (web / "page.css").write_text("/* another */")
    others, other = embed_web.collect(web, tmp_path)
    assert other != version and f"/assets/{other}/page.css".encode() in others["/"]
    for name in embed_web.EXPLORER_FILES:
        (tmp_path / name).write_bytes(b"body {}\n/*# sourceMappingURL=a.map*/")
    with_explorer, _ = embed_web.collect(web, tmp_path)
    assert with_explorer["swagger-ui.css"] == b"body {}\n", "no browser asks for a map that is not there"
    assert b"swagger-ui" in with_explorer["/docs"] and b"swagger-ui" not in files["/docs"]


def test_set_up_goes_on_without_the_registry(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_: object) -> pathlib.Path:
        raise archives.Unavailable("npm could not download it")

    monkeypatch.setattr(prepare_web, "fetch", unreachable)
    prepare_web.main(tmp_path, "explorer")
    said = capsys.readouterr()
    assert "not to be had: /docs will be a plain list of the routes" in said.out and "npm could not" in said.err
    assert not (tmp_path / "explorer").exists()
