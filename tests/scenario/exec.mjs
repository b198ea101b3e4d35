// A lab that belongs to somebody: to a command (mcxd exec), or to the process that started it (--exit-with-parent).
// Neither the lab nor the command is left behind, however the other one ends.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { binary, PATIENCE_MS, withPatience } from '../actor.mjs';

const mcxd = binary('mcxd');
const LISTENERS = ['sip.udp', 'sip.tcp', 'sip.tls', 'edge.tcp', 'edge.tls', 'clearing_house.tcp', 'clearing_house.tls'];

/** Run it to its end, in a folder of its own for what the lab makes; nothing of it may be left there. */
function run(args, options = {}) {
	const tmp = mkdtempSync(path.join(os.tmpdir(), 'mcxd-exec-'));
	const result = spawnSync(mcxd, args, {
		encoding: 'utf8', timeout: PATIENCE_MS, ...options, env: { ...process.env, TMPDIR: tmp, ...options.env },
	});

	try {
		assert.deepEqual(readdirSync(tmp), [], 'the lab has left something behind');
	} finally {
		rmSync(tmp, { recursive: true });
	}
	return result;
}

/** Start it, and read one JSON object that somebody in it prints. */
async function begin(file, args, options = {}) {
	const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
	const line = await withPatience(once(createInterface({ input: child.stdout }), 'line'), () => 'Nothing was printed');

	return { child, exited: once(child, 'close'), said: JSON.parse(line[0]) };
}

const late = (what) => () => `${what} goes on`;

/** Wait until a process is gone that is no child of ours. */
async function gone(pid) {
	const result = spawnSync('tail', [`--pid=${pid}`, '-s', '0.05', '-f', '/dev/null'], { timeout: PATIENCE_MS });

	assert.equal(result.status, 0, `process ${pid} goes on`);
}

test('exec: the lab is ready when the command begins, and is in its environment', () => {
	const script = `
		const ready = JSON.parse(require('fs').readFileSync(process.env.MCXD_READY_FILE));
		const given = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('MCXD_')));
		console.log(JSON.stringify({ ready, given }));`;
	const outer = { MCXD_SIP_UDP: 'of another lab', MCXD_LAB_SOCKET: 'of another lab', MCXD_BUILD: 'mine' };
	const { stdout, stderr, status } = run(['exec', '--set', 'sip.udp=', '--', process.execPath, '-e', script], { env: outer });

	assert.equal(status, 0, stderr);
	const { ready, given } = JSON.parse(stdout);
	const { pid, ...addresses } = ready;

	assert.ok(pid > 0);
	assert.equal(given.MCXD_BUILD, 'mine');
	assert.equal(given.MCXD_SIP_UDP, undefined);
	delete given.MCXD_BUILD;
	delete given.MCXD_TEST_LONG;
	assert.match(given.MCXD_READY_FILE, /^\/.*\/ready\.json$/);
	delete given.MCXD_READY_FILE;
	for (const [name, value] of Object.entries(addresses)) {
		for (const [member, address] of typeof value === 'string' ? [['', value]] : Object.entries(value)) {
			const variable = `MCXD_${name}${member && `_${member}`}`.toUpperCase();

			assert.equal(given[variable], address, variable);
			delete given[variable];
		}
	}
	assert.deepEqual(given, {});
	assert.ok(LISTENERS.filter((l) => ready[l.split('.')[0]]?.[l.split('.')[1]]).length >= LISTENERS.length - 1);
});

test('exec: the exit status is the command\'s, and nothing else is printed', () => {
	for (const [status, ...command] of [
		[0, 'true'], [7, 'sh', '-c', 'exit 7'], [255, 'sh', '-c', 'exit 255'], [137, 'sh', '-c', 'kill -9 $$'],
		[143, 'sh', '-c', 'kill $$'], [134, 'sh', '-c', 'kill -ABRT $$'],
	]) {
		const result = run(['exec', '--', ...command]);

		assert.deepEqual([result.status, result.stdout, result.stderr], [status, '', ''], command.join(' '));
	}
	for (const [status, reason, command] of [[127, 'No such file or directory', '/none/such'], [126, 'Permission denied', '/']]) {
		const result = run(['exec', '--', command]);

		assert.deepEqual([result.status, result.stderr], [status, `mcxd: cannot run ${command}: ${reason}\n`]);
	}
});

