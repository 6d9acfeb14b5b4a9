#!/bin/sh
# SPDX-License-Identifier: MIT
# timeout: 300
# A Java program of 1 GB whose threads start processes, in each way that the
# class library has: posix_spawn of a helper (the default), fork, vfork. The
# virtual machine handles SIGSEGV meanwhile, and collects garbage.
# shellcheck source=test/lib/common.sh
. "$(dirname "$0")/../lib/common.sh"
needs java
temporary_folder

cat >"$tmp/Host.java" <<'EOF2'
import java.io.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;

public class Host {
	static final int ROUNDS = 25, THREADS = 3;
	static volatile boolean stop;
	static volatile byte[] nothing, garbage;
	static final AtomicInteger nulls = new AtomicInteger();

	/* Its output is what it was given, and what is in its environment. */
	static String run(int n) throws Exception {
		ProcessBuilder b = new ProcessBuilder("/bin/sh", "-c",
			"read line; echo \"$line $VALUE\"; pwd; exit 3");

		b.directory(new File("/")).redirectErrorStream(true);
		b.environment().put("VALUE", "v" + n);
		Process p = b.start();
		try (Writer in = new OutputStreamWriter(p.getOutputStream())) {
			in.write("line " + n + "\n");
		}
		String out = new String(p.getInputStream().readAllBytes());
		return out.replace('\n', ' ') + p.waitFor();
	}

	static String fails() throws Exception {
		try {
			new ProcessBuilder("/no/such/program").start();
			return "started";
		} catch (IOException e) {
			return e.getMessage();
		}
	}

	/* Compiled, this is a read at a small address. */
	static void checkNull() {
		while (!stop) {
			try {
				garbage = new byte[1 << 16];
				garbage[0] = nothing[0];
			} catch (NullPointerException e) {
				nulls.incrementAndGet();
			}
		}
	}

	static void work(int thread, Set<String> said) {
		try {
			for (int n = 0; n < ROUNDS; n++)
				said.add(thread + ": " + run(n));
			said.add(thread + ": " + fails());
		} catch (Exception e) {
			said.add(thread + ": " + e);
		}
	}

	public static void main(String[] args) throws Exception {
		Set<String> said = new ConcurrentSkipListSet<>();
		List<Thread> threads = new ArrayList<>();
		Thread checker = new Thread(Host::checkNull);

		checker.start();
		for (int i = 0; i < THREADS; i++) {
			int number = i;
			Thread t = new Thread(() -> work(number, said));
			threads.add(t);
			t.start();
		}
		for (Thread t : threads)
			t.join();
		while (nulls.get() < 100000)
			Thread.sleep(1);
		stop = true;
		checker.join();
		said.forEach(System.out::println);
		System.out.println("left: " + ProcessHandle.current().children().count());
	}
}
EOF2
java -version 2>&1 | head -n 1
mkdir "$tmp/classes"
java -m jdk.compiler/com.sun.tools.javac.Main -d "$tmp/classes" \
	"$tmp/Host.java" >"$tmp/log" 2>&1 || {
	cat "$tmp/log"
	skip "no Java compiler"
}

# run MODE MECHANISM
run() {
	rm -f "$tmp"/stats.*
	in_mode "$1" VSPAWN_STATS="$tmp/stats.%p" java -Xms1g -Xmx1g \
		-XX:+AlwaysPreTouch -XX:ErrorFile="$tmp/error" \
		-XX:-CreateCoredumpOnCrash -cp "$tmp/classes" \
		-Djdk.lang.Process.launchMechanism="$2" Host >"$tmp/$1.out" ||
		fail "$1 $2: status $?, $(tail -n 3 "$tmp/$1.out")"
	diff "$tmp/native.out" "$tmp/$1.out" || fail "$1 $2: other output"
}

for mechanism in POSIX_SPAWN FORK VFORK; do
	run native $mechanism
	[ "$(wc -l <"$tmp/native.out")" = 79 ] || {
		cat "$tmp/native.out"
		fail "native $mechanism"
	}
	for mode in auto txn; do
		run $mode $mechanism
		# Not of its children, which have the library, too.
		java=$(grep -l '(java)' "$tmp"/stats.*) || fail "no summary"
		cat "$java"
		[ $mechanism != FORK ] || commits "$java" "$mode"
	done
	echo "$mechanism: as natively"
done
