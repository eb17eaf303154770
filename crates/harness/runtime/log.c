/* Written by `rvlitmus emit`.
 *
 * Logs: as litmus7 writes them, which `rvlitmus compare` reads, or a JSON object a line.
 */
#include "rvlitmus.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const uint64_t *values;
	const struct state *state;
	bool satisfied;
};

static int by_values(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	for (size_t i = 0; a->values != b->values; i++)
		if (a->values[i] != b->values[i])
			return (int64_t)a->values[i] < (int64_t)b->values[i] ? -1 : 1;
	return 0;
}

/* All states of a result in order, those that were not seen among them. */
static struct row *rows_of(const struct result *result, unsigned *count)
{
	const struct states *states = &result->states;
	struct row *rows = calloc(states->used + 1, sizeof(*rows));
	unsigned used = 0;

	for (unsigned s = 0; rows && s < states->room; s++)
		if (states->of[s].known) {
			const uint64_t *values = states->values + (size_t)s * states->width;

			rows[used++] = (struct row){ values, &states->of[s], test_satisfied(result->test, values) };
		}
	if (rows)
		qsort(rows, used, sizeof(*rows), by_values);
	*count = rows ? used : 0;
	return rows;
}

static uint64_t asked_bits(const struct test *test)
{
	uint64_t bits = 0;

	for (unsigned m = 0; m < model_count; m++)
		if (models[m].asked && !test->unknown[m])
			bits |= UINT64_C(1) << m;
	return bits;
}

static uint64_t sc_bits(const struct test *test)
{
	for (unsigned m = 0; m < model_count; m++)
		if (!strcmp(models[m].name, "sc"))
			return test->unknown[m] ? 0 : UINT64_C(1) << m;
	return 0;
}

/* A model allows it, and no interleaving of the harts' instructions has it. */
static bool is_relaxed(const struct test *test, const struct state *state)
{
	return state->reached & asked_bits(test) && sc_bits(test) && !(state->reached & sc_bits(test));
}

static bool is_outside(const struct result *result, const struct state *state)
{
	return state->count && (state->reached & result->checked) != result->checked;
}

static const char *model_names(uint64_t bits, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned m = 0; m < model_count && used < size; m++)
		if (bits >> m & 1)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "," : "", models[m].name);
	return text;
}

static void print_relaxed(const struct result *result, const struct row *rows, unsigned count)
{
	static char text[1 << 16], names[256], setting[256];

	for (unsigned r = 0; r < count; r++) {
		const struct state *state = rows[r].state;

		if (!is_relaxed(result->test, state))
			continue;
		state_text(result->test, rows[r].values, text, sizeof(text));
		model_names(state->reached & asked_bits(result->test), names, sizeof(names));
		printf("Relaxed %s: %s which %s allows ", result->test->name, text, names);
		if (state->count) {
			setting_text(&state->first, setting, sizeof(setting));
			printf("seen %" PRIu64 " times, first with --setting %s\n", state->count, setting);
		} else {
			printf("not seen in %" PRIu64 " runs (at 95 %%: less than one in %" PRIu64 ")\n", result->runs,
			       result->runs / 3 ? result->runs / 3 : 1);
		}
	}
}

