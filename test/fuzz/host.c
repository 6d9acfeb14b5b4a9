/* SPDX-License-Identifier: MIT
 *
 * fuzz-host [-v] [-c] [-l FILE] [-x STEP,...] FOLDER FIRST COUNT: runs the
 * programs of the seeds from FIRST on, each in a process of its own. One line a
 * seed, its number and what its log amounts to; -v: the log itself. -l: all
 * logs, added to FILE. -c: only programs whose children may share memory. -x:
 * without these steps. -s: posix_spawn. fuzz-host -k: the names of all kinds
 * of programs, see scene.h.
 */
#include <getopt.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <time.h>

#include "scenes/scene.h"
#include "world.h"

enum { SECONDS = 5 };

static bool verbose, clean_only, spawning;
static const char *logs;

static void make_shared(void)
{
	int id = shmget(IPC_PRIVATE, sizeof(*shared), 0666 | IPC_CREAT);

	shared = shmat(id, (void *)0x200000000000, 0);
	/* Gone when nobody has it any more; until then it can be found. */
	if (id < 0 || shared == (void *)-1 || shmctl(id, IPC_RMID, NULL))
		exit(3);
	shared->id = id;
}

static void set_limit(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = {soft, hard};

	setrlimit(which, &limit);
}

/* Without the variables that say where and by whom it was started. The summary
 * is this program's, which has been told: who may not write one says so. */
static void normal_environment(void)
{
	static char *few[16];
	int n = 0;

	few[n++] = (char *)"PATH=/usr/bin:/bin";
	few[n++] = (char *)"HOME=/";
	for (char **e = environ; *e && n < LENGTH(few) - 1; e++) {
		if (!strncmp(*e, "LD_PRELOAD=", 11) ||
		    !strncmp(*e, "VSPAWN_FORK=", 12))
			few[n++] = *e;
	}
	environ = few;
}

static void normal_process(void)
{
	sigset_t set;

	set_limit(RLIMIT_NOFILE, 1024, 4096);
	set_limit(RLIMIT_CORE, 0, 0);
	set_limit(RLIMIT_STACK, 8 << 20, RLIM_INFINITY);
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction now;

		if (!sigaction(sig, NULL, &now) && now.sa_handler != SIG_DFL)
			signal(sig, SIG_DFL);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Waited for by sigtimedwait(). */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

_Noreturn static void program(uint64_t seed)
{
	sigset_t none;

	program_invocation_short_name = (char *)"fuzz-program";
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	shared->session = shared->group = shared->parent = getpid();
	setsid();
	if (spawning)
		run_spawn(seed);
	else if (seed >> SCENE_SHIFT)
		run_scene(seed);
	else
		run_program(seed);
	/* At exit the library may have a summary to write, and no room. */
	signal(SIGXFSZ, SIG_IGN);
	close(STDERR_FILENO);
	exit(0);
}

/* What is left of its children has become ours. */
static void kill_all(void)
{
	char path[64], list[4096], *at;
	ssize_t n;
	pid_t r;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	while ((r = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (r > 0)
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = read(fd, list, sizeof(list) - 1);
		close(fd);
		list[n < 0 ? 0 : n] = '\0';
		for (at = list; *at > ' ';) {
			kill((pid_t)strtol(at, &at, 10), SIGKILL);
			at += *at == ' ';
		}
		usleep(100);
	}
}

/* Its status, or -1 if it has taken too long. */
static int await(pid_t pid)
{
	struct timespec limit = {.tv_sec = SECONDS};
	sigset_t set;
	int status;
	pid_t got;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		while ((got = waitpid(-1, &status, WNOHANG)) > 0) {
			if (got == pid)
				return status;
		}
		if (sigtimedwait(&set, NULL, &limit) < 0 && errno == EAGAIN)
			return -1;
	}
}

/* Closed in between: programs count their descriptors. */
static void keep_log(uint64_t seed)
{
	FILE *file = fopen(logs, "ae");

	if (!file)
		exit(3);
	fprintf(file, "seed %lu\n", (unsigned long)seed);
	fwrite(shared->text, 1, shared->used, file);
	fclose(file);
}

static void run_seed(uint64_t seed)
{
	static struct log log;
	int status;
	pid_t pid;

	shared->used = 0;
	shared->batch = getpid();
	remove_files();
	fflush(stdout);
	/* Not one of those that are tried. */
	pid = (pid_t)syscall(SYS_fork);
	if (!pid)
		program(seed);
	status = await(pid);
	kill_all();
	current = &log;
	if (status < 0)
		say("TIMEOUT\n");
	else
		say("ended %x\n", status);
	files_hash();
	flush_log();
	if (logs)
		keep_log(seed);
	if (verbose)
		fwrite(shared->text, 1, shared->used, stdout);
	else
		printf("%lu %lx %s%u\n", (unsigned long)seed,
		       hash(1, shared->text, shared->used),
		       status < 0 ? "timeout "
		       : status	  ? "died "
				  : "",
		       shared->used);
}

static void drop_steps(char *list)
{
	for (char *one = strtok(list, ","); one; one = strtok(NULL, ","))
		keep_step[atoi(one) % 1000] = false;
}

static int list_kinds(void)
{
	for (const struct scene *s = scenes; s->name; s++)
		puts(s->name);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t first, count;
	int option;

	if (argc == 5 && !strcmp(argv[1], "first"))
		first_process(argv + 2);
	memset(keep_step, true, 1000);
	while ((option = getopt(argc, argv, "kvcsl:x:")) > 0) {
		if (option == 'k')
			return list_kinds();
		verbose |= option == 'v';
		clean_only |= option == 'c';
		spawning |= option == 's';
		if (option == 'l')
			logs = optarg;
		if (option == 'x')
			drop_steps(optarg);
	}
	if (argc - optind != 3)
		return 2;
	folder = argv[optind];
	first = strtoul(argv[optind + 1], NULL, 10);
	count = strtoul(argv[optind + 2], NULL, 10);
	if (chdir(folder))
		return 3;
	make_shared();
	normal_environment();
	normal_process();
	for (uint64_t seed = first; seed < first + count; seed++) {
		if (!clean_only || seed % 8 == 7)
			run_seed(seed);
	}
	remove_files();
	return 0;
}
