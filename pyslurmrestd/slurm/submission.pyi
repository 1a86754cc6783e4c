from collections.abc import Iterable, Mapping
from typing import Any

from ..data_parser.model import Parser
from .calls import Calls
from .outcomes import Killed, Submitted, Updated

def submit(self: Calls, struct: Parser, description: Mapping[str, Any]) -> Submitted: ...
def submit_het(
    self: Calls, struct: Parser, descriptions: Iterable[Mapping[str, Any]]
) -> Submitted: ...
def update_job(
    self: Calls, job_id: str, struct: Parser, description: Mapping[str, Any]
) -> Updated: ...
def kill_job(self: Calls, job_id: str, signal: int, flags: int) -> Killed: ...
