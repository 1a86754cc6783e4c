"""Nodes and partitions, as the controller knows them."""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy, memset, strlen
from posix.types cimport time_t

from .calls cimport Calls
from .libslurm cimport *
from .message cimport Held, Message, free_function, hold, message_over

__all__ = ["load_node", "load_nodes", "load_partitions"]


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
