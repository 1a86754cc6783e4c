"""libslurm: its calls, its records, and the identity under which calls are made.

pyslurm loads libslurm and initialises it. Our extensions are not linked to it: their symbols are
found because pyslurm loads the library globally, so pyslurm has to come first. That is what this
module sees to; :mod:`.library` then initialises it.
"""

import importlib
import os
import sys

__all__ = ["load_library"]


def load_library() -> None:
    """Load libslurm through pyslurm, without initialising it.

    :raises ImportError: pyslurm, or the libslurm it was built for, is not installed.
    """
    # Otherwise importing pyslurm reads slurm.conf at once, and exits where there is none.
    os.environ["PYSLURM_DISABLE_AUTO_INIT"] = "1"
    flags = sys.getdlopenflags()
    try:
        importlib.import_module("pyslurm")
    finally:
        # pyslurm leaves its own flags behind, which every later extension would be loaded with.
        sys.setdlopenflags(flags)
