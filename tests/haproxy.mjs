// HAProxy in front of mcxd, with the configuration that scripts/install has for it.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { hostOf, installed, isListening, loopbackAddress, makeCertificate, startPeer } from './peer.mjs';

/** HAProxy ends TLS, unless it is not to, and passes what is inside on to mcxd's listener for plain HTTP. Resolves with its
 *  URL. */
export async function startHaproxy(lab, { isTls = true } = {}) {
	const address = await loopbackAddress();
	const { cert, key } = await makeCertificate(lab, [hostOf(address)]);
	const pair = path.join(lab.dir, `haproxy-${isTls}.pem`);
	const file = path.join(lab.dir, `haproxy-${isTls}.cfg`);
	const tls = ' ssl crt /etc/mcxd/haproxy.pem';

	await writeFile(pair, await readFile(cert, 'utf8') + await readFile(key, 'utf8'));
	await writeFile(file, await installed('haproxy/mcxd.cfg', [
		['127.0.0.1:8081', new URL(lab.ready.http).host],
		[`bind :443${tls}`, `bind ${address}${isTls ? tls.replace('/etc/mcxd/haproxy.pem', pair) : ''}`],
	]));
	const haproxy = startPeer(lab, '/usr/sbin/haproxy', ['-db', '-f', file]);

	await Promise.race([isListening(address), haproxy.ended()]);
	return `${isTls ? 'https' : 'http'}://${address}`;
}
