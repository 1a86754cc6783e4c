/*
 * What Slurm's installed headers do not show: exported functions that none of them declares, and
 * the few structs that running jobs need, as the named releases lay them out. A release that is
 * not named here is a build error: a guessed layout would read the wrong memory.
 */
#ifndef PYSLURMRESTD_PRIVATE_H
#define PYSLURMRESTD_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>
#include <slurm/slurm_version.h>

#if SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(26, 5, 0) || \
    SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(26, 6, 0)
#error "Slurm's headers are of a release that is not known here: install those of Slurm 26.05"
#endif

/* libslurm's interface in the release above (libslurm.so.45); another one lays its structs out anew. */
#define BUILT_FOR_API 45

/* Slurm's own "nobody", which KILL_JOB_MSG_INITIALIZER names. */
#ifndef SLURM_AUTH_NOBODY
#define SLURM_AUTH_NOBODY 99
#endif

/* For validate_resv_create_desc(): node_list is the record's own. */
#define RESV_FREE_STR_NODES (1U << 8)

/* Allocated cores of a job (slurm_job_info_t.job_resrcs). */
struct job_resources {
	bitstr_t *core_bitmap;
	bitstr_t *core_bitmap_used;
	uint32_t cpu_array_cnt;
	uint16_t *cpu_array_value;
	uint32_t *cpu_array_reps;
	uint16_t *cpus;
	uint16_t *cpus_used;
	uint16_t *cores_per_socket;
	uint16_t cr_type;
	uint64_t *memory_allocated;
	uint64_t *memory_used;
	uint32_t next_step_node_inx;
	uint32_t nhosts;
	bitstr_t *node_bitmap;
	uint32_t *node_ranks;
	uint32_t node_req;
	char *nodes;
	uint32_t ncpus;
	uint32_t *sock_core_rep_count;
	uint16_t *sockets_per_node;
	uint16_t *tasks_per_node;
	uint16_t threads_per_core;
	uint8_t whole_node;
};

/* A message to slurmdbd, and what those have in them that ask for records. */
typedef struct {
	void *pcon;
	void *data;
	uint16_t msg_type;
} persist_msg_t;

typedef struct {
	void *cond;
} dbd_cond_msg_t;

/* slurmdbd's answer where it has nothing but a number to tell. */
typedef struct {
	char *comment;
	uint16_t flags;
	uint32_t rc;
	uint16_t ret_info;
} persist_rc_msg_t;

enum {
	PERSIST_RC = 1433,
	DBD_GOT_JOBS = 1421,
	DBD_GET_JOBS_COND = 1444,
};

/* As slurmdbd of this release packs its messages. */
#define DBD_PROTOCOL (BUILT_FOR_API << 8)

typedef struct slurm_buf message_buf_t;

/* Resources of a job on each of its nodes. */
typedef struct {
	char *name;
	char *type;
	uint64_t count;
	bitstr_t *index;
} node_gres_layout_t;

typedef struct {
	char *node;
	uint64_t mem_alloc;
	uint16_t sockets_per_node;
	uint16_t cores_per_socket;
	char *core_bitmap;
	uint32_t channel;
	list_t *gres;
} node_resource_layout_t;

typedef struct {
	list_t *nodes;
} resource_layout_msg_t;

/* Shares of an association; arrays go by the TRES of the message. */
typedef struct {
	uint32_t assoc_id;
	char *cluster;
	char *name;
	char *parent;
	char *partition;
	double shares_norm;
	uint32_t shares_raw;
	uint64_t *tres_run_secs;
	uint64_t *tres_grp_mins;
	double usage_efctv;
	double usage_norm;
	uint64_t usage_raw;
	long double *usage_tres_raw;
	double fs_factor;
	double level_fs;
	uint16_t user;
} assoc_shares_object_t;

typedef struct {
	list_t *acct_list;
	list_t *user_list;
} shares_request_msg_t;

typedef struct {
	list_t *assoc_shares_list;
	uint64_t tot_shares;
	uint32_t tres_cnt;
	char **tres_names;
} shares_response_msg_t;

#include "derived_records.h"

/*
 * A message to the controller or from it, as far as it is filled in or read here, with room for the
 * rest. slurm_msg_t_init() shows whether this is where its members lie, see allocation.pyx.
 */
