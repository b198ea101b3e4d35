// nginx in front of mcxd, with the configurations of scripts/install/nginx: what its clients see, what mcxd knows of them,
// and which requests that two servers could read in two ways nginx lets through.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';

import { Curl } from '../curl.mjs';
import { PATIENCE_MS, scenario } from '../lab.mjs';
import { startNginx, startNginxStream } from '../nginx.mjs';
import { startPeer } from '../peer.mjs';

const CLIENT = '127.0.0.9'; // not the address that nginx connects from

// The address of whoever asked for a resource, as the journal has it.
async function peerOf(lab, resource) {
	const { fields } = await lab.wait('http', { fields: { resource } });

	return fields.peer;
}

scenario('nginx ends TLS, and a client sees its host and speaks HTTP/2',
	{ settings: { 'net.trusted_proxies': '127.0.0.1' } }, async (lab) => {
		const [bob] = await lab.users('bob');
		const base = await startNginx(lab);
		const curl = new Curl(lab, { base, others: ['--http2', '--interface', CLIENT] });
		const root = await curl.must(200, 'GET', '/');

		assert.match(root.head, /^HTTP\/2 200/);
		assert.ok(root.body._links.user.href.startsWith(`${base}/`), root.body._links.user.href);
		await curl.signIn(bob);
		assert.equal(await peerOf(lab, 'applications'), CLIENT);

		// A forged chain in front of what nginx adds is not believed; and neither is a client that is no proxy.
		const forged = ['--header', 'X-Forwarded-For: 198.51.100.1', '--header', 'Forwarded: for=198.51.100.1;host=evil',
			'--header', 'X-Forwarded-Host: evil', '--header', 'X-Forwarded-Proto: http'];
		const other = await curl.must(200, 'GET', '/', { more: forged });
		assert.deepEqual(other.body, root.body);
		await curl.must(200, 'GET', '/health', { more: forged });
		assert.equal(await peerOf(lab, 'health'), CLIENT);
		const direct = new Curl(lab, { base: lab.ready.http, others: ['--interface', CLIENT, ...forged] });
		const { body } = await direct.must(200, 'GET', '/');
		assert.doesNotMatch(JSON.stringify(body), /evil/);

		// An event request is held through nginx; mcxd learns at once that its client has hung up.
		const held = startPeer(lab, '/usr/bin/curl', ['--silent', '--http2', '--interface', CLIENT, '--cacert', lab.ready.ca,
			'--header', `Authorization: Bearer ${curl.token}`, new URL(curl.next, base).href]);
		const machine = (event) => ({ key: `app:${curl.application._links.self.href.split('/').at(-1)}`, fields: { machine: 'phone', event } });
		await lab.wait('state', machine('poll'));
		await held.stop();
		await lab.wait('state', machine('dropped'));
	});

scenario('nginx passes TLS on, and says whose it is by the PROXY protocol',
	{ settings: { 'net.trusted_proxies': '127.0.0.1', 'https.proxy_protocol': 'yes' } }, async (lab) => {
		const [bob] = await lab.users('bob');
		const nginx = new URL(await startNginxStream(lab));
		const mcxd = new URL(lab.ready.https);
		const through = ['--connect-to', `${mcxd.host}:${nginx.host}`];
		const curl = new Curl(lab, { others: [...through, '--interface', CLIENT] });

		await curl.signIn(bob);
		assert.match(await peerOf(lab, 'applications'), /^127\.0\.0\.9:\d+$/);
		await curl.must(200, 'GET', '/health', { more: ['--header', 'X-Forwarded-For: 198.51.100.1'] });
		assert.match(await peerOf(lab, 'health'), /^127\.0\.0\.9:\d+$/);

		// Without nginx: a client is served as it is, and the proxy's address has to say for whom it speaks.
		await new Curl(lab, { others: ['--interface', CLIENT] }).must(200, 'GET', '/');
		const silent = await lab.run('/usr/bin/curl', ['--silent', '--cacert', lab.ready.ca, `${lab.ready.https}/`]);
		assert.equal(silent.code, 35); // CURLE_SSL_CONNECT_ERROR
		const spoken = await lab.run('/usr/bin/curl', ['--silent', '--haproxy-protocol', '--cacert', lab.ready.ca, `${lab.ready.https}/health`]);
		assert.equal(spoken.code, 0);
		assert.equal(await bySecondVersion(lab), 200);
		await lab.wait('http', { fields: { resource: 'health', peer: '203.0.113.9:51324' } });
	});

