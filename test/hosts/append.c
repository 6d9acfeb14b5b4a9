/* SPDX-License-Identifier: MIT
 * append FILE: adds one byte to it, whoever else does so. */
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_WRONLY | O_APPEND);

	return write(fd, "x", 1) != 1;
}
