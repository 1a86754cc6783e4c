"""slurmdbd.conf, as slurmdbd has read it. What is secret in it has no row."""

from pyslurmrestd.data_parser.model import F, Flags, Struct, bit, derived, pointer

from ..codecs.numbers import BOOL, BOOL16, UINT16, UINT32
from ..codecs.strings import CSV_STRING, STRING
from ..versions import V45
from .envelope import response
from .slurm_conf import LOG_LEVEL_UINT16, TIME_SECONDS

CONF_FLAGS_DBD = Flags(
    name="CONF_FLAGS_DBD",
    since=V45,
    values=(
        bit("AllowNoDefAcct", "DBD_CONF_FLAG_ALLOW_NO_DEF_ACCT", "Users need no default account"),
        bit("AllResourcesAbsolute", "DBD_CONF_FLAG_ALL_RES_ABS", "Resources are given to clusters by number, not by share"),
        bit("DisableCoordDBD", "DBD_CONF_FLAG_DISABLE_COORD_DBD", "Coordinators may change nothing"),
        bit("GetDBVer", "DBD_CONF_FLAG_GET_DBVER", "Only tells the version of the database", hidden=True),
        bit("DisableArchiveCommands", "DBD_CONF_FLAG_DISABLE_ARCHIVE_COMMANDS", "Nobody may archive or load by command"),
    ),
)

CONF_FLAGS_PERSIST_CONN_RC = Flags(
    name="CONF_FLAGS_PERSIST_CONN_RC",
    since=V45,
    values=(
        bit("DBD", 0x1, "To slurmdbd", hidden=True),
        bit("Reconnect", 0x2, "Opened again when it is lost", hidden=True),
        bit("AlreadyInited", 0x4, "Begun before", hidden=True),
        bit("PreserveCaseUser", 0x8, "Names of users keep their case"),
        bit("SuppressError", 0x10, "Its loss is not logged", hidden=True),
        bit("ExternalDBD", 0x20, "To a slurmdbd of another site", hidden=True),
        bit("DontUpdateCluster", 0x40, "Leaves the cluster's address alone", hidden=True),
    ),
)

SLURMDB_PURGE_UNITS = Struct(
    name="SLURMDB_PURGE_UNITS",
    record="derived_purge_units_t",
    since=V45,
    fields=(
        F("set", BOOL, "Whether they are purged at all"),
        F("hours", UINT32, "Age in hours"),
        F("days", UINT32, "Age in days"),
        F("months", UINT32, "Age in months"),
        F("archive", BOOL, "Whether they are archived first"),
    ),
)

SLURMDB_PURGE = derived("SLURMDB_PURGE", "purge_units", SLURMDB_PURGE_UNITS, reads="I", shown_as=SLURMDB_PURGE_UNITS, since=V45)

SLURMDBD_CONF = Struct(
    name="SLURMDBD_CONF",
    record="slurmdbd_conf_t",
    since=V45,
    fields=(
        F("ArchiveDir", STRING, "Directory of archives", source="archive_dir"),
        F("ArchiveScript", STRING, "Program that archives", source="archive_script"),
        F("CommitDelay", UINT16, "Time that commits of slurmctld wait, in seconds", source="commit_delay"),
        F("DbdAddr", STRING, "Address of slurmdbd", source="dbd_addr"),
        F("DbdBackupHost", STRING, "Host of the backup", source="dbd_backup"),
        F("DbdHost", STRING, "Host of slurmdbd", source="dbd_host"),
        F("DbdPort", UINT16, "Port of slurmdbd", source="dbd_port"),
        F("DebugLevel", LOG_LEVEL_UINT16, "Log level", source="debug_level"),
        F("DefaultQOS", STRING, "QOS of new clusters", source="default_qos"),
        F("Flags", CONF_FLAGS_DBD, "Flags", source="flags"),
        F("LogFile", STRING, "Log file", source="log_file"),
        F("MaxPurgeLimit", UINT32, "Most records purged in one step", source="max_purge_limit"),
        F("MaxQueryTimeRange", TIME_SECONDS, "Longest time that a user's query may be of", source="max_time_range"),
        F("Parameters", CSV_STRING, "Options", source="parameters"),
        F("PersistConnFlags", CONF_FLAGS_PERSIST_CONN_RC, "Flags of connections", source="persist_conn_rc_flags"),
        F("PidFile", STRING, "File with the process id", source="pid_file"),
        F("PurgeEventAfter", SLURMDB_PURGE, "When events are purged", source="purge_event"),
        F("PurgeJobAfter", SLURMDB_PURGE, "When jobs are purged", source="purge_job"),
        F("PurgeResvAfter", SLURMDB_PURGE, "When reservations are purged", source="purge_resv"),
        F("PurgeStepAfter", SLURMDB_PURGE, "When steps are purged", source="purge_step"),
        F("PurgeSuspendAfter", SLURMDB_PURGE, "When suspensions are purged", source="purge_suspend"),
        F("PurgeTXNAfter", SLURMDB_PURGE, "When transactions are purged", source="purge_txn"),
        F("PurgeUsageAfter", SLURMDB_PURGE, "When usage is purged", source="purge_usage"),
        F("PurgeJobScriptAfter", SLURMDB_PURGE, "When scripts of jobs are purged", source="purge_jobscript"),
        F("PurgeJobEnvAfter", SLURMDB_PURGE, "When environments of jobs are purged", source="purge_jobenv"),
        F("StorageLoc", STRING, "Name of the database", source="storage_loc"),
        F("StoragePassScript", STRING, "Program that tells the password of the database", source="storage_pass_script"),
        F("StorageUser", STRING, "User of the database", source="storage_user"),
        F("DebugLevelSyslog", LOG_LEVEL_UINT16, "Log level in syslog", source="syslog_debug"),
        F("TrackWCKey", BOOL16, "Whether wckeys are accounted", source="track_wckey"),
        F("TrackSlurmctldDown", BOOL16, "Whether a slurmctld that is down is accounted", source="track_ctld"),
    ),
)

OPENAPI_SLURMDBD_CONF_RESP = response(
    "OPENAPI_SLURMDBD_CONF_RESP",
    F("slurmdbd_conf", pointer(SLURMDBD_CONF), "slurmdbd.conf", required=True),
    since=V45,
)
