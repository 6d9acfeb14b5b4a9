/* SPDX-License-Identifier: MIT
 *
 * A process that is the server of a file system (FUSE), forks, and has its
 * child execute a file of that: only after fork() has returned can it answer.
 */
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>

#include "around.h"

enum { ROOM = 1 << 18, FILE_NODE = 2, RETURNS_MS = 3000 };

static int device;
static const char *content; /* of the one file */
static size_t content_size;

/* ---- the server ---- */

static void reply(const struct fuse_in_header *to, int error, const void *what,
		  size_t size)
{
	static char all[ROOM];
	struct fuse_out_header *head = (struct fuse_out_header *)all;

	head->len = (uint32_t)(sizeof(*head) + size);
	head->error = -error;
	head->unique = to->unique;
	memcpy(head + 1, what, size);
	(void)!write(device, all, head->len);
}

static struct fuse_attr attributes(uint64_t node)
{
	bool file = node == FILE_NODE;

	return (struct fuse_attr){.ino = node,
				  .size = file ? content_size : 0,
				  .mode = (file ? S_IFREG : S_IFDIR) | 0755,
				  .nlink = 1,
				  .blksize = PAGE};
}

static void read_file(const struct fuse_in_header *head,
		      const struct fuse_read_in *in)
{
	size_t size = in->size;

	if (in->offset >= content_size)
		size = 0;
	else if (size > content_size - in->offset)
		size = content_size - (size_t)in->offset;
	reply(head, 0, content + (size_t)in->offset, size);
}

static void answer(const struct fuse_in_header *head)
{
	struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION,
				     .minor = FUSE_KERNEL_MINOR_VERSION,
				     .max_write = PAGE};
	struct fuse_entry_out entry = {.nodeid = FILE_NODE,
				       .attr = attributes(FILE_NODE)};
	struct fuse_attr_out attr = {.attr = attributes(head->nodeid)};
	struct fuse_open_out opened = {.fh = 1};

	switch (head->opcode) {
	case FUSE_INIT:
		reply(head, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		reply(head, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		reply(head, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		reply(head, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		read_file(head, (const void *)(head + 1));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		reply(head, ENOSYS, "", 0);
	}
}

/* Until the child is there no more; its wait status. */
static int serve(pid_t pid)
{
	static char request[ROOM];
	struct pollfd p = {.fd = device, .events = POLLIN};
	int status;

	while (!waitpid(pid, &status, WNOHANG)) {
		if (poll(&p, 1, 10) == 1 &&
		    read(device, request, sizeof(request)) > 0)
			answer((struct fuse_in_header *)request);
	}
	return status;
}

/* ---- the scene ---- */

static void make_file_system(void)
{
	char options[100], *at = in_folder("served");
	FILE *from = fopen(program, "r");
	char *text = malloc(ROOM << 4);
	pid_t pid;

	content = text;
	content_size = fread(text, 1, ROOM << 4, from);
	fclose(from);
	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
	if (device < 0 || unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mkdir(at, 0700) && errno != EEXIST) ||
	    mount("served", at, "fuse", 0, options))
		skip("FUSE");
	/* It is asked once whether this is allowed. */
	pid = raw_fork();
	if (!pid)
		_exit(chdir(at) ? 1 : 0);
	ck_assert_int_eq(serve(pid), 0);
	ck_assert_int_eq(chdir(at), 0);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void exec_by(int way)
{
	/* As compilers put it where an int is wanted. */
	const long here = (long)(uint32_t)AT_FDCWD;
	char *argv[] = {"state", "exit", "4", NULL};

	if (way == 0)
		execv("program", argv);
	else
		syscall(SYS_execveat, way == 1 ? AT_FDCWD : here, "program",
			argv, environ, 0);
	_exit(99);
}

static void server(void)
{
	make_file_system();
	for (int way = 0; way < 3; way++) {
		uint64_t began = now_ms();
		pid_t pid = fork();

		if (!pid)
			exec_by(way);
		began = now_ms() - began;
		ck_assert_int_eq(serve(pid), 4 << 8);
		ck_assert_msg(began < RETURNS_MS, "way %d: after %d ms", way,
			      (int)began);
	}
}

START_TEST(executes_its_own)
{
	play(server);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("server");

	tcase_add_test(tcase, executes_its_own);
	tcase_set_timeout(tcase, 60);
	return run_scenes("exact: server", tcase, argv);
}
