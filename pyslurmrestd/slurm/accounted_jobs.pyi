from ..data_parser.engine import Records
from .slurmdbd import Owner, Slurmdbd

def load_jobs(self: Slurmdbd, condition: Owner) -> Records: ...