// The same by version 2 of the protocol, which neither curl nor nginx speaks: from 203.0.113.9:51324. Resolves with the status.
async function bySecondVersion(lab) {
	const { hostname: host, port } = new URL(lab.ready.https);
	const header = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb0071097f000001c87c01bb', 'hex');
	const tcp = net.connect({ host, port }, () => tcp.write(header));
	const ca = await readFile(lab.ready.ca);

	return statusOf((go) => tls.connect({ socket: tcp, host, ca }, go), 'GET /health HTTP/1.1\r\nHost: lab.test\r\n\r\n');
}

// ---- requests that two servers could read in two ways ----

// That a resource has no POST shows that a request was taken.
const TAKEN = 405;
const head = (...lines) => ['POST /health HTTP/1.1', 'Host: lab.test', ...lines, '', ''].join('\r\n');

// What is sent, what mcxd answers by itself, what nginx answers, and whether nginx asks mcxd. libmicrohttpd
// hides from mcxd how the lines between chunks end, and a NUL in front of LF looks to it as CRLF does; nginx writes the head and the chunks of what it passes on anew.
const odd = {
	'lines that end in LF': ['POST /health HTTP/1.1\nHost: lab.test\nContent-Length: 0\n\n', 400, TAKEN, true],
	'one line that ends in LF': ['POST /health HTTP/1.1\r\nHost: lab.test\nContent-Length: 0\r\n\r\n', 400, TAKEN, true],
	'chunks behind LF': [`${head('Transfer-Encoding: chunked')}2\nab\n0\n\n`, TAKEN, TAKEN, true],
	'NUL in a value': [head('X-A: a\0b', 'Content-Length: 0'), 400, 400, false],
	'NUL in front of LF': ['POST /health HTTP/1.1\r\nHost: lab.test\0\nContent-Length: 0\r\n\r\n', TAKEN, 400, false],
	'NUL in a length': [`${head('Content-Length: 2\x003')}ab`, 400, 400, false],
	'NUL in a path': [head('Content-Length: 0').replace('/health', '/health\0/x'), 400, 400, false],
	'a folded line': [head('X-A: a', ' b', 'Content-Length: 0'), 400, 400, false],
	'a folded length': [head('Content-Length: 0', ' 2'), 400, 400, false],
	'two lengths': [head('Content-Length: 0', 'Content-Length: 2'), 400, 400, false],
	'a length and chunks': [`${head('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`, 400, 400, false],
	'an unknown transfer coding': [head('Transfer-Encoding: xchunked'), 501, 501, false],
	'a space before a colon': [head('Content-Length : 0'), 400, 400, false],
	'two hosts': [head('Host: evil', 'Content-Length: 0'), 400, 400, false],
	'no host': ['GET /health HTTP/1.1\r\n\r\n', 400, 400, false],
};

// The status of the answer to these bytes; 0: the connection is closed without one.
function statusOf(connect, bytes) {
	return new Promise((resolve, reject) => {
		let answer = '';
		const socket = connect(() => socket.write(bytes, 'latin1'));

		socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no answer to ${JSON.stringify(bytes)}`)));
		socket.setEncoding('latin1').on('data', (text) => {
			answer += text;
			if (answer.includes('\r\n'))
				socket.destroy();
		});
		socket.on('error', (e) => e.code === 'ECONNRESET' || reject(e));
		socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)));
	});
}

scenario('what nginx lets through', { settings: { 'net.trusted_proxies': '127.0.0.1' } }, async (lab) => {
	const nginx = new URL(await startNginx(lab));
	const mcxd = new URL(lab.ready.https);
	const ca = await readFile(lab.ready.ca);
	const straight = (go) => tls.connect({ host: mcxd.hostname, port: mcxd.port, ca }, go);
	const byNginx = (go) => tls.connect({ host: nginx.hostname, port: nginx.port, ca }, go);
	const requests = async () =>
		(await lab.get('metrics')).metrics.find((m) => m.name === 'http_http_requests_total').value;

	for (const [what, [bytes, direct, proxied, reaches]] of Object.entries(odd)) {
		assert.equal(await statusOf(straight, bytes), direct, `${what}, to mcxd`);
		const before = await requests();
		assert.equal(await statusOf(byNginx, bytes), proxied, `${what}, to nginx`);
		assert.equal(await requests() > before, reaches, `${what}, through nginx`);
	}
});
