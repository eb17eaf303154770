/* Written by `rvlitmus emit`.
 *
 * Runs the tests, checks what they show against the models, and reports.
 */
#include "rvlitmus.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
	"Usage: %s [OPTION]... [PATTERN]...\n"
	"Runs litmus tests, all or those whose names match a pattern, and checks what they show.\n"
	"\n"
	"  --time SECONDS      for all tests together [default: %u]\n"
	"  --model MODEL       the model that must not be exceeded [default: the first one that all harts keep to,\n"
	"                      and ztso if the harts say that they have it]; none: only look\n"
	"  --assume LIST       extensions that harts have though nothing says so: zacas,ztso\n"
	"  --self-test         run mutants as long as the tests: they must show more\n"
	"  --seed N            what settings are drawn from [default: the time]\n"
	"  --setting SETTING   one setting for all, as a report says it\n"
	"  --json              JSON lines instead of a log\n"
	"  --list              names of tests, extensions that they need, and models that are not checked\n"
	"  --cost              time memory-bound loops instead\n"
	"\n"
	"Exit code: 0 nothing was seen that a model forbids; 1 something was; 2 a test was not checked or did not\n"
	"end, none was run, or --self-test proves nothing; tests that harts lack instructions for are named as skipped\n";

volatile int stopping;

static void on_stop(int number)
{
	(void)number;
	stopping = 1;
}

static struct {
	double seconds;
	const char *model, *assume;
	bool self_test, json, list, cost, fixed;
	uint64_t seed;
	struct setting setting;
	char **patterns;
} options;

static bool is_chosen(const struct test *test)
{
	if (!options.patterns || !*options.patterns)
		return true;
	for (char **pattern = options.patterns; *pattern; pattern++)
		if (!fnmatch(*pattern, test->name, 0))
			return true;
	return false;
}

/* The models that a test must not exceed. */
static uint64_t checked_models(const struct test *test, bool *unchecked)
{
	uint64_t bits = 0;
	bool weakest = false;

	for (unsigned m = 0; m < model_count; m++) {
		bool wanted;

		if (options.model)
			wanted = !strcmp(options.model, models[m].name);
		else
			wanted = models[m].asked && strcmp(models[m].name, "sc") &&
				 (models[m].ztso ? isa_has_ztso() : !weakest);
		weakest |= wanted && !models[m].ztso;
		if (!wanted)
			continue;
		if (test->unknown[m])
			*unchecked = true;
		else
			bits |= UINT64_C(1) << m;
	}
	if (options.model && !strcmp(options.model, "none"))
		return 0;
	if (!bits)
		*unchecked = true;
	return bits;
}

static bool progress_shown(void)
{
	static int shown = -1;

	if (shown < 0)
		shown = isatty(STDERR_FILENO) && getpid() != 1;
	return shown;
}

/* What a slice was worth: weak states, rare ones more than frequent ones. */
static double worth(const struct test *test, struct states *before, const struct states *found)
{
	uint64_t sc = 0;
	double worth = 0;

	for (unsigned m = 0; m < model_count; m++)
		if (!strcmp(models[m].name, "sc") && !test->unknown[m])
			sc = UINT64_C(1) << m;
	for (unsigned s = 0; s < found->room; s++) {
		const uint64_t *values = found->values + (size_t)s * found->width;
		const struct state *state = &found->of[s];
		bool weak;

		if (!state->known || !state->count)
			continue;
		weak = sc ? !(state->reached & sc) : test_satisfied(test, values);
		if (weak) {
			uint64_t known = states_find(before, values)->count;

			worth += (double)state->count / (1.0 + (double)known / 16) + 1;
		}
	}
	return worth;
}

static void merge(struct states *all, const struct states *found)
{
	for (unsigned s = 0; s < found->room; s++) {
		const struct state *own = &found->of[s];
		struct state *state;

		if (!own->known || !own->count)
			continue;
		state = states_find(all, found->values + (size_t)s * found->width);
		if (!state->count)
			state->first = own->first;
		state->count += own->count;
		state->perpetual += own->perpetual;
	}
}

static void run_one(struct result *result, double seconds)
{
	struct setting setting = options.setting;
	struct states found;
	struct outcome outcome;
	double until = now() + seconds;

	if (!options.fixed) {
		setting = *bandit_choose(result->test, &options.seed);
		setting.seed = random_next(&options.seed) >> 32;
	}
	if (setting.mode == MODE_PERPETUAL && !result->test->perpetual)
		setting.mode = MODE_FREE;
	states_make(&found, result->test);
	outcome = run_slice(result->test, &setting, until - now(), &found);
	result->runs += outcome.runs;
	result->seconds += outcome.seconds;
	result->hung |= outcome.hung;
	result->faulted |= outcome.faulted;
	if (!options.fixed)
		bandit_reward(worth(result->test, &result->states, &found), outcome.seconds);
	merge(&result->states, &found);
	states_free(&found);
}

