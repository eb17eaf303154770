/* Written by `rvlitmus emit`.
 *
 * Harts: a thread for each, on processors of its own, that begin together and are ended when a test does not end.
 */
#define _GNU_SOURCE
#include "rvlitmus.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static cpu_set_t allowed;
static _Thread_local sigjmp_buf leave;
static _Thread_local volatile sig_atomic_t inside;

double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void on_signal(int number)
{
	if (inside)
		siglongjmp(leave, number == SIGUSR1 ? 1 : 2);
	if (number != SIGUSR1) {
		signal(number, SIG_DFL);
		raise(number);
	}
}

unsigned cpu_count(void)
{
	static bool known;

	if (!known) {
		static const int signals[] = { SIGUSR1, SIGILL, SIGSEGV, SIGBUS };
		struct sigaction action;

		memset(&action, 0, sizeof(action));
		action.sa_handler = on_signal;
		for (unsigned i = 0; i < sizeof(signals) / sizeof(*signals); i++)
			sigaction(signals[i], &action, NULL);
		if (sched_getaffinity(0, sizeof(allowed), &allowed) || CPU_COUNT(&allowed) == 0) {
			CPU_ZERO(&allowed);
			for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN) && cpu < CPU_SETSIZE; cpu++)
				CPU_SET(cpu, &allowed);
		}
		known = true;
	}
	return (unsigned)CPU_COUNT(&allowed);
}

/* Ties this thread to the n-th processor that it may use. */
static void pin(unsigned n)
{
	cpu_set_t one;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || n--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
		return;
	}
}

struct member {
	struct team *team;
	unsigned hart;
	pthread_t thread;
};

static void *member_run(void *of)
{
	struct member *member = of;
	struct team *team = member->team;
	unsigned cpus = cpu_count(), hart = member->hart;
	uint64_t seed = team->seed;

	switch (team->affinity) {
	case AFFINITY_NEAR:
		pin(hart % cpus);
		break;
	case AFFINITY_SPREAD:
		pin((unsigned)((uint64_t)hart * cpus / team->harts) % cpus);
		break;
	case AFFINITY_RANDOM:
		/* The same shift for all, so that no two share a processor needlessly. */
		pin((hart + (unsigned)(random_next(&seed) % cpus)) % cpus);
		break;
	default:
		break;
	}
	team->work(team, hart);
	atomic_fetch_add(&team->finished, 1);
	return NULL;
}

/* Waits until all harts of the team are here; no if the team has given up. */
bool team_wait(struct team *team, unsigned hart)
{
	unsigned long all = team->passed[hart] += team->harts;
	unsigned long patience = team->harts > cpu_count() ? 10 : 10000;

	atomic_fetch_add(&team->arrived, 1);
	for (unsigned long spins = 0; atomic_load_explicit(&team->arrived, memory_order_acquire) < all; spins++) {
		if (atomic_load_explicit(&team->given_up, memory_order_relaxed))
			return false;
		if (spins > patience)
			sched_yield();
	}
	return true;
}

/* Runs code of tests; no if it was ended from outside, or trapped. */
bool team_body(struct team *team, void (*part)(void *), void *of)
{
	int why = sigsetjmp(leave, 1);

	if (!why) {
		inside = 1;
		if (!atomic_load(&team->given_up))
			part(of);
	}
	inside = 0;
	if (why == 2)
		atomic_store(&team->faulted, 1);
	if (why)
		atomic_store(&team->given_up, 1);
	return !why && !atomic_load(&team->given_up);
}

/* Lets all harts work; no if they had to be ended, as none of them made a step for half a minute, which emulators in
 * emulators need, or for a second when the run is to stop. */
bool team_run(struct team *team)
{
	const double patience = 30;
	struct member members[MAX_HARTS];
	double until = now() + patience;
	unsigned long before = 0;
	bool hung = false;
	struct timespec tick = { 0, 1000000 };

	atomic_store(&team->arrived, 0);
	atomic_store(&team->given_up, 0);
	atomic_store(&team->finished, 0);
	atomic_store(&team->faulted, 0);
	memset(team->passed, 0, sizeof(team->passed));
	cpu_count();
	for (unsigned h = 0; h < team->harts; h++) {
		members[h] = (struct member){ .team = team, .hart = h };
		if (pthread_create(&members[h].thread, NULL, member_run, &members[h])) {
			fprintf(stderr, "rvlitmus: no thread can be made\n");
			exit(2);
		}
	}
	while ((unsigned)atomic_load(&team->finished) < team->harts) {
		unsigned long steps = 0;

		nanosleep(&tick, NULL);
		for (unsigned h = 0; h < team->harts; h++)
			steps += team->progress[h].steps;
		if (steps != before)
			until = now() + patience;
		before = steps;
		if (now() > until || (stopping && now() > until - patience + 1)) {
			hung = true;
			atomic_store(&team->given_up, 1);
		}
		if (atomic_load(&team->given_up)) {
			for (unsigned h = 0; h < team->harts; h++)
				pthread_kill(members[h].thread, SIGUSR1);
			tick.tv_nsec = 20000000;
		}
	}
	for (unsigned h = 0; h < team->harts; h++)
		pthread_join(members[h].thread, NULL);
	return !hung;
}
