/* Written by `rvlitmus emit`.
 *
 * What a memory model costs: loops that are bound by memory, with the fences that programs need under RVWMO and
 * without those that Ztso makes needless. Where Ztso can be turned on and off, the plain loops show what it costs, and
 * those with fences what it saves.
 */
#include "rvlitmus.h"

#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 16 << 20, LINE = 64, NODES = BYTES / LINE, MOST = 64, HANDED = 20000, LOCKED = 20000 };

static uint8_t *memory;
static uint64_t *word_at(size_t line)
{
	return (uint64_t *)(void *)(memory + line % NODES * LINE);
}

/* Each runs once and returns how many accesses that were. */
static uint64_t stores(void)
{
	for (size_t n = 0; n < NODES; n++)
		*(volatile uint64_t *)word_at(n) = n;
	return NODES;
}

static uint64_t scattered_stores(void)
{
	for (size_t n = 0; n < NODES; n++)
		*(volatile uint64_t *)word_at(n * 7919) = n;
	return NODES;
}

static uint64_t loads(void)
{
	for (size_t n = 0; n < NODES; n++)
		(void)*(volatile uint64_t *)word_at(n);
	return NODES;
}

static uint64_t scattered_loads(void)
{
	for (size_t n = 0; n < NODES; n++)
		(void)*(volatile uint64_t *)word_at(n * 7919);
	return NODES;
}

static uint64_t mixed(void)
{
	for (size_t n = 0; n < NODES; n += 2) {
		*(volatile uint64_t *)word_at(n * 7919) = n;
		(void)*(volatile uint64_t *)word_at(n * 7919 + 1);
	}
	return NODES;
}

static uint64_t chase(void)
{
	static bool built;
	size_t at = 0;

	for (size_t n = 0; n < NODES && !built; n++)
		*word_at(n) = (n + 7919) % NODES;
	built = true;
	for (size_t n = 0; n < NODES; n++)
		at = *(volatile uint64_t *)word_at(at);
	return NODES;
}

/* Message passing between two harts, and a lock that two harts take in turn. */
static struct {
	_Alignas(LINE) volatile uint32_t flag;
	_Alignas(LINE) volatile uint32_t answer;
	_Alignas(LINE) volatile uint64_t data[8];
	_Alignas(LINE) volatile uint32_t lock;
	_Alignas(LINE) volatile uint64_t counter;
	bool fences;
} shared;

static void order_stores(void)
{
	if (shared.fences)
		__asm__ volatile("fence rw,w" ::: "memory");
	else
		__asm__ volatile("" ::: "memory");
}

static void order_loads(void)
{
	if (shared.fences)
		__asm__ volatile("fence r,rw" ::: "memory");
	else
		__asm__ volatile("" ::: "memory");
}

static void spin_until(volatile uint32_t *word, uint32_t value)
{
	for (unsigned long spins = 0; *word != value; spins++)
		if (spins > 1000)
			sched_yield();
}

static void passing(struct team *team, unsigned hart)
{
	if (!team_wait(team, hart))
		return;
	for (uint32_t n = 1; n <= HANDED && !stopping; n++) {
		if (hart == 0) {
			for (unsigned w = 0; w < 8; w++)
				shared.data[w] = n;
			order_stores();
			shared.flag = n;
			spin_until(&shared.answer, n);
			order_loads();
		} else {
			spin_until(&shared.flag, n);
			order_loads();
			for (unsigned w = 0; w < 8; w++)
				(void)shared.data[w];
			order_stores();
			shared.answer = n;
		}
	}
}

static void locking(struct team *team, unsigned hart)
{
	if (!team_wait(team, hart))
		return;
	for (unsigned n = 0; n < LOCKED && !stopping; n++) {
		uint32_t was = 1;

		for (unsigned long spins = 0; was; spins++) {
			if (spins > 1000)
				sched_yield();
			__asm__ volatile("amoswap.w %0,%1,(%2)" : "=r"(was) : "r"(1), "r"(&shared.lock) : "memory");
		}
		order_loads();
		shared.counter = shared.counter + 1;
		order_stores();
		shared.lock = 0;
	}
}

