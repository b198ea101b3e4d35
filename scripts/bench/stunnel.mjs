// stunnel as the TLS of SIPp.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { freeAddress, isBound, start, until } from './proc.mjs';

// Takes TCP and passes it on by TLS: {process, address}.
export async function startStunnel({ folder, host, connect, ca }) {
	const address = await freeAddress(host);
	const file = path.join(folder, 'stunnel.conf');

	writeFileSync(file, ['foreground = yes', 'pid =', 'syslog = no', '[sip]', 'client = yes', `accept = ${address}`,
		`connect = ${connect}`, `CAfile = ${ca}`, 'verifyChain = yes', ''].join('\n'));
	const process = start('/usr/bin/stunnel4', [file], { log: path.join(folder, 'stunnel.log') });

	await until(() => isBound('tcp', address), process, 'its socket');
	return { process, address };
}
