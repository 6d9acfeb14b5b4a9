/* SPDX-License-Identifier: MIT
 *
 * What a child asks of the memory that it has from its parent, by calls that do
 * not touch it: as in a child by the system call.
 */
#include <dirent.h>
#include <sys/syscall.h>

#include "call/outcome.h"

/* A file that is mapped in it, as map_files has it. */
static char mapped[64];

static const char *in_map_files(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "/proc/self/map_files/%s", name);
	return path;
}

static void lists_map_files(char *text)
{
	DIR *list = opendir("/proc/self/map_files");
	const struct dirent *entry;
	int n = 0;

	while (list && (entry = readdir(list)))
		n += !strcmp(entry->d_name, mapped);
	sprintf(text, "%d", n);
}

static void asks_map_files(char *text)
{
	struct stat st;
	int fd = open("/proc/self", O_PATH);

	text += sprintf(text, "%d ", lstat(in_map_files(mapped), &st));
	fd = openat(fd, "map_files", O_RDONLY | O_DIRECTORY);
	text += sprintf(text, "%d ",
			fstatat(fd, mapped, &st, AT_SYMLINK_NOFOLLOW));
	text += sprintf(text, "%d ", chdir("/proc/self/map_files"));
	sprintf(text, "%d", lstat(mapped, &st));
}

/* Of NUMA, linux/mempolicy.h. */
enum { BIND = 2, OF_ADDRESS = 2 };

#ifdef SYS_set_mempolicy
static void asks_policy(char *text)
{
	int policy = -1;

	text += sprintf(text, "%d ",
			(int)syscall(SYS_get_mempolicy, &policy, NULL, 0,
				     heap + HEAP / 16, OF_ADDRESS));
	sprintf(text, "%d", policy);
}

static void set_policy(void)
{
	unsigned long nodes = 1;

	vs_sys(SYS_mbind, heap, HEAP, BIND, &nodes, sizeof(nodes) * 8, 0);
}
#else
static void set_policy(void)
{
}
#endif

static const struct trial trials[] = {
	{lists_map_files, true},
	{asks_map_files, true},
#ifdef SYS_set_mempolicy
	{asks_policy, true},
#endif
};

/* In the midst of memory that is not copied. */
static void map_file(void)
{
	enum { SIZE = 4 << 20 };
	int fd = open(in_folder("mapped"), O_RDWR | O_CREAT, 0600);
	char *at;

	ck_assert_int_eq(ftruncate(fd, SIZE), 0);
	at = mmap((char *)heap + HEAP / 4 * 3, SIZE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_FIXED, fd, 0);
	ck_assert_ptr_ne(at, MAP_FAILED);
	memset(at, 1, SIZE);
	close(fd);
	snprintf(mapped, sizeof(mapped), "%lx-%lx", (unsigned long)at,
		 (unsigned long)at + SIZE);
}

/* Once in so many forks all of the memory is looked at. */
enum { LOOKS = 16 };

static void scene(void)
{
	map_file();
	set_policy();
	set_scene();
	for (int i = 0; i < LOOKS * LENGTH(trials); i++)
		same_outcome(&trials[i % LENGTH(trials)], i % LENGTH(trials));
}

START_TEST(own_memory)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("own memory");

	make_counts();
	tcase_add_test(tcase, own_memory);
	return run_scenes("fork: own memory", tcase, argv);
}
