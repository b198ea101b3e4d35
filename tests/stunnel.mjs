// stunnel as the TLS of SIPp, which Debian builds without: SIPp <-- TCP --> stunnel <-- TLS --> mcxd, where each end of
// the TLS shows a certificate.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';

import { hostOf, isListening, loopbackAddress, makeCertificate, portOf, startPeer } from './peer.mjs';

/** The name in SIPp's certificate. */
export const SIPP_NAME = 'sipp.lab.test';

/** Start stunnel, from TLS to TCP or, as a client, from TCP to TLS. The peer that it speaks TLS with must show a
 *  certificate that the lab's authority has made for that name or address. Resolves with the address on which it
 *  accepts connections. */
export async function startStunnel(lab, { isClient, accept = '127.0.0.1:0', connect, certificate, peer }) {
	const file = path.join(lab.dir, `stunnel-${randomBytes(4).toString('hex')}.conf`);
	const options = [
		'foreground = yes', 'pid =', 'syslog = no', 'debug = info', '[sip]', `client = ${isClient ? 'yes' : 'no'}`,
		`accept = ${accept}`, `connect = ${connect}`, `cert = ${certificate.cert}`, `key = ${certificate.key}`,
		`CAfile = ${lab.ready.ca}`, 'verifyChain = yes', `${isIP(peer) ? 'checkIP' : 'checkHost'} = ${peer}`,
	];

	await writeFile(file, `${options.join('\n')}\n`);
	const { text } = await startPeer(lab, '/usr/bin/stunnel4', [file]).expect('text', { text: / bound to / });

	return text.slice(text.lastIndexOf(' ') + 1);
}

async function playByTls(lab, file, options) {
	const copy = path.join(lab.dir, path.basename(file));

	await writeFile(copy, (await readFile(file, 'utf8')).replaceAll('[transport]', 'TLS'));
	await lab.sipp(copy, { ...options, transport: 'tcp' });
}

/** Play a caller's scenario. By TLS, the connection is SIPp's, so what mcxd has to say to it comes back that way. */
export async function call(lab, file, { transport, target = lab.ready.sip[transport], ...options }) {
	if (transport !== 'tls')
		return lab.sipp(file, { ...options, transport, target });
	const entrance = await startStunnel(lab, {
		isClient: true, connect: target, peer: hostOf(target), certificate: await makeCertificate(lab, [SIPP_NAME]),
	});

	return playByTls(lab, file, { ...options, target: entrance });
}

/** Play a server's scenario at an address, for mcxd's role of this name to connect to. Resolves once that is possible,
 *  with the end of the play as a promise in an array. */
export async function serve(lab, file, { transport, accept, peer, keys }) {
	const address = transport === 'tls' ? await loopbackAddress() : accept;
	const own = ['-i', hostOf(address), '-p', portOf(address)];
	const options = { keys, target: null, transport, own };
	const ended = transport === 'tls' ? playByTls(lab, file, options) : lab.sipp(file, options);

	ended.catch(() => {}); // whoever awaits it is told
	await isListening(address, transport === 'udp' ? 'udp' : 'tcp');
	if (transport === 'tls') {
		const certificate = await makeCertificate(lab, [SIPP_NAME, hostOf(accept)]);

		await startStunnel(lab, { accept, connect: address, certificate, peer });
	}
	return [ended];
}
