<?php
// SPDX-License-Identifier: MIT
// The PHP counterpart of bench/host: same arguments, same lines. There is no
// second thread: the third number is "-".

ini_set('memory_limit', '-1');

// Strings of 1 KB to 100 KB.
function fill(int $mb): array
{
	$memory = [];
	for ($left = $mb << 20; $left > 0; $left -= $size) {
		$size = 1024 * (1 + count($memory) * 37 % 100);
		$memory[] = str_repeat('x', $size);
	}
	return $memory;
}

// Each runs ./nop, reaps it and gives the time at which the call returned.
$methods = [
	'proc_open' => function (): int {
		$child = proc_open(['./nop'], [], $pipes);
		$returned = hrtime(true);
		if (proc_close($child) != 0)
			throw new Exception('the child did not exit with 0');
		return $returned;
	},
	'exec' => function (): int {
		exec('./nop', $said, $status);
		if ($status != 0)
			throw new Exception("status $status");
		return hrtime(true);
	},
];

function run(callable $method, int $count, int $ms): string
{
	$limit = hrtime(true) + $ms * 1000000;
	$said = '';
	do {
		$start = hrtime(true);
		$returned = $method();
		$reaped = hrtime(true);
		$said .= sprintf("%d %d -\n", $returned - $start,
			$reaped - $start);
	} while (--$count > 0 && $reaped < $limit);
	return $said;
}

$memory = fill((int)$argv[1]);
echo "ready\n";
while (($line = fgets(STDIN)) !== false) {
	[$name, $count, $ms] = explode(' ', trim($line));
	try {
		echo run($methods[$name], (int)$count, (int)$ms), "end\n";
	} catch (Throwable $e) {
		echo 'failed: ', $e->getMessage(), "\n";
	}
}
exit(count($memory) ? 0 : 1);
