// baresip, a client for speech, beside Bob's phone: it registers, is asked like any endpoint, and unregisters when it
// ends. With --long by every transport.
import assert from 'node:assert/strict';
import { startBaresip } from '../baresip.mjs';
import { scenario } from '../lab.mjs';
import { isLong } from '../peer.mjs';

for (const transport of ['tls', ...(isLong ? ['tcp', 'udp'] : [])]) {
	scenario(`baresip registers, is invited but knows no text, so the phone takes it (${transport})`, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob);
		const baresip = await startBaresip(lab, bob, { transport });
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
