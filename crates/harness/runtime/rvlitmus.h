/* Written by `rvlitmus emit`.
 *
 * What tests are, and what the parts of the program know of one another. Files of tests hold data and the functions of
 * harts; everything else is the same for every test.
 */
#ifndef RVLITMUS_H
#define RVLITMUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { MAX_HARTS = 64, MAX_PLACES = 64 };

/* A word that a register begins with: a number, to which the address of a location is added unless that is -1. */
struct word {
	int16_t location;
	uint64_t value;
};

/* The code of a hart: gets a frame of words and leaves the registers that are observed. */
struct body {
	void (*run)(const uint64_t *frame, uint64_t *results);
	const struct word *frame;
	uint16_t frame_count, result_count;
};

/* A piece of memory. States know its address as `address`, wherever an instance has it. */
struct location {
	const char *name;
	uint64_t address;
	uint32_t bytes;
	bool scalar;
	const uint8_t *initial; /* NULL: zeros */
};

/* An address that memory holds at the beginning. */
struct pointer {
	uint16_t location;
	uint32_t offset;
	uint8_t bytes;
	uint16_t to;
	uint64_t value;
};

/* What a final state consists of: a result of a hart, or with hart -1 bytes of a location. */
struct place {
	const char *name;
	int16_t hart;
	uint16_t at;
	uint32_t offset;
	uint8_t bytes, type_bytes;
	bool is_signed, printed;
};

/* A comparison of two places, or with place -1 a number, and which comparison comes next. */
enum { HOLDS = -1, FAILS = -2 };
struct comparison {
	int16_t left;
	uint64_t left_value;
	int16_t right;
	uint64_t right_value;
	int16_t equal, different;
};

/* A store of a perpetual run: in iteration n of its hart, n times the hart's stores to the location, and `value`. */
struct bias {
	uint16_t location;
	uint64_t value;
};
struct biases {
	const struct bias *of;
	uint16_t count;
};

/* Who stores to a location, and how often in an iteration; hart -1: nobody. */
struct stored {
	int16_t hart;
	uint16_t count;
};

/* What a place of a frame comes to: values[0], or with a hart what that loaded: values[0] before any store of the
 * frame, values[a] from the a-th. */
struct seen {
	int16_t hart;
	uint16_t result, location;
	const uint64_t *values;
};

struct perpetual {
	const struct body *bodies;
	const struct biases *biases;
	const struct stored *stored;
	const struct seen *seen;
};

struct test {
	const char *name, *hash, *mutation;
	const struct test *parent;
	const char *kind, *condition_text;
	const char *extensions; /* that harts must have */
	bool begins_pages;      /* locations begin pages */
	bool reserves;          /* it has reservations: locations are far apart */
	unsigned harts;
	const struct body *bodies;
	const struct perpetual *perpetual; /* NULL: it has no such form */
	const struct location *locations;
	unsigned location_count;
	const struct pointer *pointers;
	unsigned pointer_count;
	const struct place *places;
	unsigned place_count;
	const struct comparison *filter, *condition;
	unsigned filter_count, condition_count;
	/* The states that models reach: one value for each place that is printed; a bit for each model. */
	const uint64_t *values, *reached;
	unsigned state_count;
	const char *const *unknown; /* by model: why it is not checked, or NULL */
};

struct model {
	const char *name;
	bool ztso;  /* only harts with Ztso keep to it */
	bool asked; /* no: it is sequential consistency, beyond which states are relaxed */
};

extern const struct test *const tests[];
extern const unsigned test_count;
extern const struct model models[];
extern const unsigned model_count;
extern const unsigned standard_seconds;

