/* See patience.h. */
#define _GNU_SOURCE

#include "patience.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <slurm/slurm_errno.h>

extern int slurm_send_recv_controller_msg(void *request, void *response, void *cluster);

/* The call that a thread is at. */
struct patience {
	sigjmp_buf back;
	double deadline;
	unsigned int limited; /* how often the controller told it to come again */
	unsigned int wait;
	int number;
	bool sent; /* over the last connection */
};

static __thread struct patience *patience;

static __thread double last_wait = INFINITY;

static __thread unsigned int connections;

static bool watching;

/* Where libslurm's function for messages to the controller lies. */
static uintptr_t sender, sender_end;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/*
 * What libslurm calls for sleep(). Its sender holds no lock while it sleeps and has closed its
 * connection, so the call may be left from there; what is lost is the few bytes of the answer that
 * told it to wait.
 */
static unsigned int patient_sleep(unsigned int seconds)
{
	uintptr_t from = (uintptr_t) __builtin_return_address(0);
	struct patience *mine = patience;

	if (mine && from >= sender && from < sender_end) {
		bool limited = seconds == mine->limited + 1;

		mine->limited += limited;
		if (now() + seconds > mine->deadline) {
			mine->wait = seconds;
			mine->number = limited ? SLURMCTLD_COMMUNICATIONS_BACKOFF :
						 SLURMCTLD_COMMUNICATIONS_CONNECTION_ERROR;
			siglongjmp(mine->back, 1);
		}
	}
	return sleep(seconds);
}

void wait_until(double deadline)
{
	last_wait = deadline;
}

/* What libslurm calls for poll(). */
static int patient_poll(struct pollfd *files, nfds_t count, int timeout)
{
	double left = (last_wait - now()) * 1000;

	/* While it connects it waits for either. */
	if (patience && count && (files[0].events & (POLLIN | POLLOUT)) == POLLIN)
		patience->sent = true;
	if (left <= 0)
		timeout = 0;
	else if (left < INT_MAX && (timeout < 0 || left < timeout))
		timeout = (int) ceil(left);
	return poll(files, count, timeout);
}

/* What libslurm calls for connect(). */
static int patient_connect(int file, const struct sockaddr *address, socklen_t length)
{
	/* Who vouches for the caller is asked over a unix socket. */
	if (address->sa_family != AF_UNIX) {
		connections++;
		if (patience)
			patience->sent = false;
	}
	return connect(file, address, length);
}

unsigned int connections_made(void)
{
	return connections;
}

int call_patiently(int (*function)(void *call), void *call, double deadline, int *number,
		   unsigned int *wait, bool *sent)
{
	struct patience mine = { .deadline = deadline };
	int rc;

	if (sigsetjmp(mine.back, 0)) {
		patience = NULL;
		*number = mine.number;
		*wait = mine.wait;
		*sent = false;
		return SLURM_ERROR;
	}
	patience = &mine;
	errno = 0;
	rc = function(call);
	*number = errno;
	*sent = mine.sent || !watching;
	patience = NULL;
	return rc;
}

struct relro {
	ElfW(Addr) base, begin, end;
};

static int find_relro(struct dl_phdr_info *object, size_t size, void *found)
{
	struct relro *relro = found;

	(void) size;
	if (object->dlpi_addr != relro->base)
		return 0;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];

		if (part->p_type == PT_GNU_RELRO) {
			relro->begin = relro->base + part->p_vaddr;
			relro->end = relro->begin + part->p_memsz;
		}
	}
	return 1;
}

/* Write a place that the linker may have made read-only. */
static bool write_place(const struct relro *relro, void **place, void *value)
{
	ElfW(Addr) address = (ElfW(Addr)) place;
	size_t page = sysconf(_SC_PAGESIZE);
	void *begin = (void *) (address & ~(page - 1));
	bool guarded = address >= relro->begin && address < relro->end;

	if (guarded && mprotect(begin, page, PROT_READ | PROT_WRITE))
		return false;
	*place = value;
	if (guarded)
		mprotect(begin, page, PROT_READ);
	return true;
}

/* The functions of libc that libslurm is to find here. */
static const struct {
	const char *name;
	void *ours;
} watched[] = {
	{ "sleep", (void *) patient_sleep },
	{ "poll", (void *) patient_poll },
	{ "connect", (void *) patient_connect },
};

#define WATCHED (sizeof(watched) / sizeof(watched[0]))

bool watch_waits(void)
{
	ElfW(Addr) tables[2] = { 0, 0 }, names = 0, symbols = 0;
	size_t sizes[2] = { 0, 0 };
	struct link_map *map = NULL;
	const ElfW(Sym) *symbol = NULL;
	struct relro relro = { 0 };
	unsigned int done = 0;
	void *function = (void *) slurm_send_recv_controller_msg;
	Dl_info info;

	if (!dladdr1(function, &info, (void **) &symbol, RTLD_DL_SYMENT) || !symbol ||
	    !dladdr1(function, &info, (void **) &map, RTLD_DL_LINKMAP) || !map)
		return false;
	sender = (uintptr_t) function;
	sender_end = sender + symbol->st_size;
	relro.base = map->l_addr;
	dl_iterate_phdr(find_relro, &relro);
	for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
		switch (entry->d_tag) {
		case DT_STRTAB: names = entry->d_un.d_ptr; break;
		case DT_SYMTAB: symbols = entry->d_un.d_ptr; break;
		case DT_RELA: tables[0] = entry->d_un.d_ptr; break;
		case DT_RELASZ: sizes[0] = entry->d_un.d_val; break;
		case DT_JMPREL: tables[1] = entry->d_un.d_ptr; break;
		case DT_PLTRELSZ: sizes[1] = entry->d_un.d_val; break;
		case DT_PLTREL:
			if (entry->d_un.d_val != DT_RELA)
				return false;
			break;
		}
	}
	if (!names || !symbols)
		return false;
	for (int table = 0; table < 2; table++) {
		const ElfW(Rela) *entry = (const ElfW(Rela) *) tables[table];
		const ElfW(Rela) *end = entry + sizes[table] / sizeof(*entry);

		for (; entry && entry < end; entry++) {
			const ElfW(Sym) *called = (const ElfW(Sym) *) symbols +
						  ELF64_R_SYM(entry->r_info);

			if (!ELF64_R_SYM(entry->r_info))
				continue;
			for (unsigned int which = 0; which < WATCHED; which++)
				if (!strcmp((const char *) names + called->st_name,
					    watched[which].name) &&
				    write_place(&relro,
						(void **) (map->l_addr + entry->r_offset),
						watched[which].ours))
					done |= 1U << which;
		}
	}
	watching = done == (1U << WATCHED) - 1;
	return watching;
}
