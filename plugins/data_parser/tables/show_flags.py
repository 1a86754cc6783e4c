"""What a query wants to be shown: the flags of jobs, nodes and partitions queries."""

from pyslurmrestd.data_parser.model import Flags, bit

JOB_SHOW_FLAGS = Flags(
    name="JOB_SHOW_FLAGS",
    values=(
        bit("ALL", "SHOW_ALL", "Also what is hidden or belongs to hidden partitions"),
        bit("DETAIL", "SHOW_DETAIL", "Also the details, such as the resources of each node"),
        bit("MIXED", "SHOW_MIXED", "Nodes partly in use are shown as MIXED"),
        bit("LOCAL", "SHOW_LOCAL", "Only what belongs to the local cluster, even in a federation"),
        bit("SIBLING", "SHOW_SIBLING", "Also jobs of sibling clusters in the federation"),
        bit("FEDERATION", "SHOW_FEDERATION", "Everything known to the federation"),
        bit("FUTURE", "SHOW_FUTURE", "Also nodes in state FUTURE"),
    ),
)
