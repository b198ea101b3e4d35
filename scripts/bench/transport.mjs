// What mcxd's SIP transport takes, keeps and gives back. There is no other side: each figure stands for itself.
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { load, resultOf, withServer } from './alone.mjs';
import { memoryOf, peakOf, stop, until } from './proc.mjs';

const BURST_USERS = 200;
const SERVED = { rate: 100, seconds: 2 }; // asked beside a peer that does not read
const AT_ONCE = 50; // connections that come and go together

export function measureOptions(options, { rate, seconds }) {
	return withServer(options, {}, async (run) =>
		resultOf(load(run, options, ['options', run.targets.udp, String(rate), String(seconds)])));
}

// n INVITEs at once, to users who do not exist, or to phones that do not come back. Memory: the peak, above what the server
// had before.
export function measureBurst(options, { n, exists, waitMs }) {
	return withServer(options, { nUsers: exists ? BURST_USERS : 1, waitMs }, async (run) => {
		const result = await resultOf(load(run, options,
			['burst', run.targets.tcp, String(n), exists ? 'm' : 'nobody', String(BURST_USERS)]));

		return { ...result, peak: peakOf(run.server) };
	});
}

export function measureDeaf(options, n) {
	return withServer(options, {}, async (run) => {
		const before = memoryOf(run.server);
		const deaf = load(run, options, ['deaf', run.targets.tcp, String(n)]);

		await until(() => deaf.last.length > 0, deaf, 'its end');
		const others = await resultOf(load(run, options,
			['options', run.targets.udp, String(SERVED.rate), String(SERVED.seconds)]));
		const more = peakOf(run.server) - before;

		await stop(deaf);
		return { end: deaf.last[0], more, others };
	});
}

function connect(run, secure) {
	const target = secure ? run.targets.tls : run.targets.tcp;
	const [host, port] = target.split(':');

	return new Promise((resolve, reject) => {
		const socket = secure ? tls.connect({ host, port, ca: readFileSync(run.ca) }, () => resolve(socket))
			: net.connect({ host, port }, () => resolve(socket));

		socket.once('error', reject);
	});
}

// Bytes of an idle connection on which a request has been answered.
async function measureIdle(run, secure, n) {
	const sockets = [];
	const before = memoryOf(run.server);

	for (let i = 0; i < n; i++) {
		const socket = await connect(run, secure);
		const answered = new Promise((resolve) => socket.once('data', resolve));

		socket.write(['OPTIONS sip:lab.test SIP/2.0', `Via: SIP/2.0/${secure ? 'TLS' : 'TCP'} 127.0.0.1:9;branch=z9hG4bKi${i}`,
			'Max-Forwards: 70', `From: <sip:alice@lab.test>;tag=i${i}`, 'To: <sip:lab.test>', `Call-ID: i-${secure}-${i}`,
			'CSeq: 1 OPTIONS', 'Content-Length: 0', '', ''].join('\r\n'));
		await answered;
		sockets.push(socket);
	}
	const bytes = (memoryOf(run.server) - before) / n;

	for (const socket of sockets)
		socket.destroy();
	return bytes;
}

export function measureConnections(options, n) {
	return withServer(options, {}, async (run) => {
		await measureIdle(run, false, AT_ONCE); // what is taken once
		const tcp = await measureIdle(run, false, n);

		await measureIdle(run, true, AT_ONCE);
		return { tcp, tls: await measureIdle(run, true, n) };
	});
}

// Connections that are good, and such as send garbage in place of a handshake, by turns.
async function comeAndGo(run, n) {
	const [host, port] = run.targets.tls.split(':');

	for (let i = 0; i < n; i += AT_ONCE) {
		await Promise.all(Array.from({ length: AT_ONCE }, async (_, k) => {
			if (k % 2) {
				(await connect(run, true)).destroy();
				return;
			}
			const socket = net.connect({ host, port }, () => socket.write('GET / HTTP/1.0\r\n\r\n'));

			await new Promise((resolve) => socket.on('error', resolve).on('close', resolve).resume());
		}));
	}
}

// Memory after the first fifth, and after all.
export function measureComeAndGo(options, n) {
	return withServer(options, {}, async (run) => {
		await comeAndGo(run, n / 5);
		const early = memoryOf(run.server);

		await comeAndGo(run, n - n / 5);
		return { early, late: memoryOf(run.server), n };
	});
}
