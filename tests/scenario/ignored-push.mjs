// Attempt 1: Bob's phone is in his pocket. The push reaches it, nobody opens the app, and after a minute
// Alice reads that her message may not have been delivered. Later Bob finds the missed conversation.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { scenario } from '../lab.mjs';

scenario('an ignored push ends in 408, and the app finds the missed conversation when it comes back', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const endpointId = randomUUID();
	const phone = lab.phone(bob, { endpointId, background: true, onToast: 'ignore' });

	await phone.expect('background');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	await phone.expect('toast', { from: 'Alice', text: 'Hi Brendan' });
	await phone.expect('tile', { count: '1' });
	await desktop.expect('window', { text: 'Waiting for a response…' });

	const ringing = await lab.wait('sip', { user: alice, fields: { status: '180' } });
	assert.match(ringing.raw, /^SERVER: RTCC\/4\.0\.0\.0 McxService\/4\.0\.0\.0 WPLync\//m);

	// No 408 before the timeout. (Real time passes as well, hence the margin.)
	await lab.advance(40000);
	const early = await lab.records({ kind: 'sip', user: alice });
	assert.ok(!early.some((r) => r.fields.status === '408'));
	await lab.advance(20000);
	await desktop.expect('failed', { text: /^408 Request Timeout/ });
	await desktop.expect('window', { text: /^This message may not have been delivered to / });
	await desktop.ended(1);

	const conversation = await lab.conversation(bob);
	assert.equal(conversation.status, 408);
	const { endpoints } = await lab.get(`endpoints?user=${bob.aor}`);
	assert.equal(endpoints[0].missed, 1);
	const { pushes } = await lab.get(`pushes?user=${bob.aor}`);
	assert.equal(pushes.length, 1);
	assert.equal(pushes[0].diagnosticsId, 30000);

	// The journal knows both ends of every SIP message.
	const ends = (await lab.records({})).filter((r) => r.kind === 'sip').flatMap((r) => [r.from, r.to]);
	assert.deepEqual([...new Set(ends)].sort(),
		[alice.aor, 'clearing-house', 'edge', 'front-end'].sort());

	// The app is opened again, as the same endpoint.
	await phone.stop();
	const again = lab.phone(bob, { endpointId });
	await again.expect('missed', { uri: `sip:${alice.aor}`, text: 'Hi Brendan' });
});
