#!/bin/sh
# SPDX-License-Identifier: MIT
# packages: php:php-cli
# php: proc_open forks, popen and exec are popen's; pcntl's forks.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs php
server_folder

cat >"$tmp/test.php" <<'EOF'
<?php
ini_set("memory_limit", -1);
$big = str_repeat("x", 50000000);
function show(...$words) { echo json_encode($words), "\n"; }
function open($command, $in = "", $cwd = null, $env = null, $err = ["pipe", "w"]) {
	$p = proc_open($command, [["pipe", "r"], ["pipe", "w"], $err], $pipes, $cwd, $env);
	if (!$p)
		return show("not opened", $command);
	fwrite($pipes[0], $in);
	fclose($pipes[0]);
	$out = stream_get_contents($pipes[1]);
	$err = isset($pipes[2]) ? stream_get_contents($pipes[2]) : "";
	show($command, strlen($out), substr($out, 0, 80), $err, proc_close($p));
}
for ($round = 0; $round < 2; $round++) {
	open("cat; echo err >&2; exit 3", str_repeat("in", 20000));
	open(["sh", "-c", 'echo "$0" "$@"', "a b", "c"]);
	open("pwd", "", "/usr");
	@open("pwd", "", "/no/such");
	open('echo $A $HOME', "", null, ["A" => "red"]);
	open("echo err >&2", "", null, null, ["redirect", 1]);
	open("echo err >&2", "", null, null, ["file", "/dev/null", "w"]);
	open("kill -TERM $$");
	@open(["/no/such/program"]);
	$p = proc_open("exec sleep 60", [], $none);
	show(proc_get_status($p)["running"], proc_terminate($p));
	while (proc_get_status($p)["running"])
		usleep(10000);
	show(shell_exec("echo shell; exit 4"), exec("echo a; echo b; exit 5", $lines, $status), $lines, $status);
	$lines = [];
	passthru("echo passed", $status);
	$f = popen("tr a-z A-Z", "w");
	fwrite($f, "upper\n");
	show(pclose($f));
	$p = proc_open(["sh", "-c", "tty >/dev/null && echo terminal"], [["pty"], ["pty"], ["pty"]], $pipes);
	if ($p) {
		show(fgets($pipes[1]), proc_close($p));
	}
	$many = [];
	for ($n = 0; $n < 20; $n++)
		$many[] = proc_open("exit $n", [], $none);
	show(array_map("proc_close", $many));
	if (function_exists("pcntl_fork")) {
		$pid = pcntl_fork();
		if (!$pid) {
			$big[0] = "y";
			exit(6);
		}
		pcntl_waitpid($pid, $status);
		show(pcntl_wexitstatus($status), $big[0]);
		$pid = pcntl_fork();
		if (!$pid)
			pcntl_exec("/bin/sh", ["-c", "exit 7"]);
		pcntl_waitpid($pid, $status);
		show(pcntl_wexitstatus($status));
	}
}
EOF

scenario() {
	in_mode "$1" php -n "$tmp/test.php" 2>&1
}
in_all_modes scenario
committed txn php
