/* SPDX-License-Identifier: MIT
 *
 * The last step of a child: by exec, in all its forms, mostly; else by exit
 * or death. What it has logged goes with it as an argument of the program, or
 * through the shared memory.
 */
#include "fuzz.h"

extern char **environ;

static char id[16];
static char image[PATH_MAX];
static char *words[16];
static char *variables[16];

/* In the memory of a child, and the arguments in pages not touched yet. */
static char *in_memory(struct rng *r, const char *word)
{
	size_t n = strlen(word) + 1;

	if (model.clean)
		return strcpy(malloc(n), word);
	return memcpy(any_memory(r, n), word, n);
}

/* Without a descriptor it names the first library that it cannot open. */
bool room_for_loader(int others)
{
	int fd = open("/", O_DIRECTORY | O_CLOEXEC);
	bool room = fd >= 0 && (others == 0 || room_for_loader(others - 1));

	if (fd >= 0)
		close(fd);
	return room;
}

static const char *any_image(struct rng *r)
{
	return model.later && once_in(r, 4) && room_for_loader(0) ? "dynamic"
								  : "image";
}

static void make_words(struct rng *r)
{
	static const char *const some[] = {
		"", "a", "two", "three three", "\xff\n", "LD_PRELOAD"};
	int n = 0;

	snprintf(id, sizeof(id), "%d", shared->id);
	snprintf(image, sizeof(image), "%s/w/%s", folder, any_image(r));
	words[n++] = (char *)"fuzz-image";
	words[n++] = id;
	words[n++] = current->text;
	for (unsigned i = below(r, 5); i > 0; i--)
		words[n++] = (char *)PICK(r, some);
	words[n] = NULL;
	n = 0;
	for (unsigned i = below(r, 4); i > 0; i--)
		variables[n++] = (char *)(i & 1 ? "FUZZ=1" : "PATH=/bin:w");
	variables[n] = NULL;
}

static char **environment(struct rng *r)
{
	return once_in(r, 2) ? environ : variables;
}

/* What fails and comes back. */
static void exec_in_vain(struct rng *r)
{
	char room[PATH_MAX], *const empty[] = {NULL};
	char **bad = (char **)bad_pointer(r, 8);
	int error = 0;

	errno = 0;
	switch (below(r, model.wild ? 9 : 7)) {
	case 0:
		execv("/no/such/program", words);
		break;
	case 1:
		snprintf(room, sizeof(room), "%s/w/file0", folder);
		execve(room, words, environment(r));
		break;
	case 2:
		snprintf(room, sizeof(room), "%s/w/data", folder);
		execv(room, words);
		break;
	case 3:
		error = (int)vs_sys(SYS_execve, folder, words, environ);
		break;
	case 4:
		execvp("no-such-program-anywhere", words);
		break;
	case 5:
		error = (int)CALL(r, SYS_execveat, any_fd(r), L("image"),
				  L(words), L(environ), 0x8000);
		break;
	case 6:
		snprintf(room, sizeof(room), "%s/w/text", folder);
		execv(room, words);
		break;
	case 7:
		error = (int)CALL(r, SYS_execve, L(bad_pointer(r, 8)), L(words),
				  L(environ));
		break;
	default:
		error = (int)CALL(r, SYS_execve, L("/no/such"), L(bad),
				  L(empty));
	}
	say(" failed %d", error ? -error : errno);
}

static void try_exec(struct rng *r)
{
	char script[PATH_MAX];
	int fd;

	switch (below(r, 12)) {
	case 0:
		execv(image, words);
		break;
	case 1:
		if (words[3])
			execl(image, "one", words[1], words[2], words[3], NULL);
		execl(image, "one", words[1], words[2], NULL);
		break;
	case 2:
		execvp(image, words);
		break;
	case 3:
		execle(image, "two", words[1], words[2], NULL, environment(r));
		break;
	case 4:
		execvpe("image", words, environment(r));
		break;
	case 5:
		fd = open(image, O_RDONLY | O_CLOEXEC);
		fexecve(fd, words, environment(r));
		close(fd);
		break;
	case 6:
		CALL(r, SYS_execveat, AT_FDCWD, L(image), L(words),
		     L(environment(r)), 0);
		break;
	case 7:
		snprintf(script, sizeof(script), "%s/w/script", folder);
		execv(script, words);
		break;
	case 8:
		vs_sys(SYS_execve, in_memory(r, image), words, environment(r));
		break;
	case 9:
		execlp(image, "three", words[1], words[2], NULL);
		break;
	default:
		execve(in_memory(r, image), words, environment(r));
	}
}

_Noreturn void become_image(void)
{
	struct rng plain = {1};

	say("\n");
	make_words(&plain);
	execv(image, words);
	execv("/image", words);
	flush_log();
	_exit(96);
}

static _Noreturn void exec_end(struct rng *r)
{
	for (unsigned i = below(r, 8); i < 3; i++)
		exec_in_vain(r);
	say("\n");
	for (int i = 0; i < 3; i++)
		try_exec(r);
	execv(image, words);
	execv("/image", words);
	flush_log();
	_exit(127);
}

static void at_exit(void)
{
	char text[] = "at exit\n";

	if (write(1, text, sizeof(text) - 1) < 0)
		_exit(95);
}

/* With or without what it has logged; its status tells of it anyway. */
static _Noreturn void leave(struct rng *r)
{
	int code = (int)(hash(1, current->text, current->used) & 0x7f);
	static const int deadly[] = {SIGKILL, SIGTERM, SIGSEGV, SIGUSR1, SIGSYS,
				     SIGPIPE, SIGHUP,  SIGILL,	40};

	say("\n");
	if (once_in(r, 2))
		flush_log();
	/* As in host.c. */
	close(STDERR_FILENO);
	switch (below(r, 8)) {
	case 0:
		_exit(code);
	case 1:
		atexit(at_exit);
		exit(code);
	case 2:
		vs_sys(SYS_exit_group, code);
		abort();
	case 3:
		abort();
	case 4:
		raise(PICK(r, deadly));
		_exit(code);
	case 5:
		vs_sys(SYS_kill, vs_sys(SYS_getpid), PICK(r, deadly));
		_exit(code);
	case 6:
		*(volatile char *)bad_pointer(r, 1) = 1;
		_exit(code);
	default:
		quick_exit(code);
	}
}

_Noreturn void end_child(struct rng *r, bool drop)
{
	if (drop)
		become_image();
	make_words(r);
	/* A child that shares memory may end by _exit(), if it says nothing. */
	if (!model.clean && once_in(r, model.wild ? 3 : 30))
		leave(r);
	if (model.clean && once_in(r, 20))
		_exit(3);
	exec_end(r);
}
