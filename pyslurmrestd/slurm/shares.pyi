from ..data_parser.engine import Records
from .calls import Calls

def load_shares(self: Calls) -> Records: ...
