// baresip, an ordinary SIP client: a person at its keyboard, by its standard input and output.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { startPeer } from './peer.mjs';

/** Register a user there. contact: the user that its messages go to. */
export async function startBaresip(lab, user, { transport = 'tcp', contact } = {}) {
	const folder = path.join(lab.dir, 'baresip');
	const files = {
		config: [
			'sip_listen 127.0.0.1:0', `sip_cafile ${lab.ready.ca}`, 'module_path /usr/lib/baresip/modules',
			'module stdio.so', 'module_app account.so', 'module_app contact.so', 'module_app menu.so',
		],
		accounts: [
			`<sip:${user.aor};transport=${transport}>;regint=600;` +
			`outbound="sip:${lab.ready.sip[transport]};transport=${transport}"`,
		],
		contacts: contact ? [`"${contact.displayName}" <sip:${contact.aor}>`] : [],
	};

	await mkdir(folder);
	for (const [name, lines] of Object.entries(files))
		await writeFile(path.join(folder, name), lines.map((line) => `${line}\n`).join(''));
	return startPeer(lab, '/usr/bin/baresip', ['-f', folder, '-s']);
}
