// twinkle's console client and a phone: each writes to the other.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lab.mjs';
import { loopbackAddress, portOf, startPeer } from '../peer.mjs';

async function startTwinkle(lab, user) {
	const home = path.join(lab.dir, 'twinkle');
	const folder = path.join(home, '.twinkle');
	const { udp } = lab.ready.sip;
	const [name, domain] = user.aor.split('@');

	await mkdir(folder, { recursive: true });
	await writeFile(path.join(folder, 'twinkle.sys'), `sip_port=${portOf(await loopbackAddress())}\n`);
	await writeFile(path.join(folder, 'twinkle.cfg'), [
		`user_name=${name}`, `user_domain=${domain}`, `outbound_proxy=${udp}`, `registrar=${udp}`, 'all_requests_to_proxy=yes',
		'non_resolvable_to_proxy=yes', 'register_at_startup=yes', 'sip_transport=udp', '',
	].join('\n'));
	return startPeer(lab, '/usr/bin/twinkle-console', [], { env: { HOME: home } });
}

scenario('a phone writes to twinkle, and is answered', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const twinkle = await startTwinkle(lab, bob);

	await lab.wait('user', { user: bob, fields: { action: 'registered' } });
	const phone = lab.phone(alice, { im: [bob, 'Hi Bob'] });

	await phone.expect('connected');
	await twinkle.expect('text', { text: /Hi Bob/ });
	twinkle.say(`message ${alice.aor} "How are you?"`);
	await phone.expect('message', { text: 'How are you?' });
	phone.say('Fine');
	await twinkle.expect('text', { text: /Fine/ });
	phone.say('/end');
	await lab.wait('conversation', { user: bob, fields: { state: 'ended' } });
	twinkle.say(`message ${alice.aor} "Are you there?"`);
	await phone.expect('invited', { text: 'Are you there?' });
	await phone.expect('connected');
	twinkle.say('quit');
	await twinkle.exited;
	assert.deepEqual(phone.seen.filter((e) => e.event === 'not-delivered'), []);
});
