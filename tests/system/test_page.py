"""The web page, as a person with a browser has it."""

from __future__ import annotations

import csv
import json
import pathlib
import re
from collections.abc import Callable

import pytest
import replies
from networks import LABELS, write_colour_model
from origin import Origin, free_port
from pictures import BLUE, GREEN, GREY, HTML, RED, plain
from program import Curlew
from scenes import Scene
from service import Service
from visitor import Visitor

Visit = Callable[..., Visitor]
ROOT = pathlib.Path(__file__).parents[2]
SCENE = Scene((400, 200), ((RED, (40, 60, 140, 180)), (BLUE, (200, 20, 380, 100))))


@pytest.fixture
def colours(origin: Origin) -> list[str]:
    """Addresses of a red, a green and a blue picture."""
    served = {"red": RED, "green": GREEN, "blue": BLUE}
    return [origin.serve(f"/{name}.png", replies.good(plain(colour))) for name, colour in served.items()]


def test_a_dropped_file_is_named(service: Service, visit: Visit) -> None:
    visitor = visit(service)
    visitor.drops({"robin.png": plain(RED)})
    visitor.waits_for_the_end()
    page = visitor.page
    assert visitor.answers == ["red"]
    card = page.locator(".card")
    assert card.get_by_role("heading").inner_text() == "robin.png"
    assert card.locator(".predictions li").count() == 3
    assert re.fullmatch(r"> 99 %|\d+ %", card.locator(".score").first.inner_text())
    widths = [bar.bounding_box()["width"] for bar in card.locator(".bar span").all()]
    assert widths == sorted(widths, reverse=True) and widths[0] > 50
    picture = card.locator("img")
    picture.wait_for()
    assert picture.get_attribute("src").startswith("blob:")
    assert picture.evaluate("(e) => e.decode().then(() => [e.naturalWidth, e.naturalHeight])") == [48, 40]
    assert page.locator("#counts").inner_text() == "1 picture"
    assert page.locator("#link").is_hidden(), "what is answered at once is not kept"


def test_pasted_addresses_are_named_and_errors_are_said_in_words(
    service: Service, visit: Visit, origin: Origin, colours: list[str]
) -> None:
    urls = [
        colours[0],
        origin.serve("/gone.jpg", replies.status(404)),
        origin.serve("/page.html", replies.good(HTML)),
        origin.serve("/grey.png", replies.good(plain(GREY))),
        "no address",
        "http://192.168.1.1/secret.png",
        colours[2],
    ]
    visitor = visit(service)
    visitor.pastes([*urls[:4], "ftp://a.example/b.png", *urls[5:]])
    visitor.waits_for_the_end()
    assert visitor.answers[:3] == ["red", "The host does not give the picture", "This is no picture"]
    assert visitor.answers[3].startswith("None of the model’s names fits")
    assert visitor.answers[4:] == ["This is no address of a picture", "This address is not allowed", "blue"]
    page = visitor.page
    assert page.locator(".error-text").first.text_content() == "the origin answered 404"
    assert page.locator(".address").first.text_content() == urls[1]
    assert page.locator("#counts").inner_text() == "7 pictures, 4 without an answer"
    assert page.locator("#said").inner_text() == "Done: 7 pictures, 4 without an answer"
    assert page.locator("#results-title").evaluate("(e) => e === document.activeElement")


def test_every_error_code_has_words() -> None:
    codes = re.findall(r"^\| `([a-z_]+)` \|", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)
    words = (ROOT / "web/words.js").read_text()
    assert len(codes) >= 19
    item_codes = codes[:19]
    assert [code for code in item_codes if f"  {code}: '" not in words] == []


def test_a_name_is_there_the_moment_it_is_known(
    service: Service, visit: Visit, origin: Origin, colours: list[str]
) -> None:
    gate = origin.gate()
    late = origin.serve("/late.png", replies.held(gate, replies.good(plain(BLUE))))
    visitor = visit(service)
    visitor.pastes([late, colours[1]])
    page = visitor.page
    page.locator(".card:nth-child(2)[data-state=ok]").wait_for()
    assert visitor.answers == ["waiting", "green"]
    assert page.locator("#progress").evaluate("(e) => [e.value, e.max]") == [1, 2]
    assert page.locator("#counts").inner_text() == "1 of 2 pictures"
    gate.open()
    visitor.waits_for_the_end()
    assert visitor.answers == ["blue", "green"]