static void judge(struct result *result)
{
	for (unsigned s = 0; s < result->states.room; s++) {
		const struct state *state = &result->states.of[s];

		if (state->known && state->count && (state->reached & result->checked) != result->checked)
			result->violations++;
	}
}

/* Did a mutant show a state that a model forbids its test? */
static bool shows_more(const struct result *mutant)
{
	const struct test *parent = mutant->test->parent;
	struct states states;
	bool more = false;

	states_make(&states, parent);
	for (unsigned s = 0; s < mutant->states.room; s++) {
		const struct state *state = &mutant->states.of[s];

		if (state->known && state->count) {
			uint64_t reached =
				states_find(&states, mutant->states.values + (size_t)s * mutant->states.width)->reached;

			more |= (state->reached & ~reached) != 0;
		}
	}
	states_free(&states);
	return more;
}

static struct result *result_make(const struct test *test)
{
	struct result *result = calloc(1, sizeof(*result));

	if (!result) {
		fprintf(stderr, "rvlitmus: no memory is left\n");
		exit(2);
	}
	result->test = test;
	states_make(&result->states, test);
	result->checked = checked_models(test, &result->unchecked);
	return result;
}

static struct {
	unsigned run, skipped, unchecked, unfinished, mutants, shown;
	uint64_t violations, runs;
} total;

/* Runs a test and its mutants for so long. */
static void run_test(unsigned index, double seconds)
{
	enum { MOST_MUTANTS = 32 };
	struct result *results[MOST_MUTANTS + 1];
	unsigned count = 0, next = 0;
	double until = now() + seconds, slice = seconds / 24;

	if (slice > 0.1)
		slice = 0.1;
	results[count++] = result_make(tests[index]);
	for (unsigned t = 0; t < test_count && count <= MOST_MUTANTS; t++)
		if (tests[t]->parent == tests[index])
			results[count++] = result_make(tests[t]);
	if (!options.fixed)
		bandit_forget();
	while (!stopping && (now() < until || !next)) {
		/* Mutants have half of the time where they are to show something, and otherwise a part: what shows
		 * them is good for the test, too. */
		unsigned turn = next++ % (options.self_test ? 2 : 8);
		struct result *result = results[0];

		if (count > 1 && turn == 1)
			result = results[1 + next / (options.self_test ? 2 : 8) % (count - 1)];
		run_one(result, slice);
		if (result->hung || result->faulted)
			break;
	}
	for (unsigned r = 0; r < count; r++) {
		struct result *result = results[r];

		judge(result);
		total.violations += result->violations;
		total.runs += result->runs;
		if (r == 0) {
			total.run++;
			total.unchecked += result->unchecked;
			total.unfinished += result->hung || result->faulted || !result->runs;
		} else if (result->runs) {
			result->shown = shows_more(result);
			total.mutants++;
			total.shown += result->shown;
		}
		if (options.json) {
			if (result->runs || r == 0)
				log_json(result);
		} else if (r == 0) {
			log_test(result);
		} else if (result->runs && options.self_test) {
			printf("Mutant %s without %s: %s in %" PRIu64 " runs\n", result->test->name, result->test->mutation,
			       result->shown ? "shows more" : "shows nothing more", result->runs);
		}
		if (r > 0 && result->violations && !options.json)
			printf("Violation %s: its mutant without %s shows what its own model forbids\n",
			       result->test->name, result->test->mutation);
		states_free(&result->states);
		free(result);
	}
}

static bool is_runnable(const struct test *test, const char **missing)
{
	return test->harts <= MAX_HARTS && test->place_count <= MAX_PLACES &&
	       test->location_count <= MAX_PLACES && isa_has(test->extensions, missing);
}

static void list(void)
{
	for (unsigned t = 0; t < test_count; t++) {
		if (tests[t]->parent || !is_chosen(tests[t]))
			continue;
		printf("%s", tests[t]->name);
		if (*tests[t]->extensions)
			printf(" needs %s", tests[t]->extensions);
		if (tests[t]->perpetual)
			printf(", perpetual");
		for (unsigned m = 0; m < model_count; m++)
			if (models[m].asked && tests[t]->unknown[m])
				printf(", not checked against %s", models[m].name);
		printf("\n");
	}
}

