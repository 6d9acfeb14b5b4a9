#!/bin/sh
# SPDX-License-Identifier: MIT
# check-real only
# packages: cmake ninja:ninja-build make cc:gcc
# cmake, ninja and ctest: builds with failures, pools, depfiles, output of its
# own for each command; tests that fail, crash, are too slow and run together.
# shellcheck source=test/real/server.sh
. "$(dirname "$0")/server.sh"
needs cmake ctest ninja make cc
server_folder
mkdir "$tmp/src"
cat >"$tmp/src/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.13)
project(example C)
execute_process(COMMAND echo one COMMAND tr a-z A-Z OUTPUT_VARIABLE out
	RESULTS_VARIABLE results)
message(STATUS "piped ${out} ${results}")
execute_process(COMMAND sh -c "echo err >&2; exit 3" RESULT_VARIABLE status
	ERROR_VARIABLE err WORKING_DIRECTORY /usr)
message(STATUS "failed ${status} ${err}")
execute_process(COMMAND sleep 9 TIMEOUT 0.2 RESULT_VARIABLE status)
message(STATUS "slow: ${status}")
execute_process(COMMAND sh -c "kill -SEGV $$" RESULT_VARIABLE status)
message(STATUS "crashed: ${status}")
execute_process(COMMAND no_such_command RESULT_VARIABLE status)
message(STATUS "missing: ${status}")
include(CheckCSourceRuns)
check_c_source_runs("int main(void) { return 0; }" RUNS)
check_c_source_runs("int main(void) { return 1; }" RUNS_NOT)
foreach(n RANGE 1 12)
	add_custom_command(OUTPUT gen${n}.c
		COMMAND sh -c "echo int f${n}\\(void\\) { return ${n}\\; } >gen${n}.c"
		VERBATIM)
	list(APPEND sources gen${n}.c)
endforeach()
add_library(twelve STATIC ${sources})
add_executable(program main.c)
target_link_libraries(program twelve)
enable_testing()
add_test(good program)
add_test(NAME status COMMAND sh -c "exit 3")
add_test(NAME crash COMMAND sh -c "kill -SEGV $$")
add_test(NAME slow COMMAND sleep 9)
set_tests_properties(slow PROPERTIES TIMEOUT 1)
add_test(NAME missing COMMAND /no/such/program)
add_test(NAME fails COMMAND false)
set_tests_properties(fails PROPERTIES WILL_FAIL TRUE)
add_test(NAME output COMMAND sh -c "echo $A; cat")
set_tests_properties(output PROPERTIES PASS_REGULAR_EXPRESSION "^red"
	ENVIRONMENT "A=red")
EOF
cat >"$tmp/src/main.c" <<'EOF'
#include <stdio.h>
int f7(void);
int main(void) { printf("%d\n", f7()); return f7() != 7; }
EOF
cat >"$tmp/extra.ninja" <<'EOF'
pool one
  depth = 1
rule run
  command = $do
  description = run $out
rule console
  command = echo on the console; exit 4
  pool = console
build a: run
  do = echo a >a; echo some output
build b: run a
  do = exit 7
  pool = one
build c: run a
  do = kill -TERM $$$$
  pool = one
build d: run b
  do = echo not reached
build e: console
EOF

cat >"$tmp/script" <<'EOF'
cd "$1" && rm -rf out && mkdir out || exit 1
exec 2>&1
for generator in Ninja 'Unix Makefiles'; do
	echo "== $generator"
	cmake -G "$generator" -S src -B out/build | grep -vE "done$|$1"
	cmake --build out/build -j 3 | grep -cE '^\[.*Building'
	out/build/program
	(cd out/build && ctest -j 3; echo "ctest $?") |
		sed 's/  *[0-9.]* sec.*//;/Start\|LastTest\|real)/d;s/^.*Test *#/#/' |
		sort
	cmake --build out/build --target no_such | tail -n 1
	rm -rf out/build
done
for target in c d e; do
	ninja -f ../extra.ninja -C out -j 3 -k 0 $target | sort
	ninja -f ../extra.ninja -C out $target >/dev/null 2>&1
	echo "ninja $?"
done
EOF
scenario() {
	in_mode "$1" sh "$tmp/script" "$tmp"
}
in_all_modes scenario
# The last is libuv's fork, which makes a pipe blocking again: with the exec.
committed txn cmake
in_use txn ninja
committed txn ctest
