"""What the documents name is there."""

from __future__ import annotations

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from pyslurmrestd.settings import OPTIONS, Option
from pyslurmrestd.worker.settings import PoolSettings

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_exist(document: Path) -> None:
    named = re.findall(r"`([\w.]+(?:/[\w.]+)+)/?`", document.read_text("utf-8"))
    inside = [name for name in named if (ROOT / name.partition("/")[0]).is_dir()]
    assert inside
    assert [name for name in inside if not (ROOT / name).exists()] == []


LIMITS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs/limits.md").read_text("utf-8").splitlines()
    if line.startswith("| ")
][1:]
BOUNDS = [option for option in OPTIONS if option.reason]
AUTOMATIC = {"workers": "processes", "threads": "threads", "timeout": "deadline"}
"""Settings whose default is to leave it to the pool."""


def amount(option: Option) -> str:
    """The default of a bound, as people write it."""
    value = option.default
    if option.name in AUTOMATIC:
        assert not value
        value = getattr(PoolSettings(), AUTOMATIC[option.name])
    if value is None:
        return "none"
    if option.takes == "SECONDS":
        return f"{value:g} s"
    if option.takes == "COUNT":
        return f"{value:,}"
    assert option.takes == "BYTES"
    return f"{value >> 20} MiB" if value >= 1 << 20 else f"{value >> 10} KiB"


def test_each_row_of_the_limits_is_of_a_setting_or_says_why_it_is_fixed() -> None:
    names = [f"`{(option.flags or option.environment)[-1]}`" for option in BOUNDS]
    assert sorted(row[2] for row in LIMITS if row[2] != "fixed") == sorted(names)
    assert [row[0] for row in LIMITS if len(row) != 5 or not all(row)] == []


@pytest.mark.parametrize("option", BOUNDS, ids=lambda option: option.name)
def test_the_limits_tell_the_default_of_a_setting_and_its_reason(option: Option) -> None:
    name = f"`{(option.flags or option.environment)[-1]}`"
    (row,) = [row for row in LIMITS if row[2] == name]
    assert re.match(rf"{re.escape(amount(option))}(,| a second|$)", row[1])
    assert row[4] == option.reason


class Page(HTMLParser):
    """The links of a page, and what may be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.links += [told[name] for name in ("href", "src") if name in told]
        self.anchors.update(told[name] for name in ("id", "name") if name in told)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, built with no warning let pass."""
    site = tmp_path_factory.mktemp("pages")
    subprocess.run(
        ["mkdocs", "build", "--quiet", "--strict", "--site-dir", str(site)], cwd=ROOT, check=True
    )
    return site


def test_every_document_is_a_page_and_every_setting_on_one(site: Path) -> None:
    for document in DOCUMENTS:
        assert (site / document.stem / "index.html").exists()
    settings = (site / "settings/index.html").read_text("utf-8")
    for option in OPTIONS:
        for name in (*option.flags, *option.environment):
            assert f"<code>{name}" in settings


def test_links_of_pages_lead_somewhere(site: Path) -> None:
    pages = {path: Page(path.read_text("utf-8")) for path in site.rglob("*.html")}
    broken, found = [], 0
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"https?:|data:|mailto:", link):
                continue
            target, anchor = urldefrag(link)
            to = site / target.lstrip("/") if target.startswith("/") else path.parent / target
            to = to.resolve() if target else path
            to = to / "index.html" if to.is_dir() else to
            found += 1
            there = to.is_file() and (to not in pages or unquote(anchor) in pages[to].anchors)
            if not there:
                broken.append(f"{path.relative_to(site)}: {link}")
    assert broken == []
    assert found > 100


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text("utf-8")
        assert re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=[\"']?https?:[^>]*", text) == []


@pytest.mark.parametrize("document", [ROOT / "README.md", *DOCUMENTS], ids=lambda path: path.name)
def test_links_of_documents_lead_to_files(document: Path) -> None:
    """As they stand in the repository."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []
