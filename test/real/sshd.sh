#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: sshd:openssh-server ssh:openssh-client
# sshd: a process for each connection, which execs sshd again, forks for its
# user and execs a shell; statuses, signals and terminals of what is run.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs sshd ssh ssh-keygen sftp
server_folder
# The folder it wants to be in, as the service makes it.
[ "$(id -u)" != 0 ] || [ -d /run/sshd ] || mkdir -m 755 /run/sshd
me=$(id -un)
sftp_server=$(find /usr/lib* -name sftp-server | head -n 1)


for key in host user; do
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/$key" || fail ssh-keygen
done
free_port
cat >"$tmp/sshd_config" <<END
ListenAddress 127.0.0.1:$port
HostKey $tmp/host
PidFile none
AuthorizedKeysFile $tmp/user.pub
StrictModes no
PermitRootLogin yes
UsePAM no
PrintMotd no
PrintLastLog no
MaxStartups 50
AcceptEnv FROM_CLIENT
Subsystem sftp ${sftp_server:-internal-sftp}
END
cat >"$tmp/ssh_config" <<END
Host test
	HostName 127.0.0.1
	Port $port
	User $me
	IdentityFile $tmp/user
	IdentitiesOnly yes
	UserKnownHostsFile $tmp/known
	StrictHostKeyChecking no
	LogLevel ERROR
	BatchMode yes
	ConnectTimeout 10
END

remote() {
	ssh -F "$tmp/ssh_config" test "$@" 2>&1 </dev/null
	echo "$1: $?"
}

listening() {
	grep -qi ":$(printf %04X "$port") 00000000:0000 0A" /proc/net/tcp
}

# shellcheck disable=SC2016
scenario() {
	start "$1" "$(command -v sshd)" -D -e -f "$tmp/sshd_config"
	until_true listening
	remote 'echo out; echo err >&2; exit 3'
	remote 'kill -TERM $$'
	remote 'id -u; pwd; umask; ulimit -n; env | cut -d= -f1 | sort | tr "\n" " "'
	remote 'for n in 1 2 3; do (echo $n | cat) & wait; done'
	remote no_such_command
	seq 1 20000 | ssh -F "$tmp/ssh_config" test 'cksum; exit 4'
	echo "status $?"
	ssh -F "$tmp/ssh_config" -tt test 'tty >/dev/null && echo terminal;
		stty size; ps -o stat= -p $$ | cut -c1; exit 5' </dev/null
	echo "status $?"
	seq 1 1000 >"$tmp/file"
	echo "put $tmp/file $tmp/copy" | sftp -q -b - -F "$tmp/ssh_config" \
		test >/dev/null
	echo "sftp $?"
	cmp "$tmp/file" "$tmp/copy" && rm "$tmp/copy"
	for n in 1 2 3 4 5 6; do
		ssh -F "$tmp/ssh_config" test "exit $n" &
		clients="${clients-} $!"
	done
	for client in $clients; do
		wait "$client"
		echo "together $?"
	done
	clients=
	kill -TERM "$server"
	ended "$server"
	servers=
}
in_all_modes scenario
# For its oom_score_adj.
committed txn sshd
