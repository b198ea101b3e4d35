// Kamailio as a proxy between mcxd and its peers (foreign/kamailio.cfg.in).
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { modulesFolder } from '../scripts/bench/kamailio.mjs';
import { hostOf, isListening, makeCertificate, startPeer } from './peer.mjs';

/** The name in Kamailio's certificate. */
export const KAMAILIO_NAME = 'kamailio.lab.test';

const template = new URL('foreign/kamailio.cfg.in', import.meta.url);

/** Start it on its addresses for UDP and TCP and for TLS, between callers and the front end and between the front end and the
 *  Edge, which are as in a URI: address and transport. Over TLS, it shows its certificate, and takes only those of the lab's
 *  authority. */
export async function startKamailio(lab, { address, tlsAddress, frontEnd, edge }) {
	const folder = path.join(lab.dir, 'kamailio');
	const file = path.join(folder, 'kamailio.cfg');
	const { cert, key } = await makeCertificate(lab, [KAMAILIO_NAME, hostOf(tlsAddress)]);
	const values = {
		ADDRESS: address, TLS_ADDRESS: tlsAddress, FRONT_END: frontEnd, EDGE: edge, FOLDER: folder, MODULES: modulesFolder(),
	};
	const tls = ['method = TLSv1.2+', 'verify_certificate = yes', 'require_certificate = yes', `certificate = ${cert}`,
		`private_key = ${key}`, `ca_list = ${lab.ready.ca}`];

	await mkdir(folder);
	await writeFile(file, (await readFile(template, 'utf8')).replace(/@([A-Z_]+)@/g, (_, name) => values[name]));
	await writeFile(path.join(folder, 'tls.cfg'),
		['[server:default]', ...tls, '[client:default]', ...tls, ''].join('\n'));
	const kamailio = startPeer(lab, 'kamailio', ['-f', file, '-DD', '-E', '-Y', folder, '-w', folder, '-m', '32', '-M', '8']);

	await Promise.race([
		Promise.all([isListening(address), isListening(tlsAddress), isListening(address, 'udp')]),
		kamailio.ended(), // with why it could not start
	]);
	return kamailio;
}
