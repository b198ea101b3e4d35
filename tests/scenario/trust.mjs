// By certain headers servers vouch for a sender. Whoever is not trusted cannot say them: they are gone before anybody looks at the
// message, at every listener.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { PATIENCE_MS, scenario } from '../lab.mjs';

const ASSERTIONS = [
	'ms-asserted-verification-level: ms-source-verified-user=verified', 'MS-Edge-Proxy-Message-Trust: ms-source-type=DirectPartner',
	'ms-internal-info: abc', 'P-Asserted-Identity: <sip:boss@lab.test>',
];
let n_requests = 0;

// An OPTIONS of a client, with what it should not say: also in its Via. 5 in all.
function request(transport) {
	n_requests++;
	return [
		'OPTIONS sip:nobody@else.test SIP/2.0', `Via: SIP/2.0/${transport} 127.0.0.1:9;branch=z9hG4bK${n_requests};ms-internal-info="x;y"`,
		'From: <sip:eve@lab.test>;tag=1', 'To: <sip:nobody@else.test>', ...ASSERTIONS, `Call-ID: trust-${n_requests}`,
		'CSeq: 1 OPTIONS', 'Max-Forwards: 70', 'Content-Length: 0', '', '',
	].join('\r\n');
}

const signal = () => AbortSignal.timeout(PATIENCE_MS);

async function askStream(socket, ready, transport) {
	await once(socket, ready, { signal: signal() });
	socket.write(request(transport));
	const [answer] = await once(socket, 'data', { signal: signal() });

	socket.destroy();
	return String(answer);
}

const split = (address) => ({ host: address.slice(0, address.lastIndexOf(':')), port: Number(address.split(':').pop()) });
const askTcp = (address, more = {}) => askStream(net.connect({ ...split(address), ...more }), 'connect', 'TCP');

function askTls(lab, address, name) {
	const file = (suffix) => readFileSync(path.join(path.dirname(lab.ready.ca), `${name}.${suffix}`));
	const identity = name ? { cert: file('pem'), key: file('key') } : {};

	return askStream(tls.connect({ ...split(address), ca: readFileSync(lab.ready.ca), ...identity }), 'secureConnect', 'TLS');
}

async function askUdp(address) {
	const socket = dgram.createSocket('udp4');
	const { host, port } = split(address);

	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	socket.send(request('UDP').replace('127.0.0.1:9', `127.0.0.1:${socket.address().port}`), port, host);
	const [answer] = await once(socket, 'message', { signal: signal() });

	socket.close();
	return String(answer);
}

// How many headers the hop has taken off while this ran.
async function removed(lab, hop, ask) {
	const metric = `sip_${hop}_headers_untrusted_total`;
	const before = await lab.metric(metric);
	const answer = await ask();

	assert.match(answer, /^SIP\/2\.0 [2-6]\d\d /);
	return { n: await lab.metric(metric) - before, answer };
}

const optional = { settings: { 'sip.tls_client': 'optional', 'sip.tls_allow': 'edge.lab.test', 'edge.tls_client': 'optional', 'clearing_house.tls_client': 'optional' } };

scenario('nobody without an allowed certificate vouches for anybody, at any listener', optional, async (lab) => {
	const { sip, edge, clearing_house: house } = lab.ready;
	const strangers = [
		['front-end', () => askUdp(sip.udp)], ['front-end', () => askTcp(sip.tcp)], ['front-end', () => askTls(lab, sip.tls)],
		['edge', () => askTcp(edge.tcp)], ['edge', () => askTls(lab, edge.tls)],
		['edge_external', () => askTls(lab, edge.external_tls)], ['edge_external', () => askTls(lab, edge.external_tls, 'server')],
		['clearing-house', () => askTcp(house.tcp)], ['clearing-house', () => askTls(lab, house.tls)],
	];

	for (const [hop, ask] of strangers) {
		const { n, answer } = await removed(lab, hop.replace('-', '_'), ask);

		assert.equal(n, 5, `${hop}: ${ask}`);
		assert.doesNotMatch(answer, /ms-internal-info/);
	}
	// What was on the wire is in the journal all the same.
	assert.match((await lab.records({ kind: 'sip', hop: 'front-end' }))[0].raw, /P-Asserted-Identity: <sip:boss@lab\.test>/);
});

scenario('a server with an allowed certificate does', optional, async (lab) => {
	const { sip, edge, clearing_house: house } = lab.ready;
	const servers = [
		['front_end', () => askTls(lab, sip.tls, 'edge')], ['edge', () => askTls(lab, edge.tls, 'server')],
		['clearing_house', () => askTls(lab, house.tls, 'edge')],
	];

	for (const [hop, ask] of servers)
		assert.equal((await removed(lab, hop, ask)).n, 0, hop);
});

const byAddress = { settings: {
	'sip.trusted_peers': '127.0.0.2', 'edge.trusted_peers': '10.0.0.0/8, 127.0.0.2/31', 'clearing_house.trusted_peers': '127.0.0.2',
} };

scenario('one without does where its address is listed, and nowhere else', byAddress, async (lab) => {
	const { sip, edge, clearing_house: house } = lab.ready;

	for (const [hop, address] of [['front_end', sip.tcp], ['edge', edge.tcp], ['clearing_house', house.tcp]]) {
		assert.equal((await removed(lab, hop, () => askTcp(address, { localAddress: '127.0.0.2' }))).n, 0, hop);
		assert.equal((await removed(lab, hop, () => askTcp(address, { localAddress: '127.0.0.4' }))).n, 5, hop);
	}
});

scenario('from outside the Edge takes no request at all', async (lab) => {
	for (const name of [undefined, 'clearing_house', 'server']) {
		const answer = await askTls(lab, lab.ready.edge.external_tls, name);

		assert.match(answer, /^SIP\/2\.0 403 Forbidden\r\n/);
		assert.match(answer, /^ms-diagnostics-public: 31036;reason="Requests are not accepted from the external side of the Edge"\r$/m);
	}
	assert.equal(await lab.metric('edge_refused_inward_total'), 3);
});

const plain = { settings: { 'edge.tls': '', 'clearing_house.tls': '' } };

scenario('a chain without certificates and without a list is warned of, and its pushes are refused', plain, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true });

	assert.match(lab.log, / warn  mcxd: edge\.tls is off and edge\.trusted_peers is empty, so that pushes from front-end will be refused; /m);
	assert.match(lab.log, / warn  mcxd: clearing_house\.tls is off and clearing_house\.trusted_peers is empty, so that pushes from edge /m);
	await phone.expect('background');
	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	const refused = await lab.wait('push', { user: bob, fields: { state: 'refused' } });

	assert.equal(refused.fields.diag, '30002');
});
