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

function middle(a, n) {
	return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}

# How sure it is that the median of all lies between the k-th smallest and the
# k-th largest of n: that of so many tosses of a coin neither side comes up less
# than k times.
function sure_of_rank(n, k,	i, term, sum) {
	term = exp(-n * log(2))
	for (i = 0; i < k; i++) {
		sum += term
		term *= (n - i) / (i + 1)
	}
	return 1 - 2 * sum > 0 ? 1 - 2 * sum : 0
}

# The largest such k that is as sure as that; 1 if none is.
function rank(n, level,	k) {
	for (k = 1; k + 1 <= n / 2 && sure_of_rank(n, k + 1) >= level; )
		k++
	return k
}
