// SIP over TLS: who is let in, who is connected to, and what is said when the two do not agree. The other side is OpenSSL, by
// way of Node.
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { PATIENCE_MS, scenario } from '../lab.mjs';

const request = [
	'OPTIONS sip:push@push.lync.com SIP/2.0', 'Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bKtls', 'From: <sip:fe@lab.test>;tag=1',
	'To: <sip:push@push.lync.com>', 'Call-ID: tls', 'CSeq: 1 OPTIONS', 'Max-Forwards: 70', 'Content-Length: 0', '', '',
].join('\r\n');

function pair(lab, name) {
	const file = (suffix) => readFileSync(path.join(path.dirname(lab.ready.ca), `${name}.${suffix}`));

	return { cert: file('pem'), key: file('key') };
}

function connect(lab, address, more = {}) {
	const [host, port] = address.split(':');

	return tls.connect({ host, port, ca: readFileSync(lab.ready.ca), ...more });
}

async function read(socket) {
	const timer = setTimeout(() => socket.destroy(new Error('no answer')), PATIENCE_MS);
	const [data] = await once(socket, 'data');

	clearTimeout(timer);
	return String(data);
}

async function ask(lab, address, more) {
	const socket = connect(lab, address, more);

	await once(socket, 'secureConnect');
	socket.write(request);
	const answer = await read(socket);

	socket.end();
	return answer;
}

// TLS 1.3's client has finished before the server has looked at its certificate, so the refusal may come with the first read.
async function refused(lab, address, more) {
	const socket = connect(lab, address, more);
	const end = new Promise((resolve) => {
		socket.on('error', (e) => resolve(e.code ?? e.message));
		socket.on('close', () => resolve('closed'));
		socket.on('data', (data) => resolve(`let in: ${data}`));
	});

	socket.on('secureConnect', () => socket.write(request));
	assert.doesNotMatch(await end, /^let in/);
	socket.destroy();
}

scenario('the listener for clients has a certificate that names it', async (lab) => {
	for (const maxVersion of ['TLSv1.2', 'TLSv1.3'])
		assert.match(await ask(lab, lab.ready.sip.tls, { maxVersion, servername: 'fe.lab.test' }), /^SIP\/2\.0 [24]\d\d /);
	assert.match(await ask(lab, lab.ready.sip.tls), /^SIP\/2\.0 [24]\d\d [^]*\r\nVia: SIP\/2\.0\/TLS /i);
	await refused(lab, lab.ready.sip.tls, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
});

scenario('the Edge lets in the front end, and nobody else', async (lab) => {
	const strangers = [{}, pair(lab, 'edge'), pair(lab, 'clearing_house')];

	for (const stranger of strangers)
		await refused(lab, lab.ready.edge.tls, stranger);
	const ended = await lab.wait('fault', { count: strangers.length });

	assert.match(JSON.stringify(ended), /certificate/);
	assert.match(await ask(lab, lab.ready.edge.tls, pair(lab, 'server')), /^SIP\/2\.0 \d\d\d /);
	assert.equal(await lab.metric('sip_edge_handshakes_failed_total'), strangers.length);
});

// Without certificates, hops are trusted by their addresses.
const trusting = { 'edge.trusted_peers': '127.0.0.1', 'clearing_house.trusted_peers': '127.0.0.1' };
const plain = { settings: { 'edge.tls': '', 'clearing_house.tls': '', ...trusting } };

for (const [transport, options] of [['TLS', {}], ['TCP', plain]]) {
	scenario(`a push goes by ${transport} from hop to hop`, options, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

		await phone.expect('background');
		lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
		await phone.expect('toast', { from: 'Alice', text: 'Hi Brendan' });
		const pushes = (await lab.records({ kind: 'sip' })).filter((r) => /^MESSAGE /.test(r.fields.start_line));

		assert.ok(pushes.length >= 2);
		for (const push of pushes)
			assert.match(push.raw, new RegExp(`^Via: SIP/2\\.0/${transport} `, 'mi'));
	});
}

// Who has no listener for a transport can connect by it all the same. Its Via says by which, and names where the connection comes from.
const unlistening = [
	['the front end listens on UDP only', { 'sip.tcp': '', 'sip.tls': '' }, 'TLS', 'front-end', 'edge'],
	['the front end listens on UDP only, the Edge on TCP', { 'sip.tcp': '', 'sip.tls': '', 'edge.tls': '' }, 'TCP', 'front-end', 'edge'],
	['the Edge listens on TLS only, the clearing house on TCP', { 'edge.tcp': '', 'clearing_house.tls': '' }, 'TCP', 'edge', 'clearing-house'],
	['the Edge listens on TCP only, the clearing house on TLS', { 'edge.tls': '', 'clearing_house.tcp': '' }, 'TLS', 'edge', 'clearing-house'],
];

