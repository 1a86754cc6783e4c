"""What ours tells otherwise than the real daemons on purpose, for answers to GETs: each rule stands
in docs/deviations.md, and is applied to both answers before they are compared."""

from __future__ import annotations

import math
import re
import struct
from typing import Any

from laboratory import Answer

__all__ = [
    "accounted_jobs",
    "accounting_statistics",
    "asked_of_the_real_daemon",
    "evened",
    "failed_there",
    "instances",
    "refused_here",
]

DIGITS = re.compile(r"(?<=update_time=)([0-9]+)(?=&|$)")
TOO_LARGE = "99999999999999999999"

NOT_YET = "update_time=uts1000000"
"""A time before all: Slurm takes no earlier one in this notation."""

PASSING = frozenset(
    {
        # Every message counts, those of the comparison too; the rest changes with the time.
        "rpcs_by_message_type",
        "rpcs_by_user",
        "req_time",
        "server_thread_count",
        "agent_count",
        "agent_thread_count",
        "gettimeofday_latency",
        "schedule_cycle_per_minute",
    }
)
"""Of the statistics."""


def asked_of_the_real_daemon(path: str, release: str) -> str:
    """The same in words that it understands: small letters, and in 24.11 no UNIX times."""
    if release == "24.11":
        path = DIGITS.sub(_as_a_date, path)
        path = path.replace("update_time=uts0&", f"{NOT_YET}&")
        path = re.sub("update_time=uts0$", NOT_YET, path)
    return re.sub("tomorrow", "tomorrow", path, flags=re.IGNORECASE)


def _as_a_date(match: re.Match[str]) -> str:
    digits = match[1]
    return digits if len(digits) in (4, 6) or digits == TOO_LARGE else f"uts{digits}"


def refused_here(path: str) -> bool:
    """Whether the real daemon takes a number that no 64 bits can hold, for another one."""
    return TOO_LARGE in path


def failed_there(answer: Answer, release: str) -> bool:
    """Whether 24.11 looked up partitions of nodes that have not changed."""
    return release == "24.11" and b'"Unable to query partitions"' in answer.body


