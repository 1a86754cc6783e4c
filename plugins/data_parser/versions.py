"""The six API versions and what sets their answers apart beyond the tables."""

from pyslurmrestd.data_parser.version import ApiVersion

__all__ = ["V40", "V41", "V42", "V43", "V44", "V45", "VERSIONS"]

V40 = ApiVersion(
    "v0.0.40",
    40,
    "24.11",
    refs_everywhere=True,
    flag_components=True,
    explicit_deprecated=True,
    object_parameters=True,
    null_objects=False,
    dumps_hidden_flags=True,
    strict_flags=True,
    names_types=True,
)
V41 = ApiVersion("v0.0.41", 41, "24.11", inline_schemas=True, flag_components=True)
V42 = ApiVersion("v0.0.42", 42, "26.05", marks_deprecated=True, flag_components=True)
V43 = ApiVersion("v0.0.43", 43, "26.05")
V44 = ApiVersion("v0.0.44", 44, "26.05")
V45 = ApiVersion("v0.0.45", 45, "26.05")

VERSIONS = (V40, V41, V42, V43, V44, V45)