def test_a_link_shows_the_list_again_to_somebody_else(
    service: Service, visit: Visit, origin: Origin, colours: list[str]
) -> None:
    gate = origin.gate()
    late = origin.serve("/late.png", replies.held(gate, replies.good(plain(RED))))
    visitor = visit(service)
    visitor.pastes([*colours, late])
    visitor.page.locator(".card:nth-child(3)[data-state=ok]").wait_for()
    link = visitor.page.get_by_role("link", name="Link to this list").get_attribute("href")
    assert link == f"/#batch={visitor.batch}"
    friend = visit(service, link)
    friend.page.locator(".card:nth-child(3)[data-state=ok]").wait_for()
    gate.open()
    friend.waits_for_the_end()
    assert friend.answers == ["red", "green", "blue", "red"]
    friend.page.reload()
    friend.waits_for_the_end()
    assert friend.answers == ["red", "green", "blue", "red"]
    assert friend.page.get_by_role("heading", name="blue.png").count() == 1


def test_a_stream_that_breaks_off_goes_on_where_it_was(service: Service, visit: Visit, colours: list[str]) -> None:
    seen: list[str | None] = []

    def break_off(route: object) -> None:
        seen.append(route.request.headers.get("last-event-id"))
        if len(seen) > 1:
            return route.continue_()
        whole = route.fetch().text()
        first_event = whole[: whole.index("\n\n", whole.index("event: result")) + 2]
        return route.fulfill(status=200, content_type="text/event-stream", body=first_event + "id: 3\nevent: resu")

    visitor = visit(service)
    visitor.page.route("**/events", break_off)
    visitor.pastes(colours)
    visitor.waits_for_the_end()
    assert seen == [None, "1"]
    assert visitor.answers == ["red", "green", "blue"]
    assert visitor.page.locator("#trouble").is_hidden()


def test_a_list_can_be_stopped(service: Service, visit: Visit, origin: Origin) -> None:
    gate = origin.gate()
    url = origin.serve("/never.png", replies.held(gate, replies.good(plain(RED))))
    visitor = visit(service)
    visitor.pastes([f"{url}?{i}" for i in range(8)])
    origin.wait_until(lambda o: o.in_progress > 0)
    visitor.page.get_by_role("button", name="Stop").click()
    service.until(lambda: service.get(f"/v1/batches/{visitor.batch}").json["status"] == "cancelled")
    gate.open()
    visitor.waits_for_the_end()
    assert "Stopped before its turn" in visitor.answers
    assert visitor.page.get_by_role("button", name="Stop").count() == 0


def test_boxes_are_drawn_where_the_things_are(service: Service, visit: Visit, origin: Origin) -> None:
    visitor = visit(service)
    visitor.chooses("Find objects")
    visitor.drops({"scene.png": SCENE.png(), "nothing.png": plain((0, 0, 0))})
    visitor.waits_for_the_end()
    page = visitor.page
    page.locator(".card img").first.wait_for()
    card = page.locator(".card").first
    stage = card.locator(".stage").bounding_box()
    assert stage["width"] / stage["height"] == pytest.approx(2, rel=0.02)
    for label, (x1, y1, x2, y2) in (("red", (40, 60, 140, 180)), ("blue", (200, 20, 380, 100))):
        drawn = card.locator(".box", has_text=label)
        assert re.fullmatch(rf"{label} \d+ %", drawn.inner_text())
        box = drawn.bounding_box()
        scale = stage["width"] / 400
        assert box["x"] - stage["x"] == pytest.approx(x1 * scale, abs=8 * scale + 3)
        assert box["y"] - stage["y"] == pytest.approx(y1 * scale, abs=8 * scale + 3)
        assert box["width"] == pytest.approx((x2 - x1) * scale, abs=12 * scale + 3)
        assert box["height"] == pytest.approx((y2 - y1) * scale, abs=12 * scale + 3)
    assert visitor.answers == ["red", "Nothing was found that the model is sure of"]
    # The same from an address.
    visitor.pastes([origin.serve("/scene.png", replies.good(SCENE.png()))])
    visitor.waits_for_the_end()
    assert [text.split()[0] for text in page.locator(".box").all_inner_texts()] == ["blue", "red"]


def test_only_a_thumbnail_that_is_data_is_shown(
    service: Service, visit: Visit, origin: Origin, colours: list[str]
) -> None:
    data = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    thumbnails = [data, origin.base + "/spy.png", "data:image/svg+xml;base64,PHN2Zy8+"]

    def put(route: object) -> None:
        text = route.fetch().text()
        for i, thumbnail in enumerate(thumbnails):
            text = re.sub(
                rf'(data: \{{"index": ?{i},.*?"thumbnail": ?")[^"]*', lambda m, t=thumbnail: m[1] + t, text
            )
        assert text.count('"thumbnail"') == 3, text
        route.fulfill(status=200, content_type="text/event-stream", body=text)

    visitor = visit(service)
    visitor.page.route("**/events", put)
    visitor.pastes(colours)
    visitor.waits_for_the_end()
    assert [picture.get_attribute("src") for picture in visitor.page.locator(".card img").all()] == [data]
    assert origin.count("/spy.png") == 0