/* Settings: how tests are run, and what is varied. */
enum mode { MODE_TOGETHER, MODE_FREE, MODE_PERPETUAL, MODES };
enum placement { PLACE_LINE, PLACE_NEXT, PLACE_APART, PLACE_PAGE, PLACEMENTS };
enum affinity { AFFINITY_NEAR, AFFINITY_SPREAD, AFFINITY_RANDOM, AFFINITY_NONE, AFFINITIES };
enum cache { CACHE_AS_IS, CACHE_TOUCH, CACHE_EVICT, CACHES };
struct setting {
	enum mode mode;
	enum placement placement;
	enum affinity affinity;
	enum cache cache;
	unsigned stores; /* before each instance, to fill store buffers */
	unsigned skew;   /* harts begin up to so many steps apart */
	unsigned batch;  /* instances */
	unsigned stride; /* which instance comes after which */
	uint64_t seed;
};
void setting_text(const struct setting *setting, char *text, size_t size);
bool setting_read(const char *text, struct setting *setting);
struct setting *bandit_choose(const struct test *test, uint64_t *seed);
void bandit_reward(double reward, double seconds);
void bandit_forget(void);
uint64_t random_next(uint64_t *seed);

/* States that were found. */
struct state {
	uint64_t count, perpetual; /* runs, and how many of them are frames of perpetual ones */
	uint64_t reached;          /* models */
	struct setting first;      /* under which it was seen first */
	bool known;                /* of a model, or seen */
};
struct states {
	unsigned width, room, used;
	uint64_t *values;
	struct state *of;
};
void states_make(struct states *states, const struct test *test);
void states_free(struct states *states);
struct state *states_find(struct states *states, const uint64_t *values);
bool test_counts(const struct test *test, const uint64_t *values);
bool test_satisfied(const struct test *test, const uint64_t *printed);
void state_text(const struct test *test, const uint64_t *printed, char *text, size_t size);

/* Running. */
struct outcome {
	uint64_t runs;
	double seconds;
	bool hung, faulted;
};
struct outcome run_slice(const struct test *test, const struct setting *setting, double seconds, struct states *found);
bool arena_make(void);
unsigned cpu_count(void);
double now(void);
extern volatile int stopping;

/* A run of several harts at the same time: `work` is called on a thread of each. */
struct team {
	unsigned harts;
	enum affinity affinity;
	uint64_t seed;
	void (*work)(struct team *team, unsigned hart);
	void *of;
	_Atomic unsigned long arrived;
	_Atomic int given_up, finished;
	_Atomic int faulted;
	unsigned long passed[MAX_HARTS];
	struct {
		_Alignas(64) volatile unsigned long steps;
	} progress[MAX_HARTS]; /* a team that makes none is ended */
};
bool team_run(struct team *team);
bool team_wait(struct team *team, unsigned hart);
bool team_body(struct team *team, void (*part)(void *), void *of);

/* Where locations of an instance lie. */
struct layout {
	uint32_t offsets[MAX_PLACES];
	size_t stride, most;
};
bool layout_of(const struct test *test, const struct setting *setting, struct layout *layout);
uint8_t *layout_at(const struct layout *layout, size_t instance, unsigned location);
void instance_reset(const struct test *test, const struct layout *layout, size_t instance);
uint64_t state_value(const struct test *test, const struct layout *layout, size_t instance, const struct place *place,
		     uint64_t raw);
uint64_t run_perpetual(const struct test *test, const struct setting *setting, struct states *found,
		       struct outcome *outcome);

/* What the harts are. */
void isa_find(const char *assumed);
bool isa_has(const char *extensions, const char **missing);
bool isa_has_ztso(void);
void isa_print(FILE *out);
const char *emulator(void);

/* Reports. */
struct result {
	const struct test *test;
	struct states states;
	uint64_t runs;
	double seconds;
	uint64_t checked; /* models, a bit each */
	bool unchecked, hung, faulted;
	bool shown;       /* of a mutant: it showed what the test does not */
	uint64_t violations;
};
void log_test(const struct result *result);
void log_json(const struct result *result);
void log_json_text(const char *text);

int cost_run(double seconds, bool json);

/* The first process of a guest. */
bool guest_begin(int *argc, char ***argv);
void guest_end(int code);

#endif
