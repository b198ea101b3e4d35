// Kamailio as a proxy between mcxd and its peers (foreign/kamailio.cfg.in).
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { modulesFolder } from '../scripts/bench/kamailio.mjs';
import { hostOf, isListening, makeCertificate, startPeer } from './peer.mjs';

/** The name in Kamailio's certificate. */
export const KAMAILIO_NAME = 'kamailio.lab.test';

const templateOf = (name) => new URL(`foreign/${name}.cfg.in`, import.meta.url);

// Start it with a configuration of tests/foreign.
async function start(lab, { name, values, addresses }) {
	const folder = path.join(lab.dir, 'kamailio');
	const file = path.join(folder, 'kamailio.cfg');
	const all = { ...values, FOLDER: folder, MODULES: modulesFolder() };

	await mkdir(folder, { recursive: true });
	await writeFile(file, (await readFile(templateOf(name), 'utf8')).replace(/@([A-Z_]+)@/g, (_, key) => all[key]));
	const kamailio = startPeer(lab, 'kamailio', ['-f', file, '-DD', '-E', '-Y', folder, '-w', folder, '-m', '32', '-M', '8']);

	await Promise.race([
		Promise.all([...addresses.map((address) => isListening(address)), isListening(addresses[0], 'udp')]),
		kamailio.ended(), // with why it could not start
	]);
	return kamailio;
}

/** Start it on its addresses for UDP and TCP and for TLS, between callers and the front end and between the front end and the
 *  Edge, which are as in a URI: address and transport. Over TLS, it shows its certificate, and takes only those of the lab's
 *  authority. */
export async function startKamailio(lab, { address, tlsAddress, frontEnd, edge }) {
	const folder = path.join(lab.dir, 'kamailio');
	const { cert, key } = await makeCertificate(lab, [KAMAILIO_NAME, hostOf(tlsAddress)]);
	const tls = ['method = TLSv1.2+', 'verify_certificate = yes', 'require_certificate = yes', `certificate = ${cert}`,
		`private_key = ${key}`, `ca_list = ${lab.ready.ca}`];

	await mkdir(folder);
	await writeFile(path.join(folder, 'tls.cfg'),
		['[server:default]', ...tls, '[client:default]', ...tls, ''].join('\n'));
	return start(lab, {
		name: 'kamailio', addresses: [address, tlsAddress],
		values: { ADDRESS: address, TLS_ADDRESS: tlsAddress, FRONT_END: frontEnd, EDGE: edge },
	});
}

/** Start it as a registrar and proxy on this address for UDP and TCP, where everybody has this password. */
export async function startRegistrar(lab, { address, password }) {
	return start(lab, {
		name: 'kamailio-registrar', addresses: [address], values: { ADDRESS: address, PASSWORD: password },
	});
}
