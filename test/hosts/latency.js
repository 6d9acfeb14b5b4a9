// SPDX-License-Identifier: MIT
// The node counterpart of bench/host: same arguments, same lines. There is no
// second thread of ours: the third number is "-".
'use strict';
const { spawn, spawnSync } = require('child_process');
const readline = require('readline');

const now = () => process.hrtime.bigint();

// Buffers of 1 KB to 100 KB; an eighth of it as strings in the collector's
// heap, whose limit is low on small machines.
function fill(mb) {
	const memory = [];
	let left = mb * 1024 * 1024;

	while (left > 0) {
		const size = 1024 * (1 + memory.length * 37 % 100);

		memory.push(memory.length % 8 ? Buffer.alloc(size, 1)
			: Buffer.alloc(size, 'x').toString('latin1'));
		left -= size;
	}
	return memory;
}

const methods = {
	spawn: (done) => {
		const child = spawn('./nop', { stdio: 'ignore' });
		const returned = now();

		child.on('error', done);
		child.on('exit', (status) => done(status, returned));
	},
	spawnSync: (done) => {
		const child = spawnSync('./nop', { stdio: 'ignore' });

		done(child.error || child.status, now());
	},
};

function run(name, count, ms, report) {
	const limit = now() + BigInt(ms) * 1000000n;
	const lines = [];

	const next = () => {
		const start = now();

		methods[name]((status, returned) => {
			const reaped = now();

			if (status !== 0) {
				report(`failed: ${status}\n`);
				return;
			}
			lines.push(`${returned - start} ${reaped - start} -\n`);
			if (--count > 0 && reaped < limit)
				setImmediate(next);
			else
				report(lines.join('') + 'end\n');
		});
	};
	next();
}

const memory = fill(Number(process.argv[2]));
readline.createInterface({ input: process.stdin }).on('line', (line) => {
	const [name, count, ms] = line.split(' ');

	run(name, Number(count), Number(ms), (s) => process.stdout.write(s));
}).on('close', () => process.exit(memory.length ? 0 : 1));
process.stdout.write('ready\n');
