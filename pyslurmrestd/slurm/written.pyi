from collections.abc import Mapping, Sequence
from typing import Any

from ..data_parser.engine import Records
from ..data_parser.model import Parser
from .layout import Layout

class Written:
    @property
    def address(self) -> int: ...
    def release(self) -> int: ...

def new_record(struct: Parser, values: Mapping[str, Any], layout: Layout = ...) -> Written: ...
def as_records(made: Sequence[Written]) -> Records: ...
