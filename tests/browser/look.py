"""What every page has to stand: axe in light and dark, no word in the console, 320 px, the keyboard."""

import os
import shutil
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from app.core.settings import ROOT

ADVICE = "no chromium on the PATH: apt-get install chromium libatomic1 fonts-dejavu-core, then these tests run"
SHOTS = Path(__file__).with_name(".shots")
PICTURES = ROOT / "docs" / "pictures"
_AXE = Axe()
_NARROW = {"width": 320, "height": 640}
_WIDE = {"width": 1280, "height": 900}
_CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary"
# Notes what gets the focus by the keys, so that the walk needs one question at its end and not one a step.
_WATCH = """(controls) => {
  const all = [...document.querySelectorAll(controls)];
  window.walked = [];
  document.addEventListener('focusin', (event) => {
    const at = event.target;
    const box = at.getBoundingClientRect();
    const seen = box.width > 0 && box.height > 0 && getComputedStyle(at).outlineStyle !== 'none';
    window.walked.push({ index: all.indexOf(at), seen, what: at.outerHTML.slice(0, 120) });
  });
  document.activeElement.blur();
  window.scrollTo(0, 0);
  document.body.focus();
  const wanted = all.filter(
    each => each.checkVisibility() && !each.disabled && !each.matches('input[type=radio]')).length;
  return { wanted, others: document.querySelectorAll('[tabindex="0"]').length };
}"""


def chromium() -> str | None:
    """The browser of this machine; None without one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Visit:
    """What the browser complained about on a page since it was opened."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "the server responded with a status of 4" not in text:
            self.complaints.append(f"{kind}: {text}")

    @classmethod
    def of(cls, page: Page) -> "Visit":
        """The visit of that page."""
        if page not in _VISITS:
            _VISITS[page] = cls(page)
        return _VISITS[page]


_VISITS: WeakKeyDictionary[Page, Visit] = WeakKeyDictionary()


async def check_page(page: Page, name: str = "") -> None:
    """Assert that the page at hand stands it; `name` keeps screenshots (wide, dark, narrow) in tests/browser/.shots."""
    await page.set_viewport_size(_WIDE)  # type: ignore[arg-type]
    faults = {}
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.wait_for_timeout(50)
        faults[scheme] = await axe_faults(page, colours_only=scheme == "dark")
        if name:
            await shot(page, f"{name}-{scheme}")
    await page.emulate_media(color_scheme="light")
    assert faults == {"light": [], "dark": []}
    await page.set_viewport_size(_NARROW)  # type: ignore[arg-type]
    if name:
        await shot(page, f"{name}-narrow")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320, f"the page is {width} px wide at 320 px"
    await page.set_viewport_size(_WIDE)  # type: ignore[arg-type]
    assert await unreached(page) == []
    assert Visit.of(page).complaints == []


async def axe_faults(page: Page, *, colours_only: bool = False) -> list[str]:
    """What axe finds, as sentences. Light and dark differ in colours alone, so the second look is at those."""
    found: Any = await _AXE.run(page, options={"runOnly": ["color-contrast"]} if colours_only else None)
    return [
        f"{each['id']}: {each['help']} at {node['html'][:160]} ({node['failureSummary'][:200]})"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]


async def unreached(page: Page) -> list[str]:
    """Walk the page by Tab: what has no visible focus, or how many controls were not reached."""
    found = await page.evaluate(_WATCH, _CONTROLS)
    for _ in range(found["wanted"] + found["others"] + 3):
        await page.keyboard.press("Tab")
    walked = await page.evaluate("window.walked")
    faults = [f"no visible focus: {each['what']}" for each in walked if not each["seen"]]
    if missed := found["wanted"] - len({each["index"] for each in walked} - {-1}):
        faults.append(f"{missed} of {found['wanted']} controls are not reached by Tab")
    return list(dict.fromkeys(faults))


async def shot(page: Page, name: str) -> None:
    """A screenshot of the whole page into tests/browser/.shots."""
    SHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


async def picture(page: Page, name: str, *, width: int = 1280, height: int = 800) -> None:
    """A picture of the documentation, docs/pictures/<name>.png, when VEREFFEN_PICTURES is set."""
    if os.environ.get("VEREFFEN_PICTURES"):
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        await page.screenshot(path=PICTURES / f"{name}.png")
