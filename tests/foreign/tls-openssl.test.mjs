// openssl s_client at the listeners for TLS: who is let in, and what the journal and the log say of whoever is not. After each of
// them the next client is served.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { PATIENCE_MS, scenario } from '../lab.mjs';
import { hostOf, isLong, makeAuthority, makeCertificate, portOf, startPeer } from '../peer.mjs';

// Each with a transaction of its own, so that none is taken for another's retransmission.
function makeRequest() {
	const id = randomBytes(4).toString('hex');

	return [
		'OPTIONS sip:push@push.lync.com SIP/2.0', `Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK${id}`,
		'From: <sip:fe@lab.test>;tag=1', 'To: <sip:push@push.lync.com>', `Call-ID: ${id}`, 'CSeq: 1 OPTIONS',
		'Max-Forwards: 70', 'Content-Length: 0', '', '',
	].join('\r\n');
}

// It may stand on a line that s_client has begun with something else.
const ANSWER = /SIP\/2\.0 \d\d\d /;

const OLD = ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'];

function client(lab, address, { certificate, args = [] } = {}) {
	const shown = certificate ? ['-cert', certificate.cert, '-key', certificate.key] : [];

	return startPeer(lab, '/usr/bin/openssl', ['s_client', '-connect', address, '-CAfile', lab.ready.ca,
		'-verify_return_error', '-verify_ip', hostOf(address), ...shown, ...args]);
}

async function isServed(lab, address, options) {
	const openssl = client(lab, address, options);

	openssl.say(makeRequest());
	await openssl.expect('text', { text: ANSWER });
	await openssl.stop();
}

// s_client ends by itself, and has read no SIP.
async function isTurnedAway(lab, address, options) {
	const openssl = client(lab, address, options);

	openssl.say(makeRequest());
	await openssl.exited;
	assert.deepEqual(openssl.seen.filter((e) => ANSWER.test(e.text)), []);
}

// A connection that sends some bytes, and perhaps closes its side; resolves once mcxd has closed it.
function sendBytes(address, bytes, { closes } = {}) {
	const socket = net.connect({ host: hostOf(address), port: Number(portOf(address)) });

	socket[closes ? 'end' : 'write'](bytes);
	socket.resume();
	return new Promise((resolve, reject) => {
		socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('mcxd did not close the connection')));
		socket.on('error', (e) => e.code === 'ECONNRESET' || reject(e));
		socket.on('close', resolve);
	});
}

// What s_client says first.
async function helloOf(lab) {
	const server = net.createServer().listen(0, '127.0.0.1');

	await once(server, 'listening');
	const openssl = client(lab, `127.0.0.1:${server.address().port}`);
	const [socket] = await once(server, 'connection');
	const [hello] = await once(socket, 'data');

	socket.destroy();
	server.close();
	await openssl.exited;
	return hello;
}

const shows = (names, { args, ...options } = {}) => async (lab, address) =>
	isTurnedAway(lab, address, { args, certificate: await makeCertificate(lab, names, options) });

const halfOf = (bytes) => bytes.subarray(0, bytes.length / 2);

// At every listener.
const mistakes = {
	'TLS 1.1': [(lab, address) => isTurnedAway(lab, address, { args: OLD }), /unsupported protocol|version/],
	'garbage instead of a handshake': [(lab, address) => sendBytes(address, Buffer.alloc(300, 'no')), /does not speak TLS/],
	'garbage before a handshake': [async (lab, address) =>
		sendBytes(address, Buffer.concat([Buffer.from('no'), await helloOf(lab)])), /TLS handshake failed: \S/],
	'garbage after half a handshake': [async (lab, address) => {
		const hello = await helloOf(lab);

		await sendBytes(address, Buffer.concat([halfOf(hello), Buffer.alloc(hello.length, 'no')]));
	}, /TLS handshake failed: \S/],
	'SIP without TLS': [(lab, address) => sendBytes(address, makeRequest()), /does not speak TLS/],
	'a handshake that stops half-way': [async (lab, address) => sendBytes(address, halfOf(await helloOf(lab))),
		/not connected within the time limit/],
	'a handshake that is given up half-way': [async (lab, address) =>
		sendBytes(address, halfOf(await helloOf(lab)), { closes: true }), /the peer closed the connection/],
};

// TLS 1.2's client hears of it in the handshake, TLS 1.3's only after it.
const versions = isLong ? ['1.2', '1.3'] : ['1.3'];