test('exec: a lab that cannot start does not run the command', () => {
	const result = run(['exec', '--set', 'sip.udp=192.0.2.1:1', '--set', 'sip.udp_authentication=digest', '--', 'echo', 'I ran']);

	assert.deepEqual([result.status, result.stdout], [1, '']);
	assert.match(result.stderr, /192\.0\.2\.1:1/);
	for (const wrong of [['exec'], ['exec', '--'], ['exec', '--dump', '--', 'true']])
		assert.deepEqual([run(wrong).status, run(wrong).stderr], [2, 'mcxd: usage: mcxd exec [OPTION]... -- COMMAND [ARGUMENT]...\n']);
});

test('exec: the command gets what mcxd was given: input, arguments, limits, mask, descriptors', () => {
	const report = 'ulimit -Sn; umask; grep -E "^Sig(Blk|Ign)" /proc/self/status; ls /proc/self/fd';
	const shell = (file, args) => spawnSync('sh', ['-c', `ulimit -Sn 300; umask 027; trap "" PIPE; exec "$@" 5</dev/null`, 'sh', file, ...args],
		{ encoding: 'utf8' });
	const plain = shell('sh', ['-c', report]);

	assert.equal(shell(mcxd, ['exec', '--', 'sh', '-c', report]).stdout, plain.stdout);
	assert.match(plain.stdout, /^300\n0?027\n/);
	assert.equal(run(['exec', '--', 'cat'], { input: 'Hi' }).stdout, 'Hi');
	assert.equal(run(['exec', '--', 'printf', '%s|', '--help', '--', '-x', 'a b']).stdout, '--help|--|-x|a b|');
});

// Says its own process id and the lab's, and what signals it gets.
const told = `
	const { pid } = JSON.parse(require('fs').readFileSync(process.env.MCXD_READY_FILE));
	const got = [];
	for (const signal of ['SIGINT', 'SIGTERM'])
		process.on(signal, () => { console.log(signal); got.push(signal); if (got.length === 2) process.exit(got.length); });
	setInterval(() => {}, 1e6);
	console.log(JSON.stringify({ lab: pid, command: process.pid, file: process.env.MCXD_READY_FILE }));`;

test('exec: signals go to the command, which decides', async () => {
	const { child, exited, said } = await begin(mcxd, ['exec', '--', process.execPath, '-e', told]);
	const lines = createInterface({ input: child.stdout });

	for (const signal of ['SIGINT', 'SIGTERM']) {
		const line = once(lines, 'line');

		child.kill(signal);
		assert.deepEqual(await withPatience(line, late('the command')), [signal]);
	}
	assert.deepEqual(await withPatience(exited, late('mcxd')), [2, null]);
	await gone(said.command);
});

test('exec: a signal that the command does not handle ends both', async () => {
	for (const [signal, status] of [['SIGTERM', 143], ['SIGINT', 130]]) {
		const script = told.replace(/for [^]*?2\)[^\n]*\n/, '');
		const { child, exited, said } = await begin(mcxd, ['exec', '--', process.execPath, '-e', script]);

		child.kill(signal);
		assert.deepEqual(await withPatience(exited, late('mcxd')), [status, null]);
		await gone(said.command);
	}
});

test('exec: ^C reaches the command once', async () => {
	const count = `
		const { pid } = JSON.parse(require('fs').readFileSync(process.env.MCXD_READY_FILE));
		let n = 0;
		process.on('SIGINT', () => console.log(JSON.stringify({ n: ++n })));
		process.on('SIGTERM', () => { console.log(JSON.stringify({ all: n })); process.exit(); });
		setInterval(() => {}, 1e6);
		console.log(JSON.stringify({ lab: pid }));`;
	const folder = mkdtempSync(path.join(os.tmpdir(), 'mcxd-exec-'));
	const file = path.join(folder, 'count.cjs');

	writeFileSync(file, count);
	const child = spawn('script', ['-qec', `exec '${mcxd}' exec -- '${process.execPath}' '${file}'`, '/dev/null'],
		{ stdio: ['pipe', 'pipe', 'inherit'] });
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const next = async () => JSON.parse((await withPatience(lines.next(), late('the terminal'))).value.replace('^C', ''));
	const { lab } = await next();

	child.stdin.write('\x03');
	assert.deepEqual(await next(), { n: 1 });
	// mcxd takes its signals in turn: had it passed the first one on, it would have done so before this one.
	process.kill(lab, 'SIGTERM');
	assert.deepEqual(await next(), { all: 1 });
	child.stdin.end();
	await withPatience(once(child, 'close'), late('script'));
	rmSync(folder, { recursive: true });
});

