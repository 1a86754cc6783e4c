"""Answers standard input as ``pyslurmrestd`` does, and tells each stage's processor time.

Run by ``one_shot.py`` in the environment that is measured.
"""

import os
import sys
import time

MARKS = [("the interpreter's start", time.process_time())]


def mark(name):
    MARKS.append((name, time.process_time()))


def marked(place, function, name, before=None):
    """Have a function mark its end, and its beginning where that ends another stage."""
    original = getattr(place, function)

    def call(*values, **named):
        if before:
            mark(before)
        result = original(*values, **named)
        mark(name)
        return result

    setattr(place, function, call)


def leave(status):
    mark("the rest")
    last = 0.0
    for name, now in MARKS:
        print(f"{name}\t{now - last}", file=sys.stderr)
        last = now
    sys.stderr.flush()
    end(status)


from pyslurmrestd import cli  # noqa: E402

mark("import: command line, settings, log, plugins")
from pyslurmrestd.server import inetd  # noqa: E402

mark("import: HTTP, routes, admission")
from pyslurmrestd.application import answer  # noqa: E402
from pyslurmrestd.slurm import library  # noqa: E402

mark("import: engine, plans, layout")
marked(inetd._Conversation, "__init__", "plugins found and loaded")
marked(library, "load_library", "libslurm loaded", "head read, path's tables and handler")
marked(library, "_cluster", "our calls of libslurm loaded", "slurm.conf read (slurm_init)")
marked(answer._Passage, "reply", "the controller asked", "inputs")
marked(answer.Site, "_make_form", "plan of the answer")
end, os._exit = os._exit, leave
sys.argv = ["pyslurmrestd"]
cli.main([])
