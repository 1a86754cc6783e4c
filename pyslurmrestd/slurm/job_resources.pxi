# Resources of a running job: its nodes, their sockets and cores (job_resources_t).

cdef int allocated_cores(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The number where cores or sockets are what is allocated, else 0."""
    if slurm_conf.select_type_param & (SELECT_CORE | SELECT_SOCKET):
        scratch.value = (<const uint32_t*> member)[0]
    return 0


cdef int allocated_cpus(const void* member, Scratch* scratch, const void* tables) noexcept nogil:
    """The number where CPUs are what is allocated, else 0."""
    if slurm_conf.select_type_param & SELECT_CPU:
        scratch.value = (<const uint32_t*> member)[0]
    return 0


cdef struct Shape:
    # Sockets of a node, and cores of each.
    uint32_t sockets
    uint32_t cores


cdef struct Shapes:
    # The shapes of nodes in their order. Runs of like nodes are kept as one entry.
    const job_resources_t* job
    uint32_t runs
    uint32_t run
    uint64_t end


cdef Shapes shapes_of(const job_resources_t* job) noexcept nogil:
    """There are as many runs as the shortest of the arrays that tell of them has."""
    cdef Shapes shapes
    shapes.job = job
    shapes.runs = shapes.run = 0
    shapes.end = 0
    if (
        job.sock_core_rep_count != NULL and job.sockets_per_node != NULL
        and job.cores_per_socket != NULL
    ):
        shapes.runs = <uint32_t> min(
            slurm_xsize(job.sock_core_rep_count) // sizeof(uint32_t),
            min(
                slurm_xsize(job.sockets_per_node) // sizeof(uint16_t),
                slurm_xsize(job.cores_per_socket) // sizeof(uint16_t),
            ),
        )
    if shapes.runs:
        shapes.end = job.sock_core_rep_count[0]
    return shapes


cdef Shape next_shape(Shapes* shapes, uint32_t node) noexcept nogil:
    """Of a node that does not come before the last one asked for; one beyond all runs has none."""
    cdef Shape shape
    shape.sockets = shape.cores = 0
    while shapes.run < shapes.runs and shapes.end <= node:
        shapes.run += 1
        if shapes.run < shapes.runs:
            shapes.end += shapes.job.sock_core_rep_count[shapes.run]
    if shapes.run < shapes.runs:
        shape.sockets = shapes.job.sockets_per_node[shapes.run]
        shape.cores = shapes.job.cores_per_socket[shapes.run]
    return shape


cdef enum:
    # Longest host name with its NUL (HOST_NAME_MAX of POSIX systems is 64 to 255).
    HOST_SIZE = 256
    # A million cores have room in this.
    MOST_ROOM = 1 << 28


cdef size_t room_for(const job_resources_t* job) noexcept nogil:
    """Bytes of all nodes, sockets, cores and names, each array with its ending element; 0 for more
    than any job has."""
    cdef size_t size = 0
    cdef uint32_t node
    cdef Shape shape
    cdef Shapes shapes = shapes_of(job)
    for node in range(job.nhosts):
        if size > MOST_ROOM:
            return 0
        shape = next_shape(&shapes, node)
        size += sizeof(derived_job_res_node_t) + HOST_SIZE
        size += (shape.sockets + 1) * sizeof(derived_job_res_socket_t)
        size += shape.sockets * (shape.cores + 1) * sizeof(derived_job_res_core_t)
    return size


cdef uint32_t core_status(const job_resources_t* job, int64_t bit) noexcept nogil:
    cdef uint32_t status = CORE_ALLOCATED
    if job.core_bitmap == NULL or not slurm_bit_test(job.core_bitmap, bit):
        return CORE_UNALLOCATED
    if job.core_bitmap_used != NULL and slurm_bit_test(job.core_bitmap_used, bit):
        status |= CORE_IN_USE
    return status


cdef int job_res_nodes(const void* record, Scratch* scratch, const void* tables) noexcept nogil:
    """A derived_job_res_node_t for each node, with its sockets and their cores.

    Cores of all nodes share two bitmaps, so the place of a core is counted through all of them.
    """
    cdef const job_resources_t* job = <const job_resources_t*> record
    cdef derived_job_res_node_t* nodes
    cdef hostlist_t* hosts
    cdef char* room
    cdef char* host
    cdef int64_t bit = 0
    cdef int64_t bits
    cdef uint32_t node, socket, core
    cdef Shapes shapes = shapes_of(job)
    cdef size_t size
    cdef Shape shape
    if job.nodes == NULL or job.nhosts == 0:
        return 0
    hosts = slurm_hostlist_create(job.nodes)
    if hosts == NULL:
        return -1
    size = room_for(job)
    room = NULL if size == 0 else <char*> calloc(1, size)
    if room == NULL:
        slurm_hostlist_destroy(hosts)
        return -1
    bits = 0 if job.core_bitmap == NULL else slurm_bit_size(job.core_bitmap)
    nodes = <derived_job_res_node_t*> room
    room += job.nhosts * sizeof(derived_job_res_node_t)
    for node in range(job.nhosts):
        shape = next_shape(&shapes, node)
        host = slurm_hostlist_shift(hosts)
        nodes[node].name = room
        room += HOST_SIZE
        if host != NULL:
            strncpy(nodes[node].name, host, HOST_SIZE - 1)
            free(host)
        nodes[node].index = node
        nodes[node].cpus.count = job.cpus[node] if job.cpus != NULL else 0
        nodes[node].cpus.used = job.cpus_used[node] if job.cpus_used != NULL else 0
        nodes[node].memory.used = job.memory_used[node] if job.memory_used != NULL else 0
        nodes[node].memory.allocated = (
            job.memory_allocated[node] if job.memory_allocated != NULL else 0
        )
        nodes[node].sockets = <derived_job_res_socket_t*> room
        room += (shape.sockets + 1) * sizeof(derived_job_res_socket_t)
        for socket in range(shape.sockets):
            nodes[node].sockets[socket].index = socket
            nodes[node].sockets[socket].cores = <derived_job_res_core_t*> room
            room += (shape.cores + 1) * sizeof(derived_job_res_core_t)
            for core in range(shape.cores):
                nodes[node].sockets[socket].cores[core].index = core
                nodes[node].sockets[socket].cores[core].status = (
                    core_status(job, bit) if bit < bits else CORE_UNALLOCATED
                )
                bit += 1
    slurm_hostlist_destroy(hosts)
    scratch.value = <uint64_t> <size_t> nodes
    scratch.count = job.nhosts
    scratch.owned = nodes
    return 0


def job_res_nodes_by_number(size_t address):
    """The same for v0.0.40: sockets and cores in objects keyed by number, only those in use.

    :param address: of a job_resources_t.
    """
    cdef Scratch scratch
    cdef derived_job_res_node_t* node
    cdef uint64_t place
    memset(&scratch, 0, sizeof(Scratch))
    if job_res_nodes(<const void*> address, &scratch, NULL) != 0:
        raise ValueError("the job's resources make no sense")
    try:
        found = []
        for place in range(scratch.count):
            node = &(<derived_job_res_node_t*> <size_t> scratch.value)[place]
            found.append(
                {
                    "sockets": sockets_by_number(node.sockets),
                    "nodename": node.name.decode("utf-8", "replace"),
                    "cpus_used": node.cpus.used,
                    "memory_used": node.memory.used,
                    "memory_allocated": node.memory.allocated,
                }
            )
        return found
    finally:
        free(scratch.owned)


cdef dict sockets_by_number(derived_job_res_socket_t* sockets):
    cdef derived_job_res_core_t* core
    found = {}
    while sockets.cores != NULL:
        cores = {}
        core = sockets.cores
        while core.status:
            if core.status & CORE_IN_USE:
                cores[str(core.index)] = "allocated_and_in_use"
            elif core.status & CORE_ALLOCATED:
                cores[str(core.index)] = "allocated"
            core += 1
        if cores:
            found[str(sockets.index)] = {"cores": cores}
        sockets += 1
    return found
