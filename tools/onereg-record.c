/*
 * onereg-record: asks a real KVM for every ONE_REG register, and writes what it answers.
 *
 *     riscv64-linux-gnu-gcc -O2 -Wall -static -o onereg-record tools/onereg-record.c
 *     ./onereg-record > host.json            on a riscv64 Linux with /dev/kvm
 *     rvlitmus onereg replay host.json       anywhere: is the model right about this host?
 *     rvlitmus onereg list --host host.json
 *
 * The form of what it writes is docs/transcripts.md, its schema schema/transcript.schema.json. Each
 * transcript is a fresh VM with one fresh vCPU. The first run is KVM_RUN with immediate_exit set, so no
 * instruction of a guest is executed: what a vCPU is locks all the same.
 *
 * It changes nothing on the host, and needs the right to open /dev/kvm.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/kvm.h>

/* Ids are written out, so that old headers serve new kernels. */
#define RISCV_U64 0x8030000000000000ULL
#define CONFIG (RISCV_U64 | 1ULL << 24)
#define ISA_SINGLE (RISCV_U64 | 7ULL << 24)
#define ISA_MULTI_EN (ISA_SINGLE | 1ULL << 16)
#define ISA_MULTI_DIS (ISA_SINGLE | 2ULL << 16)
#define SBI_SINGLE (RISCV_U64 | 8ULL << 24)
#define ZTSO (ISA_SINGLE | 52)
#define TIMER_TIME (RISCV_U64 | 4ULL << 24 | 1)
/* Indices that are tried beyond those of any kernel. */
#define EXTENSIONS 96
#define SBI_EXTENSIONS 20
#define LARGEST_LIST 8192
#define LONGEST_REGISTER 8192

static int kvm;

struct vcpu {
	int vm, fd;
	struct kvm_run *run;
	size_t size;
};