void log_test(const struct result *result)
{
	const struct test *test = result->test;
	uint64_t satisfied = 0, others = 0;
	unsigned count, seen = 0;
	struct row *rows = rows_of(result, &count);
	static char text[1 << 16], names[256], setting[256];
	bool exists = !strcmp(test->kind, "Allowed"), forall = !strcmp(test->kind, "Required"), holds;

	for (unsigned r = 0; r < count; r++) {
		*(rows[r].satisfied ? &satisfied : &others) += rows[r].state->count;
		seen += rows[r].state->count > 0;
	}
	holds = exists ? satisfied > 0 : forall ? others == 0 : satisfied == 0;
	if (seen) {
		printf("Test %s %s\nHistogram (%u states)\n", test->name, test->kind, seen);
		for (unsigned r = 0; r < count; r++) {
			if (!rows[r].state->count)
				continue;
			state_text(test, rows[r].values, text, sizeof(text));
			printf("%-8" PRIu64 "%c>%s\n", rows[r].state->count, rows[r].satisfied ? '*' : ':', text);
		}
		printf("%s\n\nWitnesses\nPositive: %" PRIu64 ", Negative: %" PRIu64 "\n", holds ? "Ok" : "No",
		       !exists && !forall ? others : satisfied, !exists && !forall ? satisfied : others);
		if (test->condition_text)
			printf("Condition %s is %svalidated\n", test->condition_text, holds ? "" : "NOT ");
		if (test->hash)
			printf("Hash=%s\n", test->hash);
		printf("Observation %s %s %" PRIu64 " %" PRIu64 "\n", test->name,
		       !satisfied ? "Never" : !others ? "Always" : "Sometimes", satisfied, others);
		printf("Time %s %.2f\n", test->name, result->seconds);
	}
	print_relaxed(result, rows, count);
	for (unsigned r = 0; r < count; r++)
		if (is_outside(result, rows[r].state)) {
			state_text(test, rows[r].values, text, sizeof(text));
			setting_text(&rows[r].state->first, setting, sizeof(setting));
			printf("Violation %s: %s seen %" PRIu64 " times, outside %s, first with --setting %s\n", test->name,
			       text, rows[r].state->count,
			       model_names(result->checked & ~rows[r].state->reached, names, sizeof(names)), setting);
		}
	if (result->unchecked)
		for (unsigned m = 0; m < model_count; m++)
			if (models[m].asked && test->unknown[m])
				printf("Unchecked %s: not all states are known under %s: %s\n", test->name, models[m].name,
				       test->unknown[m]);
	if (!result->runs)
		printf("Unfinished %s: no run came to its end, or none passes the filter\n", test->name);
	if (result->hung)
		printf("Unfinished %s: harts did not come to an end, and were ended\n", test->name);
	if (result->faulted)
		printf("Unfinished %s: an instruction trapped\n", test->name);
	printf("\n");
	fflush(stdout);
	free(rows);
}

void log_json_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

/* One object a test: every state of models, and every state that was seen. */
void log_json(const struct result *result)
{
	const struct test *test = result->test;
	unsigned count;
	struct row *rows = rows_of(result, &count);
	static char text[1 << 16];

	printf("{\"schema\":\"rvlitmus/hardware/1\",\"test\":");
	log_json_text(test->name);
	if (test->mutation) {
		printf(",\"without\":");
		log_json_text(test->mutation);
		printf(",\"shows_more\":%s", result->shown ? "true" : "false");
	}
	if (test->hash)
		printf(",\"hash\":\"%s\"", test->hash);
	printf(",\"runs\":%" PRIu64 ",\"seconds\":%.3f,\"checked\":", result->runs, result->seconds);
	log_json_text(model_names(result->checked, text, sizeof(text)));
	printf(",\"unchecked\":%s,\"hung\":%s,\"faulted\":%s,\"violations\":%" PRIu64 ",\"states\":[",
	       result->unchecked ? "true" : "false", result->hung ? "true" : "false",
	       result->faulted ? "true" : "false", result->violations);
	for (unsigned r = 0; r < count; r++) {
		const struct state *state = rows[r].state;

		state_text(test, rows[r].values, text, sizeof(text));
		printf("%s{\"state\":", r ? "," : "");
		log_json_text(text);
		printf(",\"count\":%" PRIu64 ",\"perpetual\":%" PRIu64 ",\"condition\":%s,\"relaxed\":%s,\"models\":",
		       state->count, state->perpetual, rows[r].satisfied ? "true" : "false",
		       is_relaxed(test, state) ? "true" : "false");
		log_json_text(model_names(state->reached, text, sizeof(text)));
		if (is_outside(result, state))
			printf(",\"violation\":true");
		if (state->count) {
			setting_text(&state->first, text, sizeof(text));
			printf(",\"setting\":");
			log_json_text(text);
		}
		printf("}");
	}
	printf("]}\n");
	fflush(stdout);
	free(rows);
}
