"""What MkDocs makes beside the files here: an overview from README, and a page of the settings."""

from __future__ import annotations

import re
from typing import Any

from mkdocs.structure.files import File, Files

from pyslurmrestd.settings import OPTIONS, Option

ELSEWHERE = re.compile(r"\[([^\]]*)\]\((?!docs/|https?:|#)[^)]*\)")
"""Links of README to what is no page."""


def on_files(files: Files, config: Any) -> Files:
    """MkDocs calls this with what it has found."""
    for name, text in (("index.md", overview(config)), ("settings.md", settings())):
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """MkDocs calls this with each page's text."""
    return markdown.replace("](../README.md#settings)", "](settings.md)")


def overview(config: Any) -> str:
    """README, without its table of settings, which has a page."""
    with open(f"{config.docs_dir}/../README.md", encoding="utf-8") as file:
        text = file.read()
    before, _, rest = text.partition("## Settings\n")
    _, _, after = rest.partition("\n## ")
    text = f"{before}## Settings\n\nOn a [page of their own](settings.md).\n\n## {after}"
    return ELSEWHERE.sub(r"\1", text).replace("](docs/", "](")


def settings() -> str:
    """A section for each setting."""
    lines = [
        "# Settings",
        "",
        "The command line wins over the environment; `SLURMRESTD_LISTEN` and addresses on the",
        "command line add up. The bounds among them are in one table with all [limits](limits.md).",
        "",
    ]
    for title, chosen in (
        ("Options", [option for option in OPTIONS if option.flags]),
        ("Variables without an option", [option for option in OPTIONS if not option.flags]),
    ):
        lines += [f"## {title}", ""]
        for option in chosen:
            lines += section(option)
    return "\n".join(lines)


def section(option: Option) -> list[str]:
    """Spellings, meaning, and of a bound its reason."""
    spelled = []
    for name in (*option.flags, *option.environment):
        between = " " if name in option.flags and not name.startswith("--") else "="
        spelled.append(f"`{name}{between}{option.takes}`" if option.takes else f"`{name}`")
    title = (*option.flags, *option.environment)[0]
    lines = [f"### {title}", "", ", ".join(spelled), "", f"{option.text}.", ""]
    if option.reason:
        lines += [f"Why so much: {option.reason}.", ""]
    return lines
