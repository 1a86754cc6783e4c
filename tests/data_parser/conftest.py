"""Parsing contexts of every API version, without Slurm."""

from __future__ import annotations

import pytest
from contexts import CONSTANTS, NewContext

from pyslurmrestd.data_parser.parse import ParseContext
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.plugins.data_parser.versions import VERSIONS


@pytest.fixture(params=VERSIONS, ids=str)
def version(request: pytest.FixtureRequest) -> ApiVersion:
    """Each API version in turn."""
    found: ApiVersion = request.param
    return found


@pytest.fixture
def context(version: ApiVersion) -> ParseContext:
    """A context of the version, without data_parser flags."""
    return ParseContext(version, frozenset(), CONSTANTS)


@pytest.fixture
def new_context(version: ApiVersion) -> NewContext:
    """Makes a context of the version with data_parser flags."""
    return lambda *flags: ParseContext(version, frozenset(flags), CONSTANTS)
