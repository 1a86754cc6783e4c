"""How a process ended: the status that wait(2) gives, taken apart."""

from pyslurmrestd.data_parser.model import F, Flags, Struct, whole

from ..codecs.exit_codes import exit_code
from ..codecs.no_val import UINT16_NO_VAL, UINT32_NO_VAL
from ..codecs.signals import SIGNAL

PROCESS_EXIT_CODE_STATUS = Flags(
    name="PROCESS_EXIT_CODE_STATUS",
    mask="INFINITE",
    values=(
        whole("INVALID", 0, "Not an exit status"),
        whole("PENDING", 1, "Not ended yet"),
        whole("SUCCESS", 2, "Ended with 0"),
        whole("ERROR", 3, "Ended with another code"),
        whole("SIGNALED", 4, "Ended by a signal"),
        whole("CORE_DUMPED", 5, "Ended by a signal, with a core dump"),
        whole("INVALID2", 6, "Not an exit status", hidden=True),
    ),
)

PROCESS_EXIT_CODE_VERBOSE = Struct(
    name="PROCESS_EXIT_CODE_VERBOSE",
    record="derived_exit_code_t",
    fields=(
        F("status", PROCESS_EXIT_CODE_STATUS, "How it ended"),
        F("return_code", UINT32_NO_VAL, "Exit code, if it was not a signal"),
        F("signal/id", UINT16_NO_VAL, "Number of the signal that ended it", source="signal"),
        F("signal/name", SIGNAL, "Name of the signal, such as KILL", source="signal"),
    ),
)

PROCESS_EXIT_CODE = exit_code(PROCESS_EXIT_CODE_VERBOSE)