def test_results_can_be_taken_home(
    service: Service, visit: Visit, curlew: Curlew, origin: Origin, colours: list[str]
) -> None:
    urls = [*colours, origin.serve("/gone.jpg", replies.status(404)) + "?a,b"]
    visitor = visit(service)
    visitor.pastes(urls)
    visitor.waits_for_the_end()
    taken = {}
    for kind in ("CSV", "JSON"):
        with visitor.page.expect_download() as download:
            visitor.page.get_by_role("button", name=kind, exact=True).click()
        assert download.value.suggested_filename == f"curlew-classify.{kind.lower()}"
        taken[kind] = pathlib.Path(download.value.path()).read_text()
    page_of_api = service.get(f"/v1/batches/{visitor.batch}/results").json["results"]
    for result in page_of_api:
        result.get("image", {}).pop("thumbnail", None)
    assert json.loads(taken["JSON"])["results"] == sorted(page_of_api, key=lambda result: result["index"])
    rows = list(csv.DictReader(taken["CSV"].splitlines()))
    run = curlew.run("classify", "--format", "csv", "--allow-net", "127.0.0.0/8", *urls)
    wanted = sorted(csv.DictReader(run.stdout.splitlines()), key=lambda row: int(row["index"]))
    assert rows[0].keys() == wanted[0].keys()
    for row, other in zip(rows, wanted, strict=True):
        for name, cell in row.items():
            if name.endswith("score") or name.startswith("score"):
                assert (float(cell) if cell else None) == pytest.approx(float(other[name]) if other[name] else None)
            elif not name.endswith("_ms"):
                assert cell == other[name], name


def test_a_cell_is_no_formula(service: Service, visit: Visit) -> None:
    visitor = visit(service)
    visitor.drops({"=HYPERLINK(1).png": plain(RED)})
    visitor.waits_for_the_end()
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="CSV", exact=True).click()
    (row,) = csv.DictReader(pathlib.Path(download.value.path()).read_text().splitlines())
    assert row["url"] == "'=HYPERLINK(1).png"


def test_recent_lists_are_kept_in_the_browser_until_they_are_forgotten(
    service: Service, visit: Visit, colours: list[str]
) -> None:
    visitor = visit(service)
    page = visitor.page
    assert page.locator("#recent").is_hidden()
    visitor.pastes(colours)
    visitor.waits_for_the_end()
    visitor.goes_to("/")
    recent = page.get_by_role("link", name="3 pictures: " + colours[0])
    recent.click()
    visitor.waits_for_the_end()
    assert visitor.answers == ["red", "green", "blue"]
    page.get_by_role("button", name="Forget these").click()
    assert page.locator("#recent").is_hidden()
    page.reload()
    assert page.locator("#recent").is_hidden()
    assert page.evaluate("localStorage.length") == 0


def test_a_list_that_is_no_more_is_told_and_forgotten(service: Service, visit: Visit, colours: list[str]) -> None:
    visitor = visit(service)
    nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
    entry = [{"id": nobody, "task": "classify", "total": 1, "first": "x", "at": "2026-01-01T00:00:00Z"}]
    visitor.page.evaluate("(list) => localStorage.setItem('curlew.recent', JSON.stringify(list))", entry)
    visitor.page.reload()
    visitor.page.get_by_role("link", name="1 picture: x").click()
    visitor.page.get_by_text("there is no batch with this id").wait_for()
    assert visitor.page.locator("#recent").is_hidden()
    visitor.expects("404")


