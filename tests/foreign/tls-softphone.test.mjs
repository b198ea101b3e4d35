// baresip, a client for speech, beside Bob's phone: it registers, is asked like any endpoint, and unregisters when it
// ends. With --long by every transport.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lab.mjs';
import { isLong, startPeer } from '../peer.mjs';

async function startBaresip(lab, user, transport) {
	const folder = path.join(lab.dir, 'baresip');
	const files = {
		config: [
			'sip_listen 127.0.0.1:0', `sip_cafile ${lab.ready.ca}`, 'module_path /usr/lib/baresip/modules',
			'module_app account.so', 'module_app menu.so',
		],
		accounts: [
			`<sip:${user.aor};transport=${transport}>;regint=600;` +
			`outbound="sip:${lab.ready.sip[transport]};transport=${transport}"`,
		],
		contacts: [],
	};

	await mkdir(folder);
	for (const [name, lines] of Object.entries(files))
		await writeFile(path.join(folder, name), lines.map((line) => `${line}\n`).join(''));
	return startPeer(lab, '/usr/bin/baresip', ['-f', folder, '-s']);
}

for (const transport of ['tls', ...(isLong ? ['tcp', 'udp'] : [])]) {
	scenario(`baresip registers, is invited but knows no text, so the phone takes it (${transport})`, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob);
		const baresip = await startBaresip(lab, bob, transport);
		const { fields: { contact } } = await lab.wait('user', { user: bob, fields: { action: 'registered' } });

		await phone.expect('signed-in');
		const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
		const refused = await lab.wait('sip', { user: bob, fields: { method: 'INVITE', status: '488' } });

		assert.match(refused.raw, /^Server: baresip /m);
		await phone.expect('invited', { text: 'Hi Brendan' });
		await desktop.expect('connected');
		desktop.say('How are you?');
		await phone.expect('message', { text: 'How are you?' });
		desktop.close();
		await phone.expect('ended');
		await baresip.stop();
		await lab.wait('user', { user: bob, fields: { action: 'unregistered', contact } });
		const records = (await lab.records({ kind: 'sip', user: bob })).filter((r) => r.from === bob.aor);

		assert.deepEqual([...new Set(records.map((r) => r.fields.transport))], [transport]);
	});
}
