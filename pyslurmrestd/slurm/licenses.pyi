from .calls import Calls
from .message import Message

def load_licenses(self: Calls) -> Message: ...
