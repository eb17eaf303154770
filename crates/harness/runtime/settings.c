/* Written by `rvlitmus emit`.
 *
 * Settings, and a bandit that spends time on those under which weak outcomes appear: most on the best so far, and now
 * and then on others (MC Mutants, ASPLOS 2023, has it that what shows mutants shows bugs).
 */
#include "rvlitmus.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const modes[MODES] = { "together", "free", "perpetual" };
static const char *const placements[PLACEMENTS] = { "line", "next", "apart", "page" };
static const char *const affinities[AFFINITIES] = { "near", "spread", "random", "none" };
static const char *const caches[CACHES] = { "as-is", "touch", "evict" };

void setting_text(const struct setting *setting, char *text, size_t size)
{
	snprintf(text, size,
		 "mode=%s,place=%s,affinity=%s,cache=%s,stores=%u,skew=%u,batch=%u,stride=%u,seed=%" PRIu64,
		 modes[setting->mode], placements[setting->placement], affinities[setting->affinity],
		 caches[setting->cache], setting->stores, setting->skew, setting->batch, setting->stride,
		 setting->seed);
}

static int named(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* Reads a number within bounds. */
static bool number(const char *text, unsigned long least, unsigned long most, unsigned *to)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	*to = (unsigned)value;
	return *text >= '0' && *text <= '9' && !*end && value >= least && value <= most;
}

/* Reads what setting_text writes, or part of it. */
bool setting_read(const char *text, struct setting *setting)
{
	char copy[256], *rest = copy, *part;

	*setting = (struct setting){ .batch = 256, .affinity = AFFINITY_SPREAD, .placement = PLACE_NEXT };
	if (!*text || strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	while ((part = strtok_r(rest, ",", &rest))) {
		char *value = strchr(part, '='), *end = NULL;
		bool good = true;
		int name = 0;

		if (!value)
			return false;
		*value++ = '\0';
		if (!strcmp(part, "mode"))
			setting->mode = (enum mode)(name = named(modes, MODES, value));
		else if (!strcmp(part, "place"))
			setting->placement = (enum placement)(name = named(placements, PLACEMENTS, value));
		else if (!strcmp(part, "affinity"))
			setting->affinity = (enum affinity)(name = named(affinities, AFFINITIES, value));
		else if (!strcmp(part, "cache"))
			setting->cache = (enum cache)(name = named(caches, CACHES, value));
		else if (!strcmp(part, "stores"))
			good = number(value, 0, 100000, &setting->stores);
		else if (!strcmp(part, "skew"))
			good = number(value, 0, 1000000, &setting->skew);
		else if (!strcmp(part, "batch"))
			good = number(value, 1, 65536, &setting->batch);
		else if (!strcmp(part, "stride"))
			good = number(value, 0, 65536, &setting->stride);
		else if (!strcmp(part, "seed"))
			setting->seed = strtoull(value, &end, 10);
		else
			return false;
		if (name < 0 || !good || (end && (end == value || *end)))
			return false;
	}
	return true;
}

enum { ARMS = 12, REPLACE_AFTER = 3 * ARMS };

static struct arm {
	struct setting setting;
	double reward, seconds;
	unsigned tries;
} arms[ARMS];
static struct arm *chosen;
static unsigned tries;

static unsigned one_of(uint64_t *seed, unsigned count)
{
	return (unsigned)(random_next(seed) % count);
}

static struct setting drawn(uint64_t *seed)
{
	static const unsigned batches[] = { 64, 256, 1024, 4096 };
	static const unsigned skews[] = { 0, 0, 16, 128, 1024 };
	static const unsigned stores[] = { 0, 0, 4, 16 };
	struct setting setting;

	setting.mode = (enum mode)one_of(seed, MODES);
	setting.placement = (enum placement)one_of(seed, PLACEMENTS);
	setting.affinity = (enum affinity)one_of(seed, AFFINITIES);
	setting.cache = (enum cache)one_of(seed, CACHES);
	setting.stores = stores[one_of(seed, 4)];
	setting.skew = skews[one_of(seed, 5)];
	setting.batch = batches[one_of(seed, 4)];
	setting.stride = one_of(seed, 16);
	setting.seed = random_next(seed) >> 32;
	return setting;
}

/* Another setting near a good one: a few things are drawn anew. */
static struct setting varied(struct setting setting, uint64_t *seed)
{
	struct setting other = drawn(seed);

	switch (one_of(seed, 4)) {
	case 0:
		setting.placement = other.placement;
		setting.stride = other.stride;
		break;
	case 1:
		setting.affinity = other.affinity;
		setting.skew = other.skew;
		break;
	case 2:
		setting.cache = other.cache;
		setting.stores = other.stores;
		break;
	default:
		setting.mode = other.mode;
		setting.batch = other.batch;
	}
	setting.seed = other.seed;
	return setting;
}

static double rate(const struct arm *arm)
{
	return arm->seconds > 0 ? arm->reward / arm->seconds : 0;
}

/* The setting for the next slice of a test: one that was not tried yet, else the best or, one time in four, any. */
struct setting *bandit_choose(const struct test *test, uint64_t *seed)
{
	struct arm *best = NULL, *worst = NULL, *untried = NULL, *any = NULL;
	unsigned usable = 0;

	if (!arms[0].setting.batch)
		for (unsigned a = 0; a < ARMS; a++) {
			arms[a].setting = drawn(seed);
			/* Each mode has its share at first. */
			arms[a].setting.mode = (enum mode)(a % MODES);
		}
	for (unsigned a = 0; a < ARMS; a++) {
		struct arm *arm = &arms[a];

		if (arm->setting.mode == MODE_PERPETUAL && !test->perpetual)
			continue;
		if (one_of(seed, ++usable) == 0)
			any = arm;
		if (!arm->tries)
			untried = untried ? untried : arm;
		if (!best || rate(arm) > rate(best))
			best = arm;
		if (!worst || rate(arm) < rate(worst))
			worst = arm;
	}
	if (tries && tries % REPLACE_AFTER == 0 && best != worst) {
		*worst = (struct arm){ .setting = one_of(seed, 3) ? varied(best->setting, seed) : drawn(seed) };
		if (!test->perpetual && worst->setting.mode == MODE_PERPETUAL)
			worst->setting.mode = MODE_FREE;
		untried = untried ? untried : worst;
	}
	chosen = untried ? untried : one_of(seed, 4) ? best : any;
	return &chosen->setting;
}

/* What the slice under the chosen setting was worth. */
void bandit_reward(double reward, double seconds)
{
	chosen->reward += reward;
	chosen->seconds += seconds;
	chosen->tries++;
	tries++;
}

/* Another test: what was learned counts half. */
void bandit_forget(void)
{
	for (unsigned a = 0; a < ARMS; a++) {
		arms[a].reward /= 2;
		arms[a].seconds /= 2;
		arms[a].tries = (arms[a].tries + 1) / 2;
	}
	tries = tries / 2 + 1;
}
