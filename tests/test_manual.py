"""The manual has every screen, and the pictures that the documents name are there and small."""

import re

from app.core.settings import ROOT
from app.web.access import policy
from app.web.page import is_page

MANUAL = sorted((ROOT / "docs" / "manual").glob("*.md"))
PICTURES = ROOT / "docs" / "pictures"
_MOST_BYTES = 150_000
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")


def screens() -> set[str]:
    """The address of every page that a role opens; parts that a page asks for by itself are none."""
    routes = (route.split(" ") for route, roles in policy().items() if roles)
    return {path for method, path in routes if method == "GET" and is_page(path) and not path.endswith("/progress")}


def test_every_page_stands_in_the_manual() -> None:
    named = set(re.findall(r"`(/[^`]*)`", "\n".join(page.read_text(encoding="utf-8") for page in MANUAL)))
    assert sorted(screens() - named) == []


def test_the_manual_names_no_page_that_there_is_not() -> None:
    known = screens() | {"/sign-in"}
    for page in MANUAL:
        found = re.search(r"^Adres(?:sen)?: (.*)$", page.read_text(encoding="utf-8"), re.M)
        assert set(re.findall(r"`(/[^`]*)`", found[1] if found else "")) - known == set(), page.name


def test_every_picture_that_is_named_exists_says_what_it_shows_and_is_small() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = [(page, text, link) for page in pages for text, link in _PICTURE.findall(page.read_text(encoding="utf-8"))]
    faults = [
        f"{page.name}: {link}"
        for page, text, link in named
        if not text or not (page.parent / link).exists() or (page.parent / link).stat().st_size > _MOST_BYTES
    ]
    assert faults == []
    assert len(named) > 5


def test_every_picture_is_named_somewhere() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    assert [each.name for each in sorted(PICTURES.glob("*.png")) if f"pictures/{each.name}" not in text] == []