static void die(const char *what)
{
	fprintf(stderr, "onereg-record: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct vcpu fresh(void)
{
	struct vcpu v;
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	v.vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (v.vm < 0)
		die("KVM_CREATE_VM");
	v.fd = ioctl(v.vm, KVM_CREATE_VCPU, 0);
	if (v.fd < 0)
		die("KVM_CREATE_VCPU");
	if (size < 0)
		die("KVM_GET_VCPU_MMAP_SIZE");
	v.size = (size_t)size;
	v.run = mmap(NULL, v.size, PROT_READ | PROT_WRITE, MAP_SHARED, v.fd, 0);
	if (v.run == MAP_FAILED)
		die("mmap of the vCPU");
	return v;
}

static void discard(struct vcpu *v)
{
	munmap(v->run, v->size);
	close(v->fd);
	close(v->vm);
}

/* ---- JSON ---- */

static bool first_step, first_transcript = true;

static void text(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void begin(const char *name, uint64_t id, const char *what)
{
	printf("%s\n  {\"name\":\"%s 0x%016" PRIx64 ": %s\",\"steps\":[", first_transcript ? "" : ",", name, id, what);
	first_transcript = false;
	first_step = true;
}

static void end(void)
{
	printf("]}");
}

static void separate(void)
{
	if (!first_step)
		putchar(',');
	first_step = false;
	printf("\n    ");
}

static void answer(int result)
{
	switch (result < 0 ? errno : 0) {
	case 0:
		printf("\"ok\"");
		break;
	case ENOENT:
		printf("\"ENOENT\"");
		break;
	case EINVAL:
		printf("\"EINVAL\"");
		break;
	case EBUSY:
		printf("\"EBUSY\"");
		break;
	case E2BIG:
		printf("\"E2BIG\"");
		break;
	case EOPNOTSUPP:
		printf("\"EOPNOTSUPP\"");
		break;
	default:
		printf("\"errno %d\"", errno);
	}
}

/* ---- requests ---- */

static int get_quietly(struct vcpu *v, uint64_t id, uint64_t *value)
{
	static uint64_t buffer[LONGEST_REGISTER / 8];
	struct kvm_one_reg reg = { .id = id, .addr = (uint64_t)(uintptr_t)buffer };
	int result;

	memset(buffer, 0, sizeof(buffer));
	result = ioctl(v->fd, KVM_GET_ONE_REG, &reg);
	*value = buffer[0];
	return result;
}

static int get(struct vcpu *v, uint64_t id, uint64_t *value)
{
	int result = get_quietly(v, id, value);
	int error = errno;

	separate();
	printf("{\"get\":\"0x%016" PRIx64 "\",\"answer\":", id);
	errno = error;
	if (result < 0)
		answer(result);
	else
		printf("\"0x%" PRIx64 "\"", *value);
	putchar('}');
	return result;
}

static void set(struct vcpu *v, uint64_t id, uint64_t value)
{
	static uint64_t buffer[LONGEST_REGISTER / 8];
	struct kvm_one_reg reg = { .id = id, .addr = (uint64_t)(uintptr_t)buffer };
	int result, error;

	memset(buffer, 0, sizeof(buffer));
	buffer[0] = value;
	result = ioctl(v->fd, KVM_SET_ONE_REG, &reg);
	error = errno;
	separate();
	printf("{\"set\":\"0x%016" PRIx64 "\",\"value\":\"0x%" PRIx64 "\",\"answer\":", id, value);
	errno = error;
	answer(result);
	putchar('}');
}

static void run_once(struct vcpu *v)
{
	v->run->immediate_exit = 1;
	ioctl(v->fd, KVM_RUN, 0);
	separate();
	printf("{\"run\":true}");
}

/* ---- transcripts ---- */

/* Reads, tries `values`, and reads after each; `ran` lets the vCPU run before. */
static void try_values(const char *name, uint64_t id, const uint64_t *values, int count, bool ran)
{
	struct vcpu v = fresh();
	uint64_t value;
	int i;

	begin(name, id, ran ? "after the first run" : "fresh");
	if (ran)
		run_once(&v);
	get(&v, id, &value);
	for (i = 0; i < count; i++) {
		set(&v, id, values[i]);
		get(&v, id, &value);
	}
	end();
	discard(&v);
}

/* Reads a register, and sets it to what it is. */
static void read_and_restore(uint64_t id)
{
	struct vcpu v = fresh();
	uint64_t value;

	begin("listed", id, "set to what it is");
	if (get(&v, id, &value) == 0)
		set(&v, id, value);
	end();
	discard(&v);
}

/* Does a register that is listed stay what it is while one looks? */
static bool is_steady(uint64_t id)
{
	return id != TIMER_TIME;
}

static void multi_words(void)
{
	uint64_t all = UINT64_MAX, value;
	uint64_t word;

	for (word = 0; word < 3; word++) {
		struct vcpu v = fresh();

		begin("multi", ISA_MULTI_DIS | word, "disable all, enable all");
		get(&v, ISA_MULTI_EN | word, &value);
		get(&v, ISA_MULTI_DIS | word, &value);
		set(&v, ISA_MULTI_DIS | word, all);
		get(&v, ISA_MULTI_EN | word, &value);
		set(&v, ISA_MULTI_EN | word, all);
		get(&v, ISA_MULTI_EN | word, &value);
		end();
		discard(&v);
	}
}

static uint64_t type_of(uint64_t id)
{
	return id >> 24 & 0xff;
}

/* Is this a register of the guest's state, no switch and no constant? */
static bool is_state(uint64_t id)
{
	uint64_t type = type_of(id);

	return type != 1 && type != 7 && type != 8 && is_steady(id);
}

static bool is_listed(const struct kvm_reg_list *list, uint64_t id)
{
	uint64_t i;

	for (i = 0; i < list->n; i++)
		if (list->reg[i] == id)
			return true;
	return false;
}

/* Registers that kernels know, as far as this one does not list them. */
static void unlisted(const struct kvm_reg_list *list)
{
	static const struct { uint64_t type, subtype, count, size; } all[] = {
		{ 2, 0, 34, 3 },                                  /* CORE */
		{ 3, 0, 12, 3 }, { 3, 1, 9, 3 }, { 3, 2, 3, 3 },  /* CSR: general, AIA, Smstateen */
		{ 3, 3, 3, 3 }, { 3, 4, 2, 3 },                   /* CSR: user CFI, and none */
		{ 4, 0, 6, 3 },                                   /* TIMER */
		{ 5, 0, 35, 2 }, { 5, 0, 2, 3 },                  /* FP_F, and its first in another size */
		{ 6, 0, 32, 3 }, { 6, 0, 35, 2 },                 /* FP_D: f, fcsr */
		{ 9, 0, 7, 3 },                                   /* VECTOR */
		{ 8, 1, 2, 3 }, { 8, 2, 2, 3 }, { 8, 3, 2, 3 },   /* SBI_EXT: multi_en, multi_dis, and none */
		{ 10, 0, 4, 3 }, { 10, 1, 20, 3 }, { 10, 2, 2, 3 },  /* SBI_STATE: STA, FWFT, and none */
	};
	static const uint64_t one = 1;
	size_t i;
	uint64_t n;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (n = 0; n < all[i].count; n++) {
			uint64_t id = 0x8000ULL << 48 | all[i].size << 52 | all[i].type << 24 | all[i].subtype << 16 | n;

			if (!is_listed(list, id) && is_steady(id))
				try_values("unlisted", id, &one, 1, false);
		}
}

/* A register while the switch that it depends on is off. */
static void while_off(uint64_t off, uint64_t id)
{
	struct vcpu v = fresh();
	uint64_t value;

	begin("dependent", id, "its extension off");
	set(&v, off, 0);
	get(&v, id, &value);
	set(&v, id, 1);
	end();
	discard(&v);
}

/* The first register of a type and subtype in the list. */
static void first_while_off(const struct kvm_reg_list *list, uint64_t off, uint64_t type, uint64_t subtype)
{
	uint64_t i;

	for (i = 0; i < list->n; i++)
		if (type_of(list->reg[i]) == type && (list->reg[i] >> 16 & 0xff) == subtype) {
			while_off(off, list->reg[i]);
			return;
		}
}

static void odd_ids(void)
{
	static const uint64_t ids[] = {
		ZTSO & ~(3ULL << 52),                 /* one byte */
		(ZTSO & ~(3ULL << 52)) | 2ULL << 52,  /* four bytes */
		ZTSO | 1ULL << 40,                    /* a bit that nothing uses */
		ZTSO | 3ULL << 16,                    /* a subtype that nothing uses */
		RISCV_U64 | 0x0bULL << 24,            /* a type that nothing uses */
		CONFIG | 100,
	};
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		static const uint64_t one = 1;

		try_values("odd", ids[i], &one, 1, false);
	}
}

/* ---- the host ---- */

static void cpuinfo(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[8192], common[8192] = "";
	bool first = true;

	printf("  \"hart_isa_lines\":[");
	while (file && fgets(line, sizeof(line), file)) {
		char *colon = strchr(line, ':');
		char *value;

		line[strcspn(line, "\n")] = 0;
		if (!colon)
			continue;
		value = colon + 1 + strspn(colon + 1, " \t");
		if (!strncmp(line, "hart isa", 8)) {
			if (!first)
				putchar(',');
			first = false;
			text(value);
		} else if (!strncmp(line, "isa", 3) && !common[0]) {
			strcpy(common, value);
		}
	}
	printf("],\n");
	if (common[0]) {
		printf("  \"isa_line\":");
		text(common);
		printf(",\n");
	}
	if (file)
		fclose(file);
}

/* Names of the first hart's node: strings that end with a zero byte each. */
static void device_tree(void)
{
	static const char *folder = "/proc/device-tree/cpus";
	DIR *cpus = opendir(folder);
	struct dirent *entry;

	while (cpus && (entry = readdir(cpus))) {
		char path[512], names[8192];
		size_t length, at;
		FILE *file;

		if (strncmp(entry->d_name, "cpu@0", 6))
			continue;
		snprintf(path, sizeof(path), "%s/cpu@0/riscv,isa-extensions", folder);
		file = fopen(path, "r");
		if (!file)
			break;
		length = fread(names, 1, sizeof(names) - 1, file);
		names[length] = 0;
		fclose(file);
		printf("  \"device_tree_isa_extensions\":[");
		for (at = 0; at < length; at += strlen(names + at) + 1) {
			if (at)
				putchar(',');
			text(names + at);
		}
		printf("],\n");
		break;
	}
	if (cpus)
		closedir(cpus);
}

int main(void)
{
	static const uint64_t switches[] = { 0, 1, 2 };
	static const uint64_t ids[] = { 5, UINT64_MAX }, values[] = { 0, 1, 2, UINT64_MAX };
	struct kvm_reg_list *list = calloc(1, sizeof(*list) + LARGEST_LIST * sizeof(uint64_t));
	struct utsname system;
	struct vcpu v;
	uint64_t i;

	kvm = open("/dev/kvm", O_RDWR);
	if (kvm < 0)
		die("/dev/kvm");
	if (!list || uname(&system) < 0)
		die("the system");
	v = fresh();
	list->n = LARGEST_LIST;
	if (ioctl(v.fd, KVM_GET_REG_LIST, list) < 0) {
		fprintf(stderr, "onereg-record: KVM_GET_REG_LIST: %s; before Linux 6.6 there is none\n", strerror(errno));
		list->n = 0;
	}
	discard(&v);

	printf("{\n  \"$schema\":\"transcript.schema.json\",\n  \"kernel\":");
	text(system.release);
	printf(",\n  \"host\":");
	text(system.nodename);
	printf(",\n");
	cpuinfo();
	device_tree();
	printf("  \"reg_list\":[");
	for (i = 0; i < list->n; i++)
		printf("%s\"0x%016" PRIx64 "\"", i ? "," : "", (uint64_t)list->reg[i]);
	printf("],\n  \"transcripts\":[");
	for (i = 0; i < list->n; i++)
		if (is_steady(list->reg[i]))
			read_and_restore(list->reg[i]);
	for (i = 0; i < 9; i++) {
		try_values("config", CONFIG | i, ids, 2, false);
		try_values("config", CONFIG | i, ids, 2, true);
	}
	for (i = 0; i < EXTENSIONS; i++) {
		try_values("isa_ext", ISA_SINGLE | i, switches, 3, false);
		try_values("isa_ext", ISA_SINGLE | i, switches, 3, true);
	}
	for (i = 0; i < SBI_EXTENSIONS; i++) {
		try_values("sbi_ext", SBI_SINGLE | i, switches, 3, false);
		try_values("sbi_ext", SBI_SINGLE | i, switches, 3, true);
	}
	for (i = 0; i < list->n; i++)
		if (is_state(list->reg[i])) {
			try_values("state", list->reg[i], values, 4, false);
			try_values("state", list->reg[i], values, 1, true);
		}
	unlisted(list);
	first_while_off(list, ISA_SINGLE | 3, 5, 0);   /* F and its registers */
	first_while_off(list, ISA_SINGLE | 2, 6, 0);   /* D */
	first_while_off(list, ISA_SINGLE | 15, 9, 0);  /* V */
	first_while_off(list, SBI_SINGLE | 10, 10, 0); /* STA */
	first_while_off(list, SBI_SINGLE | 12, 10, 1); /* FWFT */
	first_while_off(list, ISA_SINGLE | 14, 3, 1);  /* Ssaia */
	first_while_off(list, ISA_SINGLE | 23, 3, 2);  /* Smstateen */
	multi_words();
	odd_ids();
	printf("\n]}\n");
	return fflush(stdout) || ferror(stdout);
}