for (const [what, settings, transport, role, receiver] of unlistening) {
	scenario(`a push goes by ${transport} where ${what}`, { settings: { ...settings, ...trusting } }, async (lab) => {
		assert.match((await lab.ctl('test-push')).stdout, /^Result +: Success$/m);
		const taken = (await lab.records({ kind: 'sip' })).find((r) =>
			r.from === role && r.to === receiver && r.incoming && r.fields.method === 'MESSAGE');

		assert.match(taken.raw, new RegExp(`^Via: SIP/2\\.0/${transport} ${taken.fields.peer};`, 'm'));
	});
}

for (const transport of ['tcp', 'tls']) {
	const settings = { 'clearing_house.tcp': '[::1]:0', 'clearing_house.tls': '[::1]:0', ...(transport === 'tcp' && { 'clearing_house.tls': '' }) };

	scenario(`an Edge that listens on IPv4 alone reaches a clearing house on IPv6 (${transport})`, { settings }, async (lab) => {
		assert.match(lab.ready.clearing_house[transport], /^\[::1\]:/);
		assert.match((await lab.ctl('test-push')).stdout, /^Result +: Success$/m);
	});
}

const distrusted = { settings: { 'clearing_house.tls_allow': 'somebody.else.test' } };

scenario('a hop that refuses the certificate fails the push at once', distrusted, async (lab) => {
	const result = await lab.ctl('test-push', '--edge', `sip:${lab.ready.edge.tcp};transport=tcp`);

	assert.doesNotMatch(result.stdout, /Success/);
	assert.ok(await lab.metric('sip_clearing_house_handshakes_failed_total') > 0);
});

// Whichever of the two hops it is: the push fails at once, and its sender reads why in the end.
const strangers = [
	['the Edge', { 'edge.tls_allow': 'somebody.else.test' }, 'unanswered', 'edge'],
	['the clearing house', { 'clearing_house.tls_allow': 'somebody.else.test' }, 'refused', 'clearing_house'],
];

for (const [who, settings, state, hop] of strangers) {
	scenario(`${who} does not trust its client: the push and the 408 say so`, { settings }, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true });

		await phone.expect('background');
		const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
		const failed = await lab.wait('push', { user: bob, fields: { state } });

		assert.equal(failed.fields.diag, '1010');
		const { pushes: [push] } = await lab.get(`pushes?user=${bob.aor}`);

		assert.equal(push.state, state);
		assert.equal(push.diagnosticsId, 1010);
		assert.match(push.reason, /^Certificate trust with another server could not be established: the TLS handshake failed: .*alert/);
		// Both sides have it in the journal; the one that refused knows more.
		const faults = (await lab.records({ kind: 'fault' })).map((r) => r.fields.what);

		assert.ok(faults.some((what) => /alert/.test(what)), faults.join('\n'));
		assert.ok(faults.includes('the TLS handshake failed: the client\'s certificate is not for a name on the list'));
		assert.equal(await lab.metric(`sip_${hop}_handshakes_failed_total`), 1);
		await lab.advance(60000);
		const timeout = await lab.wait('sip', { user: alice, fields: { status: '408' } });

		assert.match(timeout.raw, /info="Push notification [a-z]+: Certificate trust with another server could not be established/);
		await desktop.ended(1);
	});
}

const stranger = { settings: { 'core.server_fqdn': 'other.lab.test', 'edge.fqdn': 'edge.other.test' } };

scenario('a name that its neighbour does not expect is warned of at the start', stranger, async (lab) => {
	assert.match(lab.log, / warn  mcxd: edge\.tls_allow has no name of .*server\.pem, .*; add other\.lab\.test to it$/m);
	assert.match(lab.log, / warn  mcxd: clearing_house\.tls_allow has no name of .*edge\.pem, .*; add edge\.other\.test to it$/m);
});

const expected = {
	settings: { ...stranger.settings, 'edge.tls_allow': 'fe.lab.test other.lab.test', 'clearing_house.tls_allow': 'edge.other.test' },
};

scenario('names that their neighbours expect are not', expected, async (lab) => {
	assert.equal(lab.log, '');
	assert.match((await lab.ctl('test-push')).stdout, /Success/);
});

const keyLog = path.join(os.tmpdir(), `mcxd-keys-${process.pid}`);

scenario('keys that are being written are warned of at the start and in the status', { env: { SSLKEYLOGFILE: keyLog } }, async (lab) => {
	try {
		assert.match(lab.log, new RegExp(` warn  mcxd: SSLKEYLOGFILE is set: .* ${keyLog}$`, 'm'));
		assert.equal((await lab.get('status')).tlsKeyLog, keyLog);
		assert.match((await lab.ctl('status')).stdout, new RegExp(`^keys of TLS connections are being written to ${keyLog}$`, 'm'));
		await ask(lab, lab.ready.sip.tls);
		assert.match(readFileSync(keyLog, 'utf8'), /^CLIENT_TRAFFIC_SECRET_0 /m);
		assert.equal(statSync(keyLog).mode & 0o777, 0o600);
	} finally {
		rmSync(keyLog, { force: true });
	}
});

