"""Somebody with a browser, Debian's Chromium: what they do on the page, and what their browser noticed of it."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pathlib
import urllib.parse
from collections.abc import Iterator, Sequence

import pytest
from service import Service

CHROMIUM = pathlib.Path(os.environ.get("CURLEW_TEST_CHROMIUM", "/usr/bin/chromium"))
AXE = pathlib.Path(__file__).parents[2] / ".setup/axe/axe.min.js"
WAIT_MS = 30_000  # what takes longer hangs

DROP = """([target, files]) => {
  const transfer = new DataTransfer();
  for (const {name, type, content} of files) {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name, {type}));
  }
  const at = document.querySelector(target);
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    at.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  }
}"""


@contextlib.contextmanager
def chromium() -> Iterator[object]:
    """A browser without a person's profile; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: set the tests up (make test)")
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: install Debian's package chromium")
    with playwright.sync_playwright() as library:
        browser = library.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Visitor:
    """One person with a profile of their own. `page` is Playwright's."""

    def __init__(self, browser: object, service: Service, **options: object):
        self.service = service
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.context.set_default_timeout(WAIT_MS)
        self.page = self.context.new_page()
        self.trouble: list[str] = []  # errors on the console and of scripts
        self.requests: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.context.on("request", lambda request: self.requests.append(request.url))

    def close(self) -> None:
        self.context.close()

    def goes_to(self, path: str = "/") -> Visitor:
        self.page.goto(self.service.base + path)
        return self

    def pastes(self, urls: Sequence[str]) -> None:
        self.page.get_by_label("Addresses of pictures").fill("\n".join(urls))
        self.page.get_by_role("button", name="Look at these").click()

    def drops(self, files: dict[str, bytes], target: str = "main") -> None:
        packed = [
            {"name": name, "type": "image/png", "content": base64.b64encode(content).decode()}
            for name, content in files.items()
        ]
        self.page.evaluate(DROP, [target, packed])

    def chooses(self, task: str) -> None:
        self.page.locator("label", has_text=task).click()

    def waits_for_the_end(self) -> None:
        self.page.locator("#results[aria-busy=false]").wait_for(state="attached")

    @property
    def answers(self) -> list[str]:
        """Of each card its first label, its error's title, or "waiting"."""
        cards = self.page.locator(".card").all()
        first = ".predictions .label, .error-title, .waits, .none"
        return [card.locator(first).first.text_content() for card in cards]

    @property
    def batch(self) -> str:
        """The batch's id that the page's address has."""
        return urllib.parse.urlsplit(self.page.url).fragment.removeprefix("batch=")

    def color(self, selector: str, name: str = "background-color") -> str:
        return self.page.locator(selector).evaluate(f"(e) => getComputedStyle(e).getPropertyValue('{name}')")

    def overflow_px(self) -> int:
        """How much wider than the window the page is."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def barriers(self) -> list[str]:
        """What axe-core calls serious or critical."""
        if not AXE.exists():
            pytest.skip("no axe-core: set the tests up (make test)")
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("axe.run()")["violations"]
        return [
            f"{violation['id']}: {json.dumps([node['html'][:200] for node in violation['nodes'][:3]])}"
            for violation in found
            if violation["impact"] in ("serious", "critical")
        ]

    def expects(self, words: str) -> None:
        """The console's lines with these words are as they should be."""
        assert any(words in line for line in self.trouble), (words, self.trouble)
        self.trouble = [line for line in self.trouble if words not in line]

    def check(self) -> None:
        """No error that nobody expected, and nothing was asked of anybody else."""
        assert not self.trouble, self.trouble
        own = (self.service.base + "/", f"blob:{self.service.base}/", "data:")
        assert self.requests and all(url.startswith(own) for url in self.requests), self.requests

    def _note(self, message: object) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(message.text)