static uint64_t with_two(void (*work)(struct team *, unsigned), bool fences, uint64_t accesses)
{
	static struct team team;

	memset(&shared, 0, sizeof(shared));
	shared.fences = fences;
	team.harts = 2;
	team.affinity = AFFINITY_SPREAD;
	team.work = work;
	return team_run(&team) ? accesses : 0;
}

static uint64_t passing_plain(void)
{
	return with_two(passing, false, HANDED);
}

static uint64_t passing_fenced(void)
{
	return with_two(passing, true, HANDED);
}

static uint64_t locking_plain(void)
{
	return with_two(locking, false, (uint64_t)2 * LOCKED);
}

static uint64_t locking_fenced(void)
{
	return with_two(locking, true, (uint64_t)2 * LOCKED);
}

static const struct {
	const char *name, *about;
	uint64_t (*run)(void);
	bool needs_ztso; /* without Ztso it is no correct program */
} loops[] = {
	{ "stores", "stores in a row", stores, false },
	{ "scattered-stores", "stores to far places", scattered_stores, false },
	{ "loads", "loads in a row", loads, false },
	{ "scattered-loads", "loads from far places", scattered_loads, false },
	{ "mixed", "a store and a load in turn", mixed, false },
	{ "chase", "loads each of which needs the one before", chase, false },
	{ "messages", "a message and an answer, fences as RVWMO needs them", passing_fenced, false },
	{ "messages-ztso", "the same with the fences that Ztso needs: none", passing_plain, true },
	{ "lock", "a lock, fences as RVWMO needs them", locking_fenced, false },
	{ "lock-ztso", "the same with the fences that Ztso needs: none", locking_plain, true },
};
enum { LOOPS = sizeof(loops) / sizeof(*loops) };

static int by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

int cost_run(double seconds, bool json)
{
	const char *emulated = emulator();

	memory = calloc(NODES, LINE);
	if (!memory)
		return 2;
	if (!json)
		printf("%-18s %10s %10s %10s %5s  nanoseconds an access; Ztso is %s\n", "loop", "median", "quartile",
		       "quartile", "times", isa_has_ztso() ? "on" : "off, or nothing says that it is on");
	for (unsigned l = 0; l < LOOPS && !stopping; l++) {
		double times[MOST], until = now() + seconds / LOOPS;
		unsigned count = 0;

		if (loops[l].needs_ztso && cpu_count() < 2)
			continue;
		loops[l].run();
		while (count < MOST && (count < 5 || now() < until) && !stopping) {
			double start = now();
			uint64_t accesses = loops[l].run();

			if (!accesses)
				break;
			times[count++] = (now() - start) * 1e9 / (double)accesses;
		}
		if (!count)
			continue;
		qsort(times, count, sizeof(*times), by_size);
		if (json) {
			printf("{\"schema\":\"rvlitmus/cost/1\",\"loop\":\"%s\",\"ztso\":%s,\"emulated\":%s,\"median\":%.3f,"
			       "\"lower_quartile\":%.3f,\"upper_quartile\":%.3f,\"times\":%u}\n",
			       loops[l].name, isa_has_ztso() ? "true" : "false", emulated ? "true" : "false",
			       times[count / 2], times[count / 4], times[count - 1 - count / 4], count);
		} else {
			printf("%-18s %10.2f %10.2f %10.2f %5u  %s\n", loops[l].name, times[count / 2], times[count / 4],
			       times[count - 1 - count / 4], count, loops[l].about);
		}
		fflush(stdout);
	}
	free(memory);
	if (emulated)
		fprintf(stderr, "This is %s: its times mean nothing.\n", emulated);
	else
		fprintf(stderr, "If this is an emulator, its times mean nothing.\n");
	return stopping ? 2 : 0;
}
