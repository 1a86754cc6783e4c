from collections.abc import Callable, Mapping
from typing import Any

FUNCTIONS: Mapping[str, int | Callable[[int], Any]]
