/*
 * Records that exist in no Slurm header: derived.pyx works them out, tables describe them.
 */
#ifndef PYSLURMRESTD_DERIVED_RECORDS_H
#define PYSLURMRESTD_DERIVED_RECORDS_H

#include <stdint.h>

/* How a process ended; status numbers are those of PROCESS_EXIT_CODE_STATUS. */
typedef struct {
	uint32_t status;
	uint32_t return_code;
	uint16_t signal;
} derived_exit_code_t;

/* A job's priority in one of its partitions. */
typedef struct {
	char *part;
	uint32_t prio;
} derived_part_prio_t;

/* Cores, sockets and nodes of a job; arrays of them end with an all-zero element. */
typedef struct {
	uint32_t index;
	uint32_t status;
} derived_job_res_core_t;

typedef struct {
	derived_job_res_core_t *cores;
	uint32_t index;
} derived_job_res_socket_t;

typedef struct {
	char *name;
	derived_job_res_socket_t *sockets;
	struct {
		uint64_t used;
		uint64_t allocated;
	} memory;
	struct {
		uint16_t count;
		uint16_t used;
	} cpus;
	uint32_t index;
} derived_job_res_node_t;

#endif
