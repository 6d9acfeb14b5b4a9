/* SPDX-License-Identifier: MIT
 *
 * Sockets that a child makes for itself, and uses, before it execs, and what it
 * polls. Step by step it goes as in a child by the system call.
 */
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "call/outcome.h"

/* ---- these commit ---- */

static ssize_t send_and_receive(int *ends)
{
	struct msghdr *message = (struct msghdr *)AT(TO_MESSAGE);

	memcpy(AT(TO_PART), "abcde", 5);
	send(ends[0], AT(TO_PART), 3, 0);
	sendmsg(ends[0], message, 0);
	message->msg_iovlen = 1;
	return recvmsg(ends[1], message, 0) +
	       100 * recv(ends[1], AT(TO_PART2), 20, 0);
}

static void messages(char *text)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	int *ends = (int *)AT(TO_FDS), *on = (int *)AT(TO_ONE);
	char credentials[CMSG_SPACE(sizeof(struct ucred))];
	struct msghdr *rights = (struct msghdr *)AT(TO_RIGHTS);

	for (int i = 0; i < LENGTH(types); i++) {
		socketpair(AF_UNIX, types[i], 0, ends);
		text += sprintf(text, "%d ", (int)send_and_receive(ends));
		setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, on, 4);
		send(ends[0], "x", 1, 0);
		rights->msg_controllen = sizeof(credentials);
		text += sprintf(text, "%d ", (int)recvmsg(ends[1], rights, 0));
		text += sprintf(text, "%d ", (int)rights->msg_controllen);
		shutdown(ends[0], SHUT_WR);
		text += sprintf(
			text, "%d ",
			(int)recv(ends[1], AT(TO_OUT), 5, MSG_DONTWAIT));
	}
	text = say_memory(text, M(PART), false);
	say_memory(text, M(PART2), false);
}

/* On both ends of a stream, as it comes and goes. */
static void readiness(char *text)
{
	int *ends = (int *)AT(TO_FDS);
	struct pollfd *list = (struct pollfd *)AT(TO_POLL);

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	list[0] = (struct pollfd){ends[0], POLLIN | POLLOUT, 0};
	list[1] = (struct pollfd){ends[1], POLLIN, 0};
	text += sprintf(text, "%d ", poll(list, 2, -1));
	write(ends[0], "x", 1);
	text += sprintf(text, "%d ", poll(list + 1, 1, -1));
	text += sprintf(text, "%d ", poll(list + 6, 1, 1));
	close(ends[0]);
	text += sprintf(text, "%d ", poll(list, 2, 0));
	text += sprintf(text, "%d ", poll(NULL, 0, 1));
	say_memory(text, M(POLL), false);
}

/* haproxy's way to close what is open. */
static void closes_by_polling(char *text)
{
	struct pollfd *list = (struct pollfd *)AT(TO_WIDE);
	int n = 0;

	for (int first = 57; first < 200000; first += 1000) {
		for (int i = 0; i < 1000; i++)
			list[i] = (struct pollfd){first + i, 0, 0};
		poll(list, 1000, 0);
		for (int i = 0; i < 1000; i++)
			n += !(list[i].revents & POLLNVAL) && !close(first + i);
	}
	sprintf(text, "%d", n);
}

static void vectors(char *text)
{
	text += sprintf(text, "%d ",
			(int)writev(OWN_OUT, (void *)AT(TO_VECTOR), 2));
	text += sprintf(text, "%d ",
			(int)readv(OWN_IN, (void *)AT(TO_VECTOR), 2));
	text = say_memory(text, M(PART), false);
	say_memory(text, M(PART2), false);
}

static char *set_and_get(char *text, int fd, int level, int name)
{
	int *value = (int *)AT(TO_OUT);
	socklen_t *size = (socklen_t *)AT(TO_SIZE);

	*value = 77;
	*size = sizeof(*value);
	text += sprintf(text, "%d",
			setsockopt(fd, level, name, AT(TO_ONE), sizeof(int)));
	text += sprintf(text, "%d", getsockopt(fd, level, name, value, size));
	return text + sprintf(text, " %d ", *value);
}

