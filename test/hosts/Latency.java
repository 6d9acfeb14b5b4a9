// SPDX-License-Identifier: MIT
// The Java counterpart of bench/host: same arguments, same lines. The virtual
// machine's threads are not ours: the third number is "-". It calls fork() with
// -Djdk.lang.Process.launchMechanism=FORK.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

class Latency {
	// Arrays of 1 KB to 100 KB.
	static List<byte[]> fill(int mb) {
		List<byte[]> memory = new ArrayList<>();

		for (long left = (long) mb << 20; left > 0;) {
			byte[] some = new byte[1024 * (1 + memory.size() * 37 % 100)];

			java.util.Arrays.fill(some, (byte) 1);
			memory.add(some);
			left -= some.length;
		}
		return memory;
	}

	static void sample(StringBuilder said) throws Exception {
		long start = System.nanoTime();
		Process child = new ProcessBuilder("./nop").start();
		long returned = System.nanoTime();
		int status = child.waitFor();
		long reaped = System.nanoTime();

		if (status != 0)
			throw new Exception("status " + status);
		said.append(returned - start).append(' ')
			.append(reaped - start).append(" -\n");
	}

	static String run(int count, long ms) throws Exception {
		long limit = System.nanoTime() + ms * 1000000;
		StringBuilder said = new StringBuilder();

		do
			sample(said);
		while (--count > 0 && System.nanoTime() < limit);
		return said.append("end").toString();
	}

	public static void main(String[] args) throws Exception {
		List<byte[]> memory = fill(Integer.parseInt(args[0]));
		BufferedReader in = new BufferedReader(
			new InputStreamReader(System.in));
		String line;

		System.out.println("ready");
		while ((line = in.readLine()) != null) {
			String[] word = line.split(" ");

			try {
				System.out.println(run(Integer.parseInt(word[1]),
					Long.parseLong(word[2])));
			} catch (Exception e) {
				System.out.println("failed: " + e.getMessage());
			}
		}
		System.exit(memory.isEmpty() ? 1 : 0);
	}
}
