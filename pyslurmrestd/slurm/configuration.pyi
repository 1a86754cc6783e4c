from ..data_parser.engine import Records
from .calls import Calls

def load_conf(self: Calls, update_time: int) -> Records: ...
