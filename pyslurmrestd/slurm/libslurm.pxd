"""The functions and structs of libslurm that are used, as the installed headers declare them.

Members that only tables name are not here: their places come from the layout.
"""

from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from posix.types cimport time_t

cdef extern from "private.h" nogil:
    ctypedef bint c_bool "bool"
    ctypedef uint64_t sluid_t
    ctypedef int64_t bitstr_t
    ctypedef struct list_t

    ctypedef struct slurm_step_id_t:
        sluid_t sluid
        uint32_t job_id
        uint32_t step_het_comp
        uint32_t step_id

    ctypedef struct slurm_selected_step_t:
        bitstr_t* array_bitmap
        uint32_t array_task_id
        uint32_t het_job_offset
        slurm_step_id_t step_id

    ctypedef struct job_resources_t:
        bitstr_t* core_bitmap
        bitstr_t* core_bitmap_used
        uint16_t* cpus
        uint16_t* cpus_used
        uint16_t* cores_per_socket
        uint64_t* memory_allocated
        uint64_t* memory_used
        uint32_t nhosts
        char* nodes
        uint32_t* sock_core_rep_count
        uint16_t* sockets_per_node

    ctypedef struct slurm_job_info_t:
        uint32_t array_job_id
        uint32_t array_task_id
        uint32_t job_state
        uint32_t* priority_array
        char* priority_array_names
        time_t start_time
        slurm_step_id_t step_id
        char* std_err
        char* std_in
        char* std_out

    ctypedef struct job_info_msg_t:
        time_t last_backfill
        time_t last_update
        uint32_t record_count
        slurm_job_info_t* job_array

    ctypedef struct acct_gather_energy_t:
        time_t poll_time

    ctypedef struct node_info_t:
        char* name
        char* partitions
        uint16_t cpus
        uint16_t alloc_cpus
        acct_gather_energy_t* energy
        char* reason
        uint32_t reason_uid

    ctypedef struct node_info_msg_t:
        time_t last_update
        uint32_t record_count
        node_info_t* node_array

    ctypedef struct update_node_msg_t:
        char* extra
        char* node_names

    ctypedef struct delete_part_msg_t:
        char* name

    ctypedef struct partition_info_t:
        uint32_t flags
        uint16_t max_share
        char* name
        char* nodes

    ctypedef struct partition_info_msg_t:
        time_t last_update
        uint32_t record_count
        partition_info_t* partition_array

    ctypedef struct reserve_info_t:
        char* name

    ctypedef struct reserve_info_msg_t:
        time_t last_update
        uint32_t record_count
        reserve_info_t* reservation_array

    ctypedef struct resv_desc_msg_t:
        uint64_t flags
        char* name

    ctypedef struct reservation_name_msg_t:
        char* name

    ctypedef struct slurm_license_info_t:
        pass

    ctypedef struct license_info_msg_t:
        time_t last_update
        uint32_t num_lic
        slurm_license_info_t* lic_array

    ctypedef struct stats_info_request_msg_t:
        uint16_t command_id

    ctypedef struct stats_info_response_msg_t:
        time_t req_time
        time_t req_time_start
        uint64_t schedule_cycle_sum
        uint32_t schedule_cycle_counter
        uint32_t schedule_cycle_depth
        uint32_t* schedule_exit
        uint32_t schedule_exit_cnt
        uint32_t bf_active
        uint32_t bf_cycle_counter
        uint64_t bf_cycle_sum
        uint32_t bf_depth_sum
        uint32_t bf_depth_try_sum
        uint32_t* bf_exit
        uint32_t bf_exit_cnt
        uint32_t bf_queue_len_sum
        time_t bf_when_last_cycle
        uint32_t rpc_type_size
        uint16_t* rpc_type_id
        uint32_t* rpc_type_cnt
        uint64_t* rpc_type_time
        uint8_t rpc_queue_enabled
        uint16_t* rpc_type_queued
        uint64_t* rpc_type_dropped
        uint16_t* rpc_type_cycle_last
        uint16_t* rpc_type_cycle_max
        uint32_t rpc_user_size
        uint32_t* rpc_user_id
        uint32_t* rpc_user_cnt
        uint64_t* rpc_user_time
        uint32_t rpc_queue_type_count
        uint32_t* rpc_queue_type_id
        uint32_t* rpc_queue_count
        uint32_t rpc_dump_count
        uint32_t* rpc_dump_types
        char** rpc_dump_hostlist

    ctypedef struct assoc_shares_object_t:
        uint64_t* tres_run_secs
        uint64_t* tres_grp_mins
        long double* usage_tres_raw

    ctypedef struct shares_request_msg_t:
        list_t* acct_list
        list_t* user_list

    ctypedef struct shares_response_msg_t:
        list_t* assoc_shares_list
        uint32_t tres_cnt
        char** tres_names

    ctypedef struct controller_ping_t:
        char* hostname
        bint pinged
        int offset

    ctypedef struct submit_response_msg_t:
        slurm_step_id_t step_id
        uint32_t error_code
        char* job_submit_user_msg

    ctypedef struct job_desc_msg_t:
        pass

    ctypedef struct job_array_resp_msg_t:
        uint32_t job_array_count
        char** job_array_id
        uint32_t* error_code
        char** err_msg

    ctypedef struct kill_jobs_resp_job_t:
        uint32_t error_code
        char* error_msg
        slurm_selected_step_t* id

    ctypedef struct kill_jobs_resp_msg_t:
        kill_jobs_resp_job_t* job_responses
        uint32_t jobs_cnt

    ctypedef struct kill_jobs_msg_t:
        uint16_t flags
        char** jobs_array
        uint32_t jobs_cnt
        uint16_t signal
        uint32_t state
        uint32_t user_id

    ctypedef struct job_state_response_job_t:
        uint32_t job_id
        uint32_t array_job_id
        uint32_t array_task_id
        bitstr_t* array_task_id_bitmap
        uint32_t het_job_id
        uint32_t state

    ctypedef struct job_state_response_msg_t:
        uint32_t jobs_count
        job_state_response_job_t* jobs

    enum:
        BUILT_FOR_API
        SLURM_SUCCESS
        SLURM_ERROR
        SHOW_ALL
        SHOW_LOCAL
        SHOW_FEDERATION
        JOB_END
        SLURM_AUTH_NOBODY
        SELECT_CPU
        SELECT_SOCKET
        SELECT_CORE
        SHARED_FORCE
        PART_FLAG_EXCLUSIVE_USER
        PART_FLAG_EXCLUSIVE_TOPO
        RESV_FREE_STR_NODES
        STAT_COMMAND_GET

    ctypedef struct slurmdb_federation_rec_t:
        char* name

    ctypedef struct slurm_conf_t:
        char* accounting_storage_backup_host
        char* accounting_storage_host
        uint16_t accounting_storage_port
        char* accounting_storage_type
        char* cluster_name
        char** control_addr
        uint32_t control_cnt
        char** control_machine
        uint16_t select_type_param
        uint32_t slurm_user_id
        uint32_t slurmctld_port

    slurm_conf_t slurm_conf

    const uint32_t INFINITE
    const uint32_t NO_VAL
    const uint16_t NO_VAL16
    const uint64_t NO_VAL64

    long slurm_api_version()
    char* slurm_strerror(int errnum)
    int auth_g_thread_config(const char* token, const char* username)
    void auth_g_thread_clear()

    void* slurm_xcalloc(
        size_t count, size_t size, bint clear, bint may_fail, const char* file, int line,
        const char* function,
    )
    void slurm_xfree(void** item)
    void slurm_xfree_ptr(void* item)
    size_t slurm_xsize(void* item)
    char* slurm_xstrdup(const char* text)
    int slurm_bit_test(bitstr_t* bits, int64_t place)
    int64_t slurm_bit_size(bitstr_t* bits)

    char* slurm_bit_fmt_full(bitstr_t* bits)

    ctypedef struct hostlist_t
    hostlist_t* slurm_hostlist_create(const char* text)
    int slurm_hostlist_count(hostlist_t* hosts)
    int slurm_hostlist_find(hostlist_t* hosts, const char* name)
    char* slurm_hostlist_nth(hostlist_t* hosts, int place)
    char* slurm_hostlist_shift(hostlist_t* hosts)
    char* slurm_hostlist_ranged_string_xmalloc(hostlist_t* hosts)
    void slurm_hostlist_destroy(hostlist_t* hosts)

    list_t* slurm_list_create(void (*free_item)(void*))
    void slurm_list_append(list_t* items, void* item)
    void slurm_list_destroy(list_t* items)
    int slurm_list_count(list_t* items)
    int slurm_list_for_each_ro(
        list_t* items, int (*function)(void* item, void* argument) noexcept nogil, void* argument
    )

    int slurm_load_federation(void** federation)
    void slurm_destroy_federation_rec(void* federation)

    int slurm_load_jobs(time_t update_time, job_info_msg_t** message, uint16_t flags)
    int slurm_load_job(job_info_msg_t** message, slurm_step_id_t step_id, uint16_t flags)
    void slurm_free_job_info_msg(job_info_msg_t* message)
    int slurm_load_job_state(
        int count, slurm_selected_step_t* jobs, job_state_response_msg_t** message
    )
    void slurm_free_job_state_response_msg(job_state_response_msg_t* message)

    int slurm_load_node(time_t update_time, node_info_msg_t** message, uint16_t flags)
    int slurm_load_node_single(node_info_msg_t** message, char* name, uint16_t flags)
    void slurm_free_node_info_msg(node_info_msg_t* message)
    void slurm_populate_node_partitions(node_info_msg_t* nodes, partition_info_msg_t* partitions)
    void slurm_init_update_node_msg(update_node_msg_t* description)
    int slurm_create_node(update_node_msg_t* description)
    int slurm_update_node(update_node_msg_t* description)
    int slurm_delete_node(update_node_msg_t* description)

    int slurm_load_partitions(time_t update_time, partition_info_msg_t** message, uint16_t flags)
    void slurm_free_partition_info_msg(partition_info_msg_t* message)
    int slurm_create_partition(partition_info_t* description)
    int slurm_update_partition(partition_info_t* description)
    int slurm_delete_partition(delete_part_msg_t* name)

    int slurm_load_reservations(time_t update_time, reserve_info_msg_t** message)
    void slurm_free_reservation_info_msg(reserve_info_msg_t* message)
    void slurm_init_resv_desc_msg(resv_desc_msg_t* description)
    void slurm_free_resv_desc_msg(resv_desc_msg_t* description)
    int validate_resv_create_desc(resv_desc_msg_t* description, char** missing, uint32_t* owned)
    char* slurm_create_reservation(resv_desc_msg_t* description)
    int slurm_update_reservation(resv_desc_msg_t* description)
    int slurm_delete_reservation(reservation_name_msg_t* name)

    int slurm_load_ctl_conf(time_t update_time, slurm_conf_t** conf)
    void slurm_free_conf(slurm_conf_t* conf)

    controller_ping_t* ping_all_controllers()
    int slurm_reconfigure()
    int slurm_get_statistics(
        stats_info_response_msg_t** message, stats_info_request_msg_t* request
    )
    void slurm_free_stats_response_msg(stats_info_response_msg_t* message)

    int slurm_load_licenses(time_t update_time, license_info_msg_t** message, uint16_t flags)
    void slurm_free_license_info_msg(license_info_msg_t* message)

    int slurm_associations_get_shares(
        shares_request_msg_t* request, shares_response_msg_t** message
    )
    void slurm_free_shares_response_msg(shares_response_msg_t* message)

    void slurm_init_job_desc_msg(job_desc_msg_t* description)
    void slurm_free_job_desc_msg(job_desc_msg_t* description)
    int slurm_submit_batch_job(job_desc_msg_t* description, submit_response_msg_t** response)
    int slurm_submit_batch_het_job(list_t* descriptions, submit_response_msg_t** response)
    void slurm_free_submit_response_response_msg(submit_response_msg_t* message)
    int slurm_update_job2(job_desc_msg_t* description, job_array_resp_msg_t** response)
    void slurm_free_job_array_resp(job_array_resp_msg_t* response)

    int slurm_requeue2(char* job_id, uint32_t flags, job_array_resp_msg_t** response)

    ctypedef struct resource_allocation_response_msg_t:
        uint32_t error_code
        char* job_submit_user_msg
        uint32_t node_cnt
        slurm_step_id_t step_id

    int slurm_allocate_resources(
        job_desc_msg_t* description, resource_allocation_response_msg_t** response
    )
    int slurm_allocation_lookup "(slurm_allocation_lookup)"(
        slurm_step_id_t job, resource_allocation_response_msg_t** response
    )
    int slurm_het_job_lookup(slurm_step_id_t job, list_t** response)
    void slurm_free_resource_allocation_response_msg(resource_allocation_response_msg_t* message)

    struct return_code_msg:
        uint32_t return_code

    struct slurm_msg:
        uint32_t auth_uid
        uint32_t restrict_uid
        void* data
        uint16_t msg_type
        uint16_t protocol_version

    enum:
        REQUEST_HET_JOB_ALLOCATION
        RESPONSE_HET_JOB_ALLOCATION
        RESPONSE_SLURM_RC

    void slurm_msg_t_init(slurm_msg* message)
    int slurm_send_recv_controller_msg(slurm_msg* request, slurm_msg* response, void* cluster)

    ctypedef struct resource_layout_msg_t:
        list_t* nodes

    int slurm_get_resource_layout(slurm_step_id_t* job, void** response)
    void slurm_free_resource_layout_msg(resource_layout_msg_t* message)

    int slurm_kill_jobs(kill_jobs_msg_t* message, kill_jobs_resp_msg_t** response)
    void slurm_free_kill_jobs_response_msg(kill_jobs_resp_msg_t* response)

    void slurm_get_job_stdin(char* path, int size, slurm_job_info_t* job)
    void slurm_get_job_stdout(char* path, int size, slurm_job_info_t* job)
    void slurm_get_job_stderr(char* path, int size, slurm_job_info_t* job)
    char* slurm_expand_job_stdio_fields(char* path, slurm_job_info_t* job)
    int fmt_job_id_string(slurm_selected_step_t* id, char** text)
    int unfmt_job_id_string(const char* text, slurm_selected_step_t* id, uint32_t max_array_size)
    const char* slurm_job_state_reason_string(uint32_t reason)
    char* sig_num2name(int number)
    void print_sluid(sluid_t sluid, char* text, int size)
    void cpu_freq_to_string(char* text, int size, uint32_t frequency)
    void secs2time_str(time_t time, char* text, int size)
    const char* rpc_num2string(uint16_t number)
    const char* slurmdbd_msg_type_2_str(int number, int by_name)
    char* uid_to_string_or_null(uint32_t uid)

    ctypedef struct list_itr_t
    list_itr_t* slurm_list_iterator_create(list_t* items)
    void* slurm_list_next(list_itr_t* iterator)
    void slurm_list_iterator_destroy(list_itr_t* iterator)

    ctypedef struct slurmdb_account_rec_t:
        list_t* coordinators

    ctypedef struct slurmdb_coord_rec_t:
        uint16_t direct
        char* name

    ctypedef struct slurmdb_assoc_rec_t:
        char* cluster
        uint32_t id

    ctypedef struct slurmdb_assoc_cond_t:
        uint32_t flags

    ctypedef struct slurmdb_job_rec_t:
        uint32_t associd
        char* cluster
        time_t eligible
        time_t end
        time_t start
        char* std_err
        char* std_in
        char* std_out
        uint32_t uid
        char* user

    ctypedef struct slurmdb_stats_t:
        char* tres_usage_in_max
        char* tres_usage_in_max_nodeid
        char* tres_usage_in_max_taskid
        char* tres_usage_in_min
        char* tres_usage_in_min_nodeid
        char* tres_usage_in_min_taskid
        char* tres_usage_out_max
        char* tres_usage_out_max_nodeid
        char* tres_usage_out_max_taskid
        char* tres_usage_out_min
        char* tres_usage_out_min_nodeid
        char* tres_usage_out_min_taskid

    ctypedef struct slurmdb_step_rec_t:
        slurmdb_job_rec_t* job_ptr
        char* nodes
        slurmdb_stats_t stats
        char* std_err
        char* std_in
        char* std_out

    ctypedef struct slurmdb_tres_rec_t:
        uint64_t count
        uint32_t id
        char* name
        char* type

    ctypedef struct slurmdb_qos_rec_t:
        uint32_t flags
        uint32_t id
        char* name
        bitstr_t* preempt_bitstr

    ctypedef struct slurmdb_tres_cond_t:
        uint64_t count
        uint16_t with_deleted

    ctypedef struct slurmdb_qos_cond_t:
        uint16_t flags

    ctypedef struct message_buf_t:
        pass

    ctypedef struct persist_msg_t:
        void* pcon
        void* data
        uint16_t msg_type

    ctypedef struct dbd_cond_msg_t:
        void* cond

    ctypedef struct persist_rc_msg_t:
        uint32_t rc

    enum:
        PERSIST_RC
        DBD_GOT_JOBS
        DBD_GET_JOBS_COND
        DBD_PROTOCOL

    enum:
        ASSOC_COND_FLAG_WITH_DELETED
        ASSOC_COND_FLAG_WOPI
        QOS_COND_FLAG_WITH_DELETED
        QOS_FLAG_DELETED

    void* slurmdb_connection_get(uint16_t* flags)
    int slurmdb_connection_close(void** connection)
    int slurm_persist_conn_writeable(void* connection)
    int slurm_persist_send_msg(void* connection, message_buf_t* message)
    message_buf_t* slurm_persist_recv_msg(void* connection)
    message_buf_t* slurm_pack_slurmdbd_msg(persist_msg_t* request, uint16_t protocol)
    int slurm_persist_unpack_rc_msg(
        persist_rc_msg_t** told, message_buf_t* message, uint16_t protocol
    )
    void slurm_persist_free_rc_msg(persist_rc_msg_t* told)
    int slurm_unpack16(uint16_t* number, message_buf_t* message)
    int slurm_unpack32(uint32_t* number, message_buf_t* message)
    void slurm_free_buf(message_buf_t* message)
    int slurmdb_unpack_job_rec(void** job, uint16_t protocol, message_buf_t* message)
    void slurmdb_destroy_job_rec(void* job)
    int slurmdb_connection_commit(void* connection, c_bool commit)

    list_t* slurmdb_accounts_get(void* connection, void* condition)
    int slurmdb_accounts_add(void* connection, list_t* accounts)
    char* slurmdb_accounts_add_cond(void* connection, void* associations, void* account)
    list_t* slurmdb_accounts_modify(void* connection, void* condition, void* account)
    list_t* slurmdb_accounts_remove(void* connection, void* condition)

    list_t* slurmdb_associations_get(void* connection, void* condition)
    int slurmdb_associations_add(void* connection, list_t* associations)
    list_t* slurmdb_associations_modify(void* connection, void* condition, void* association)
    list_t* slurmdb_associations_remove(void* connection, void* condition)

    list_t* slurmdb_clusters_get(void* connection, void* condition)
    int slurmdb_clusters_add(void* connection, list_t* clusters)
    list_t* slurmdb_clusters_modify(void* connection, void* condition, void* cluster)
    list_t* slurmdb_clusters_remove(void* connection, void* condition)

    list_t* slurmdb_instances_get(void* connection, void* condition)

    list_t* slurmdb_users_get(void* connection, void* condition)
    int slurmdb_users_add(void* connection, list_t* users)
    char* slurmdb_users_add_cond(void* connection, void* associations, void* user)
    list_t* slurmdb_users_modify(void* connection, void* condition, void* user)
    list_t* slurmdb_users_remove(void* connection, void* condition)

    int slurmdb_coord_add(void* connection, list_t* accounts, void* users)
    list_t* slurmdb_coord_remove(void* connection, list_t* accounts, void* users)

    list_t* slurmdb_jobs_get(void* connection, void* condition)
    list_t* slurmdb_job_modify(void* connection, void* condition, void* job)
    char* slurmdb_expand_job_stdio_fields(char* path, slurmdb_job_rec_t* job)
    char* slurmdb_expand_step_stdio_fields(char* path, slurmdb_step_rec_t* step)

    list_t* slurmdb_qos_get(void* connection, void* condition)
    int slurmdb_qos_add(void* connection, list_t* qos)
    list_t* slurmdb_qos_modify(void* connection, void* condition, void* qos)
    list_t* slurmdb_qos_remove(void* connection, void* condition)

    list_t* slurmdb_wckeys_get(void* connection, void* condition)
    int slurmdb_wckeys_add(void* connection, list_t* wckeys)
    list_t* slurmdb_wckeys_remove(void* connection, void* condition)

    list_t* slurmdb_tres_get(void* connection, void* condition)
    int slurmdb_tres_add(void* connection, list_t* tres)

    ctypedef struct slurmdbd_ping_t:
        char* hostname

    ctypedef struct slurmdb_stats_rec_t:
        pass

    ctypedef struct slurmdbd_conf_t:
        pass

    enum:
        DBD_ROLLUP_COUNT
        SLURMDB_PURGE_BASE
        SLURMDB_PURGE_HOURS
        SLURMDB_PURGE_DAYS
        SLURMDB_PURGE_MONTHS
        SLURMDB_PURGE_ARCHIVE

    ctypedef struct slurmdb_rollup_stats_t:
        uint16_t* count
        time_t* timestamp
        uint64_t* time_last
        uint64_t* time_max
        uint64_t* time_total

    slurmdbd_ping_t* slurmdb_ping_all()
    int slurmdb_get_stats(void* connection, slurmdb_stats_rec_t** statistics)
    void slurmdb_destroy_stats_rec(void* statistics)
    int slurmdb_config_get(void* connection, slurmdbd_conf_t** conf)
    void slurmdbd_free_conf(slurmdbd_conf_t* conf)