static int run_all(void)
{
	unsigned wanted = 0, done = 0;
	const char *emulated = emulator();

	for (unsigned t = 0; t < test_count; t++) {
		const char *missing = "more room than there is";

		if (tests[t]->parent || !is_chosen(tests[t]))
			continue;
		if (is_runnable(tests[t], &missing)) {
			wanted++;
			continue;
		}
		total.skipped++;
		if (!options.json)
			printf("Skipped %s: harts lack %s\n", tests[t]->name, missing);
	}
	for (unsigned t = 0; t < test_count && !stopping; t++) {
		const char *missing;

		if (tests[t]->parent || !is_chosen(tests[t]) || !is_runnable(tests[t], &missing))
			continue;
		if (progress_shown())
			fprintf(stderr, "\r\033[K%u of %u: %s", ++done, wanted, tests[t]->name);
		run_test(t, options.seconds / wanted);
	}
	if (progress_shown())
		fprintf(stderr, "\r\033[K");
	fprintf(stderr, "%u tests in %" PRIu64 " runs: %" PRIu64 " states outside the models", total.run, total.runs,
		total.violations);
	if (total.skipped)
		fprintf(stderr, "; %u tests skipped, whose extensions harts lack", total.skipped);
	if (total.unchecked)
		fprintf(stderr, "; %u tests not checked", total.unchecked);
	if (total.unfinished)
		fprintf(stderr, "; %u tests ended", total.unfinished);
	if (stopping)
		fprintf(stderr, "; interrupted");
	if (total.mutants)
		fprintf(stderr, "; %u of %u mutants show more", total.shown, total.mutants);
	fprintf(stderr, "\n");
	if (options.self_test && !total.shown)
		fprintf(stderr, "No mutant showed more than its test: that nothing was seen proves nothing.\n");
	if (emulated)
		fprintf(stderr, "This is %s: what it shows is of the emulator and its host.\n", emulated);
	if (total.violations)
		return 1;
	if (stopping || total.unchecked || total.unfinished || !total.run || (options.self_test && !total.shown))
		return 2;
	return 0;
}

/* What could not be written is no result. */
static int finish(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "rvlitmus: the results cannot be written\n");
	return code ? code : 2;
}

static const char *value_of(int argc, char **argv, int *at)
{
	if (*at + 1 < argc)
		return argv[++*at];
	fprintf(stderr, "rvlitmus: %s needs a value\n", argv[*at]);
	exit(2);
}

static void read_options(int argc, char **argv)
{
	int names = 0;

	options.seconds = standard_seconds;
	options.seed = (uint64_t)(now() * 1e6);
	for (int at = 1; at < argc; at++) {
		const char *option = argv[at];
		char *end = NULL;

		if (option[0] != '-') {
			argv[++names] = argv[at];
			continue;
		}
		if (!strcmp(option, "--time")) {
			options.seconds = strtod(value_of(argc, argv, &at), &end);
		} else if (!strcmp(option, "--model")) {
			bool known = false;

			options.model = value_of(argc, argv, &at);
			for (unsigned m = 0; m < model_count; m++)
				known |= !strcmp(models[m].name, options.model);
			if (!known && strcmp(options.model, "none")) {
				fprintf(stderr, "rvlitmus: there are no states of the model %s\n", options.model);
				exit(2);
			}
		} else if (!strcmp(option, "--assume")) {
			options.assume = value_of(argc, argv, &at);
		} else if (!strcmp(option, "--seed")) {
			options.seed = strtoull(value_of(argc, argv, &at), &end, 10);
		} else if (!strcmp(option, "--setting")) {
			options.fixed = setting_read(value_of(argc, argv, &at), &options.setting);
			if (!options.fixed) {
				fprintf(stderr, "rvlitmus: %s is no setting\n", argv[at]);
				exit(2);
			}
		} else if (!strcmp(option, "--self-test")) {
			options.self_test = true;
		} else if (!strcmp(option, "--json")) {
			options.json = true;
		} else if (!strcmp(option, "--list")) {
			options.list = true;
		} else if (!strcmp(option, "--cost")) {
			options.cost = true;
		} else if (!strcmp(option, "--help")) {
			printf(HELP, argv[0], standard_seconds);
			exit(finish(0));
		} else {
			fprintf(stderr, "rvlitmus: there is no option %s; --help says which there are\n", option);
			exit(2);
		}
		if (end && (*end || !(options.seconds > 0 && options.seconds < 1e9))) {
			fprintf(stderr, "rvlitmus: %s is no value of %s\n", argv[at], option);
			exit(2);
		}
	}
	/* Names stand together at the front now. */
	argv[names + 1] = NULL;
	options.patterns = argv + 1;
	for (char **pattern = options.patterns; *pattern; pattern++) {
		bool known = false;

		for (unsigned t = 0; t < test_count && !known; t++)
			known = !tests[t]->parent && !fnmatch(*pattern, tests[t]->name, 0);
		if (!known) {
			fprintf(stderr, "rvlitmus: no test is called %s; --list names them\n", *pattern);
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	bool guest = guest_begin(&argc, &argv);
	int code;

	read_options(argc, argv);
	signal(SIGINT, on_stop);
	signal(SIGTERM, on_stop);
	isa_find(options.assume);
	if (options.list) {
		list();
		return finish(0);
	}
	if (!arena_make()) {
		fprintf(stderr, "rvlitmus: no memory below 2^31 can be had\n");
		return 2;
	}
	isa_print(stderr);
	code = finish(options.cost ? cost_run(options.seconds, options.json) : run_all());
	if (guest)
		guest_end(code);
	return code;
}
