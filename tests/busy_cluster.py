"""A cluster with something of everything on it, as comparisons with the real daemons want it:
jobs, nodes, partitions and reservations in every state that the lab can bring about, licenses and
GPUs in use. What it makes is gone afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from laboratory import Lab

__all__ = [
    "ACTIVE_RESERVATIONS",
    "NODES",
    "OTHER_NODES",
    "PARTITIONS",
    "RESERVATIONS",
    "busy_cluster",
    "made_reservations",
]

RESERVATIONS = {
    "users": "Users=alice,bob Accounts=sci StartTime=now+1hour Duration=60"
    " Nodes=sim[0001-0003],sim0007 Partition=batch Flags=IGNORE_JOBS,DAILY",
    "not_user": "Users=-bob StartTime=now+3days Duration=120 NodeCnt=1 Partition=real",
    "cores": "Users=alice StartTime=now+2hours Duration=30 Partition=real CoreCnt=2 Flags=MAGNETIC",
    "licenses": "Accounts=sci StartTime=now+1hour Duration=UNLIMITED Licenses=matlab:3,ansys:1"
    " Flags=ANY_NODES",
    "tres": "Users=bob StartTime=now+5hours Duration=30 Partition=real TRES=cpu=4",
    "group": "Groups=alice StartTime=now+2days Duration=10 NodeCnt=2 Partition=real"
    " Flags=FLEX,REPLACE",
    "purged": "Users=root StartTime=now+1hour Duration=10 Nodes=c1"
    " Flags=PURGE_COMP=00:05:00,OVERLAP MaxStartDelay=00:10",
    "partition": "Users=root StartTime=now+1hour Duration=10 Partition=batch Nodes=ALL"
    " Flags=IGNORE_JOBS,MAINT,WEEKLY",
}
"""What scontrol is asked for, by the name of the reservation; none has begun."""

ACTIVE_RESERVATIONS = {
    "busy": "Users=alice StartTime=now Duration=60 Nodes=c4 CoreCnt=2 Flags=IGNORE_JOBS",
    "licensed": "Users=alice StartTime=now Duration=60 Licenses=matlab:3 Flags=ANY_NODES",
    "maintained": "Users=root StartTime=now Duration=60 Nodes=sim0009 Flags=MAINT,IGNORE_JOBS",
}

PARTITIONS = {
    "inactive": "nodes=c2 state=INACTIVE",
    "down": "nodes=c[2-3] state=DOWN maxtime=60 defaulttime=30",
    "draining": "nodes=c4 state=DRAIN oversubscribe=force:3 prioritytier=0 gracetime=5",
    "hidden": "nodes=c2,sim0001 hidden=yes lln=yes qos=high allowaccounts=sci maxmempercpu=300",
    "empty": "denyqos=high rootonly=yes reqresv=yes exclusive=USER preemptmode=requeue",
}

NODES = {
    "dyn1": "",
    "dyn2": "state=drain reason='bad fan'",
    "dyn3": "state=down reason=out",
    "dyn4": "state=fail reason=soon",
}
"""Dynamic nodes, and what is done to them."""

OTHER_NODES = {
    "sim0011": "state=drain reason='down and drained'",
    "sim0012": "comment='a comment' extra=more weight=7",
}
BACK = {"sim0011": "state=undrain", "sim0012": "comment= extra= weight=1"}

COMPLETING = Path("/run/lab/completing")
"""See lab/inside/epilog."""

COMMON = "--time=30 --output=/tmp/%j.out --comment='é \\\"quoted\\\" / slash'"
SLEEP = "--wrap 'sleep 900'"

RUNNING = {
    "running": f"{COMMON} -p debug -n1 --wrap 'srun sleep 900'",
    "suspended": f"{COMMON} -p real -w c2 {SLEEP}",
    "licensed": f"{COMMON} -p real -w c3 -L matlab:2,ansys:1 --qos=high {SLEEP}",
    "gpu": f"{COMMON} -p real -w c[2-3] -N2 -n2 --gres=gpu:a100:1 --mem=100 {SLEEP}",
    "reserved": f"{COMMON} -p real --reservation=busy {SLEEP}",
    "completing": f"{COMMON} -p real -w c3 {SLEEP}",
    "array": f"{COMMON} -p real -w c2 --array=0-3%1 {SLEEP}",
    "components": f"{COMMON} -p real -w c2 -n1 : -t 30 -p real -w c3 -n1 {SLEEP}",
}
"""Options of jobs that begin soon: at once, but for the heterogeneous one. The array comes last, as
its waiting tasks keep others from beginning at once."""

PENDING = {
    "pending": f"{COMMON} --hold --mail-type=END,FAIL --wrap 'true'",
    "het": f"{COMMON} --hold -n1 : -n1 --wrap 'true'",
    "wanting": f"{COMMON} --hold -L matlab:1 --gres=gpu:1 -p real --wrap 'true'",
    "several": f"{COMMON} -p real,batch,debug --begin=now+1day --wrap 'true'",
    "dependent": f"{COMMON} -p real --dependency=afterok:{{running}} --kill-on-invalid-dep=yes"
    " --wrap 'true'",
    "too big": f"{COMMON} -p real -N3 --exclusive --time=40 --deadline=now+2hours --wrap 'true'",
}

ENDED = {
    "completed": (f"{COMMON} -p real --wrap 'true'", "COMPLETED"),
    "failed": (f"{COMMON} -p real --error=/tmp/%x.%j.err --wrap 'exit 3'", "FAILED"),
    "signalled": (f"{COMMON} -p real --wrap 'kill -9 $$'", "FAILED"),
    "special": (f"{COMMON} -p real --wrap 'exit 4'", "FAILED"),
}
"""Options, and the state in which the job ends."""

CRONTAB = "#SCRON -p real -t 5 -J nightly\n0 0 1 1 * /bin/true\n"


@contextmanager
def made_reservations(lab: Lab, wanted: dict[str, str] = RESERVATIONS) -> Iterator[tuple[str, ...]]:
    """With these reservations; gives their names."""
    names = tuple(wanted)
    lab.delete_reservations(*names)
    try:
        for name, options in wanted.items():
            lab.run(f"scontrol create reservation ReservationName={name} {options}")
        yield names
    finally:
        lab.delete_reservations(*names)


@contextmanager
def busy_cluster(lab: Lab) -> Iterator[dict[str, int]]:
    """With all of it; gives the ids of jobs by what they are."""
    with ExitStack() as made:
        made.enter_context(made_reservations(lab, ACTIVE_RESERVATIONS))
        made.enter_context(_partitions(lab))
        made.enter_context(_nodes(lab))
        yield made.enter_context(_jobs(lab))


@contextmanager
def _partitions(lab: Lab) -> Iterator[None]:
    lab.delete_partitions(*PARTITIONS)
    try:
        for name, options in PARTITIONS.items():
            lab.run(f"scontrol create partitionname={name} {options}")
        yield
    finally:
        lab.delete_partitions(*PARTITIONS)


@contextmanager
def _nodes(lab: Lab) -> Iterator[None]:
    line = "NodeName=dyn[1-4] NodeAddr=127.2.1.[1-4] CPUs=4 RealMemory=100 Feature=old,new"
    with lab.dynamic_nodes(f"{line} State=EXTERNAL"):
        try:
            for name, options in {**NODES, **OTHER_NODES}.items():
                if options:
                    lab.run(f"scontrol update nodename={name} {options}")
            yield
        finally:
            for name, options in BACK.items():
                lab.run(f"scontrol update nodename={name} {options}")


@contextmanager
def _jobs(lab: Lab) -> Iterator[dict[str, int]]:
    found: dict[str, int] = {}
    try:
        for name, (options, _) in ENDED.items():
            found[name] = lab.submit(options)
        for name, options in RUNNING.items():
            found[name] = lab.submit(options)
        for name, options in PENDING.items():
            found[name] = lab.submit(options.format(**found))
        found["cron"] = _cron_job(lab)
        for name, (_, state) in ENDED.items():
            lab.wait_for(lambda name=name, state=state: lab.job_state(found[name]) == state)
        lab.run(f"scontrol requeuehold State=SpecialExit {found['special']}")
        for name in RUNNING:
            # Backfill comes by every half minute, later where much runs.
            lab.wait_for(lambda name=name: "RUNNING" in lab.job_state(found[name]).split(), 150)
        lab.run(f"scontrol suspend {found['suspended']}")
        COMPLETING.mkdir(parents=True, exist_ok=True)
        (COMPLETING / str(found["completing"])).touch()
        lab.cancel(found["completing"])
        lab.wait_for(lambda: lab.job_state(found["completing"]) == "COMPLETING")
        lab.run("scontrol update nodename=c3 state=drain reason=maintenance")
        yield found
    finally:
        for kept in COMPLETING.glob("*"):
            kept.unlink()
        lab.run("scontrol update nodename=c3 state=undrain", check=False)
        lab.run("scrontab -r", user="alice", check=False)
        lab.cancel(*found.values())
        lab.wait_for(lambda: not lab.run("squeue -h -t running,suspended,completing"))


def _cron_job(lab: Lab) -> int:
    lab.run(f"printf '{CRONTAB}' | scrontab -", user="alice")
    return int(lab.run("squeue -h -o %A -n nightly").split()[0])
