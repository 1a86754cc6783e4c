/*
 * Records that exist in no Slurm header: derived.pyx works them out, tables describe them.
 */
#ifndef PYSLURMRESTD_DERIVED_RECORDS_H
#define PYSLURMRESTD_DERIVED_RECORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

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

/* Why cycles of the scheduler and of the backfill ended, and how often. */
typedef struct {
	uint32_t end_job_queue;
	uint32_t default_queue_depth;
	uint32_t max_job_start;
	uint32_t max_rpc_cnt;
	uint32_t max_sched_time;
	uint32_t licenses;
} derived_schedule_exit_t;

typedef struct {
	uint32_t end_job_queue;
	uint32_t bf_max_job_start;
	uint32_t bf_max_job_test;
	uint32_t bf_max_time;
	uint32_t bf_node_space_size;
	uint32_t state_changed;
} derived_bf_exit_t;

/* Messages of a kind, of a user; mean is 0 and average_time unset where there is none. */
typedef struct {
	uint16_t id;
	uint16_t queued;
	uint16_t cycle_last;
	uint16_t cycle_max;
	uint32_t count;
	uint64_t dropped;
	uint64_t time;
	uint64_t mean;
	uint64_t average_time;
} derived_rpc_type_t;

typedef struct {
	uint32_t id;
	uint32_t count;
	uint64_t time;
	uint64_t mean;
	uint64_t average_time;
} derived_rpc_user_t;

/* Messages that wait to be sent: how many of a kind, and to whom. */
typedef struct {
	uint16_t id;
	uint32_t count;
} derived_rpc_queue_t;

typedef struct {
	uint16_t id;
	char *hostlist;
} derived_rpc_dump_t;

/* Shares of an association, with the names of TRES by which its arrays go. */
typedef struct {
	assoc_shares_object_t obj;
	uint32_t tres_cnt;
	char **tres_names;
} derived_shares_t;

typedef struct {
	char *name;
	uint64_t value;
} derived_shares_number_t;

typedef struct {
	char *name;
	long double value;
} derived_shares_usage_t;

/* A host of slurmctld. */
typedef struct {
	char *addr;
	char *machine;
} derived_controller_t;

/* A range of ports. */
typedef struct {
	uint16_t min;
	uint16_t max;
	bool set;
} derived_port_range_t;

/* Rollups of a period (enum of slurmdb.h: hour, day, month); times in microseconds. */
typedef struct {
	uint32_t period;
	time_t last_run;
	uint64_t last_cycle;
	uint64_t max_cycle;
	uint64_t total_time;
	uint64_t mean_cycles;
	uint16_t total_cycles;
} derived_rollup_t;

/* The age at which slurmdbd purges records of a kind. */
typedef struct {
	uint32_t hours;
	uint32_t days;
	uint32_t months;
	bool archive;
	bool set;
} derived_purge_units_t;

/* A wckey, and whether it was chosen for want of another. */
typedef struct {
	char *wckey;
	uint32_t flags;
} derived_wckey_tag_t;

/* The most or least of a TRES that a task of a step used, and where that was. */
typedef struct {
	char *type;
	char *name;
	uint32_t id;
	int64_t count;
	int64_t task;
	char *node;
} derived_step_tres_t;

#endif
