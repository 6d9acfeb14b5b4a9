#!/bin/sh
# SPDX-License-Identifier: MIT
# perl forks by itself for system, qx, open and pipe.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs perl
temporary_folder

cat >"$tmp/test.pl" <<'EOF'
use strict;
use warnings;
use POSIX ":sys_wait_h";
$| = 1;

# Something big to leave uncopied, and to look at from a true child.
my @big = map { "element $_ " x 10 } 1 .. 150_000;

sub out { print join(" ", @_), "\n" }

for my $round (1 .. 2) {
	out "system", system("exit 3;"), system("/bin/true"),
	    system("sh", "-c", "kill -9 \$\$"), system("/no/such") ;
	out "errno", $!{ENOENT} ? 1 : 0;
	out "qx", scalar(qx(echo out; exit 4)), $?;
	my @lines = `printf '1\\n2\\n3\\n'`;
	out "lines", scalar(@lines);

	open(my $in, "-|", "sh", "-c", "echo \$0; exit 5", "list") or die;
	out "read", <$in>;
	close($in);
	out "closed", $?;
	open(my $to, "|-", "tr a-z A-Z") or die;
	print $to "upper case\n";
	close($to);
	out "closed", $?;

	# fork by open, with code in the child.
	my $pid = open(my $child, "-|") // die;
	if (!$pid) {
		print length(join("", @big)), "\n";
		exit(6);
	}
	out "child says", <$child>;
	close($child);
	out "closed", $?;

	# Explicit fork, pipe, exec and wait.
	pipe(my $r, my $w) or die;
	$pid = fork() // die;
	if (!$pid) {
		close($r);
		open(STDOUT, ">&", $w) or die;
		exec("echo", "from exec") or exit(9);
	}
	close($w);
	out "pipe", <$r>;
	out "reaped", waitpid($pid, 0) == $pid ? 1 : 0, $? >> 8;

	my %status;
	for my $n (1 .. 20) {
		my $p = fork() // die;
		if (!$p) {
			$n % 2 ? exit($n) : exec("sh", "-c", "exit $n");
		}
		$status{$p} = $n;
	}
	my $good = 0;
	while ((my $p = wait()) > 0) {
		$good++ if $status{$p} == $? >> 8;
	}
	out "good", $good;

	local $SIG{CHLD} = "IGNORE";
	out "ignored", system("exit 3;");
	delete local $SIG{CHLD};
	my $signals = 0;
	local $SIG{CHLD} = sub {
		$signals++ while waitpid(-1, WNOHANG) > 0;
	};
	for (1 .. 5) {
		my $p = fork() // die;
		exec("/bin/true") if !$p;
		my $before = $signals;
		select(undef, undef, undef, 0.05) until $signals == $_;
	}
	out "signals", $signals;
	local $ENV{COLOUR} = "red";
	local $SIG{CHLD} = "DEFAULT";
	out "environment", scalar(qx(echo \$COLOUR));
	out "exec failure", system({ "/no/such" } "x") == -1 ? "reported" : "?";
}
out "unchanged", $big[149_999] eq "element 150000 " x 10 ? 1 : 0;
EOF
same_in_all_modes perl "$tmp/test.pl" 2>/dev/null
