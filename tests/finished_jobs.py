"""Jobs that have ended in many ways, made once for the tests that read them from accounting."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from laboratory import Lab

__all__ = ["Finished", "finish_jobs"]

RESERVATION = "accounted"

KINDS = {
    "steps": "-N3 -n3 -C real -t 10 --mem=100 --wckey=analysis --qos=high --extra=text"
    " --comment='é \\\"quoted\\\" / slash' --output=/tmp/%x.%A.%a.%j.%u.out --error=/tmp/%j.err"
    " --wrap 'srun -n3 --output=/tmp/%j.%s.%t.%N.out sleep 2; srun -n1 -J two true;"
    ' srun -n2 -m cyclic sh -c "exit 4"; true\'',
    "array": "--array=0-3%2 --output=/tmp/%A_%a.out --wrap 'exit $SLURM_ARRAY_TASK_ID'",
    "het": "-n1 : -n2 --mem-per-cpu=50 --wrap 'srun --het-group=0,1 true'",
    "failed": "--error=/tmp/%x.%j.err --input=/dev/null --wrap 'exit 3'",
    "signaled": "--output=/tmp/%N.%j.out --wrap 'kill -9 $$'",
    "gpu": "--gres=gpu:1 -L matlab:1 --exclusive --wrap 'srun true'",
    "requeued": "--wrap 'sleep 4'",
    "cancelled": "--wrap 'srun sleep 300'",
    "never": "--hold --nice=5 --wrap true",
}
"""What sbatch is asked for, by what becomes of the job."""


@dataclass(frozen=True)
class Finished:
    """Ids of alice's jobs by what became of them, and when (UNIX time) they began and ended."""

    ids: dict[str, int]
    since: int
    until: int


def finish_jobs(lab: Lab) -> Finished:
    """Run the jobs, and wait until slurmdbd knows that they have ended."""
    since = int(time.time())
    reserved = _reserved_job(lab)
    ids = {name: lab.submit(f"-p real -J {name} {options}") for name, options in KINDS.items()}
    ids["reserved"] = reserved
    for name in ("requeued", "cancelled"):
        lab.wait_for(lambda name=name: lab.job_state(ids[name]) == "RUNNING", 120)
    lab.wait_for(lambda: lab.run(f"squeue -h -s -j {ids['cancelled']}"))
    lab.run(f"scontrol requeue {ids['requeued']}")
    lab.run(f"scancel {ids['cancelled']} {ids['never']}")
    # It would wait for two minutes.
    lab.wait_for(lambda: lab.job_state(ids["requeued"]) == "PENDING")
    lab.run(f"scontrol update jobid={ids['requeued']} StartTime=now")
    numbers = ",".join(map(str, ids.values()))
    lab.wait_for(lambda: not lab.run(f"squeue -h -t PD,R,CG,S -j {numbers}"), 120)
    ends = f"sacct -n -P -o end,state -j {numbers}"
    lab.wait_for(lambda: not re.search("Unknown|REQUEUED", lab.run(ends)))
    return Finished(ids, since, int(time.time()) + 1)


def _reserved_job(lab: Lab) -> int:
    lab.delete_reservations(RESERVATION)
    lab.run(
        f"scontrol create reservation ReservationName={RESERVATION} Users=alice Nodes=c4"
        " StartTime=now Duration=10"
    )
    try:
        lab.wait_for(lambda: "State=ACTIVE" in lab.run(f"scontrol show reservation {RESERVATION}"))
        time.sleep(2)  # slurmdbd finds no name where both begin within a second
        job = lab.submit(f"-p real -J reserved --reservation={RESERVATION} --wrap true")
        lab.wait_for(lambda: lab.job_state(job) == "COMPLETED")
        time.sleep(1)
    finally:
        lab.delete_reservations(RESERVATION)
    return job
