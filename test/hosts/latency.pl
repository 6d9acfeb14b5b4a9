#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The perl counterpart of bench/host: same arguments, same lines. There is no
# second thread: the third number is "-". system, qx and open return after the child has
# exec'd or exited, so the call is measured to its return only where it does
# not wait.
use strict;
use warnings;
use POSIX ();
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

sub now_ns { return int(clock_gettime(CLOCK_MONOTONIC) * 1e9) }

# Strings of 1 KB to 100 KB, as a program has that keeps records in memory.
sub fill {
	my $left = shift() * 1024 * 1024;
	my @strings;

	while ($left > 0) {
		my $size = 1024 * (1 + @strings * 37 % 100);
		my $string = 'x';

		# Not 'x' x $size: perl keeps that as a second copy.
		vec($string, $size - 1, 8) = 0;
		substr($string, $_ * 4096, 1) = 'y' for 0 .. $size / 4097;
		push @strings, $string;
		$left -= $size;
	}
	return \@strings;
}

# Each runs ./nop, reaps it and gives the time at which the call returned.
my %method = (
	system => sub {
		system { './nop' } 'nop' and die "system: $?\n";
		return now_ns();
	},
	qx => sub {
		my $said = qx(./nop);
		$? and die "qx: $?\n";
		return now_ns();
	},
	open => sub {
		open my $pipe, '-|', './nop' or die "open: $!\n";
		my $returned = now_ns();
		close $pipe or die "close: $!\n";
		return $returned;
	},
	fork => sub {
		my $pid = fork() // die "fork: $!\n";
		if (!$pid) {
			exec './nop' or POSIX::_exit(127);
		}
		my $returned = now_ns();
		waitpid $pid, 0;
		$? and die "fork: $?\n";
		return $returned;
	},
);

sub run {
	my ($name, $count, $ms) = @_;
	my $limit = now_ns() + $ms * 1e6;
	my ($start, $said) = (0, '');

	while ($count-- > 0) {
		$start = now_ns();
		my $returned = $method{$name}->();
		my $reaped = now_ns();
		$said .= sprintf "%d %d -\n", $returned - $start,
			$reaped - $start;
		last if $reaped > $limit;
	}
	return $said;
}

my $memory = fill($ARGV[0] || die "usage: latency.pl MB\n");
$| = 1;
print "ready\n";
while (<STDIN>) {
	my $said = eval { run(split) };
	print defined $said ? "${said}end\n" : "failed: $@";
}
