"""Nodes and partitions, as the controller knows them: loaded, made, changed and deleted."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy, memset, strlen
from posix.types cimport time_t

from .calls cimport Calls
from .libslurm cimport *
from .message cimport Held, Message, free_function, hold, message_over
from .written cimport Written

__all__ = [
    "create_nodes",
    "create_partition",
    "delete_nodes",
    "delete_partition",
    "load_node",
    "load_nodes",
    "load_partitions",
    "measures_energy",
    "update_nodes",
    "update_partition",
]


cdef struct NodesCall:
    time_t update_time
    uint16_t flags
    char* name
    node_info_msg_t* nodes


cdef struct PartitionsCall:
    time_t update_time
    uint16_t flags
    partition_info_msg_t* partitions


cdef int call_partitions(void* argument) noexcept nogil:
    cdef PartitionsCall* call = <PartitionsCall*> argument
    return slurm_load_partitions(call.update_time, &call.partitions, call.flags)


cdef int call_nodes(void* argument) noexcept nogil:
    cdef NodesCall* call = <NodesCall*> argument
    return slurm_load_node(call.update_time, &call.nodes, call.flags)


cdef int call_node(void* argument) noexcept nogil:
    cdef NodesCall* call = <NodesCall*> argument
    return slurm_load_node_single(&call.nodes, call.name, call.flags)


cdef int call_create_nodes(void* description) noexcept nogil:
    return slurm_create_node(<update_node_msg_t*> description)


cdef int call_update_nodes(void* description) noexcept nogil:
    return slurm_update_node(<update_node_msg_t*> description)


cdef int call_delete_nodes(void* description) noexcept nogil:
    return slurm_delete_node(<update_node_msg_t*> description)


cdef int call_create_partition(void* description) noexcept nogil:
    return slurm_create_partition(<partition_info_t*> description)


cdef int call_update_partition(void* description) noexcept nogil:
    return slurm_update_partition(<partition_info_t*> description)


cdef int call_delete_partition(void* name) noexcept nogil:
    return slurm_delete_partition(<delete_part_msg_t*> name)


def load_partitions(Calls self, time_t update_time, uint16_t flags):
    """All partitions that the caller may see, as a message of partition_info_t.

    :raises SlurmError: 1900, nothing changed since ``update_time``.
    """
    cdef partition_info_msg_t* partitions = all_partitions(self, update_time, flags)
    cdef Message message = message_over(
        hold(partitions, <free_function> slurm_free_partition_info_msg),
        partitions.partition_array, partitions.record_count, sizeof(partition_info_t),
        partitions.last_update,
    )
    message.name_offset = <size_t> &(<partition_info_t*> NULL).name
    return message


cdef partition_info_msg_t* all_partitions(
    Calls self, time_t update_time, uint16_t flags
) except NULL:
    cdef PartitionsCall call
    memset(&call, 0, sizeof(call))
    call.update_time = update_time
    call.flags = flags
    self.read(call_partitions, &call, "slurm_load_partitions()")
    return call.partitions


def load_nodes(Calls self, time_t update_time, uint16_t flags):
    """All nodes, with the partitions each is in, as a message of node_info_t.

    :raises SlurmError: 1900, nothing changed since ``update_time``.
    """
    cdef NodesCall call
    cdef Held held
    cdef partition_info_msg_t* partitions
    memset(&call, 0, sizeof(call))
    call.update_time = update_time
    call.flags = flags
    self.read(call_nodes, &call, "slurm_load_node()")
    held = hold(call.nodes, <free_function> slurm_free_node_info_msg)
    partitions = all_partitions(self, 0, flags)
    with nogil:
        slurm_populate_node_partitions(call.nodes, partitions)
        slurm_free_partition_info_msg(partitions)
    return node_message(held, call.nodes)


def measures_energy(Calls self, Message nodes):
    """Whether any of the nodes tells what it has measured of its energy.

    The controller does not count new figures as a change of the node.
    """
    cdef size_t place
    cdef node_info_t* node
    cdef bint measured = False
    with nogil:
        for place in range(nodes.records.count):
            node = <node_info_t*> nodes.records.item(place)
            if node.energy != NULL and node.energy.poll_time != 0:
                measured = True
                break
    return measured


def load_node(Calls self, str name, uint16_t flags):
    """One node by its exact name, likewise; an empty message when there is none."""
    cdef NodesCall call
    cdef Held held
    cdef partition_info_msg_t* partitions
    cdef bytes node_name = name.encode("utf-8", "surrogateescape")
    memset(&call, 0, sizeof(call))
    call.name = node_name
    call.flags = flags
    self.read(call_node, &call, "slurm_load_node_single()")
    held = hold(call.nodes, <free_function> slurm_free_node_info_msg)
    partitions = all_partitions(self, 0, flags)
    with nogil:
        name_partitions(call.nodes, partitions)
        slurm_free_partition_info_msg(partitions)
    return node_message(held, call.nodes)


cdef Message node_message(Held held, node_info_msg_t* nodes):
    cdef Message message = message_over(
        held, nodes.node_array, nodes.record_count, sizeof(node_info_t), nodes.last_update
    )
    message.name_offset = <size_t> &(<node_info_t*> NULL).name
    return message.with_names()


cdef void name_partitions(
    node_info_msg_t* nodes, partition_info_msg_t* partitions
) noexcept nogil:
    """Tell each node the partitions whose node lists have its name.

    slurm_populate_node_partitions() goes by places in the list of all nodes, which the answer
    about a single node does not have.
    """
    cdef uint32_t node, place
    cdef hostlist_t* hosts
    for place in range(partitions.record_count):
        hosts = slurm_hostlist_create(partitions.partition_array[place].nodes)
        if hosts == NULL:
            continue
        for node in range(nodes.record_count):
            if nodes.node_array[node].name != NULL and (
                slurm_hostlist_find(hosts, nodes.node_array[node].name) >= 0
            ):
                append_name(
                    &nodes.node_array[node].partitions, partitions.partition_array[place].name
                )
        slurm_hostlist_destroy(hosts)


cdef void append_name(char** names, const char* name) noexcept nogil:
    """Add a name to a comma list of libslurm's."""
    cdef char* before = names[0]
    cdef size_t size = 0 if before == NULL else strlen(before)
    cdef char* longer = <char*> slurm_xcalloc(
        1, size + strlen(name) + 2, True, False, b"", 0, b""
    )
    if size:
        memcpy(longer, before, size)
        longer[size] = b","
        size += 1
    memcpy(longer + size, name, strlen(name))
    slurm_xfree(<void**> names)
    names[0] = longer


