"""TRES of slurmdbd: the resources that it counts."""

from pyslurmrestd.data_parser.model import F

from ..codecs.tres import TRES_LIST
from .envelope import response

OPENAPI_TRES_RESP = response("OPENAPI_TRES_RESP", F("TRES", TRES_LIST, "TRES", required=True))
