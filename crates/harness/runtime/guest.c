/* Written by `rvlitmus emit`.
 *
 * The program as the first process of a guest: it makes the file systems that it needs, takes its options from the
 * kernel's command line (`rvlitmus=--time,30,--json`), writes to the console, and turns the machine off.
 */
#include "rvlitmus.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { MOST_OPTIONS = 64 };

bool guest_begin(int *argc, char ***argv)
{
	static char line[4096], *options[MOST_OPTIONS + 2] = { "rvlitmus" };
	FILE *file;
	char *own, *rest;
	int count = 1;

	if (getpid() != 1)
		return false;
	mkdir("/proc", 0555);
	mkdir("/sys", 0555);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	if (!freopen("/dev/console", "r", stdin) || !freopen("/dev/console", "w", stdout) ||
	    !freopen("/dev/console", "w", stderr))
		return true;
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stderr, NULL, _IOLBF, 0);
	file = fopen("/proc/cmdline", "r");
	own = file && fgets(line, sizeof(line), file) ? strstr(line, "rvlitmus=") : NULL;
	if (own) {
		own += strlen("rvlitmus=");
		own[strcspn(own, " \n")] = '\0';
		for (char *word = strtok_r(own, ",", &rest); word && count <= MOST_OPTIONS;
		     word = strtok_r(NULL, ",", &rest))
			options[count++] = word;
	}
	if (file)
		fclose(file);
	*argc = count;
	*argv = options;
	printf("\nrvlitmus: begin\n");
	return true;
}

void guest_end(int code)
{
	printf("rvlitmus: end, exit code %d\n", code);
	fflush(stdout);
	/* A console may be slower than the end. */
	tcdrain(STDOUT_FILENO);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
