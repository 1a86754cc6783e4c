from collections.abc import Sequence
from typing import Final

IDLE_SECONDS: Final[float]
MOST_IDLE: Final[int]

def close_all() -> None: ...
def idle() -> Sequence[tuple[str, str | None, str | None]]: ...