def update_nodes(Calls self, Written description, bint several):
    """Change nodes: what the record leaves unset stays as it is.

    :param description: an update_node_msg_t.
    :param several: more than one node is named. The controller changes one after the other and
        stops at a name that it does not know, so it is asked first to change nothing of any of
        them: either all names are known, or nothing happens.
    :raises SlurmError: 2018, there is no node of a name; or the controller's reason.
    """
    cdef update_node_msg_t names
    cdef update_node_msg_t* nodes = <update_node_msg_t*> description.record
    if several:
        slurm_init_update_node_msg(&names)
        names.node_names = nodes.node_names
        self.write(call_update_nodes, &names, "slurm_update_node")
    self.write(call_update_nodes, nodes, "slurm_update_node")


def delete_nodes(Calls self, str names):
    """Delete dynamic nodes.

    :raises SlurmError: 2018, there is none of the name; 2028, it is no dynamic node; 2016, it has
        jobs or a reservation; or the controller's reason.
    """
    cdef bytes text = names.encode("utf-8", "surrogateescape")
    cdef update_node_msg_t nodes
    slurm_init_update_node_msg(&nodes)
    nodes.node_names = text
    self.write(call_delete_nodes, &nodes, "slurm_delete_node")


def create_nodes(Calls self, str line):
    """Make dynamic nodes.

    :param line: as in slurm.conf, NodeName=... State=...
    :raises SlurmError: -1, the controller cannot read it; 2028, the state is none for such nodes;
        or its reason for refusing it.
    """
    cdef bytes text = line.encode("utf-8", "surrogateescape")
    cdef update_node_msg_t nodes
    slurm_init_update_node_msg(&nodes)
    nodes.extra = text
    self.write(call_create_nodes, &nodes, "slurm_create_node")


def create_partition(Calls self, Written description):
    """Make a partition.

    :param description: a partition_info_t with a name.
    :raises SlurmError: the controller's reason for refusing it.
    """
    self.write(call_create_partition, description.record, "slurm_create_partition")


def update_partition(Calls self, Written description):
    """Change a partition: what the record leaves unset stays as it is.

    :param description: a partition_info_t with the partition's name.
    :raises SlurmError: the controller's reason for refusing it.
    """
    self.write(call_update_partition, description.record, "slurm_update_partition")


def delete_partition(Calls self, str name):
    """Delete a partition.

    :raises SlurmError: 2000, there is none of the name; or the controller's reason.
    """
    cdef bytes text = name.encode("utf-8", "surrogateescape")
    cdef delete_part_msg_t message
    message.name = text
    self.write(call_delete_partition, &message, "slurm_delete_partition")
