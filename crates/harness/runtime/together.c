/* Written by `rvlitmus emit`.
 *
 * Runs with a fresh start each: a batch of instances, which all harts go through in the same order, with a barrier
 * before each instance or before the batch alone.
 */
#include "rvlitmus.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH = 1 << 16, FEW = 64 };

/* Most instances of a batch: fewer where one took longer than it was to. */
static size_t most_instances = 4096;

/* What one hart has of a batch. */
struct share {
	struct batch *batch;
	unsigned hart;
	uint64_t seed;
	uint64_t *frames, *results;
	struct states found;
	uint64_t runs;
	uint8_t *scratch;
};

struct batch {
	const struct test *test;
	const struct setting *setting;
	struct layout layout;
	struct team *team;
	unsigned size;
	double until;
	_Atomic int more;
	struct share shares[MAX_HARTS];
};

uint64_t random_next(uint64_t *seed)
{
	uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* Which instance comes at which step: a permutation, for the stride is odd and the size a power of two. */
static size_t instance_at(const struct batch *batch, size_t step)
{
	return step * (2 * (size_t)batch->setting->stride + 1) & (batch->size - 1);
}

static void touch(const struct batch *batch, size_t instance)
{
	for (unsigned l = 0; l < batch->test->location_count; l++)
		(void)*(volatile uint8_t *)layout_at(&batch->layout, instance, l);
}

static void run_instances(void *of)
{
	struct share *share = of;
	struct batch *batch = share->batch;
	const struct setting *setting = batch->setting;
	const struct body *body = &batch->test->bodies[share->hart];

	for (size_t step = 0; step < batch->size; step++) {
		size_t instance = instance_at(batch, step);

		if (step % 16 == 0)
			batch->team->progress[share->hart].steps++;
		if (setting->cache == CACHE_TOUCH)
			touch(batch, instance);
		else if (setting->cache == CACHE_EVICT)
			for (unsigned line = 0; line < 16; line++)
				(void)*(volatile uint8_t *)(share->scratch + random_next(&share->seed) % SCRATCH);
		if (setting->mode == MODE_TOGETHER && !team_wait(batch->team, share->hart))
			return;
		if (setting->skew)
			for (uint64_t n = random_next(&share->seed) % setting->skew; n; n--)
				__asm__ volatile("");
		for (unsigned n = 0; n < setting->stores; n++)
			*(volatile uint64_t *)(share->scratch + n * 64 % SCRATCH) = n;
		body->run(share->frames + instance * body->frame_count,
			  share->results + instance * body->result_count);
	}
}

static void begin(struct share *share)
{
	struct batch *batch = share->batch;
	const struct body *body = &batch->test->bodies[share->hart];

	for (size_t i = share->hart; i < batch->size; i += batch->test->harts)
		instance_reset(batch->test, &batch->layout, i);
	for (size_t i = 0; i < batch->size; i++)
		for (unsigned w = 0; w < body->frame_count; w++) {
			const struct word *word = &body->frame[w];
			uint64_t base = word->location < 0 ? 0 :
				(uintptr_t)layout_at(&batch->layout, i, (unsigned)word->location);

			share->frames[i * body->frame_count + w] = base + word->value;
		}
}

static void collect(struct share *share)
{
	struct batch *batch = share->batch;
	const struct test *test = batch->test;

	for (size_t i = share->hart; i < batch->size; i += test->harts) {
		uint64_t values[MAX_PLACES], printed[MAX_PLACES];
		unsigned width = 0;

		for (unsigned p = 0; p < test->place_count; p++) {
			const struct place *place = &test->places[p];
			uint64_t raw = 0;

			if (place->hart >= 0)
				raw = batch->shares[place->hart]
					      .results[i * test->bodies[place->hart].result_count + place->at];
			values[p] = state_value(test, &batch->layout, i, place, raw);
			if (place->printed)
				printed[width++] = values[p];
		}
		if (test_counts(test, values)) {
			states_find(&share->found, printed)->count++;
			share->runs++;
		}
	}
}

static void work(struct team *team, unsigned hart)
{
	struct batch *batch = team->of;
	struct share *share = &batch->shares[hart];

	do {
		begin(share);
		if (!team_wait(team, hart) || !team_body(team, run_instances, share) || !team_wait(team, hart))
			return;
		collect(share);
		if (hart == 0)
			atomic_store(&batch->more, now() < batch->until && !stopping);
		if (!team_wait(team, hart))
			return;
	} while (atomic_load(&batch->more));
}

/* Runs a test under one setting for about so long, and adds what it shows to `found`. */
struct outcome run_slice(const struct test *test, const struct setting *setting, double seconds, struct states *found)
{
	static struct batch batch;
	static struct team team;
	struct outcome outcome = { 0 };
	double start = now();
	size_t most;

	if (setting->mode == MODE_PERPETUAL && test->perpetual) {
		outcome.runs = run_perpetual(test, setting, found, &outcome);
		outcome.seconds = now() - start;
		return outcome;
	}
	memset(&batch, 0, sizeof(batch));
	batch.test = test;
	batch.setting = setting;
	batch.team = &team;
	batch.until = start + seconds;
	if (!layout_of(test, setting, &batch.layout))
		return outcome;
	/* Harts that share processors wait for one another long. */
	most = setting->batch < most_instances ? setting->batch : most_instances;
	if (test->harts > cpu_count() && most > FEW)
		most = FEW;
	for (batch.size = 1; batch.size * 2 <= most && batch.size * 2 <= batch.layout.most;)
		batch.size *= 2;
	for (unsigned h = 0; h < test->harts; h++) {
		struct share *share = &batch.shares[h];

		share->batch = &batch;
		share->hart = h;
		share->seed = setting->seed ^ (h * UINT64_C(0x1234567));
		share->frames = calloc(batch.size, (test->bodies[h].frame_count + 1) * sizeof(uint64_t));
		share->results = calloc(batch.size, (test->bodies[h].result_count + 1) * sizeof(uint64_t));
		share->scratch = calloc(1, SCRATCH);
		if (!share->frames || !share->results || !share->scratch) {
			fprintf(stderr, "rvlitmus: no memory is left\n");
			exit(2);
		}
		states_make(&share->found, test);
	}
	team.harts = test->harts;
	team.affinity = setting->affinity;
	team.seed = setting->seed;
	team.work = work;
	team.of = &batch;
	outcome.hung = !team_run(&team);
	outcome.faulted = atomic_load(&team.faulted);
	for (unsigned h = 0; h < test->harts; h++) {
		struct share *share = &batch.shares[h];
		struct states *own = &share->found;

		for (unsigned s = 0; s < own->room; s++) {
			struct state *state;

			if (!own->of[s].known || !own->of[s].count)
				continue;
			state = states_find(found, own->values + (size_t)s * own->width);
			if (!state->count)
				state->first = *setting;
			state->count += own->of[s].count;
		}
		outcome.runs += share->runs;
		states_free(own);
		free(share->frames);
		free(share->results);
		free(share->scratch);
	}
	outcome.seconds = now() - start;
	if (outcome.seconds > 4 * seconds + 0.3 && batch.size > 16)
		most_instances = batch.size / 2;
	else if (batch.size == most_instances && most_instances < 4096)
		most_instances *= 2;
	return outcome;
}
