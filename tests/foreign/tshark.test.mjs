// tshark captures one conversation on the loopback: everything on our ports has to decode as SIP, and nothing
// may be malformed. Capturing needs root, or dumpcap with its capabilities.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { PATIENCE_MS, startLab } from '../lab.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);

function mayCapture() {
	const { status, stdout } = spawnSync('tshark', ['-D'], { encoding: 'utf8' });

	return status === 0 && /\blo\b/.test(stdout);
}

const portOf = (address) => address.split(':').at(-1);

// Our listeners. A message in the other direction has one of them as its source.
function listenersOf({ sip, edge, clearing_house: clearingHouse }) {
	return { udp: [portOf(sip.udp)], tcp: [sip.tcp, edge.tcp, clearingHouse.tcp].map(portOf) };
}

function decodeAs(ports) {
	return Object.entries(ports).flatMap(([transport, list]) =>
		list.flatMap((port) => ['-d', `${transport}.port==${port},sip`]));
}

class Capture {
	constructor(file, ports) {
		const filter = Object.entries(ports).flatMap(([transport, list]) =>
			list.map((port) => `${transport} port ${port}`)).join(' or ');

		this.lines = [];
		this.child = spawn('tshark', ['-i', 'lo', '-f', filter, '-w', file, '-P', '-l', ...decodeAs(ports)],
			{ stdio: ['ignore', 'pipe', 'pipe'] });
		this.exited = once(this.child, 'close');
		this.started = this.#until(this.child.stderr, /Capture started/);
	}

	// Resolves with the first line that matches. Call it before the line can come.
	#until(stream, pattern) {
		return new Promise((resolve, reject) => {
			const reader = createInterface({ input: stream });
			const timer = setTimeout(() => reject(new Error(`tshark did not say ${pattern}`)), PATIENCE_MS);

			reader.on('line', (line) => {
				if (!pattern.test(line))
					return;
				clearTimeout(timer);
				resolve(line);
			});
		});
	}

	seen(pattern) {
		return this.#until(this.child.stdout, pattern);
	}

	async stop() {
		this.child.kill('SIGINT');
		await this.exited;
	}
}

function read(file, ports, filter, ...fields) {
	const args = ['-r', file, ...decodeAs(ports), '-Y', filter, '-T', 'fields',
		...fields.flatMap((field) => ['-e', field])];
	const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8' });

	assert.equal(status, 0, stderr);
	return stdout.split('\n').filter((line) => line !== '');
}

async function play(lab, transport) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'accept' });

	await phone.expect('background');
	const called = lab.sipp(path.join(here, 'accepted.xml'),
		{ transport, keys: { caller: alice.aor, callee: bob.aor } });

	await phone.expect('message', { text: 'How are you?' });
	phone.say('Fine');
	await called;
}

for (const transport of ['udp', 'tcp']) {
	test(`tshark understands every SIP message of a conversation (${transport})`, {
		skip: mayCapture() ? false : 'this user may not capture',
		timeout: 6 * PATIENCE_MS,
	}, async () => {
		const lab = await startLab({ settings: { 'edge.tls': '', 'clearing_house.tls': '' } });
		const ports = listenersOf(lab.ready);
		const file = path.join(lab.dir, 'lo.pcapng');
		const capture = new Capture(file, ports);

		try {
			await capture.started;
			const end = capture.seen(/Status: 200 OK \(BYE\)/);

			await play(lab, transport);
			await end;
			await capture.stop();
			const methods = read(file, ports, 'sip', 'sip.CSeq.method');
			const onWire = (method) => methods.flatMap((line) => line.split(',')).filter((m) => m === method).length;

			assert.ok(onWire('INVITE') >= 4, `INVITE, 100, 180 and 200 in ${methods}`);
			assert.ok(onWire('MESSAGE') >= 8, `the push on two hops and a message each way in ${methods}`);
			assert.deepEqual(read(file, ports, '_ws.malformed', 'frame.number'), []);
			assert.deepEqual(read(file, ports, 'udp && !sip', 'frame.number'), []);
			assert.deepEqual(read(file, ports, 'tcp.len > 0 && !sip', 'frame.number'), []);
		} finally {
			await capture.stop();
			await lab.stop();
		}
	});
}
