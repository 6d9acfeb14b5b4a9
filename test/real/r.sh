#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# timeout: 300
# packages: Rscript:r-base-core
# R: system, which has ways of its own with a time limit; parallel's forks.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs Rscript
server_folder

cat >"$tmp/test.R" <<'EOF'
big <- numeric(6e6) + 1
for (round in 1:2) {
	print(system("exit 3"))
	print(system("echo out; echo more", intern = TRUE))
	print(system("exit 4", timeout = 20))
	print(suppressWarnings(system("sleep 20", timeout = 1)))
	print(system("kill -TERM $$"))
	print(suppressWarnings(system2("sh", c("-c", "'echo a; exit 5'"), stdout = TRUE)))
	print(system2("tr", c("a-z", "A-Z"), input = "upper", stdout = TRUE))
	print(suppressWarnings(system("/no/such/program", ignore.stderr = TRUE)))
	p <- pipe("echo piped; exit 6")
	print(readLines(p))
	print(close(p))
	print(unlist(parallel::mclapply(1:6, function(n) n + big[5e6], mc.cores = 2)))
	job <- parallel::mcparallel(sum(big))
	print(parallel::mccollect(job)[[1]])
	print(system("sleep 0.1", wait = FALSE))
}
EOF

scenario() {
	in_mode "$1" Rscript --vanilla "$tmp/test.R" 2>&1
}
in_all_modes scenario
committed txn R
