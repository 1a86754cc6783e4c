from typing import Any

from ..auth.credential import Credential

class Calls:
    known: bool | None
    def __init__(self, credential: Credential, deadline: float = ...) -> None: ...

def error_text(number: int) -> str: ...
def settings() -> dict[str, Any]: ...
