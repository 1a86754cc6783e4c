"""What the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_a_document_names_exist(document: Path) -> None:
    named = re.findall(r"`([\w.]+(?:/[\w.]+)+)/?`", document.read_text("utf-8"))
    inside = [name for name in named if (ROOT / name.partition("/")[0]).is_dir()]
    assert inside
    assert [name for name in inside if not (ROOT / name).exists()] == []
