"""What every answer carries besides its data: meta, errors and warnings.

The values come from Python and are given under their JSON keys, parts joined by dots.
"""

from typing import Any

from pyslurmrestd.data_parser.model import F, Field, Struct, list_of, pointer

from ..codecs.identity import GROUP_ID, USER_ID
from ..codecs.numbers import INT32
from ..codecs.strings import ERROR, STRING, STRING_ARRAY

OPENAPI_META = Struct(
    name="OPENAPI_META",
    fields=(
        F("plugin/type", STRING, "Content plugin that answered: openapi/slurmctld"),
        F("plugin/name", STRING, "Title of the content plugin"),
        F("plugin/data_parser", STRING, "data_parser plugin in use"),
        F("plugin/accounting_storage", STRING, "Accounting storage plugin"),
        F("client/source", STRING, "Address of the client, or its socket"),
        F("client/user", USER_ID, "User the request was made as"),
        F("client/group", GROUP_ID, "Primary group of that user"),
        F("command", STRING_ARRAY, "Command line that asked, if it was not HTTP"),
        F("slurm/version/major", STRING, "First part of the Slurm release"),
        F("slurm/version/micro", STRING, "Third part of the Slurm release"),
        F("slurm/version/minor", STRING, "Second part of the Slurm release"),
        F("slurm/release", STRING, "Full Slurm release"),
        F("slurm/cluster", STRING, "Name of the cluster"),
    ),
)

OPENAPI_ERROR = Struct(
    name="OPENAPI_ERROR",
    fields=(
        F("description", STRING, "What was being done when it failed"),
        F("error_number", INT32, "Slurm error number"),
        F("error", ERROR, "Slurm's own text for the number"),
        F("source", STRING, "Call, or place in the request (#/job/tasks/), that failed"),
    ),
)

OPENAPI_ERRORS = list_of(OPENAPI_ERROR, "OPENAPI_ERRORS")

OPENAPI_WARNING = Struct(
    name="OPENAPI_WARNING",
    fields=(
        F("description", STRING, "What to look at, though the request went on"),
        F("source", STRING, "Call, or place in the request, it is about"),
    ),
)

OPENAPI_WARNINGS = list_of(OPENAPI_WARNING, "OPENAPI_WARNINGS")

_ENVELOPE = (
    F("meta", pointer(OPENAPI_META, null_ok=True), "Who answered, and to whom"),
    F("errors", OPENAPI_ERRORS, "Errors met; empty if all went well"),
    F("warnings", OPENAPI_WARNINGS, "Warnings given; the request was carried out"),
)


def response(name: str, *rows: Field, **marks: Any) -> Struct:
    """The answer of an operation: its own rows, then meta, errors and warnings."""
    return Struct(name=name, fields=rows + _ENVELOPE, **marks)


OPENAPI_RESP = response("OPENAPI_RESP")