struct slurm_msg {
	struct sockaddr_storage address;
	void *auth_cred;
	int auth_index;
	uid_t auth_uid;
	gid_t auth_gid;
	bool auth_ids_set;
	uid_t restrict_uid;
	bool restrict_uid_set;
	uint32_t body_offset;
	void *buffer;
	void *persistent;
	void *connection_manager;
	void *data;
	uint16_t flags;
	uint8_t hash_index;
	char *tls_cert;
	void *connection;
	bool connection_is_mtls;
	uint16_t msg_type;
	uint16_t protocol_version;
	char rest[4096];
};

struct return_code_msg {
	uint32_t return_code;
};

/* Types of messages. */
#define REQUEST_HET_JOB_ALLOCATION 4025
#define RESPONSE_HET_JOB_ALLOCATION 4026
#define RESPONSE_SLURM_RC 8001

extern void slurm_msg_t_init(struct slurm_msg *message);
extern int slurm_send_recv_controller_msg(struct slurm_msg *request, struct slurm_msg *response,
					  void *cluster);

/* The parsed slurm.conf. */
extern slurm_conf_t slurm_conf;

extern int auth_g_thread_config(const char *token, const char *username);
extern void auth_g_thread_clear(void);
extern int slurm_persist_conn_writeable(void *connection);
extern int slurm_persist_send_msg(void *connection, message_buf_t *message);
extern message_buf_t *slurm_persist_recv_msg(void *connection);
extern message_buf_t *slurm_pack_slurmdbd_msg(persist_msg_t *request, uint16_t protocol);
extern int slurm_persist_unpack_rc_msg(persist_rc_msg_t **told, message_buf_t *message,
				       uint16_t protocol);
extern void slurm_persist_free_rc_msg(persist_rc_msg_t *told);
extern int slurm_unpack16(uint16_t *number, message_buf_t *message);
extern int slurm_unpack32(uint32_t *number, message_buf_t *message);
extern void slurm_free_buf(message_buf_t *message);
extern int slurmdb_unpack_job_rec(void **job, uint16_t protocol, message_buf_t *message);
extern void slurm_free_kill_jobs_msg(kill_jobs_msg_t *msg);
extern void slurm_free_kill_jobs_response_msg(kill_jobs_resp_msg_t *msg);
extern void slurm_free_resource_layout_msg(resource_layout_msg_t *msg);
extern void slurm_free_job_desc_msg(job_desc_msg_t *msg);
extern void slurm_free_resv_desc_msg(resv_desc_msg_t *msg);
extern void slurm_free_update_node_msg(update_node_msg_t *msg);
extern void slurm_free_update_part_msg(update_part_msg_t *msg);
extern int validate_resv_create_desc(resv_desc_msg_t *msg, char **missing, uint32_t *owned);
extern void slurm_xfree_ptr(void *item);
extern void *slurm_xcalloc(size_t count, size_t size, bool clear, bool may_fail, const char *file,
			   int line, const char *function);
extern void slurm_xfree(void **item);
extern size_t slurm_xsize(void *item);
extern char *slurm_xstrdup(const char *text);
extern int slurm_bit_test(bitstr_t *bits, int64_t place);
extern int64_t slurm_bit_size(bitstr_t *bits);
extern char *slurm_bit_fmt_full(bitstr_t *bits);
extern int slurm_list_for_each_ro(list_t *items, int (*function)(void *item, void *argument),
				  void *argument);
extern const char *slurm_job_state_reason_string(enum job_state_reason reason);
extern char *sig_num2name(int number);
extern void slurm_destroy_selected_step(void *step);
extern char *slurmdb_expand_job_stdio_fields(char *path, slurmdb_job_rec_t *job);
extern char *slurmdb_expand_step_stdio_fields(char *path, slurmdb_step_rec_t *step);
extern char *slurm_hostlist_nth(hostlist_t *hosts, int place);
extern int fmt_job_id_string(slurm_selected_step_t *id, char **text);
extern int unfmt_job_id_string(const char *text, slurm_selected_step_t *id,
			       uint32_t max_array_size);
extern void cpu_freq_to_string(char *text, int size, uint32_t frequency);
extern void secs2time_str(time_t time, char *text, int size);
extern const char *rpc_num2string(uint16_t number);
extern char *slurmdbd_msg_type_2_str(int number, int by_name);
extern char *uid_to_string_or_null(uid_t uid);
extern int slurm_associations_get_shares(shares_request_msg_t *request,
					 shares_response_msg_t **response);
extern void slurm_free_shares_response_msg(shares_response_msg_t *msg);
extern void slurm_free_stats_response_msg(stats_info_response_msg_t *msg);
extern void print_sluid(sluid_t sluid, char *text, int size);

#endif
