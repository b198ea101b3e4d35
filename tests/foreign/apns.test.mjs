// Programs that notify iPhones, unmodified, against the push service's APNs: npm's @parse/node-apn, curl over HTTP/2, h2load.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import apn from '@parse/node-apn';
import { Device, KEY_ID, keyFile, providerToken, TEAM_ID, TOPIC } from '../device.mjs';
import { scenario } from '../lab.mjs';

const ID = '123e4567-e89b-12d3-a456-426655440000';
const HELLO = { aps: { alert: { title: 'Alice', body: 'Hello' }, badge: 1, sound: 'default' } };
const phoneOf = (lab, traits = {}) => Device.open(lab, { platform: 'apple', ...traits });

// ---- @parse/node-apn ----

function provider(lab, options) {
	const made = new apn.Provider({
		token: { key: keyFile(lab), keyId: KEY_ID, teamId: TEAM_ID }, ca: readFileSync(lab.ready.ca),
		address: new URL(lab.ready.apns).host, port: Number(new URL(lab.ready.apns).port), production: true, ...options,
	});

	lab.programs.push({ stop: () => made.shutdown() });
	return made;
}

const note = (members) => Object.assign(new apn.Notification(), { topic: TOPIC, pushType: 'alert' }, members);

scenario('node-apn notifies phones with a token', async (lab) => {
	const [bob, carol] = [await phoneOf(lab), await phoneOf(lab)];
	const made = provider(lab);
	const message = note({
		alert: { title: 'Alice', body: 'Hi "there"' }, badge: 3, sound: 'default', payload: { mcx: { id: '7', param: '/im' }, other: [1] },
		collapseId: 'chat 7', priority: 10, expiry: 0, id: ID, category: 'im', threadId: 't',
	});
	const { sent, failed } = await made.send(message, [bob.channel.deviceToken, carol.channel.deviceToken.toUpperCase()]);

	assert.deepEqual(failed, []);
	assert.equal(sent.length, 2);
	for (const phone of [bob, carol]) {
		assert.deepEqual(await phone.next(), {
			kind: 'toast', text1: 'Alice', text2: 'Hi "there"', count: 3, sound: 'default', param: '/im', topic: TOPIC, pushType: 'alert',
			priority: 10, collapseId: 'chat 7', expiration: 0, messageId: ID,
			payload: {
				aps: { alert: { title: 'Alice', body: 'Hi "there"' }, badge: 3, sound: 'default', category: 'im', 'thread-id': 't' },
				mcx: { id: '7', param: '/im' }, other: [1],
			},
		});
	}
	const silent = await made.send(note({ pushType: 'background', priority: 5, contentAvailable: true, payload: { mcx: { withdraws: '7' } } }),
		bob.channel.deviceToken);

	assert.deepEqual(silent.failed, []);
	const background = await bob.next();

	assert.deepEqual([background.kind, background.withdraws, background.pushType], ['raw', '7', 'background']);
});

scenario('node-apn learns of phones that are gone, and of a topic that is not its own', async (lab) => {
	const [bob, carol] = [await phoneOf(lab), await phoneOf(lab)];
	const made = provider(lab);
	const old = bob.channel.deviceToken;

	await bob.renew();
	await carol.close();
	const { sent, failed } = await made.send(note({ alert: 'Hi' }),
		[old, carol.channel.deviceToken, 'ab'.repeat(32), bob.channel.deviceToken]);

	assert.deepEqual(sent.map((s) => s.device), [bob.channel.deviceToken]);
	const reasons = Object.fromEntries(failed.map((f) => [f.device, [`${f.status}`, f.response.reason]]));

	assert.deepEqual(reasons, {
		[old]: ['410', 'Unregistered'], [carol.channel.deviceToken]: ['410', 'Unregistered'], ['ab'.repeat(32)]: ['400', 'BadDeviceToken'],
	});
	const { timestamp } = failed.find((f) => f.device === old).response;

	assert.ok(Math.abs(timestamp - Date.now()) < 60e3, `${timestamp}`);
	const other = await made.send(note({ alert: 'Hi', topic: 'com.example.other' }), bob.channel.deviceToken);

	assert.equal(other.failed[0].response.reason, 'TopicDisallowed');
});

