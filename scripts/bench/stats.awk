# SPDX-License-Identifier: MIT
# What the other programs of this folder count with.

# The elements 1 to n of a[], in ascending order (Shell's sort).
function sort(a, n,	gap, i, j, x) {
	for (gap = int(n / 2); gap > 0; gap = int(gap / 2))
		for (i = gap + 1; i <= n; i++) {
			x = a[i]
			for (j = i - gap; j > 0 && a[j] > x; j -= gap)
				a[j + gap] = a[j]
			a[j + gap] = x
		}
}

# Of a sorted a[1..n], the value that a share p of them does not exceed.
function quantile(a, n, p,	at) {
	at = int(p * n)
	if (at < p * n || !at)
		at++
	return a[at]
}
