"""What every answer carries besides its data: meta, errors and warnings.

The values come from Python and are given under their JSON keys, parts joined by dots.
"""

from typing import Any

from pyslurmrestd.data_parser.model import F, Field, Struct, list_of, pointer

from ..codecs import ERROR, GROUP_ID, INT32, STRING, STRING_ARRAY, USER_ID

OPENAPI_META = Struct(
    name="OPENAPI_META",
    fields=(
        F("plugin/type", STRING, "plugin.type", "Content plugin that answered: openapi/slurmctld"),
        F("plugin/name", STRING, "plugin.name", "Title of the content plugin"),
        F("plugin/data_parser", STRING, "plugin.data_parser", "data_parser plugin in use"),
        F(
            "plugin/accounting_storage",
            STRING,
            "plugin.accounting_storage",
            "Accounting storage plugin",
        ),
        F("client/source", STRING, "client.source", "Address of the client, or its socket"),
        F("client/user", USER_ID, "client.user", "User the request was made as"),
        F("client/group", GROUP_ID, "client.group", "Primary group of that user"),
        F("command", STRING_ARRAY, "command", "Command line that asked, if it was not HTTP"),
        F("slurm/version/major", STRING, "slurm.version.major", "First part of the Slurm release"),
        F("slurm/version/micro", STRING, "slurm.version.micro", "Third part of the Slurm release"),
        F("slurm/version/minor", STRING, "slurm.version.minor", "Second part of the Slurm release"),
        F("slurm/release", STRING, "slurm.release", "Full Slurm release"),
        F("slurm/cluster", STRING, "slurm.cluster", "Name of the cluster"),
    ),
)

OPENAPI_ERROR = Struct(
    name="OPENAPI_ERROR",
    fields=(
        F("description", STRING, "description", "What was being done when it failed"),
        F("error_number", INT32, "error_number", "Slurm error number"),
        F("error", ERROR, "error", "Slurm's own text for the number"),
        F("source", STRING, "source", "Call, or place in the request (#/job/tasks/), that failed"),
    ),
)

OPENAPI_ERRORS = list_of(OPENAPI_ERROR, "OPENAPI_ERRORS")

OPENAPI_WARNING = Struct(
    name="OPENAPI_WARNING",
    fields=(
        F("description", STRING, "description", "What to look at, though the request went on"),
        F("source", STRING, "source", "Call, or place in the request, it is about"),
    ),
)

OPENAPI_WARNINGS = list_of(OPENAPI_WARNING, "OPENAPI_WARNINGS")

_ENVELOPE = (
    F("meta", pointer(OPENAPI_META, null_ok=True), "meta", "Who answered, and to whom"),
    F("errors", OPENAPI_ERRORS, "errors", "Errors met; empty if all went well"),
    F("warnings", OPENAPI_WARNINGS, "warnings", "Warnings given; the request was carried out"),
)


def response(name: str, *rows: Field, **marks: Any) -> Struct:
    """The answer of an operation: its own rows, then meta, errors and warnings."""
    return Struct(name=name, fields=rows + _ENVELOPE, **marks)


OPENAPI_RESP = response("OPENAPI_RESP")
