// tshark captures conversations on the loopback: everything on our ports has to decode as SIP, by TLS with the secrets that mcxd
// has logged, and nothing may be malformed. Capturing needs root, or dumpcap with its capabilities.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { PATIENCE_MS, startLab } from '../lab.mjs';
import { portOf } from '../peer.mjs';
import { call } from '../stunnel.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);

function mayCapture() {
	const { status, stdout } = spawnSync('tshark', ['-D'], { encoding: 'utf8' });

	return status === 0 && /\blo\b/.test(stdout);
}

// What of mcxd is captured: its listeners, by how their protocol is called in a capture filter and in tshark, and the
// file with the secrets of TLS. A message in the other direction has one of them as its source.
function plain({ sip, edge, clearing_house: clearingHouse }) {
	const tcp = [sip.tcp, edge.tcp, clearingHouse.tcp].map(portOf);

	return {
		filter: [`udp port ${portOf(sip.udp)}`, ...tcp.map((port) => `tcp port ${port}`)].join(' or '),
		decoding: ['-d', `udp.port==${portOf(sip.udp)},sip`, ...tcp.flatMap((port) => ['-d', `tcp.port==${port},sip`])],
	};
}

function encrypted({ sip, edge, clearing_house: clearingHouse, push_service: push }, secrets) {
	const ports = [sip.tls, edge.tls, clearingHouse.tls].map(portOf);
	const pushPort = new URL(push).port;

	return {
		filter: [...ports, pushPort].map((port) => `tcp port ${port}`).join(' or '),
		decoding: [
			'-o', `tls.keylog_file:${secrets}`, '-d', `tcp.port==${pushPort},http`,
			...ports.flatMap((port) => ['-d', `tcp.port==${port},tls`, '-d', `tls.port==${port},sip`]),
		],
	};
}

class Capture {
	constructor(file, { filter, decoding }) {
		this.lines = [];
		this.child = spawn('tshark', ['-i', 'lo', '-f', filter, '-w', file, '-P', '-l', ...decoding],
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

function read(file, { decoding }, filter, ...fields) {
	const args = ['-r', file, ...decoding, '-Y', filter, '-T', 'fields',
		...fields.flatMap((field) => ['-e', field])];
	const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8' });

	assert.equal(status, 0, stderr);
	return stdout.split('\n').filter((line) => line !== '');
}

async function play(lab, transport, story) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: story === 'accepted' ? 'accept' : 'ignore' });

	await phone.expect('background');
	const called = call(lab, path.join(here, `${story}.xml`),
		{ transport, keys: { caller: alice.aor, callee: bob.aor } });

	if (story === 'accepted') {
		await phone.expect('message', { text: 'How are you?' });
		phone.say('Fine');
	} else {
		await phone.expect('toast');
		await lab.advance(60000);
	}
	await called;
}

// Captures these stories; check() gets a function that filters what was captured.
async function capture(lab, what, transport, stories, check) {
	const file = path.join(lab.dir, 'lo.pcapng');
	const running = new Capture(file, what);

	try {
		await running.started;
		const end = running.seen(/Status: 200 OK \(BYE\)/);

		for (const story of stories)
			await play(lab, transport, story);
		await end;
		await running.stop();
		check((filter, ...fields) => read(file, what, filter, ...fields));
	} finally {
		await running.stop();
	}
}

const options = { skip: mayCapture() ? false : 'this user may not capture', timeout: 6 * PATIENCE_MS };

// The packets with SIP, each {from, to, methods, of, statuses}: two ports, the methods of its requests, those that its
// messages belong to, and the statuses of its responses.
function sipOf(select) {
	const fields = ['tcp.srcport', 'tcp.dstport', 'sip.Method', 'sip.CSeq.method', 'sip.Status-Code'];

	return select('sip', ...fields).map((line) => {
		const [from, to, ...lists] = line.split('\t');
		const [methods, of, statuses] = lists.map((list) => list.split(','));

		return { from, to, methods, of, statuses };
	});
}

function countMethod(packets, method) {
	return packets.flatMap((packet) => packet.of).filter((m) => m === method).length;
}

for (const transport of ['udp', 'tcp']) {
	test(`tshark understands every SIP message of a conversation (${transport})`, options, async () => {
		const lab = await startLab({ settings: {
			'edge.tls': '', 'clearing_house.tls': '', 'edge.trusted_peers': '127.0.0.1', 'clearing_house.trusted_peers': '127.0.0.1',
		} });

		try {
			await capture(lab, plain(lab.ready), transport, ['accepted'], (select) => {
				const packets = sipOf(select);

				assert.ok(countMethod(packets, 'INVITE') >= 4, 'INVITE, 100, 180 and 200');
				assert.ok(countMethod(packets, 'MESSAGE') >= 8, 'the push on two hops and a message each way');
				assert.deepEqual(select('_ws.malformed or (udp and !sip) or (tcp.len > 0 and !sip)', 'frame.number'), []);
			});
		} finally {
			await lab.stop();
		}
	});
}

test('tshark reads the whole chain over TLS with the secrets that mcxd has logged', options, async () => {
	const folder = await mkdtemp(path.join(os.tmpdir(), 'keys-'));
	const secrets = path.join(folder, 'keys');
	const lab = await startLab({ env: { SSLKEYLOGFILE: secrets } });
	const [frontEnd, edge, clearingHouse] = ['sip', 'edge', 'clearing_house'].map((role) => portOf(lab.ready[role].tls));

	try {
		assert.equal((await stat(secrets)).mode & 0o777, 0o600);
		await capture(lab, encrypted(lab.ready, secrets), 'tls', ['timed-out', 'accepted'], (select) => {
			const packets = sipOf(select);
			const toCaller = packets.filter((p) => p.from === frontEnd && p.of.includes('INVITE')).flatMap((p) => p.statuses);

			for (const status of ['180', '408', '200'])
				assert.ok(toCaller.includes(status), `${status} in ${toCaller}`);
			for (const port of [edge, clearingHouse]) {
				assert.equal(packets.filter((p) => p.to === port && p.methods.includes('MESSAGE')).length, 2);
				assert.equal(packets.filter((p) => p.from === port && p.statuses.includes('200')).length, 2);
			}
			assert.ok(select('http.request.method == POST and http contains "X-WindowsPhone-Target: toast"', 'frame.number').length >= 2);
			// What is encrypted, and is not TLS's own, is SIP.
			assert.deepEqual(select('_ws.malformed or (tls.app_data and !sip and !tls.handshake)', 'frame.number'), []);
		});
	} finally {
		await lab.stop();
		await rm(folder, { recursive: true });
	}
});
