/* Written by `rvlitmus emit`.
 *
 * The program of a Linux system is not the first process of a guest.
 */
#include "rvlitmus.h"

bool guest_begin(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return false;
}

void guest_end(int code)
{
	(void)code;
}
