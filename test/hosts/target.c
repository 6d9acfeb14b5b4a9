/* SPDX-License-Identifier: MIT
 *
 * target FILE ARG...: writes to FILE which program it is, its arguments and
 * its environment, one a line. Exits with what the environment variable
 * TARGET_EXIT says, or 0. Linked statically, so that it is what it is whatever
 * LD_PRELOAD says.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	const char *code = getenv("TARGET_EXIT");
	char exe[4096];
	ssize_t n;
	FILE *out;

	if (argc < 2)
		return 99;
	out = fopen(argv[1], "we");
	if (!out)
		return 98;
	n = readlink("/proc/self/exe", exe, sizeof(exe));
	fprintf(out, "exe %.*s\n", n < 0 ? 0 : (int)n, exe);
	for (int i = 0; i < argc; i++)
		fprintf(out, "argument %s\n", argv[i]);
	for (char **e = environ; *e; e++)
		fprintf(out, "environment %s\n", *e);
	if (fclose(out))
		return 97;
	return code ? atoi(code) : 0;
}
