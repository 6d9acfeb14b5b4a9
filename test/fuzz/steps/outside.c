/* SPDX-License-Identifier: MIT
 * Steps that others could notice: no transaction survives them. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>

#include "fuzz.h"

extern char **environ;

static void write_out(struct rng *r)
{
	static const char text[] = "a line that the child wrote\n";
	long done = write(1, text, 1 + below(r, sizeof(text) - 1));

	say(" = %ld", done < 0 ? -errno : done);
}

static void change_files(struct rng *r)
{
	char room[2][PATH_MAX];
	const char *a = any_path(r, room[0]), *b = any_path(r, room[1]);
	unsigned what = below(r, 8);
	long done;

	if (!may_make(what ? "" : a)) {
		say(" away");
		return;
	}
	switch (what) {
	case 0:
		done = CALL(r, SYS_mkdir, L(a), 0755);
		break;
	case 1:
		done = CALL(r, SYS_rename, L("d/inner"), L("d/renamed"));
		break;
	case 2:
		done = CALL(r, SYS_symlink, L("file1"), L("new1"));
		break;
	case 3:
		done = CALL(r, SYS_unlink, L("new1"));
		break;
	case 4:
		done = CALL(r, SYS_chmod, L("file2"), (long)below(r, 512));
		break;
	case 5:
		done = CALL(r, SYS_truncate, L("file1"), (long)below(r, 100));
		break;
	case 6:
		done = CALL(r, SYS_ftruncate, any_fd(r), (long)below(r, 100));
		break;
	default:
		done = CALL(r, SYS_link, L("file0"), L("new0"));
	}
	say(" %.40s %.40s = %ld", a, b, done);
}

static void make_odd_fd(struct rng *r)
{
	sigset_t set;
	long done;

	sigfillset(&set);
	switch (below(r, 6)) {
	case 0:
		done = CALL(r, SYS_memfd_create, L("fuzz"), 0);
		break;
	case 1:
		done = CALL(r, SYS_timerfd_create, 1, TFD_NONBLOCK);
		break;
	case 2:
		done = CALL(r, SYS_signalfd4, -1, L(&set), 8, SFD_NONBLOCK);
		break;
	case 3:
		done = CALL(r, SYS_inotify_init1, IN_NONBLOCK);
		break;
	case 4:
		done = CALL(r, SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK,
			    0);
		break;
	default:
		done = CALL(r, SYS_flock, any_fd(r), LOCK_EX | LOCK_NB);
	}
	say(" = %ld", done);
	opened((int)done);
}

static void wait_a_little(struct rng *r)
{
	struct timespec time = {.tv_nsec = (long)below(r, 100000)};
	struct pollfd fd = {.fd = any_fd(r), .events = POLLIN};
	sigset_t set;

	switch (below(r, 4)) {
	case 0:
		say(" nanosleep %ld", CALL(r, SYS_nanosleep, L(&time), 0));
		break;
	case 1:
		say(" poll %ld %x", CALL(r, SYS_poll, L(&fd), 1, 0),
		    fd.revents);
		break;
	case 2:
		sigfillset(&set);
		time.tv_nsec = 0;
		say(" sigtimedwait %ld",
		    CALL(r, SYS_rt_sigtimedwait, L(&set), 0, L(&time), 8));
		break;
	default:
		say(" pause %ld", CALL(r, SYS_ppoll, 0, 0, L(&time), 0, 8));
	}
}

static void signal_others(struct rng *r)
{
	switch (below(r, 3)) {
	case 0:
		say(" = %ld",
		    CALL(r, SYS_kill, any_pid(r) * 0 + shared->parent, 0));
		break;
	case 1:
		say(" = %ld", CALL(r, SYS_kill, shared->parent, SIGURG));
		break;
	default:
		say(" = %ld", CALL(r, SYS_kill, 1 << 30, SIGTERM));
	}
}

static void *thread(void *arg)
{
	*(int *)arg += 1;
	return arg;
}

static void make_thread(struct rng *r)
{
	int n = (int)below(r, 100), before = n;
	pthread_t id;
	int error = pthread_create(&id, NULL, thread, &n);

	if (!error)
		pthread_join(id, NULL);
	say(" %d = %d %d", before, error, n);
}

static void unknown(struct rng *r)
{
	static const long calls[] = {999,
				     SYS_unshare,
				     SYS_getpriority,
				     SYS_sched_rr_get_interval,
				     SYS_ioprio_get,
				     SYS_mincore,
				     SYS_prctl};
	long nr = PICK(r, calls);

	/* prctl(-1), unshare(0), mincore(NULL): in vain. */
	say(" %ld = %d", nr, CALL(r, nr, nr == SYS_prctl ? -1 : 0) < 0);
}

static void run_shell(struct rng *r)
{
	static const char *const commands[] = {"exit 3", "echo hello >&2",
					       "kill -9 $$", ":"};
	const char *command = PICK(r, commands);

	if (model.later && !room_for_loader(0))
		return;
	say(" %s = %x", command, system(command));
}

static void open_pipe(struct rng *r)
{
	char line[20] = "";
	FILE *stream;

	(void)r;
	if (model.later && !room_for_loader(0))
		return;
	stream = popen("echo out; exit 4", "r");
	if (stream && !fgets(line, sizeof(line), stream))
		line[0] = '\0';
	say(" = %s %x", line[0] ? "read" : "nothing",
	    stream ? pclose(stream) : -1);
}

static void again(struct rng *r)
{
	if (model.depth > 1)
		return;
	fork_again(r);
}

static void atfork(struct rng *r)
{
	register_atfork(r);
}

/* Runs until a signal of its own timer, which no blocked one ever brings. */
static void spin(struct rng *r)
{
	static const struct itimerval {
		struct timeval interval, value;
	} set = {.value = {.tv_usec = 200}};
	struct timespec began, now;
	sigset_t pending;
	uint64_t bit = 1UL << (SIGVTALRM - 1);

	clock_gettime(CLOCK_MONOTONIC, &began);
	CALL(r, SYS_rt_sigprocmask, SIG_BLOCK, L(&bit), 0, 8);
	CALL(r, SYS_setitimer, 1, L(&set), 0);
	do {
		sigpending(&pending);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (!sigismember(&pending, SIGVTALRM) &&
		 now.tv_sec - began.tv_sec < 5);
	say(" = %d", sigismember(&pending, SIGVTALRM));
}

const struct kind outside_kinds[] = {
	{"write out", write_out, OUTSIDE | SETUP, 4},
	{"change files", change_files, OUTSIDE | SETUP, 3},
	{"odd fd", make_odd_fd, OUTSIDE | SETUP, 3},
	{"wait a little", wait_a_little, OUTSIDE, 2},
	{"signal others", signal_others, OUTSIDE, 2},
	{"pthread_create", make_thread, OUTSIDE, 2},
	{"unknown call", unknown, OUTSIDE, 2},
	{"system", run_shell, OUTSIDE | SETUP, 1},
	{"popen", open_pipe, OUTSIDE | SETUP, 1},
	{"fork again", again, OUTSIDE, 5},
	{"atfork", atfork, SETUP, 2},
	{"spin", spin, OUTSIDE, 1},
	{0},
};
