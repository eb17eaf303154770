/* Written by `rvlitmus emit`.
 *
 * Memory: where the locations of each instance lie, how they begin, and what they hold in the end.
 */
#define _GNU_SOURCE
#include "rvlitmus.h"

#include <string.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { ARENA = 64 << 20, PAGE = 4096, LINE = 64 };

static uint8_t *arena;

/* Addresses below 2^31 survive stores and loads of 32 bits, as tests with pointers in words expect. */
bool arena_make(void)
{
	for (uintptr_t hint = 0x20000000; hint < 0x78000000; hint += 0x4000000) {
		void *got = mmap((void *)hint, ARENA, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (got == MAP_FAILED)
			continue;
		if ((uintptr_t)got == hint) {
			arena = got;
			return true;
		}
		munmap(got, ARENA);
	}
	return false;
}

static size_t round_up(size_t value, size_t to)
{
	return (value + to - 1) / to * to;
}

bool layout_of(const struct test *test, const struct setting *setting, struct layout *layout)
{
	static const size_t spacings[PLACEMENTS] = { 8, LINE, 4 * LINE, PAGE };
	size_t spacing = spacings[setting->placement], end = 0;

	/* A reservation may cover more than a line. */
	if (test->reserves && spacing < 4 * LINE)
		spacing = 4 * LINE;
	if (test->begins_pages)
		spacing = PAGE;
	if (test->location_count > MAX_PLACES)
		return false;
	for (unsigned l = 0; l < test->location_count; l++) {
		const struct location *location = &test->locations[l];
		size_t own = location->scalar || spacing > LINE ? spacing : LINE;

		end = round_up(end, own);
		layout->offsets[l] = (uint32_t)end;
		end = round_up(end + location->bytes, own);
	}
	layout->stride = round_up(end ? end : LINE, spacing > LINE ? spacing : LINE);
	layout->most = ARENA / layout->stride;
	return layout->most > 0;
}

uint8_t *layout_at(const struct layout *layout, size_t instance, unsigned location)
{
	return arena + instance * layout->stride + layout->offsets[location];
}

void instance_reset(const struct test *test, const struct layout *layout, size_t instance)
{
	for (unsigned l = 0; l < test->location_count; l++) {
		const struct location *location = &test->locations[l];
		uint8_t *at = layout_at(layout, instance, l);

		if (location->initial)
			memcpy(at, location->initial, location->bytes);
		else
			memset(at, 0, location->bytes);
	}
	for (unsigned p = 0; p < test->pointer_count; p++) {
		const struct pointer *pointer = &test->pointers[p];
		uint64_t value = (uintptr_t)layout_at(layout, instance, pointer->to) + pointer->value;

		memcpy(layout_at(layout, instance, pointer->location) + pointer->offset, &value, pointer->bytes);
	}
}

/* Cuts a value to a type, and extends it to 64 bits. */
static uint64_t normalized(uint64_t value, unsigned bytes, bool is_signed)
{
	unsigned shift = 64 - 8 * bytes;

	if (is_signed)
		return (uint64_t)((int64_t)(value << shift) >> shift);
	return value << shift >> shift;
}

/* The value of a place at the end of an instance, as states have it: `raw` is what a register holds. */
uint64_t state_value(const struct test *test, const struct layout *layout, size_t instance, const struct place *place,
		     uint64_t raw)
{
	if (place->hart < 0) {
		raw = 0;
		memcpy(&raw, layout_at(layout, instance, place->at) + place->offset, place->bytes);
	}
	raw = normalized(raw, place->type_bytes, place->is_signed);
	for (unsigned l = 0; l < test->location_count; l++) {
		uint64_t offset = raw - (uintptr_t)layout_at(layout, instance, l);

		if (offset < test->locations[l].bytes)
			return test->locations[l].address + offset;
	}
	return raw;
}
