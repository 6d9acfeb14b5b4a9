/* SPDX-License-Identifier: MIT
 * /bin/sh of the root: busybox is whatever it is called, and the tests call a
 * shell by many a name, or by none. */
#include <unistd.h>

int main(int argc, char **argv)
{
	char *command[argc + 3];
	int n = 0;

	command[n++] = "busybox";
	command[n++] = "sh";
	for (int i = 1; i < argc; i++)
		command[n++] = argv[i];
	command[n] = NULL;
	execv("/bin/busybox", command);
	return 126;
}
