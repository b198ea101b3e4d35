// linphone's console client and a phone: each writes to the other.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lab.mjs';
import { startPeer } from '../peer.mjs';

/** Register a user there. Without a folder for its database linphonec ends with a segmentation fault at the first message. */
async function startLinphone(lab, user) {
	const folder = path.join(lab.dir, 'linphone');
	const file = path.join(folder, 'linphonerc');
	const server = `<sip:${lab.ready.sip.tcp};transport=tcp`;

	await mkdir(path.join(folder, '.local/share/linphone'), { recursive: true });
	await writeFile(file, [
		'[sip]', 'sip_port=-1', 'sip_tcp_port=-1', 'sip_tls_port=-1', 'default_proxy=0', 'register_only_when_network_is_up=0',
		'[proxy_0]', `reg_proxy=${server}>`, `reg_route=${server};lr>`, `reg_identity=sip:${user.aor}`, 'reg_expires=600',
		'reg_sendregister=1', 'publish=0', '',
	].join('\n'));
	return startPeer(lab, '/usr/bin/linphonec', ['-d', '0', '-c', file], { env: { HOME: folder } });
}

scenario('linphone writes to a phone, and is answered', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob);
	const linphone = await startLinphone(lab, alice);

	await phone.expect('signed-in');
	await lab.wait('user', { user: alice, fields: { action: 'registered' } });
	linphone.say(`chat sip:${bob.aor} Hello from linphone`);
	await phone.expect('invited', { text: 'Hello from linphone' });
	await phone.expect('connected');
	phone.say('Hello from Bob');
	await linphone.expect('text', { text: /Hello from Bob/ });
	linphone.say(`chat sip:${bob.aor} How are you?`);
	await phone.expect('message', { text: 'How are you?' });
	linphone.say('quit');
	assert.equal(await linphone.exited, 0);
	assert.deepEqual(phone.seen.filter((e) => e.event === 'not-delivered'), []);
});

scenario('a phone writes to linphone, and is answered', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const linphone = await startLinphone(lab, bob);

	await lab.wait('user', { user: bob, fields: { action: 'registered' } });
	const phone = lab.phone(alice, { im: [bob, 'Hi Bob'] });

	await phone.expect('connected');
	await linphone.expect('text', { text: /Hi Bob/ });
	linphone.say(`chat sip:${alice.aor} Fine`);
	await phone.expect('message', { text: 'Fine' });
	await linphone.stop();
});