test('exec: the command does not outlive a lab that is killed', async () => {
	const { child, exited, said } = await begin(mcxd, ['exec', '--', process.execPath, '-e', told]);

	child.kill('SIGKILL');
	assert.deepEqual(await withPatience(exited, late('mcxd')), [null, 'SIGKILL']);
	await gone(said.command);
	rmSync(path.dirname(said.file), { recursive: true });
});

/** A test runner that starts mcxd with these arguments, in a folder of its own, and says its process id once it is ready. */
function runner(args, { inThread = false } = {}) {
	const start = `
		const { spawn } = require('child_process');
		const { createInterface } = require('readline');
		const lab = spawn(${JSON.stringify(mcxd)}, ${JSON.stringify(args)}, { stdio: ['ignore', 'pipe', 'inherit'] });
		createInterface({ input: lab.stdout }).on('line', (line) => {
			if (line === 'ready' || line.startsWith('{')) {
				console.log(line === 'ready' ? JSON.stringify({ lab: lab.pid }) : line);
				${inThread ? 'lab.unref(); lab.stdout.destroy();' : ''}
			}
		});`;
	const script = inThread
		? `const worker = new (require('worker_threads').Worker)(${JSON.stringify(start)}, { eval: true });
			worker.on('exit', () => console.log('the thread has ended'));
			setInterval(() => {}, 1e6);`
		: start;

	return begin(process.execPath, ['-e', script]);
}

test('exec: a lab ends with the process that started it, however that ends', async () => {
	for (const signal of ['SIGKILL', 'SIGTERM']) {
		const tmp = mkdtempSync(path.join(os.tmpdir(), 'mcxd-exec-'));
		const { child, said } = await runner(['--exit-with-parent', '--any-port', '--state', path.join(tmp, 'state')]);

		process.kill(said.lab, 0);
		child.kill(signal);
		await gone(said.lab);
		assert.ok(!existsSync(path.join(tmp, 'state', 'lab.sock')), 'the lab did not end in order');
		rmSync(tmp, { recursive: true });
	}
});

test('exec: a lab goes on when the thread that started it ends', async () => {
	const { child, said } = await runner(['--exit-with-parent', '--any-port', '--ephemeral'], { inThread: true });
	const [line] = await withPatience(once(createInterface({ input: child.stdout }), 'line'), late('the thread'));

	assert.equal(line, 'the thread has ended');
	process.kill(said.lab, 0);
	child.kill('SIGKILL');
	await gone(said.lab);
});

test('exec: a lab ends with the process that it is told', async () => {
	const other = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] });
	const lab = spawn(mcxd, ['--any-port', '--ephemeral', `--exit-with-parent=${other.pid}`], { stdio: ['ignore', 'pipe', 'inherit'] });
	const exited = once(lab, 'close');
	const lines = createInterface({ input: lab.stdout })[Symbol.asyncIterator]();

	while ((await withPatience(lines.next(), late('the start'))).value !== 'ready')
		;
	other.stdin.end();
	assert.deepEqual(await withPatience(exited, late('the lab')), [0, null]);
	// That one is gone before the lab has started.
	for (const pid of [other.pid, 99999999]) {
		const { status, stderr } = run(['--any-port', '--ephemeral', `--exit-with-parent=${pid}`]);

		assert.equal(status, 1);
		assert.match(stderr, new RegExp(`error mcxd: not started: process ${pid}, which it should end with, does not run\n$`));
	}
	assert.equal(run(['--exit-with-parent=me']).stderr, 'mcxd: --exit-with-parent: "me" is not a process id\n');
});

// By then it is a child of process 1, or of another that adopts it and has not started it.
test('exec: with --exit-with-parent nothing starts that was left alone before it began', () => {
	const orphan = `(
		until [ "$(sed -n 's/^PPid:\\t//p' /proc/$BASHPID/status)" = 1 ] || [ $SECONDS -gt 20 ]; do :; done
		exec "$0" --any-port --ephemeral --exit-with-parent 2>&1
	) &`;
	const { stdout } = spawnSync('bash', ['-c', orphan, mcxd], { encoding: 'utf8', timeout: PATIENCE_MS * 2 });

	assert.match(stdout, /the process that started this one is gone, or is process 1; if that is meant, say --exit-with-parent=1/);
});

test('exec: a command that will not end is killed when the runner is gone', async () => {
	const deaf = told.replace(/got\.push[^]*?; \}/, '}').replace('console.log(signal);', '');
	const { child, said } = await runner(['exec', '--exit-with-parent', '--', process.execPath, '-e', deaf]);

	child.kill('SIGKILL');
	await gone(said.lab);
	await gone(said.command);
});
