/* SPDX-License-Identifier: MIT
 * For scripts/check-package: 64 MB, and children that exec. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 64 << 20, CHILDREN = 5 };

int main(void)
{
	char *big = malloc(SIZE);
	int status;
	pid_t pid;

	if (!big)
		return 2;
	memset(big, 1, SIZE);
	for (int i = 0; i < CHILDREN; i++) {
		pid = fork();
		if (!pid) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(127);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			return 1;
	}
	return big[SIZE / 2] != 1;
}
