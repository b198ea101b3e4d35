// What mcxd tells a service manager, as in sd_notify(3): ready, reloading, stopping, and that its loop goes on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Lab } from '../lab.mjs';
import { withPatience } from '../actor.mjs';

// Node has no datagrams on UNIX sockets. A line for each that arrives, as JSON.
const MANAGER = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind('\\0' + name[1:] if name.startswith('@') else name)
print('"bound"', flush=True)
while True:
    print(json.dumps(s.recv(4096).decode()), flush=True)
`;

class Manager {
	constructor(name) {
		this.process = spawn('python3', ['-c', MANAGER, name], { stdio: ['ignore', 'pipe', 'inherit'] });
		this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
	}

	async next() {
		const { value, done } = await withPatience(this.lines.next(), () => 'the service manager heard nothing');

		assert.ok(!done);
		return JSON.parse(value);
	}

	async stop() {
		const end = once(this.process, 'close');

		this.process.kill();
		await end;
	}
}

// Runs play with a daemon that was started for such a manager.
async function withManager(name, env, play) {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'mcxd-service-'));
	const place = name.replace('FOLDER', folder);
	const manager = new Manager(place);
	const lab = new Lab(folder);

	try {
		assert.equal(await manager.next(), 'bound');
		await lab.start({ env: { ...process.env, NOTIFY_SOCKET: place, ...env } });
		await play(manager, lab);
	} finally {
		await lab.stop();
		await manager.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

for (const name of ['FOLDER/notify', `@mcxd-test-${process.pid}`])
	test(`ready, reloading and stopping (${name[0] === '@' ? 'abstract' : 'path'})`, () => withManager(name, {}, async (manager, lab) => {
		assert.equal(await manager.next(), 'READY=1');
		const before = process.hrtime.bigint() / 1000n;

		lab.daemon.kill('SIGHUP');
		const [state, since] = (await manager.next()).split('\n');

		assert.equal(state, 'RELOADING=1');
		assert.match(since, /^MONOTONIC_USEC=\d+$/);
		assert.ok(BigInt(since.split('=')[1]) >= before); // Node's clock is the same one
		assert.equal(await manager.next(), 'READY=1');
		lab.daemon.kill('SIGTERM');
		assert.equal(await manager.next(), 'STOPPING=1');
	}));

test('the watchdog is fed, and only if it is for this process', async () => {
	await withManager('FOLDER/notify', { WATCHDOG_USEC: '200000' }, async (manager) => {
		assert.equal(await manager.next(), 'READY=1');
		for (let i = 0; i < 3; i++)
			assert.equal(await manager.next(), 'WATCHDOG=1');
	});
	await withManager('FOLDER/notify', { WATCHDOG_USEC: '2000', WATCHDOG_PID: '1' }, async (manager, lab) => {
		assert.equal(await manager.next(), 'READY=1');
		lab.daemon.kill('SIGTERM');
		assert.equal(await manager.next(), 'STOPPING=1');
	});
});

test('a service manager that cannot be reached is no reason not to start', async () => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'mcxd-service-'));
	const lab = new Lab(folder);

	try {
		await lab.start({ env: { ...process.env, NOTIFY_SOCKET: path.join(folder, 'nobody') } });
		assert.match(lab.log, /cannot notify the service manager at .*nobody: No such file or directory/);
	} finally {
		await lab.stop();
		rmSync(folder, { recursive: true, force: true });
	}
});