scenario('a status without them does not speak of keys', async (lab) => {
	assert.equal((await lab.get('status')).tlsKeyLog, undefined);
	assert.doesNotMatch((await lab.ctl('status')).stdout, /keys/);
});

async function said(lab, pattern) {
	while (!pattern.test(lab.log))
		await once(lab.daemon.stderr, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) });
}

// As "openssl pkcs8" writes it; mcxd has nobody to ask for a password.
const encrypt = (key) => createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' });

const broken = [
	['an encrypted key', (folder) => [path.join(folder, 'server.key'), encrypt(readFileSync(path.join(folder, 'server.key')))],
		'the key is encrypted'],
	['no key', (folder) => [path.join(folder, 'server.key'), ''], 'no private key in '],
	['no certificate', (folder) => [path.join(folder, 'server.pem'), 'junk'], 'no certificate in '],
	['another key', (folder) => [path.join(folder, 'server.key'), readFileSync(path.join(folder, 'edge.key'))],
		'the key does not belong to the certificate in '],
];

for (const [what, spoil, reason] of broken) {
	scenario(`what cannot be loaded anew is said once, and what was loaded stays: ${what}`, async (lab) => {
		const folder = path.dirname(lab.ready.ca);
		const socket = connect(lab, lab.ready.sip.tls);

		await once(socket, 'secureConnect');
		const [file, contents] = spoil(folder);

		writeFileSync(file, contents);
		lab.daemon.kill('SIGHUP');
		await said(lab, / error http https: .*; the old certificate stays in use$/m);
		for (const address of [lab.ready.sip.tls, lab.ready.https.replace(/^https:..|\/$/g, '')]) {
			const next = connect(lab, address);

			await once(next, 'secureConnect');
			next.destroy();
		}
		socket.write(request);
		assert.match(await read(socket), /^SIP\/2\.0 /);
		socket.end();
		const errors = lab.log.split('\n').filter((line) => / error /.test(line));

		assert.equal(errors.length, 2, lab.log); // one for SIP, one for HTTPS
		for (const error of errors)
			assert.ok(error.includes(reason), error);
		assert.doesNotMatch(lab.log, /pass phrase/);
	});
}

scenario('certificates are loaded anew, and open connections stay', async (lab) => {
	const socket = connect(lab, lab.ready.sip.tls);

	await once(socket, 'secureConnect');
	lab.daemon.kill('SIGHUP');
	assert.match(await ask(lab, lab.ready.sip.tls), /^SIP\/2\.0 /);
	socket.write(request);
	assert.match(await read(socket), /^SIP\/2\.0 /);
	socket.end();
});

// As a Lync client does: everything goes over the one connection that the desktop opened.
scenario('two desktops talk over TLS', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const callee = lab.desktop(bob, { transport: 'tls', hangUpAfter: 2 }); // Alice's first line, and one more

	await callee.expect('registered');
	const caller = lab.desktop(alice, { transport: 'tls', im: [bob, 'Hi Brendan'] });

	await caller.expect('connected');
	await callee.expect('connected');
	callee.say('Hi Alice');
	await caller.expect('message', { text: 'Hi Alice' });
	caller.say('Lunch at twelve?');
	await callee.expect('message', { text: 'Lunch at twelve?' });
	await caller.expect('ended');
	await caller.ended(0);
	const records = await lab.records({ kind: 'sip' });

	assert.ok(records.length > 20);
	assert.deepEqual(records.filter((r) => r.fields.transport !== 'tls'), []);
	assert.equal(await lab.metric('sip_front_end_connections'), 1); // Bob's
});

scenario('a desktop talks to a phone over TLS, and takes its invitation back as it leaves', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { onInvite: 'ignore' });

	await phone.expect('signed-in');
	const desktop = lab.desktop(alice, { transport: 'tls', im: [bob, 'Hi Brendan'] });

	await phone.expect('invited', { text: 'Hi Brendan' });
	desktop.child.kill('SIGTERM');
	await phone.expect('ended');
	await desktop.ended(1);
	await lab.wait('sip', { user: alice, fields: { method: 'CANCEL', transport: 'tls' } });
	await lab.wait('sip', { user: alice, fields: { method: 'REGISTER', status: '200' }, count: 2 }); // and has unregistered
});

scenario('a desktop does not talk to a server that it does not trust', async (lab) => {
	const alice = await lab.user('alice');
	const trusts = (file) => lab.desktop(alice, { transport: 'tls', readyFile: null, server: lab.ready.sip.tls, ca: file });
	const folder = path.dirname(lab.ready.ca);

	await trusts(lab.ready.ca).expect('registered');
	const stranger = trusts(path.join(folder, 'edge.pem')); // a certificate that signed nothing

	await stranger.ended(3);
	assert.match(stranger.errors, /cannot reach 127\.0\.0\.1:\d+ /);
	for (const [file, code, why] of [['/nonexistent', 1, /cannot read \/nonexistent: /], [null, 2, /TLS needs certificates to trust \(--ca\)/]]) {
		const wrong = trusts(file);

		await wrong.ended(code);
		assert.match(wrong.errors, why);
	}
});
