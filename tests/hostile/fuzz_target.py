"""Fuzzes one target with atheris: ``fuzz_target.py NAME [option of libFuzzer...] DIRECTORY``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["pyslurmrestd"]):
    import hostile_texts
    import hostile_traffic
from hostile_changes import OF_JSON, mutated
from hostile_seeds import SEEDS

TARGETS = {**hostile_texts.TARGETS, **hostile_traffic.TARGETS}


def main() -> None:
    name, *options = sys.argv[1:]
    directories = [Path(option) for option in options if not option.startswith("-")]
    for number, seed in enumerate(SEEDS[name]()):
        (directories[0] / f"seed-{number}").write_bytes(seed)
    how: dict[str, Any] = {}
    if name in OF_JSON:
        before = OF_JSON[name]
        how["custom_mutator"] = lambda data, most, seed: mutated(
            data, most, seed, before, atheris.Mutate
        )
    if name == "given":
        hostile_texts.constants()
    atheris.Setup([sys.argv[0], *options], TARGETS[name], **how)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
