"""The page in a real browser: typing, claims, mistakes, keyboard, phone, address, cancelling."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from derivations.answers import query
from derivations.catalogue import read
from derivations.render.latex import latex
from tests.browser import NEEDED, chromium

ROOT = Path(__file__).parents[2]
pytestmark = NEEDED
PATIENCE = 60
WRONG = "dh[T]/dh[k] = prod(t, k+2, T, diag(sigmoid'(z[t])) @ W)"
LSTM = [line for line in read("lstm").splitlines() if "[t] =" in line]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the page is, served by the command."""
    command = [sys.executable, "cli.py", "serve", "--port", "0", "--seconds", "120"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[0]
        server.terminate()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Page]:
    """The page, as one who comes for the first time finds it."""
    browser.get("about:blank")
    browser.get_log("browser")
    shown = Page(browser, address)
    shown.width(1300, 900)
    shown.open()
    yield shown
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


class Page:
    """What one can do and see on the page."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address

    def open(self, **state: str) -> None:
        self.browser.get("about:blank")
        self.browser.get(self.address + ("#" + urlencode(state) if state else ""))
        self.until(lambda: self.count("#examples option") > 1)

    def width(self, across: int, down: int) -> None:
        size = {"width": across, "height": down, "deviceScaleFactor": 1, "mobile": across < 600}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def until(self, seen: Callable[[], Any]) -> Any:
        return WebDriverWait(self.browser, PATIENCE, 0.05).until(lambda _: seen())

    def one(self, selector: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def count(self, selector: str) -> int:
        return len(self.browser.find_elements(By.CSS_SELECTOR, selector))

    def run(self, script: str, *arguments: Any) -> Any:
        return self.browser.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        """Also of what is out of sight; empty where there is nothing."""
        return str(
            self.run("return document.querySelector(arguments[0])?.textContent", selector) or ""
        )

    def type(self, selector: str, *keys: str) -> None:
        field = self.one(selector)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE, *keys)

    def has(self, selector: str, words: str) -> None:
        self.until(lambda: words in self.text(selector) and not self.count("#results.stale"))


def test_an_lstm_typed_in_shows_its_gradient(page: Page) -> None:
    page.type("#cell", "\n".join(LSTM))
    page.type("#query", "dL/dU_f")
    (formula, *_) = query(LSTM, "dL/dU_f").formulas
    page.has("#answer annotation", latex(formula.right))
    page.until(lambda: page.one("#badge").get_attribute("class") == "good")
    page.has("#badge", "verified exactly")
    page.has("#graph svg", "dL/dU_f")
    page.until(lambda: page.count("#verification table") == 1)
    assert page.text("#answer-heading") == "dL/dU_f"
    assert page.one("#answer math").size["height"] > 10
    assert page.count("#derivation h2") >= 4


def test_a_wrong_claim_gets_a_counterexample_and_a_mend(page: Page) -> None:
    page.open(cell="rnn-sigmoid")
    page.type("#claim", WRONG)
    page.until(lambda: page.text("#grade .verdict") == "wrong")
    assert page.text("#grade mark") == "k+2"
    assert "Counterexample" in page.text("#grade") and "claimed" in page.text("#grade")
    assert "k+1" in page.text("#grade .formula annotation")
    page.type("#claim", WRONG.replace("k+2", "k+1"))
    page.until(lambda: page.text("#grade .verdict") == "correct")


def test_a_mistake_is_shown_below_its_line_with_a_caret(page: Page) -> None:
    page.type("#cell", "z[t] = W @ h[t-1] + x[t]\nh[t] = tanh(z[t]\np[t] = V @ h[t]")
    page.until(lambda: page.one("#cell-error").is_displayed())
    assert "never closed" in page.text("#cell-error")
    assert page.one("#cell").get_attribute("aria-invalid") == "true"
    place = page.run(
        """const field = document.getElementById("cell"), look = getComputedStyle(field);
        const pen = document.createElement("canvas").getContext("2d");
        pen.font = look.font;
        const caret = document.querySelector("#cell-error .caret");
        const range = document.createRange(), text = caret.firstChild;
        range.setStart(text, text.length - 1);
        range.setEnd(text, text.length);
        const there = range.getBoundingClientRect(), box = field.getBoundingClientRect();
        const left = box.left + parseFloat(look.borderLeftWidth) + parseFloat(look.paddingLeft);
        const line = parseFloat(look.lineHeight), top = box.top + parseFloat(look.paddingTop);
        return [(there.left - left) / pen.measureText("x").width, (there.top - top) / line];"""
    )
    column, row = place
    assert column == pytest.approx("h[t] = tanh(".index("("), abs=0.3)
    assert 1.9 < row < 2.6
    assert "p[t] = V @ h[t]" in page.text("#cell-error .rest")
    page.one("#cell").send_keys(Keys.UP, Keys.END, ")")
    page.until(lambda: not page.one("#cell-error").is_displayed())
    page.has("#cell-shown", "Forward equations")


@pytest.mark.parametrize(("field", "typed"), [("query", "dL/dnope"), ("claim", "dL/db_h = foo(")])
def test_a_mistake_in_a_query_or_a_claim_is_shown_below_it(
    page: Page, field: str, typed: str
) -> None:
    page.type(f"#{field}", typed)
    page.until(lambda: page.one(f"#{field}-error").is_displayed())
    assert typed in page.text(f"#{field}-error .caret") and "^" in page.text(
        f"#{field}-error .caret"
    )


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    reached = []
    keyboard = webdriver.ActionChains(page.browser)
    page.until(lambda: page.count("#chips button") > 3)
    while page.run("return document.activeElement.id") != "claim" and len(reached) < 60:
        keyboard.send_keys(Keys.TAB).perform()
        reached.append(page.run("const a = document.activeElement; return a.id || a.textContent"))
    assert reached[:4] == ["Skip to the results", "examples", "cell", "query"]
    assert "dh[T]/dh[k]" in reached and reached[-1] == "claim"
    page.run("document.getElementById('examples').focus()")
    keyboard.send_keys("gru").perform()
    page.until(lambda: "htilde" in page.text("#cell-shown") or "r_{t}" in page.text("#cell-shown"))
    page.run("document.getElementById('query').focus()")
    for _ in range(40):
        keyboard.send_keys(Keys.TAB).perform()
        if page.run("return document.activeElement.textContent") == "dh[T]/dh[k]":
            break
    assert page.run("return document.activeElement.matches(':focus-visible')")
    keyboard.send_keys(Keys.ENTER).perform()
    page.until(lambda: page.text("#answer-heading") == "dh[T]/dh[k]")


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page) -> None:
    page.width(390, 844)
    page.open(cell="lstm", query="dc[t]/dc[t-1]", claim="dL/dW_f = 0")
    page.until(lambda: page.count("#verification table") and page.count("#grade .verdict"))
    assert page.run("return document.documentElement.scrollWidth") <= 390
    for selector in ("#cell", "#query", "#claim", "#graph .body"):
        assert page.one(selector).rect["x"] >= 0
        assert page.one(selector).rect["x"] + page.one(selector).rect["width"] <= 390


def test_the_address_is_what_is_shown_and_shows_it_again(page: Page) -> None:
    own = "h[t] = tanh(W @ h[t-1] + U @ x[t])"
    page.type("#cell", own)
    page.type("#query", "dL/dU")
    page.until(lambda: page.text("#answer-heading") == "dL/dU")
    kept = parse_qs(page.browser.current_url.partition("#")[2])
    assert kept == {"cell": [own], "query": ["dL/dU"]}
    page.browser.refresh()
    page.until(lambda: page.text("#answer-heading") == "dL/dU")
    assert page.one("#cell").get_property("value") == own
    page.open(cell="gru")
    assert page.one("#cell").get_property("value") == read("gru").rstrip()


def test_long_work_shows_progress_and_can_be_cancelled(page: Page) -> None:
    states = range(40)
    much = "\n".join(
        f"a{i}[t] = tanh({' + '.join(f'W{i}_{j} @ a{j}[t-1]' for j in states)})" for i in states
    )
    page.open(cell=much, query="da0[T]/da1[k]")
    page.until(lambda: page.one("#work").is_displayed() and page.text("#work span"))
    page.one("#work button").click()
    page.until(lambda: page.text("#status") == "Cancelled.")
    assert not page.one("#work").is_displayed()
    page.type("#cell", "h[t] = tanh(W @ h[t-1])")
    page.type("#query", "dL/dW")
    page.until(lambda: page.text("#answer-heading") == "dL/dW")


def test_what_is_typed_is_never_run(page: Page) -> None:
    tags = "<script>window.run = 1</script><img src=x onerror='window.run=2'><svg onload='run=3'>"
    page.open(cell=f"title: {tags}\nsource: {tags}\nh[t] = tanh(W @ h[t-1])", query="dL/dW")
    page.until(lambda: page.count("#verification table"))
    assert tags in page.browser.title
    for field in ("cell", "query", "claim"):
        page.open(**{"cell": "rnn", field: tags})
        page.until(lambda field=field: page.one(f"#{field}-error").is_displayed())
    assert page.run("return window.run") is None
    assert page.count("img") == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_light_or_dark_as_the_system_is(page: Page, theme: str) -> None:
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    colour = page.run("return getComputedStyle(document.body).backgroundColor")
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    bright = sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(",")))
    assert (bright > 600) == (theme == "light")
