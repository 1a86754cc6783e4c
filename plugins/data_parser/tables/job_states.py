"""States of jobs, and the query for states alone."""

from pyslurmrestd.data_parser.model import F, Flags, Struct, bit, list_of, masked, whole

from ..codecs.no_val import UINT32_NO_VAL
from ..codecs.numbers import UINT32
from ..codecs.steps import SELECTED_STEP_LIST
from ..codecs.times import TIMESTAMP_NO_VAL
from ..versions import V44, V45
from .envelope import response

JOB_STATE = Flags(
    name="JOB_STATE",
    mask="JOB_STATE_FLAGS",
    values=(
        *masked(
            "JOB_STATE_BASE",
            whole("PENDING", "JOB_PENDING", "Waiting to start"),
            whole("RUNNING", "JOB_RUNNING", "Running"),
            whole("SUSPENDED", "JOB_SUSPENDED", "Started, then suspended"),
            whole("COMPLETED", "JOB_COMPLETE", "Ended well: all processes returned 0"),
            whole("CANCELLED", "JOB_CANCELLED", "Cancelled by a user"),
            whole("FAILED", "JOB_FAILED", "Ended with an error"),
            whole("TIMEOUT", "JOB_TIMEOUT", "Ended at its time limit"),
            whole("NODE_FAIL", "JOB_NODE_FAIL", "Ended because a node failed"),
            whole("PREEMPTED", "JOB_PREEMPTED", "Ended by preemption"),
            whole("BOOT_FAIL", "JOB_BOOT_FAIL", "Ended because a node did not boot"),
            whole("DEADLINE", "JOB_DEADLINE", "Ended at its deadline"),
            whole("OUT_OF_MEMORY", "JOB_OOM", "Ended for want of memory"),
            whole("END", "JOB_END", "Not a state", hidden=True, since=V45),
            whole("invalid-placeholder", "JOB_END", "Not a state", hidden=True, until=V44),
        ),
        bit("LAUNCH_FAILED", "JOB_LAUNCH_FAILED", "Could not be launched on its nodes"),
        bit("REQUEUED", "JOB_REQUEUE", "Being requeued"),
        bit("REQUEUE_HOLD", "JOB_REQUEUE_HOLD", "Requeued and held"),
        bit("SPECIAL_EXIT", "JOB_SPECIAL_EXIT", "Requeued and held for a special exit"),
        bit("RESIZING", "JOB_RESIZING", "Changing its size"),
        bit("CONFIGURING", "JOB_CONFIGURING", "Waiting for its nodes to boot"),
        bit("COMPLETING", "JOB_COMPLETING", "Ending on some of its nodes"),
        bit("STOPPED", "JOB_STOPPED", "Stopped, resources kept"),
        bit("RECONFIG_FAIL", "JOB_RECONFIG_FAIL", "Reconfiguring a node failed"),
        bit("POWER_UP_NODE", "JOB_POWER_UP_NODE", "Waiting for nodes to power up"),
        bit("REVOKED", "JOB_REVOKED", "Another cluster of the federation has it"),
        bit("REQUEUE_FED", "JOB_REQUEUE_FED", "Being requeued in the federation"),
        bit("RESV_DEL_HOLD", "JOB_RESV_DEL_HOLD", "Held: its reservation is gone"),
        bit("SIGNALING", "JOB_SIGNALING", "Being sent a signal"),
        bit("STAGE_OUT", "JOB_STAGE_OUT", "Burst buffer data being staged out"),
        bit("EXPEDITING", "JOB_EXPEDITING", "Checked for an expedited requeue", mask="JOB_EXPEDITING", since=V44),
    ),
)

OPENAPI_JOB_STATE_QUERY = Struct(
    name="OPENAPI_JOB_STATE_QUERY",
    fields=(F("job_id", SELECTED_STEP_LIST, "Jobs asked for; all if none is named", source="job_id_list"),),
)

# An entry has the keys of JOB_INFO, whose document it shares.
# Slurm: job_id is a text there, which clients made from the document cannot read.
JOB_STATE_RESP_JOB = Struct(
    name="JOB_STATE_RESP_JOB",
    record="job_state_response_job_t",
    fields=(
        F("job_id", UINT32, "Job id", required=True),
        F("array_job_id", UINT32_NO_VAL, "Job id of the array"),
        F("array_task_id", UINT32_NO_VAL, "Task of the array"),
        F("het_job_id", UINT32_NO_VAL, "Job id of the heterogeneous job"),
        F("job_state", JOB_STATE, "State", source="state"),
        F("state", JOB_STATE, "State", required=True),
    ),
)

JOB_STATE_RESP_MSG = list_of(JOB_STATE_RESP_JOB, "JOB_STATE_RESP_MSG")

OPENAPI_JOB_STATE_RESP = response(
    "OPENAPI_JOB_STATE_RESP",
    F("jobs", JOB_STATE_RESP_MSG, "Jobs found", required=True),
    F("last_backfill", TIMESTAMP_NO_VAL, "Time of the last backfill run", required=True),
    F("last_update", TIMESTAMP_NO_VAL, "Time of the last change", required=True),
)
