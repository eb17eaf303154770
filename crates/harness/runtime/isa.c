/* Written by `rvlitmus emit`.
 *
 * What the harts have: asked of the kernel (riscv_hwprobe), then of the device tree and /proc/cpuinfo, and of
 * extensions with instructions that are still unknown by executing one.
 */
#include "rvlitmus.h"

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __NR_riscv_hwprobe
#define __NR_riscv_hwprobe 258
#endif

struct hwprobe {
	int64_t key;
	uint64_t value;
};

#define TRY(name, code)                                                                        \
	static void try_##name(uint64_t *word)                                                 \
	{                                                                                      \
		__asm__ volatile("mv a0,%0\n\tmv a1,zero\n\tmv a2,zero\n\tmv a3,zero\n\t.4byte " code \
				 : : "r"(word) : "a0", "a1", "a2", "a3", "memory");            \
	}

TRY(zba, "0x20b52633")    /* sh1add a2,a0,a1 */
TRY(zbb, "0x0ab55633")    /* minu a2,a0,a1 */
TRY(zbs, "0x28b51633")    /* bset a2,a0,a1 */
TRY(zicond, "0x0eb55633") /* czero.eqz a2,a0,a1 */
TRY(zacas, "0x28d5262f")  /* amocas.w a2,a3,(a0) */
TRY(zabha, "0x00b5062f")  /* amoadd.b a2,a1,(a0) */
TRY(zalasr, "0x3405262f") /* lw.aq a2,(a0) */
TRY(zawrs, "0x01d00073")  /* wrs.sto */

static struct {
	const char *name;
	int bit; /* of RISCV_HWPROBE_KEY_IMA_EXT_0, or -1 */
	void (*try)(uint64_t *word);
	const char *source; /* NULL: it is not known that harts have it */
} extensions[] = {
	{ "zba", 3, try_zba, NULL },	   { "zbb", 4, try_zbb, NULL },	      { "zbs", 5, try_zbs, NULL },
	{ "zicond", 35, try_zicond, NULL }, { "zacas", 34, try_zacas, NULL },  { "zabha", 58, try_zabha, NULL },
	{ "zalasr", 59, try_zalasr, NULL }, { "zawrs", 48, try_zawrs, NULL },  { "zama16b", -1, NULL, NULL },
	{ "ztso", 33, NULL, NULL },
};
enum { COUNT = sizeof(extensions) / sizeof(*extensions) };

static uint64_t vendor, architecture, implementation;
static bool of_riscv, numbered;
static sigjmp_buf trapped;

static void on_trap(int number)
{
	(void)number;
	siglongjmp(trapped, 1);
}

/* Notes an extension of this name; no if there is none. */
static bool note(const char *name, size_t length, const char *source)
{
	for (unsigned e = 0; e < COUNT; e++)
		if (strlen(extensions[e].name) == length && !strncmp(extensions[e].name, name, length)) {
			if (!extensions[e].source)
				extensions[e].source = source;
			return true;
		}
	return false;
}

/* Notes the extensions of a text: `rv64imac_zicsr_zba`, `zba,zbb`, or strings with zeros between. */
static void note_all(const char *text, size_t size, const char *source)
{
	size_t start = 0;

	for (size_t i = 0; i <= size; i++) {
		if (i < size && text[i] && !strchr("_, \n\t:", text[i]))
			continue;
		if (!note(text + start, i - start, source) && text[start] == 'z' && !strcmp(source, "--assume"))
			fprintf(stderr, "rvlitmus: --assume %.*s: nothing depends on that extension\n", (int)(i - start),
				text + start);
		start = i + 1;
	}
}

static size_t read_file(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t got;

	if (!file)
		return 0;
	got = fread(text, 1, size, file);
	fclose(file);
	return got;
}

static void ask_kernel(void)
{
	struct hwprobe pairs[] = { { 4, 0 }, { 0, 0 }, { 1, 0 }, { 2, 0 } };

	if (syscall(__NR_riscv_hwprobe, pairs, 4, 0, NULL, 0))
		return;
	of_riscv = numbered = true;
	for (unsigned e = 0; pairs[0].key == 4 && e < COUNT; e++)
		if (extensions[e].bit >= 0 && pairs[0].value >> extensions[e].bit & 1)
			extensions[e].source = "hwprobe";
	vendor = pairs[1].value;
	architecture = pairs[2].value;
	implementation = pairs[3].value;
}

static void ask_files(void)
{
	static char text[1 << 16];
	size_t got;

	got = read_file("/proc/device-tree/cpus/cpu@0/riscv,isa-extensions", text, sizeof(text));
	note_all(text, got, "device tree");
	got = read_file("/proc/device-tree/cpus/cpu@0/riscv,isa", text, sizeof(text));
	note_all(text, got, "device tree");
	got = read_file("/proc/cpuinfo", text, sizeof(text) - 1);
	text[got] = '\0';
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, "isa", 3)) {
			of_riscv = true;
			note_all(line, strlen(line), "cpuinfo");
		}
}

static void try_it(void)
{
	static uint64_t word[2] __attribute__((aligned(16)));
	struct sigaction action, before;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_trap;
	sigaction(SIGILL, &action, &before);
	for (unsigned e = 0; e < COUNT; e++)
		if (!extensions[e].source && extensions[e].try && !sigsetjmp(trapped, 1)) {
			extensions[e].try(word);
			extensions[e].source = "it executes";
		}
	sigaction(SIGILL, &before, NULL);
}

void isa_find(const char *assumed)
{
	ask_kernel();
	ask_files();
	try_it();
	if (assumed)
		note_all(assumed, strlen(assumed), "--assume");
}

static bool has(const char *name, size_t length)
{
	for (unsigned e = 0; e < COUNT; e++)
		if (strlen(extensions[e].name) == length && !strncmp(extensions[e].name, name, length))
			return extensions[e].source != NULL;
	return false;
}

/* Do harts have all of these? If not, `missing` is the rest of the text from the first that they lack. */
bool isa_has(const char *names, const char **missing)
{
	while (*names) {
		size_t length = strcspn(names, " ");

		if (!has(names, length)) {
			*missing = names;
			return false;
		}
		names += length;
		names += strspn(names, " ");
	}
	return true;
}

bool isa_has_ztso(void)
{
	return has("ztso", 4);
}

void isa_print(FILE *out)
{
	fprintf(out, "harts:");
	for (unsigned e = 0; e < COUNT; e++)
		if (extensions[e].source)
			fprintf(out, " %s (%s)", extensions[e].name, extensions[e].source);
	fprintf(out, "; %u processors\n", cpu_count());
}

/* The emulator that this seems to run in, or NULL. */
const char *emulator(void)
{
	/* QEMU's user mode showed the host's /proc/cpuinfo before release 9. Its harts have no vendor, and for the
	 * other numbers its version, 42 or nothing. A guest of KVM has its host's. */
	if (!of_riscv)
		return "an emulator of programs: the kernel knows of no RISC-V harts";
	if (numbered && !vendor && (architecture == 42 || architecture == implementation))
		return "an emulated machine, it seems: its harts have no vendor";
	return NULL;
}