def test_light_and_dark(service: Service, visit: Visit) -> None:
    light = visit(service, color_scheme="light")
    dark = visit(service, color_scheme="dark")
    assert light.color("body") != dark.color("body")
    light_ground = light.color("body")
    light.page.get_by_role("button", name="Switch to dark colours").click()
    assert light.color("body") == dark.color("body")
    light.page.reload()
    assert light.color("body") == dark.color("body"), "the choice is kept"
    light.page.get_by_role("button", name="Switch to light colours").click()
    assert light.color("body") == light_ground


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_sticks_out(service: Service, visit: Visit, origin: Origin, width: int) -> None:
    long = origin.serve("/" + "a" * 300 + ".png", replies.good(plain(RED)))
    visitor = visit(service)
    visitor.page.set_viewport_size({"width": width, "height": 800})
    visitor.pastes([long, "http://" + "b" * 60 + ".invalid/" + "c" * 300, "x" * 500])
    visitor.waits_for_the_end()
    assert visitor.overflow_px() == 0
    visitor.chooses("Find objects")
    visitor.drops({"d" * 200 + ".png": SCENE.png()})
    visitor.waits_for_the_end()
    assert visitor.overflow_px() == 0
    visitor.goes_to("/docs")
    visitor.page.locator(".opblock, #routes li").first.wait_for()
    assert visitor.overflow_px() == 0


def test_all_can_be_done_by_keyboard(service: Service, visit: Visit, origin: Origin) -> None:
    url = origin.serve("/scene.png", replies.good(SCENE.png()))
    visitor = visit(service)
    keyboard = visitor.page.keyboard
    focused: list[str] = []
    for _ in range(12):
        keyboard.press("Tab")
        focused.append(visitor.page.evaluate("document.activeElement.id"))
        outlined = "(e => e.matches(':focus-visible'))(document.activeElement)"
        assert visitor.page.evaluate(outlined), f"{focused[-1]} is not seen to have the focus"
        if focused[-1] == "task-classify":
            keyboard.press("ArrowRight")
        if focused[-1] == "urls":
            keyboard.type(url)
            keyboard.press("Tab")
            keyboard.press("Enter")
            break
    assert [name for name in focused if name] == ["theme", "task-classify", "model", "files", "urls"]
    visitor.waits_for_the_end()
    assert visitor.answers == ["red"]
    assert visitor.page.evaluate("document.activeElement.id") == "results-title"
    with visitor.page.expect_file_chooser() as chooser:
        visitor.page.locator("#files").focus()
        keyboard.press("Space")
    chooser.value.set_files([{"name": "a.png", "mimeType": "image/png", "buffer": SCENE.png()}])
    visitor.page.get_by_role("heading", name="a.png").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(service: Service, visit: Visit, colours: list[str], scheme: str) -> None:
    visitor = visit(service, color_scheme=scheme, reduced_motion="reduce")
    assert visitor.barriers() == []
    visitor.pastes([*colours, "nothing"])
    visitor.waits_for_the_end()
    assert visitor.barriers() == []
    visitor.chooses("Find objects")
    visitor.drops({"scene.png": SCENE.png()})
    visitor.waits_for_the_end()
    visitor.page.locator(".card img").wait_for()
    assert visitor.barriers() == []
    assert visitor.page.locator(".bar span").first.evaluate("(e) => getComputedStyle(e).animationName") == "none"


def test_markup_from_outside_is_text(
    start_service: Callable[..., Service], visit: Visit, origin: Origin, tmp_path: pathlib.Path
) -> None:
    attack = "<img src=x onerror=alert(1)>"
    network = write_colour_model(tmp_path, "hostile")
    network.with_suffix(".txt").write_text("\n".join([attack, *LABELS[1:]]) + "\n")
    service = start_service({"models": {"classify": str(network)}}).ready()
    red = origin.serve("/red.png", replies.good(plain(RED)))
    urls = [f"{red}?<script>alert(2)</script>", "javascript:alert(3)//<b>bold</b>", red]
    visitor = visit(service)
    asked: list[str] = []
    visitor.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    visitor.pastes(urls)
    visitor.waits_for_the_end()
    assert visitor.answers[2] == attack
    titles = [name.get_attribute("title") for name in visitor.page.locator(".card .name").all()]
    assert titles == urls
    visitor.drops({"<svg onload=alert(4)>.png": plain(RED)})
    visitor.waits_for_the_end()
    assert visitor.page.locator(".card .name").inner_text() == "<svg onload=alert(4)>.png"
    visitor.goes_to("/")
    assert "<script>" in visitor.page.locator("#recent-list a").inner_text()
    assert visitor.page.locator("main script, main b:not(label b), main [onerror], main [onload]").count() == 0
    assert asked == []