cdef extern from "derived_records.h" nogil:
    ctypedef struct derived_exit_code_t:
        uint32_t status
        uint32_t return_code
        uint16_t signal

    ctypedef struct derived_part_prio_t:
        char* part
        uint32_t prio

    ctypedef struct derived_job_res_core_t:
        uint32_t index
        uint32_t status

    ctypedef struct derived_job_res_socket_t:
        derived_job_res_core_t* cores
        uint32_t index

    ctypedef struct _memory:
        uint64_t used
        uint64_t allocated

    ctypedef struct _cpus:
        uint16_t count
        uint16_t used

    ctypedef struct derived_job_res_node_t:
        char* name
        derived_job_res_socket_t* sockets
        _memory memory
        _cpus cpus
        uint32_t index

    ctypedef struct derived_schedule_exit_t:
        uint32_t end_job_queue
        uint32_t default_queue_depth
        uint32_t max_job_start
        uint32_t max_rpc_cnt
        uint32_t max_sched_time
        uint32_t licenses

    ctypedef struct derived_bf_exit_t:
        uint32_t end_job_queue
        uint32_t bf_max_job_start
        uint32_t bf_max_job_test
        uint32_t bf_max_time
        uint32_t bf_node_space_size
        uint32_t state_changed

    ctypedef struct derived_rpc_type_t:
        uint16_t id
        uint16_t queued
        uint16_t cycle_last
        uint16_t cycle_max
        uint32_t count
        uint64_t dropped
        uint64_t time
        uint64_t mean
        uint64_t average_time

    ctypedef struct derived_rpc_user_t:
        uint32_t id
        uint32_t count
        uint64_t time
        uint64_t mean
        uint64_t average_time

    ctypedef struct derived_rpc_queue_t:
        uint16_t id
        uint32_t count

    ctypedef struct derived_rpc_dump_t:
        uint16_t id
        char* hostlist

    ctypedef struct derived_shares_t:
        assoc_shares_object_t obj
        uint32_t tres_cnt
        char** tres_names

    ctypedef struct derived_shares_number_t:
        char* name
        uint64_t value

    ctypedef struct derived_shares_usage_t:
        char* name
        long double value

    ctypedef struct derived_controller_t:
        char* addr
        char* machine

    ctypedef struct derived_port_range_t:
        uint16_t min
        uint16_t max
        c_bool set

    ctypedef struct derived_rollup_t:
        uint32_t period
        time_t last_run
        uint64_t last_cycle
        uint64_t max_cycle
        uint64_t total_time
        uint64_t mean_cycles
        uint16_t total_cycles

    ctypedef struct derived_purge_units_t:
        uint32_t hours
        uint32_t days
        uint32_t months
        c_bool archive
        c_bool set

    ctypedef struct derived_wckey_tag_t:
        char* wckey
        uint32_t flags

    ctypedef struct derived_step_tres_t:
        char* type
        char* name
        uint32_t id
        int64_t count
        int64_t task
        char* node
