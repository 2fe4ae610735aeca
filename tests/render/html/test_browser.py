"""Every page in Chromium, as wide as a phone: no formula is empty, cut off, or makes it wider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import NEEDED, chromium
from tests.render.everything import ABOUT, derivation, html_page

pytestmark = NEEDED
PHONE = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": True}
MEASURE = """
const tex = (math) => math.querySelector("annotation").textContent;
const maths = [...document.querySelectorAll("math")];
const boxes = [...document.querySelectorAll(".formula .scroll")];
const flat = (part) => part.textContent.trim().replace(/[\\u2061-\\u2064]/g, "")
    && part.getBoundingClientRect().height < 1;
return {
    formulas: boxes.length,
    empty: maths.filter((math) => {
        const box = math.getBoundingClientRect();
        return box.width < 2 || box.height < 4
            || [...math.querySelectorAll("mi, mo, mn, mtext, mfrac, mtable")].some(flat);
    }).map(tex),
    cut: boxes.filter((box) => box.scrollHeight > box.clientHeight + 1).map(tex),
    wide: document.documentElement.scrollWidth - innerWidth,
    buttons: document.querySelectorAll(".copy").length,
};
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        yield driver


@pytest.mark.parametrize("name", ABOUT)
def test_every_formula_is_seen_on_a_phone(name: str, browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(html_page(name), encoding="utf-8")
    browser.get(path.as_uri())
    found = browser.execute_script(MEASURE)
    assert found["formulas"] == found["buttons"] == len(derivation(name).formulas)
    assert found["empty"] == found["cut"] == []
    assert found["wide"] <= 0
    assert browser.get_log("browser") == []  # the page keeps its own policy
