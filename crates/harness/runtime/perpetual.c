/* Written by `rvlitmus emit`.
 *
 * Perpetual runs: harts repeat their code on one instance and store growing values, and outcomes are counted
 * afterwards (PerpLE, MICRO 2020). A frame, a choice of one iteration for each hart, is a state of the test, whichever
 * frame is looked at: only tests for which that holds have this form. Here frames are looked at that begin with each
 * iteration of one hart, the others' being those that it read from, or that read from it, and their neighbours.
 */
#include "rvlitmus.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR = 8, MOST_FRAMES = 256 };

struct run {
	const struct test *test;
	struct layout layout;
	uint64_t iterations;
	uint64_t *logs[MAX_HARTS];
	unsigned placed[MAX_PLACES]; /* by location: stores in an iteration */
};

struct hart {
	struct run *run;
	struct team *team;
	unsigned hart;
};

static void repeat(void *of)
{
	struct hart *own = of;
	struct run *run = own->run;
	struct team *team = own->team;
	const struct perpetual *form = run->test->perpetual;
	const struct body *body = &form->bodies[own->hart];
	const struct biases *biases = &form->biases[own->hart];
	uint64_t frame[256], *log = run->logs[own->hart];

	for (unsigned w = 0; w < body->frame_count; w++) {
		const struct word *word = &body->frame[w];

		frame[w] = word->value;
		if (word->location >= 0)
			frame[w] += (uintptr_t)layout_at(&run->layout, 0, (unsigned)word->location);
	}
	for (uint64_t n = 0; n < run->iterations; n++) {
		if (n % 1024 == 0)
			team->progress[own->hart].steps++;
		for (unsigned b = 0; b < biases->count; b++) {
			const struct bias *bias = &biases->of[b];

			frame[b] = n * form->stored[bias->location].count + bias->value;
		}
		body->run(frame, log + n * body->result_count);
	}
}

static void work(struct team *team, unsigned hart)
{
	struct hart own = { team->of, team, hart };

	if (team_wait(team, hart))
		team_body(team, repeat, &own);
}

/* What a place comes to where harts are in these iterations. */
static uint64_t seen_value(const struct run *run, const struct seen *seen, const uint64_t *iterations)
{
	const struct perpetual *form = run->test->perpetual;
	const struct stored *stored;
	uint64_t value, from;

	if (seen->hart < 0)
		return seen->values[0];
	value = run->logs[seen->hart][iterations[seen->hart] * form->bodies[seen->hart].result_count + seen->result];
	stored = &form->stored[seen->location];
	if (stored->hart < 0 || !value)
		return seen->values[0];
	from = (value - 1) / stored->count;
	if (from < iterations[stored->hart])
		return seen->values[0];
	if (from > iterations[stored->hart])
		return seen->values[stored->count];
	return seen->values[(value - 1) % stored->count + 1];
}

static void add_near(uint64_t *near, unsigned *count, uint64_t iteration, uint64_t iterations)
{
	if (iteration >= iterations || *count == NEAR)
		return;
	for (unsigned i = 0; i < *count; i++)
		if (near[i] == iteration)
			return;
	near[(*count)++] = iteration;
}

/* Iterations of a hart that are worth looking at beside those that are chosen already. */
static unsigned near_iterations(const struct run *run, unsigned hart, const bool *chosen, const uint64_t *iterations,
				uint64_t *near)
{
	const struct perpetual *form = run->test->perpetual;
	unsigned count = 0;

	for (unsigned p = 0; p < run->test->place_count; p++) {
		const struct seen *seen = &form->seen[p];
		const struct stored *stored;
		uint64_t width, value;

		if (seen->hart < 0)
			continue;
		stored = &form->stored[seen->location];
		if (stored->hart < 0)
			continue;
		width = form->bodies[seen->hart].result_count;
		if (stored->hart == (int)hart && chosen[seen->hart]) {
			/* What a chosen iteration read is of this hart. */
			value = run->logs[seen->hart][iterations[seen->hart] * width + seen->result];
			if (value)
				add_near(near, &count, (value - 1) / stored->count, run->iterations);
			add_near(near, &count, value ? (value - 1) / stored->count + 1 : 0, run->iterations);
		} else if (seen->hart == (int)hart && chosen[stored->hart]) {
			/* This hart reads what a chosen iteration stored: values grow. */
			uint64_t low = 0, high = run->iterations;

			value = iterations[stored->hart] * stored->count + 1;
			while (low < high) {
				uint64_t middle = (low + high) / 2;

				if (run->logs[hart][middle * width + seen->result] < value)
					low = middle + 1;
				else
					high = middle;
			}
			add_near(near, &count, low, run->iterations);
			add_near(near, &count, low - 1, run->iterations);
		}
	}
	for (unsigned h = 0; h < run->test->harts; h++)
		if (chosen[h])
			add_near(near, &count, iterations[h], run->iterations);
	return count;
}

