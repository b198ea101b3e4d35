// Attempt 2: Bob taps the toast. The app comes back over HTTPS, Alice's INVITE is answered, and they
// talk.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

for (const repeatFirstLine of [false, true]) {
	const how = repeatFirstLine ? ', from a sender that repeats its first line' : '';

	scenario(`accepting a toast ends in 200 and a conversation${how}`, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { background: true, onToast: 'accept' });

		await phone.expect('background');
		const desktop = lab.desktop(alice, { repeatFirstLine, im: [bob, 'Hi Brendan'] });

		await phone.expect('toast', { text: 'Hi Brendan' });
		await phone.expect('invited', { text: 'Hi Brendan' });
		await phone.expect('connected');
		await desktop.expect('connected');
		const answer = await lab.wait('sip', { user: alice, fields: { status: '200', method: 'INVITE' } });
		assert.match(answer.raw, /^Supported: ms-text-format\r$/im);

		desktop.say('How are you?');
		await phone.expect('message', { text: 'How are you?' });
		phone.say('Fine, thanks');
		await desktop.expect('message', { text: 'Fine, thanks' });
		phone.say('/typing');
		await desktop.expect('typing');

		desktop.close();
		await desktop.ended(0);
		await phone.expect('ended');
		// The first line came with the invitation and was not delivered a second time.
		assert.ok(!phone.seen.some((e) => e.event === 'message' && e.text === 'Hi Brendan'));
		const finals = (await lab.records({ kind: 'sip', user: alice }))
			.filter((r) => r.fields.method === 'INVITE' && Number(r.fields.status) >= 200);
		assert.equal(finals.length, 1);
	});
}
