from ..data_parser.engine import Records
from .calls import Calls

def ping(self: Calls) -> Records: ...
