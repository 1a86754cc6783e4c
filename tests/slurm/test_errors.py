"""Error numbers that have a text of their own here: it is libslurm's."""

from __future__ import annotations

import pytest

from pyslurmrestd.errors import ErrorCode, error_text, http_status
from pyslurmrestd.slurm import load_library


@pytest.mark.parametrize(
    "code", [code for code in ErrorCode if code.text], ids=lambda code: code.name
)
def test_text_is_that_of_the_installed_slurm(code: ErrorCode) -> None:
    load_library()
    from pyslurmrestd.slurm import slurmctld

    assert slurmctld.error_text(code) == code.text == error_text(code)


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (0, 200),
        (1, 403),
        (1002, 502),
        (1007, 511),
        (2017, 404),
        (2100, 422),
        (9211, 422),
        (77, 500),
    ],
)
def test_number_has_a_status_of_its_own_or_of_its_range(number: int, status: int) -> None:
    assert http_status(number) == status
