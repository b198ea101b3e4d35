// Where SIP clients have to prove who they are: our own desktops do, by Digest, and keep doing it when a nonce has expired.
import assert from 'node:assert/strict';
import { Hosted } from '../hosted.mjs';
import { scenario } from '../lab.mjs';

const settings = {
	'sip.udp_authentication': 'digest', 'sip.tcp_authentication': 'digest ntlm', 'sip.tls_authentication': 'digest',
	'sip.nonce_lifetime': '60s', 'https.guess_delay': '100ms',
};

for (const transport of ['udp', 'tcp', 'tls']) {
	scenario(`a desktop with a password is taken over ${transport}, one with a wrong one is not`, { settings }, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob);

		await phone.expect('signed-in');
		const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'], transport, password: alice.password });

		await phone.expect('invited', { text: 'Hi Brendan' });
		await desktop.expect('connected');
		// The next message shows credentials that have become stale by then, and is sent again.
		await lab.advance(61000);
		desktop.say('How are you?');
		await phone.expect('message', { text: 'How are you?' });
		assert.ok(await lab.metric('sip_auth_stale_total') > 0);
		desktop.close();
		await phone.expect('ended');
		const stranger = lab.desktop(alice, { transport, password: 'guess' });

		await stranger.ended(1);
		assert.match(stranger.errors, /refuses REGISTER: 401 /);
		assert.equal(await lab.metric('sip_auth_wrong_total'), 1);
	});
}

scenario('a desktop of the lab knows its user\'s password', { settings }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = await Hosted.signIn(lab, 'desktop', alice), phone = await Hosted.signIn(lab, 'phone', bob);

	await desktop.do('send', { to: bob.aor, text: 'Hi Brendan' });
	await phone.expect('invited', { text: 'Hi Brendan' });
	assert.equal(await lab.metric('sip_auth_wrong_total'), 0);
	assert.ok(await lab.metric('sip_auth_accepted_total') > 1);
});