def evened(path: str, ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """Both answers without what differs on purpose."""
    if ours["errors"]:
        # The keys that the document requires are there as well, and then the order is another.
        ours = {key: ours[key] for key in theirs if key in ours}
        if release == "24.11":
            _without_functions(ours)
            _without_functions(theirs)
    plugin, _, *words = path.partition("?")[0].split("/")[1:]
    rules = OF_ACCOUNTING if plugin == "slurmdb" else RULES
    rule = rules.get(words[1] if words[:2] == ["jobs", "state"] else words[0])
    return rule(ours, theirs, release) if rule else (ours, theirs)


def _without_functions(answer: Any) -> None:
    """Without the names of functions as sources, nor what was asked for in other words."""
    for error in answer["errors"]:
        error["description"] = error["description"].replace('"uts', '"')
        if not error["source"].startswith("#"):
            error["source"] = ""


def _shares(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """Parameters without effect are told here, and what JSON has no number for."""
    ours["warnings"] = [
        warning
        for warning in ours["warnings"]
        if "is without effect" not in warning["description"]
        and not warning["description"].startswith("Ignoring unknown field")
    ]
    if "+fast" in ours["meta"]["plugin"]["data_parser"]:
        theirs["warnings"] = [
            warning
            for warning in theirs["warnings"]
            if not warning["description"].endswith("as place holder for Infinity")
        ]
    for entry in theirs.get("shares", {}).get("shares", ()):
        if entry["fairshare"]["level"] == math.inf:
            entry["fairshare"]["level"] = "Infinity"
    return ours, theirs


def _conf(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """The time since which nothing has changed: the real daemon tells wrong how long ago it is."""
    for answer in (ours, theirs):
        for warning in answer["warnings"]:
            warning["description"] = re.sub(r"\[.*\]=", "[]=", warning["description"])
    return ours, theirs


def _states(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """Ids are texts there, and required times are not told. 26.05 names tasks by the wrong job."""
    told = {key: ours[key] for key in ours if not key.startswith("last_")}
    told["jobs"] = [(_number(job["array_task_id"]), job["state"]) for job in ours.get("jobs", ())]
    expected = dict(theirs)
    tasks = [job["job_id"].partition("_")[2] for job in theirs.get("jobs") or ()]
    expected["jobs"] = [
        (int(task) if task.isdecimal() else None, job["state"])  # "*": tasks that are to come
        for task, job in zip(tasks, theirs.get("jobs") or (), strict=True)
    ]
    return told, expected


def _number(task: Any) -> int | None:
    """Of a task, also as ``+complex`` tells it."""
    if isinstance(task, dict):
        task = task["number"] if task["set"] else None
    return task if isinstance(task, int) else None


def _jobs(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """24.11 leaves ``%N`` in the names of files as it is; here it is the name of a node."""
    if release == "24.11":
        for job, other in zip(ours.get("jobs", ()), theirs.get("jobs", ()), strict=False):
            for key in ("standard_input", "standard_output", "standard_error"):
                pattern = re.escape(other.get(key, "")).replace("%N", r"c\d")
                if "%N" in other.get(key, "") and re.fullmatch(pattern, job[key]):
                    job[key] = other[key]
    return ours, theirs


def _statistics(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """Only what there is of the numbers that pass."""
    for answer in (ours, theirs):
        statistics = answer["statistics"]
        for key in PASSING & statistics.keys():
            value = statistics[key]
            if isinstance(value, list):
                statistics[key] = [list(entry) for entry in value]
            else:
                statistics[key] = type(value).__name__
    return ours, theirs


def _node(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """24.11 looks partitions up by the node's place among all nodes, which it does not know."""
    if release == "24.11":
        for answer in (ours, theirs):
            for node in answer.get("nodes", ()):
                del node["partitions"]
    return ours, theirs


def accounted_jobs(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """Frequencies are numbers; the real daemons show the bits of a double. The node in the name of
    a file is known without steps, too. Times of jobs that go on (of other tests) grow between two
    questions."""
    for job in theirs.get("jobs", ()):
        if "%N" in job.get("stdout", ""):
            node = job["nodes"].split()[0]  # "None assigned" to a job that never ran
            name = job["stdout_expanded"].replace("(null)", node)
            job["stdout_expanded"] = name.replace(job["nodes"], node)
        for step in job["steps"]:
            frequency = step["statistics"]["CPU"]
            bits = struct.pack("<q", frequency["actual_frequency"])
            frequency["actual_frequency"] = int(struct.unpack("<d", bits)[0] + 0.5)
    for answer in (ours, theirs):
        for job in answer.get("jobs", ()):
            if not job["time"]["end"]:
                for told in (job, *job["steps"]):
                    told["time"].pop("elapsed", None)
                    told["time"].pop("planned", None)
    return ours, theirs


def instances(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """Where there is none, the real daemons leave the list out that their document requires."""
    if "instances" in ours and "instances" not in theirs:
        told = dict(theirs)
        theirs = {"instances": [], "meta": told.pop("meta"), **told}
    return ours, theirs


def accounting_statistics(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """What slurmdbd counts and times goes on while two daemons ask it: messages and users are in
    the order of their names, without numbers."""
    for answer in (ours, theirs):
        for key, name in (("RPCs", "rpc"), ("users", "user")):
            entries = answer["statistics"][key]
            entries.sort(key=lambda entry, name=name: entry[name])
            for entry in entries:
                entry["count"] = 0
                entry["time"].update(dict.fromkeys(entry["time"].keys() & {"average", "total"}, 0))
    return ours, theirs


def _resources(ours: Any, theirs: Any, release: str) -> tuple[Any, Any]:
    """The list is there, as the document requires."""
    if "nodes" in ours and "nodes" not in theirs:
        theirs = {"nodes": [], "meta": theirs["meta"], **theirs}
    return ours, theirs


RULES = {
    "job": _jobs,
    "jobs": _jobs,
    "shares": _shares,
    "conf": _conf,
    "state": _states,
    "diag": _statistics,
    "node": _node,
    "resources": _resources,
}
"""By the first words of a path of ``/slurm`` after the version."""

OF_ACCOUNTING = {
    "job": accounted_jobs,
    "jobs": accounted_jobs,
    "instance": instances,
    "instances": instances,
    "diag": accounting_statistics,
}
"""The same of ``/slurmdb``."""
