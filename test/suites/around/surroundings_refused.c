/* SPDX-License-Identifier: MIT
 *
 * System calls that a filter refuses, from the start or later: fork() works as
 * it does without the library.
 */
#include "forks_work.h"

/* From now on `nr` fails with `error`; prctl only in setting up dispatch. */
static void refuse(int nr, int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (__u32)nr, 0, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			 PR_SET_SYSCALL_USER_DISPATCH, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (__u32)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog filter = {.len = LENGTH(code), .filter = code};

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter),
			 0);
}

static const int refused[] = {SYS_prctl,	 SYS_clone3,
			      SYS_madvise,	 SYS_timer_create,
			      SYS_timer_settime, SYS_pread64,
			      SYS_close_range,	 SYS_process_vm_readv,
			      SYS_getrandom,	 SYS_set_robust_list,
			      SYS_fcntl,	 SYS_mremap};

START_TEST(refused_call)
{
	static const int errors[] = {EPERM, ENOSYS};

	program = shared_host("state");
	refuse(refused[_i / 2], errors[_i % 2]);
	forks_work();
}
END_TEST

/* After the library has found out that everything is fine. */
START_TEST(refused_later)
{
	program = shared_host("state");
	forks_work();
	refuse(refused[_i / 2], _i % 2 ? EPERM : ENOSYS);
	forks_work();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("surroundings_refused");

	tcase_add_loop_test(tcase, refused_call, 0, 2 * LENGTH(refused));
	tcase_add_loop_test(tcase, refused_later, 0, 2 * LENGTH(refused));
#if VS_ARCH_TXN
#endif
	return run_suite("surroundings, refused", tcase);
}
