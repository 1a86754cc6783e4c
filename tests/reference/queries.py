"""What can be asked of slurmctld: every GET of a version with every value that its parameters take.

All of it comes from the definitions that our document is made of. A new operation or parameter is
in here by itself; one of a kind that nothing is known of here is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from busy_cluster import ACTIVE_RESERVATIONS, NODES, OTHER_NODES, PARTITIONS, RESERVATIONS

from pyslurmrestd import plugin
from pyslurmrestd.data_parser.model import Flags, Parser, Struct
from pyslurmrestd.data_parser.resolve import resolve
from pyslurmrestd.data_parser.version import ApiVersion
from pyslurmrestd.openapi.path import ContentPlugin, Operation
from pyslurmrestd.plugins.data_parser.versions import VERSIONS

__all__ = ["NOTATIONS", "Read", "asked", "reads"]

TIMES = ("1000000000", "4000000000", "2001-02-03", "now%2B1day", "0", "-1", "true", "", "abc")

NOTATIONS = (
    "1000000000",
    "4000000000",
    "99999999999999999999",
    "uts1000000000",
    "UTS4000000000",
    "uts%20%2B4000000000",
    "uts12",
    "uts4000000000x",
    "now",
    "NOW%2B1day",
    "now-1hour",
    "now%20%2B%2090",
    "now%2B%203%20seconds",
    "now%2B5minute",
    "now%2B1hours",
    "now%2B2weeks",
    "now%2B1%20day%2023%3A59",
    "now%2B",
    "now%2B1h",
    "now%2B1fortnight",
    "today",
    "Tomorrow",
    "TOMORROWmidnight",
    "midnight",
    "noon",
    "elevenses",
    "fika%20tomorrow",
    "teatime%20tomorrow",
    "tomorrowTnoon",
    "teatimes",
    "00%3A01",
    "0%3A02",
    "23%3A59%3A59",
    "11%3A59pm",
    "12%3A00%20AM",
    "13%3A00pm",
    "24%3A00",
    "10%3A5",
    "10%3A00%3A61",
    "0101",
    "1231",
    "123168",
    "12.31",
    "12.31.68",
    "12.31.68-10%3A00",
    "1.31.68",
    "13.01",
    "01.32",
    "12/31",
    "2001-02-03",
    "2068-02-03",
    "2068-02-03T04%3A05%3A06",
    "2068-02-03%2004%3A05",
    "2068-02-03-04%3A05",
    "23%3A00%202068-02-03",
    "2068-02-30",
    "2068-02-32",
    "2068-13-01",
    "2001-2-3",
    "2068-02-3",
    "1969-12-31",
    "1.5e9",
    "0x3b9aca00",
    "infinity",
    "null",
    "-",
    "T",
)
"""Of times: each kind of Slurm's dates, and what is none of them."""

TEXTS = ("alice", "sci", "root%2Csci", "nosuch", "", "%20", "1", "%C3%A9")

JOB_IDS = ("{running}", "{array}", "{array}_1", "{het}", "{het}%2B1", "{cron}", "{suspended}")
"""Those that exist, by the name of the job on the busy cluster."""

NO_JOB_IDS = ("66000000", "0", "-1", "abc", "{running}.0", "{running}.batch", "")


def flags(parser: Parser) -> Iterator[str]:
    """Each word alone, in small letters and within blanks; several; one that nobody knows."""
    assert isinstance(parser, Flags)
    words = [flag.word for flag in parser.values]
    yield from words
    yield words[0].lower()
    yield f"%20{words[0]}%20"
    yield f"{words[0]}%20{words[1]}"
    yield f"{words[0]}%2C{words[1]}"
    yield ",".join(words)
    yield from ("", "nosuch", f"{words[0]},nosuch", "1", "true", "null")


def values(parser: Parser) -> tuple[str, ...]:
    """What a parameter is set to, the good ones first."""
    if isinstance(parser, Flags):
        return tuple(flags(parser))
    return VALUES[parser.name]


VALUES: Mapping[str, tuple[str, ...]] = {
    "TIMESTAMP": TIMES,
    "CSV_STRING_LIST": TEXTS,
    "SELECTED_STEP_LIST": (*JOB_IDS, ",".join(JOB_IDS), *NO_JOB_IDS),
}
"""By parser of a parameter in a query."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "job_id": NO_JOB_IDS[:-1],
    "node_name": ("c1", "C1", "nosuch", "0", "c1,c2", "c%5B1-2%5D"),
    "partition_name": ("debug", "DEBUG", "nosuch", "0", "debug%20"),
    "reservation_name": ("busy", "BUSY", "nosuch", "0"),
}
"""By parameter of a path, beside those that the busy cluster has."""


THERE: Mapping[str, tuple[str, ...]] = {
    "job_id": (),
    "node_name": ("c1", "c2", "c3", "c4", "sim0007", *NODES, *OTHER_NODES),
    "partition_name": ("debug", "batch", "real", *PARTITIONS),
    "reservation_name": (*RESERVATIONS, *ACTIVE_RESERVATIONS),
}
"""What is there of them; of jobs all of the busy cluster."""


@dataclass(frozen=True)
class Read:
    """A GET of a version that changes nothing."""

    version: ApiVersion
    url: str
    operation: Operation

    def __str__(self) -> str:
        return self.url

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters of its path."""
        return tuple(row.key for row in _rows(self.operation.params, self.version))


def reads(plugins: str = "slurmctld,util") -> Iterator[Read]:
    """Those of content plugins in all versions."""
    contents: list[ContentPlugin] = plugin.contents(plugins)
    for version in VERSIONS:
        for content in contents:
            for path in content.all_paths():
                found = path.get
                if found is not None and found.exists(version) and not found.changes:
                    yield Read(version, path.at(version), found)


def queries(read: Read) -> Iterator[str]:
    """No query, each parameter with each of its values and without any, several at once, the same
    twice, and one that is not there."""
    rows = {row.key: values(row.parser) for row in _rows(read.operation.query, read.version)}
    yield ""
    for key, texts in rows.items():
        yield key
        for text in texts:
            yield f"{key}={text}"
        yield f"{key}={texts[0]}&{key}={texts[1]}"
        yield f"{key}={texts[0]}&nosuch=1"
    for several in zip(*(texts[:4] for texts in rows.values()), strict=False):
        if len(several) > 1:
            yield "&".join(f"{key}={text}" for key, text in zip(rows, several, strict=True))
    yield "nosuch=1"
    yield "nosuch"


def _rows(struct: Struct | None, version: ApiVersion) -> Iterator[Any]:
    if struct is not None:
        yield from resolve(struct, version).fields


def asked(read: Read, jobs: Mapping[str, int]) -> Iterator[str]:
    """URLs to ask: every query of something that is there, and without a query all else."""
    numbers = {name: str(number) for name, number in jobs.items()}
    first, *others = _places(read, numbers)
    for query in queries(read):
        yield f"{first}?{query}".format(**numbers) if query else first
    yield from others


def _places(read: Read, numbers: Mapping[str, str]) -> Iterator[str]:
    """The URL with each of the names that its parameter takes."""
    if not read.params:
        yield read.url
        return
    (param,) = read.params
    names = (*(THERE[param] or numbers.values()), *NAMES[param])
    for name in names:
        yield read.url.replace(f"{{{param}}}", name.format(**numbers))