def test_a_key_is_asked_for_where_one_is_needed(
    start_service: Callable[..., Service], visit: Visit, colours: list[str]
) -> None:
    service = start_service({"http": {"api_keys": ["sesame"]}}).ready()
    visitor = visit(service)
    field = visitor.page.get_by_label("This service asks for a key")
    for key in ("wrong", "sesame"):
        field.fill(key)
        field.press("Enter")
        if key == "wrong":
            visitor.page.get_by_text("The service does not know this key.").wait_for()
    visitor.page.locator("#key").wait_for(state="hidden")
    visitor.pastes(colours)
    visitor.waits_for_the_end()
    assert visitor.answers == ["red", "green", "blue"]
    visitor.page.reload()
    visitor.waits_for_the_end()
    assert visitor.answers == ["red", "green", "blue"], "the tab remembers it"
    assert "sesame" not in visitor.page.evaluate("JSON.stringify(localStorage)")
    visitor.expects("401")


def test_nothing_is_asked_for_where_no_key_is_needed(service: Service, visit: Visit) -> None:
    visitor = visit(service)
    visitor.page.wait_for_load_state("networkidle")
    assert visitor.page.locator("#key").is_hidden()
    assert visitor.page.locator("#trouble").is_hidden()


def test_a_model_can_be_chosen_among_those_of_the_task(service: Service, visit: Visit, colours: list[str]) -> None:
    visitor = visit(service)
    model = visitor.page.get_by_label("Model")
    model.locator("option[value=colours]").wait_for(state="attached")
    assert model.locator("option[value=boxes]").count() == 0
    model.select_option("colours")
    visitor.pastes(colours[:1])
    visitor.waits_for_the_end()
    assert service.get(f"/v1/batches/{visitor.batch}").json["model"] == "colours"
    visitor.chooses("Find objects")
    assert model.input_value() == ""
    assert model.locator("option[value=boxes]").count() == 1


def test_a_refusal_is_told_in_the_services_words(
    start_service: Callable[..., Service], visit: Visit, tmp_path: pathlib.Path
) -> None:
    service = start_service({"models": {"detect": str(tmp_path / "missing.xml")}}).ready()
    visitor = visit(service)
    visitor.chooses("Find objects")
    visitor.drops({"a.png": plain(RED)})
    visitor.page.locator("#trouble").wait_for()
    assert "model" in visitor.page.locator("#trouble").inner_text()
    visitor.pastes(["http://a.example/a.png"])
    visitor.page.locator("#trouble").wait_for()
    assert "model" in visitor.page.locator("#trouble").inner_text()
    visitor.expects("503")


def test_a_service_that_is_gone_is_told(service: Service, visit: Visit) -> None:
    visitor = visit(service)
    visitor.page.wait_for_load_state("networkidle")
    visitor.page.route("**/v1/**", lambda route: route.abort("connectionrefused"))
    visitor.drops({"a.png": plain(RED)})
    visitor.waits_for_the_end()
    assert visitor.answers == ["The connection broke off"]
    assert "cannot be reached" in visitor.page.locator("#trouble").inner_text()
    visitor.expects("ERR_CONNECTION_REFUSED")


def test_a_long_list_is_shown_in_parts(service: Service, visit: Visit) -> None:
    visitor = visit(service)
    visitor.pastes([f"nothing-{i}" for i in range(150)])
    visitor.waits_for_the_end()
    assert visitor.page.locator(".card").count() == 120
    assert visitor.page.locator("#counts").inner_text() == "150 pictures, 150 without an answer"
    visitor.page.get_by_role("button", name="Show more").click()
    assert visitor.page.locator(".card").count() == 150
    assert visitor.page.locator(".card[data-state=error]").count() == 150


def test_many_files_go_in_several_requests(service: Service, visit: Visit) -> None:
    visitor = visit(service)
    names = ["red", "green", "blue"]
    files = {f"{i}.png": plain({"red": RED, "green": GREEN, "blue": BLUE}[names[i % 3]]) for i in range(40)}
    visitor.drops(files)
    visitor.waits_for_the_end()
    assert visitor.answers == [names[i % 3] for i in range(40)]
    assert sum(url.endswith("/v1/classify") for url in visitor.requests) == 3


def test_addresses_dropped_from_elsewhere_are_put_into_the_list(service: Service, visit: Visit) -> None:
    visitor = visit(service)
    visitor.page.evaluate(
        """() => {
      const transfer = new DataTransfer();
      transfer.setData('text/uri-list', 'https://a.example/b.jpg');
      document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
    }"""
    )
    assert visitor.page.get_by_label("Addresses of pictures").input_value() == "https://a.example/b.jpg"


def test_a_port_where_nobody_listens_is_no_page(visit: Visit, service: Service) -> None:
    """The check of requests would notice one that goes elsewhere."""
    visitor = visit(service)
    visitor.page.evaluate(f"fetch('http://127.0.0.1:{free_port()}/x').catch(() => 0)")
    visitor.expects("Content Security Policy")