function withVersion(version) {
	return [`-tls${version.replace('.', '_')}`];
}

// Where a certificate is looked at that has to be for this name.
function wrongCertificates(name) {
	return Object.fromEntries(versions.flatMap((version) => {
		const args = withVersion(version);

		return [
			[`a certificate of another authority, TLS ${version}`, [async (lab, address) =>
				shows([name], { args, authority: await makeAuthority(lab, 'nobody') })(lab, address),
			/certificate: unable to get local issuer certificate/]],
			[`a certificate that has expired, TLS ${version}`,
				[shows([name], { args, days: -1 }), /certificate has expired/]],
			[`a certificate for other names, TLS ${version}`,
				[shows(['lab.test', `x.${name}`, `${name}.x`], { args }), /not for a name on the list/]],
		];
	}));
}

const noCertificate = Object.fromEntries(versions.map((version) => [`no certificate, TLS ${version}`, [
	(lab, address) => isTurnedAway(lab, address, { args: withVersion(version) }), /did not return a certificate/]]));

// The names in the certificates of clients that are served; without names they show none.
const listeners = [
	{ section: 'sip', policy: 'none', refuses: mistakes, serves: [[], ['nobody.test']] },
	{ section: 'sip', policy: 'optional', refuses: wrongCertificates('fe.lab.test'), serves: [[], ['fe.lab.test']] },
	...['edge', ...(isLong ? ['clearing_house'] : [])].map((section) => {
		const name = section === 'edge' ? 'fe.lab.test' : 'edge.lab.test';

		return {
			section, policy: 'required', serves: [[name]],
			refuses: { ...mistakes, ...wrongCertificates(name), ...noCertificate },
		};
	}),
];

async function servesAll(lab, address, certificate) {
	for (const version of versions)
		await isServed(lab, address, { certificate, args: withVersion(version) });
}

for (const { section, policy, refuses, serves } of listeners) {
	const settings = { 'net.handshake_timeout': '500ms' };

	if (policy === 'optional')
		Object.assign(settings, { 'sip.tls_client': 'optional', 'sip.tls_allow': 'fe.lab.test' });
	for (const [what, [play, reason]] of Object.entries(refuses)) {
		scenario(`${section}.tls (${policy}): ${what}`, { settings }, async (lab) => {
			const address = lab.ready[section].tls;

			await play(lab, address);
			const { fields } = await lab.wait('fault', { fields: { what: reason } });

			assert.match(fields.peer, /^127\.0\.0\.1:\d+$/);
			assert.ok(lab.log.includes(` sip ${fields.peer}: ${fields.what}\n`), lab.log);
			assert.equal(await lab.metric(`sip_${section.replace('sip', 'front_end')}_handshakes_failed_total`), 1);
			for (const names of serves)
				await servesAll(lab, address, names.length > 0 ? await makeCertificate(lab, names) : null);
		});
	}
}

const anyoneOnList = { settings: { 'sip.tls_client': 'optional' } };

scenario('sip.tls (optional), with nobody on the list: no certificate will do', anyoneOnList, async (lab) => {
	await shows(['fe.lab.test'])(lab, lab.ready.sip.tls);
	await lab.wait('fault', { fields: { what: /not for a name on the list/ } });
	await isServed(lab, lab.ready.sip.tls);
});

scenario('a client that asks for renegotiation is refused it, and nobody else notices', async (lab) => {
	const neighbour = client(lab, lab.ready.sip.tls);
	const openssl = client(lab, lab.ready.sip.tls, { args: ['-tls1_2'] });

	await neighbour.expect('text', { text: /Verify return code: 0/ });
	await openssl.expect('text', { text: /Verify return code: 0/ });
	openssl.say('R');
	await openssl.expect('text', { text: /RENEGOTIATING/ });
	await openssl.expect('text', { text: /no renegotiation/ });
	await openssl.ended(1);
	neighbour.say(makeRequest());
	await neighbour.expect('text', { text: ANSWER });
});

scenario('a client may change its keys while it is connected', async (lab) => {
	const openssl = client(lab, lab.ready.sip.tls, { args: ['-tls1_3'] });

	await openssl.expect('text', { text: /Verify return code: 0/ });
	openssl.say('K'); // and the server is to change its keys as well
	await openssl.expect('text', { text: /KEYUPDATE/ });
	openssl.say(makeRequest());
	await openssl.expect('text', { text: ANSWER });
});
