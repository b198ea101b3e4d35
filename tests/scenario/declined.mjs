// Bob has the app open and does not want to talk.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

scenario('a declined invitation ends in 603', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const invited = app.invitation();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	const invitation = await invited;

	assert.equal(invitation.from, `sip:${alice.aor}`);
	assert.equal(invitation.text, 'Hi Brendan');
	await invitation.decline();
	await desktop.expect('failed', { text: /^603 / });
	await desktop.ended(1);
	assert.equal((await lab.conversation(bob)).status, 603);
	// A declined invitation can be neither declined again nor accepted, and it does not count as missed.
	assert.ok([404, 409, 410].includes((await invitation.tryDecline()).status));
	assert.ok([404, 409, 410].includes((await invitation.tryAccept()).status));
	const { endpoints } = await lab.get(`endpoints?user=${bob.aor}`);
	assert.equal(endpoints[0].missed, 0);
});