scenario('node-apn with a certificate in place of a token', { settings: { 'push_service.apns_topics': `${TOPIC} com.example.two` } }, async (lab) => {
	const phone = await phoneOf(lab);
	const mine = await certificate(lab, 'mine', TOPIC);
	const made = provider(lab, { token: null, ...mine });
	const { failed } = await made.send(note({ alert: 'Hi' }), phone.channel.deviceToken);

	assert.deepEqual(failed, []);
	assert.equal((await phone.next()).text2, 'Hi');
	const other = await made.send(note({ alert: 'Hi', topic: 'com.example.two' }), phone.channel.deviceToken);

	assert.equal(other.failed[0].response.reason, 'TopicDisallowed');
	const stranger = provider(lab, { token: null, ...await certificate(lab, 'stranger', 'com.example.none') });
	const refused = await stranger.send(note({ alert: 'Hi' }), phone.channel.deviceToken);

	assert.equal(refused.failed[0].response.reason, 'BadCertificate');
});

/** Signed by the lab's authority, for this name. */
async function certificate(lab, name, topic) {
	const file = (ending) => path.join(lab.dir, `${name}.${ending}`);
	const state = path.dirname(lab.ready.ca);
	const openssl = async (...args) => {
		const { code, stderr } = await lab.run('/usr/bin/openssl', args);

		assert.equal(code, 0, stderr);
	};

	await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${topic}`,
		'-keyout', file('key'), '-out', file('csr'));
	await openssl('x509', '-req', '-in', file('csr'), '-CA', lab.ready.ca, '-CAkey', path.join(state, 'ca.key'), '-days', '1',
		'-out', file('pem'));
	return { cert: readFileSync(file('pem')), key: readFileSync(file('key')), files: [file('pem'), file('key')] };
}

// ---- curl ----

/** Resolves with {status, id, version, reason, timestamp}. headers: name: value, or null for one that is not to be sent. */
async function curl(lab, target, { method = 'POST', body = JSON.stringify(HELLO), headers = {}, args = [] } = {}) {
	const all = { authorization: `bearer ${providerToken(lab)}`, 'apns-topic': TOPIC, ...headers };
	const lines = Object.entries(all).flatMap(([name, values]) =>
		[values].flat().filter((v) => v !== null).flatMap((value) => ['-H', value === '' ? `${name};` : `${name}: ${value}`]));
	const data = path.join(lab.dir, 'body');

	await writeFile(data, body);
	const { code, stdout, stderr } = await lab.run('/usr/bin/curl', ['-sS', '--http2', '--cacert', lab.ready.ca, '-X', method, '--data-binary',
		`@${data}`, '-w', '\n%{http_code} %{http_version} %header{apns-id}', ...lines, ...args, `${lab.ready.apns}${target}`]);

	assert.equal(code, 0, stderr);
	const lastLine = stdout.lastIndexOf('\n');
	const [status, version, id] = stdout.slice(lastLine + 1).split(' ');

	return { status: Number(status), version, id, ...(lastLine > 0 ? JSON.parse(stdout.slice(0, lastLine)) : {}) };
}

scenario('curl is answered with every reason that a request can have', async (lab) => {
	const phone = await phoneOf(lab);
	const elsewhere = await phoneOf(lab, { topic: 'com.example.other' });
	const device = `/3/device/${phone.channel.deviceToken}`;
	const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
	const bearer = (options) => ({ headers: { authorization: `bearer ${providerToken(lab, options)}` } });
	const sized = (n) => JSON.stringify({ aps: { alert: 'x'.repeat(n - '{"aps":{"alert":""}}'.length) } });

	const good = await curl(lab, device, { headers: { 'apns-id': ID } });

	assert.deepEqual(good, { status: 200, version: '2', id: ID });
	const made = await curl(lab, device, { body: sized(4096) });

	assert.equal(made.status, 200);
	assert.match(made.id, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);

	for (const [status, reason, target, options] of [
		[404, 'BadPath', '/'],
		[404, 'BadPath', '/4/device/00'],
		[405, 'MethodNotAllowed', device, { method: 'GET' }],
		[400, 'MissingDeviceToken', '/3/device/'],
		[400, 'BadDeviceToken', '/3/device/xyz'],
		[400, 'BadDeviceToken', `${device}00`],
		[400, 'DeviceTokenNotForTopic', `/3/device/${elsewhere.channel.deviceToken}`],
		[403, 'MissingProviderToken', device, { headers: { authorization: null } }],
		[403, 'MissingProviderToken', device, { headers: { authorization: 'Basic YTpi' } }],
		[403, 'InvalidProviderToken', device, { headers: { authorization: 'bearer a.b.c' } }],
		[403, 'InvalidProviderToken', device, bearer({ header: { alg: 'none' } })],
		[403, 'InvalidProviderToken', device, bearer({ header: { alg: 'HS256' } })],
		[403, 'InvalidProviderToken', device, bearer({ header: { kid: 'ANOTHERKEY' } })],
		[403, 'InvalidProviderToken', device, bearer({ key: other })],
		[403, 'InvalidProviderToken', device, bearer({ claims: { iss: 'ANOTHERONE' } })],
		[403, 'InvalidProviderToken', device, bearer({ claims: { aud: 'https://example.com' } })],
		[403, 'InvalidProviderToken', device, bearer({ claims: { iat: undefined } })],
		[403, 'InvalidProviderToken', device, bearer({ now: 600 })],
		[403, 'ExpiredProviderToken', device, bearer({ now: -3700 })],
		[400, 'MissingTopic', device, { headers: { 'apns-topic': null } }],
		[400, 'BadTopic', device, { headers: { 'apns-topic': 'a b' } }],
		[400, 'TopicDisallowed', device, { headers: { 'apns-topic': 'com.example.other' } }],
		[400, 'BadMessageId', device, { headers: { 'apns-id': '7' } }],
		[400, 'BadPriority', device, { headers: { 'apns-priority': '7' } }],
		[400, 'BadPriority', device, { headers: { 'apns-push-type': 'background', 'apns-priority': '10' } }],
		[400, 'BadExpirationDate', device, { headers: { 'apns-expiration': 'soon' } }],
		[400, 'BadCollapseId', device, { headers: { 'apns-collapse-id': 'x'.repeat(65) } }],
		[400, 'InvalidPushType', device, { headers: { 'apns-push-type': 'banner' } }],
		[400, 'DuplicateHeaders', device, { headers: { 'apns-topic': [TOPIC, TOPIC] } }],
		[400, 'PayloadEmpty', device, { body: '' }],
		[400, 'PayloadEmpty', device, { body: '{"aps":{"badge":"1"}}' }],
		[413, 'PayloadTooLarge', device, { body: sized(4097) }],
		[413, 'PayloadTooLarge', device, { body: sized(100000) }],
	]) {
		const got = await curl(lab, target, options);

		assert.deepEqual([got.status, got.reason], [status, reason], JSON.stringify([target, options]));
	}
	assert.equal((await phone.notifications()).length, 2); // nothing of all that has arrived
});

scenario('curl without HTTP/2, and a lab without APNs', async (lab) => {
	const ask = (...args) => lab.run('/usr/bin/curl', ['-sS', '--cacert', lab.ready.ca, '-o', '/dev/null', '-w', '%{http_code}', ...args,
		lab.ready.apns]);

	assert.equal((await ask('--http1.1')).code, 35); // no protocol in common (ALPN)
	assert.equal((await ask('--http1.1', '--no-alpn')).stdout, '505');
	await lab.restart({ signal: 'SIGTERM', settings: { 'push_service.apns': '' } });
	assert.equal(lab.ready.apns, undefined);
	assert.ok(lab.ready.push_service);
});

scenario('curl throttled, and with a certificate that is for two topics', {
	settings: { 'push_service.apns_topics': `${TOPIC} com.example.two`, 'push_service.max_per_day': 1 },
}, async (lab) => {
	const phone = await phoneOf(lab);
	const device = `/3/device/${phone.channel.deviceToken}`;
	const { files } = await certificate(lab, 'mine', TOPIC);
	const args = ['--cert', files[0], '--key', files[1]];

	// One topic: it goes without saying.
	assert.equal((await curl(lab, device, { args, headers: { authorization: null, 'apns-topic': null } })).status, 200);
	assert.equal((await curl(lab, device)).reason, 'TooManyRequests');
});

scenario('curl and a phone that is away: what expires, what is replaced, what is kept', async (lab) => {
	const phone = await phoneOf(lab);
	const device = `/3/device/${phone.channel.deviceToken}`;
	const push = async (body, headers) => {
		assert.equal((await curl(lab, device, { body: JSON.stringify({ aps: { alert: body } }), headers })).status, 200);
	};
	const waiting = async () => (await phone.notifications(0)).map((n) => n.text2);
	const inAnHour = `${Math.floor(Date.now() / 1000) + 3600}`;

	// Connected: a later one replaces the one with the same collapse id, and only that.
	await push('first', { 'apns-collapse-id': 'a' });
	await push('second', { 'apns-collapse-id': 'b' });
	await push('third', { 'apns-collapse-id': 'a' });
	assert.deepEqual(await waiting(), ['second', 'third']);

	await lab.post('clock/advance', { ms: 60e3 });
	await push('now or never', { 'apns-expiration': '0' });
	assert.deepEqual(await waiting(), []);
	await lab.post('clock/advance', { ms: 60e3 });
	await push('older', { 'apns-expiration': inAnHour });
	await push('newest', { 'apns-expiration': inAnHour });
	assert.deepEqual(await waiting(), ['newest']);
	await lab.post('clock/advance', { ms: 60e3 });
	await push('for an hour', { 'apns-expiration': inAnHour });
	await lab.post('clock/advance', { ms: 3700e3 });
	assert.deepEqual(await waiting(), []);
	await lab.post('clock/advance', { ms: 29 * 24 * 3600e3 });
	await lab.post('clock/advance', { ms: 2 * 24 * 3600e3 });
	const gone = await curl(lab, device);

	assert.deepEqual([gone.status, gone.reason], [410, 'ExpiredToken']);
	assert.ok(gone.timestamp > Date.now() + 24 * 3600e3); // by the lab's clock
});

// ---- h2load ----

scenario('h2load notifies a phone thousands of times on a few connections', {
	settings: { 'push_service.max_per_day': 1000000 },
}, async (lab) => {
	const phone = await phoneOf(lab);
	const body = path.join(lab.dir, 'body');

	await writeFile(body, JSON.stringify(HELLO));
	const { code, stdout, stderr } = await lab.run('/usr/bin/h2load', ['-n', '3000', '-c', '3', '-m', '50', '-d', body,
		'-H', `authorization: bearer ${providerToken(lab)}`, '-H', `apns-topic: ${TOPIC}`, '-H', 'apns-collapse-id: one',
		`${lab.ready.apns}/3/device/${phone.channel.deviceToken}`]);

	assert.equal(code, 0, stderr);
	assert.match(stdout, /requests: 3000 total, 3000 started, 3000 done, 3000 succeeded, 0 failed, 0 errored, 0 timeout/);
	assert.match(stdout, /status codes: 3000 2xx/);
	assert.equal((await phone.notifications()).length, 1);
});