/* Of a connection that is not there yet. */
static void options(char *text)
{
	static const int names[][2] = {
		{IPPROTO_TCP, TCP_NODELAY},   {IPPROTO_TCP, TCP_KEEPIDLE},
		{IPPROTO_TCP, TCP_CORK},      {IPPROTO_TCP, TCP_USER_TIMEOUT},
		{IPPROTO_IP, IP_TOS},	      {IPPROTO_IP, IP_FREEBIND},
		{IPPROTO_IPV6, IPV6_V6ONLY},  {SOL_SOCKET, SO_MARK},
		{SOL_SOCKET, SO_SNDBUFFORCE},
	};
	static const int families[] = {AF_INET, AF_INET6};

	for (int i = 0; i < LENGTH(families); i++) {
		int fd = socket(families[i], SOCK_STREAM, 0);

		for (int n = 0; n < LENGTH(names); n++)
			text = set_and_get(text, fd, names[n][0], names[n][1]);
		text += sprintf(text, "%d ", (int)lseek(fd, 0, SEEK_CUR));
	}
}

/* Of one that is there, one that is not, and by a number. */
static void interfaces(char *text)
{
	struct ifreq *r = (struct ifreq *)AT(TO_OUT);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	text += sprintf(text, "%u ", if_nametoindex("lo"));
	text += sprintf(text, "%u ", if_nametoindex("none"));
	memset(r, 0, sizeof(*r));
	r->ifr_ifindex = 1;
	text += sprintf(text, "%d ", ioctl(fd, SIOCGIFNAME, r));
	text += sprintf(text, "%.8s ", r->ifr_name);
	text += sprintf(text, "%d ", ioctl(fd, SIOCGIFMTU, r));
	say_memory(text, M(OUT), false);
}

/* ---- these do not ---- */

static void joins_a_group(char *text)
{
	const struct ip_mreq group = {{htonl(INADDR_ALLHOSTS_GROUP)}, {0}};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	sprintf(text, "%d",
		setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group,
			   sizeof(group)));
}

static void sends_rights(char *text)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	int *ends = (int *)AT(TO_FDS), got;
	struct msghdr *m = (struct msghdr *)AT(TO_MESSAGE);

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	m->msg_control = control;
	m->msg_controllen = sizeof(control);
	*CMSG_FIRSTHDR(m) = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(int)),
	};
	*(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(m)) = OURS;
	text += sprintf(text, "%d ", (int)sendmsg(ends[0], m, 0));
	*(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(m)) = FILE_FD;
	text += sprintf(text, "%d ", (int)sendmsg(ends[0], m, 0));
	text += sprintf(text, "%d ", (int)recvmsg(ends[1], m, 0));
	got = *(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(m));
	sprintf(text, "%d", got);
}

/* What it has made nobody else has; but it may ask others for an answer. */
static void sends_elsewhere(char *text)
{
	struct sockaddr_un {
		sa_family_t family;
		char name[16];
	} to = {AF_UNIX, "/no/such/socket"};
	int *ends = (int *)AT(TO_FDS);

	socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
	sprintf(text, "%d",
		(int)sendto(ends[0], "x", 1, 0, (struct sockaddr *)&to,
			    sizeof(to)));
}

/* Though there is nobody, a socket that is to be told who sends has a name. */
static void is_named_by_trying(char *text)
{
	struct sockaddr_un {
		sa_family_t family;
		char name[108];
	} to = {AF_UNIX, "/no/such/socket"};
	int on = 1, fd = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t size = sizeof(to);

	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	text += sprintf(text, "%d ",
			connect(fd, (struct sockaddr *)&to, sizeof(to)));
	getsockname(fd, (struct sockaddr *)&to, &size);
	sprintf(text, "%d", (int)size);
}

static const struct trial trials[] = {
	{messages, false},	    {readiness, false},
	{closes_by_polling, false}, {vectors, false},
	{options, false},	    {interfaces, false},
	{joins_a_group, true},	    {sends_rights, true},
	{sends_elsewhere, true},    {is_named_by_trying, true},
};

static void scene(void)
{
	same_outcomes(trials, LENGTH(trials));
}

START_TEST(own_sockets)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("own sockets");

	make_counts();
	tcase_add_test(tcase, own_sockets);
	return run_scenes("fork: own sockets", tcase, argv);
}