struct search {
	const struct run *run;
	const struct setting *setting;
	struct states *found;
	unsigned base, left;
	bool chosen[MAX_HARTS];
	uint64_t iterations[MAX_HARTS];
};

static void count_frame(struct search *search)
{
	const struct test *test = search->run->test;
	uint64_t printed[MAX_PLACES];
	struct state *state;
	unsigned width = 0;

	for (unsigned p = 0; p < test->place_count; p++)
		if (test->places[p].printed)
			printed[width++] = seen_value(search->run, &test->perpetual->seen[p], search->iterations);
	state = states_find(search->found, printed);
	if (!state->count)
		state->first = *search->setting;
	state->count++;
	state->perpetual++;
}

static void choose(struct search *search)
{
	uint64_t near[NEAR];
	unsigned hart = 0, count;

	while (hart < search->run->test->harts && search->chosen[hart])
		hart++;
	if (hart == search->run->test->harts) {
		if (search->left) {
			search->left--;
			count_frame(search);
		}
		return;
	}
	count = near_iterations(search->run, hart, search->chosen, search->iterations, near);
	search->chosen[hart] = true;
	for (unsigned i = 0; i < count && search->left; i++) {
		search->iterations[hart] = near[i];
		choose(search);
	}
	search->chosen[hart] = false;
}

uint64_t run_perpetual(const struct test *test, const struct setting *setting, struct states *found,
		       struct outcome *outcome)
{
	static struct team team;
	struct search search = { .setting = setting, .found = found };
	struct run run = { .test = test };
	unsigned most_stores = 1, loads = 0;

	if (!layout_of(test, setting, &run.layout))
		return 0;
	for (unsigned l = 0; l < test->location_count; l++) {
		memset(layout_at(&run.layout, 0, l), 0, test->locations[l].bytes);
		if (test->perpetual->stored[l].count > most_stores)
			most_stores = test->perpetual->stored[l].count;
	}
	run.iterations = (uint64_t)setting->batch * 4;
	/* Values stay below 2^31, so that loads of 32 bits return what was stored. */
	if (run.iterations > INT32_MAX / most_stores - 1)
		run.iterations = INT32_MAX / most_stores - 1;
	for (unsigned h = 0; h < test->harts; h++) {
		run.logs[h] = calloc(run.iterations, (test->perpetual->bodies[h].result_count + 1) * sizeof(uint64_t));
		if (!run.logs[h]) {
			fprintf(stderr, "rvlitmus: no memory is left\n");
			exit(2);
		}
		/* Frames begin with the hart that loads most. */
		if (test->perpetual->bodies[h].result_count > loads) {
			loads = test->perpetual->bodies[h].result_count;
			search.base = h;
		}
	}
	team.harts = test->harts;
	team.affinity = setting->affinity;
	team.seed = setting->seed;
	team.work = work;
	team.of = &run;
	outcome->hung = !team_run(&team);
	outcome->faulted = atomic_load(&team.faulted);
	if (!outcome->hung && !outcome->faulted) {
		search.run = &run;
		for (uint64_t n = 0; n < run.iterations; n++) {
			memset(search.chosen, 0, sizeof(search.chosen));
			search.chosen[search.base] = true;
			search.iterations[search.base] = n;
			search.left = MOST_FRAMES;
			choose(&search);
		}
	}
	for (unsigned h = 0; h < test->harts; h++)
		free(run.logs[h]);
	/* A run is an iteration, of which several frames are counted. */
	return outcome->hung || outcome->faulted ? 0 : run.iterations;
}
