"""What comes back from submitting, updating, requeueing and signalling jobs."""

from pyslurmrestd.data_parser.model import Either, F, Struct, list_of, pointer

from ..codecs.no_val import UINT32_NO_VAL
from ..codecs.numbers import INT32, UINT32
from ..codecs.signals import SIGNAL
from ..codecs.steps import SELECTED_STEP, SELECTED_STEP_PTR, STEP_ID
from ..codecs.strings import ERROR, STRING
from ..versions import V40, V41, V42, V45
from .envelope import response
from .job_flags import WARN_FLAGS

JOB_SUBMIT_RESPONSE_MSG = Struct(
    name="JOB_SUBMIT_RESPONSE_MSG",
    fields=(
        F("job_id", UINT32, "Job id"),
        F("step_id", STEP_ID, "The step: batch"),
        F("error_code", UINT32, "Slurm error number; 0 if it can start"),
        F("error", ERROR, "Slurm's text for the number"),
        F("job_submit_user_msg", STRING, "Message of the job_submit plugin"),
    ),
)

OPENAPI_JOB_SUBMIT_RESPONSE = response(
    "OPENAPI_JOB_SUBMIT_RESPONSE",
    F("result", JOB_SUBMIT_RESPONSE_MSG, "The same, in the shape of older versions", deprecated=V40, until=V41),
    F("job_id", UINT32, "Job id"),
    F("step_id", STEP_ID, "The step: batch"),
    F("job_submit_user_msg", STRING, "Message of the job_submit plugin"),
)

JOB_ARRAY_RESPONSE_MSG_ENTRY = Struct(
    name="JOB_ARRAY_RESPONSE_MSG_ENTRY",
    fields=(
        F("job_id", UINT32, "Job id"),
        F("step_id", SELECTED_STEP, "Job, or task of the array"),
        F("error", ERROR, "Slurm's text for the number"),
        F("error_code", INT32, "Slurm error number"),
        F("why", STRING, "What was wrong"),
    ),
)

JOB_ARRAY_RESPONSE_ARRAY = list_of(JOB_ARRAY_RESPONSE_MSG_ENTRY, "JOB_ARRAY_RESPONSE_ARRAY")

JOB_ARRAY_RESPONSE_MSG_PTR_LIST = list_of(pointer(JOB_ARRAY_RESPONSE_ARRAY), "JOB_ARRAY_RESPONSE_MSG_PTR_LIST", since=V45)

OPENAPI_JOB_POST_RESPONSE = response(
    "OPENAPI_JOB_POST_RESPONSE",
    F("results", pointer(JOB_ARRAY_RESPONSE_ARRAY), "One entry for each job changed, if there is anything to tell"),
    F("job_id", STRING, "Not given any more", deprecated=V40, until=V41),
    F("step_id", STRING, "Not given any more", deprecated=V40, until=V41),
    F("job_submit_user_msg", STRING, "Not given any more", deprecated=V40, until=V41),
)

OPENAPI_JOB_REQUEUE_RESP = response(
    "OPENAPI_JOB_REQUEUE_RESP",
    F("status", pointer(JOB_ARRAY_RESPONSE_ARRAY), "One entry for each group of tasks, if it is an array", required=True),
    since=V45,
)

OPENAPI_JOBS_REQUEUE_RESP = response(
    "OPENAPI_JOBS_REQUEUE_RESP",
    F("status", JOB_ARRAY_RESPONSE_MSG_PTR_LIST, "The same for each array among the jobs", required=True),
    since=V45,
)

OPENAPI_JOB_ALLOC_RESP = response(
    "OPENAPI_JOB_ALLOC_RESP",
    F("job_id", UINT32, "Job id"),
    F("job_submit_user_msg", STRING, "Message of the job_submit plugin"),
    since=V41,
)

OPENAPI_JOB_INFO_DELETE_QUERY = Struct(
    name="OPENAPI_JOB_INFO_DELETE_QUERY",
    fields=(
        F("signal", SIGNAL, "Signal to send, by name or number; KILL if none"),
        F("flags", WARN_FLAGS, "Who gets it, and how"),
    ),
)

KILL_JOBS_RESP_JOB = Struct(
    name="KILL_JOBS_RESP_JOB",
    record="kill_jobs_resp_job_t",
    fields=(
        F("error/string", ERROR, "Slurm's text for the number", source="error_code", required=True),
        F("error/code", UINT32, "Slurm error number", source="error_code", required=True),
        F("error/message", STRING, "What was wrong", source="error_msg", required=True),
        F("step_id", SELECTED_STEP_PTR, "Job, array task or component", source="id", required=True),
        F("job_id", UINT32_NO_VAL, "Job id", source="real_job_id", required=True),
        F("federation/sibling", STRING, "Cluster of the federation that answered", source="sibling_name", required=True),
    ),
)

KILL_JOBS_RESP_MSG = list_of(KILL_JOBS_RESP_JOB, "KILL_JOBS_RESP_MSG")

OPENAPI_KILL_JOBS_RESP = response(
    "OPENAPI_KILL_JOBS_RESP",
    F("status", KILL_JOBS_RESP_MSG, "Jobs that were not signalled", required=True),
)

# Up to v0.0.41 the answer tells nothing but errors: the bare envelope, by its own name.
OPENAPI_KILL_JOB_RESP = Either(
    name="OPENAPI_KILL_JOB_RESP",
    choices=(
        response("OPENAPI_RESP", until=V41),
        response(
            "OPENAPI_KILL_JOB_RESP",
            F("status", KILL_JOBS_RESP_MSG, "Jobs that were not signalled", required=True),
            since=V42,
        ),
    ),
)
