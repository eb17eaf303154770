/* Written by `rvlitmus emit`.
 *
 * States: which there are, which a condition holds of, and how they are written.
 */
#include "rvlitmus.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static unsigned width_of(const struct test *test)
{
	unsigned width = 0;

	for (unsigned p = 0; p < test->place_count; p++)
		width += test->places[p].printed;
	return width;
}

static size_t slot_of(const struct states *states, const uint64_t *values)
{
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned i = 0; i < states->width; i++)
		hash = (hash ^ values[i]) * UINT64_C(0xff51afd7ed558ccd), hash ^= hash >> 32;
	return hash & (states->room - 1);
}

static void states_room(struct states *states, unsigned room)
{
	states->room = room;
	states->used = 0;
	states->values = calloc((size_t)room * (states->width + 1), sizeof(uint64_t));
	states->of = calloc(room, sizeof(struct state));
	if (!states->values || !states->of) {
		fprintf(stderr, "rvlitmus: no memory is left\n");
		exit(2);
	}
}

/* The entry of a state, which is made if it is not there. */
struct state *states_find(struct states *states, const uint64_t *values)
{
	size_t bytes = states->width * sizeof(uint64_t);
	size_t slot = slot_of(states, values);

	for (; states->of[slot].known; slot = (slot + 1) & (states->room - 1))
		if (!memcmp(states->values + slot * states->width, values, bytes))
			return &states->of[slot];
	if (states->used * 2 >= states->room) {
		struct states old = *states;

		states_room(states, old.room * 2);
		for (unsigned i = 0; i < old.room; i++)
			if (old.of[i].known)
				*states_find(states, old.values + (size_t)i * old.width) = old.of[i];
		states_free(&old);
		return states_find(states, values);
	}
	states->used++;
	memcpy(states->values + slot * states->width, values, bytes);
	states->of[slot].known = true;
	return &states->of[slot];
}

/* A table with the states of all models, none of which was seen yet. */
void states_make(struct states *states, const struct test *test)
{
	states->width = width_of(test);
	states_room(states, 64);
	for (unsigned row = 0; row < test->state_count; row++)
		states_find(states, test->values + (size_t)row * states->width)->reached = test->reached[row];
}

void states_free(struct states *states)
{
	free(states->values);
	free(states->of);
}

static bool predicate_holds(const struct comparison *comparisons, unsigned count, const uint64_t *values)
{
	int at = 0;

	while (at >= 0 && (unsigned)at < count) {
		const struct comparison *it = &comparisons[at];
		uint64_t left = it->left < 0 ? it->left_value : values[it->left];
		uint64_t right = it->right < 0 ? it->right_value : values[it->right];

		at = left == right ? it->equal : it->different;
	}
	return at != FAILS;
}

/* Does the test's filter keep this state? It has a value for each place, printed or not. */
bool test_counts(const struct test *test, const uint64_t *values)
{
	return predicate_holds(test->filter, test->filter_count, values);
}

/* Does the condition's proposition hold of a state as it is printed? */
bool test_satisfied(const struct test *test, const uint64_t *printed)
{
	uint64_t values[MAX_PLACES] = { 0 };
	unsigned next = 0;

	for (unsigned p = 0; p < test->place_count; p++)
		if (test->places[p].printed)
			values[p] = printed[next++];
	return predicate_holds(test->condition, test->condition_count, values);
}

/* Writes a state as litmus7 does: `0:x5=1; [x]=2;` */
void state_text(const struct test *test, const uint64_t *printed, char *text, size_t size)
{
	size_t used = 0;
	unsigned next = 0;

	text[0] = '\0';
	for (unsigned p = 0; p < test->place_count && used < size; p++) {
		const struct place *place = &test->places[p];
		const struct location *inside = NULL;
		uint64_t value;

		if (!place->printed)
			continue;
		value = printed[next++];
		for (unsigned l = 0; l < test->location_count; l++)
			if (value - test->locations[l].address < test->locations[l].bytes)
				inside = &test->locations[l];
		used += (size_t)snprintf(text + used, size - used, "%s%s=", next > 1 ? " " : "", place->name);
		if (used >= size)
			break;
		if (inside && value > inside->address)
			used += (size_t)snprintf(text + used, size - used, "%s+%" PRIu64 ";", inside->name,
						 value - inside->address);
		else if (inside)
			used += (size_t)snprintf(text + used, size - used, "%s;", inside->name);
		else if (place->is_signed)
			used += (size_t)snprintf(text + used, size - used, "%" PRId64 ";", (int64_t)value);
		else
			used += (size_t)snprintf(text + used, size - used, "%" PRIu64 ";", value);
	}
}
