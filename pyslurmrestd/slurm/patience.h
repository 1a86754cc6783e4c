/*
 * Calls of libslurm that wait no longer than their caller does.
 *
 * A controller that limits requests (SlurmctldParameters=rl_enable) tells who is over the limit to
 * come again; libslurm sleeps one second, then two, three and so on, and asks again for as long as
 * it takes. Where all controllers are on standby it waits likewise. Nothing it offers ends that.
 * So its calls of sleep() come here: a sleep that would pass the caller's deadline ends the call.
 *
 * For an answer of slurmdbd libslurm waits a quarter of an hour, in poll(). So that comes here too:
 * when the caller's deadline has passed, nothing has come, and libslurm gives the connection up.
 *
 * Whether a request has reached a daemon that does not answer, libslurm does not say. It waits for an
 * answer once all of the request is sent, so its calls of poll() and connect() tell it here.
 */
#ifndef PYSLURMRESTD_PATIENCE_H
#define PYSLURMRESTD_PATIENCE_H

#include <stdbool.h>

/* Have libslurm wait here from now on; false where this libslurm cannot be made to. */
extern bool watch_waits(void);

/*
 * Whatever libslurm waits for in this thread from here on, it has come by `deadline`
 * (CLOCK_MONOTONIC, seconds) or counts as not coming; INFINITY: it waits as it likes.
 */
extern void wait_until(double deadline);

/* How often libslurm has connected to a daemon in this thread. */
extern unsigned int connections_made(void);

/*
 * Make a call whose sleeps end before `deadline` (CLOCK_MONOTONIC, seconds); gives what it returns.
 * `number` becomes errno after it. A call that is given up returns -1, and `number` is 1804 (limit
 * reached, `wait` becomes the seconds that it would have slept) or 1800 (all are on standby). The
 * controller has not accepted it, and it is not sent again. `sent` becomes whether the controller
 * may have got all of the request that it was asked last.
 */
extern int call_patiently(int (*function)(void *call), void *call, double deadline, int *number,
			  unsigned int *wait, bool *sent);

#endif
