// Ten tests at once on one daemon, each with people of its own: what is over for one is not over for the others.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const TESTS = 10;

// An invitation that nobody answers, in the time of one test.
async function play(lab, i) {
	const [alice, bob] = await lab.users(`alice${i}`, `bob${i}`);
	const app = await lab.app(bob);

	await app.subscribe();
	const desktop = lab.desktop(alice, { im: [bob, `Hi from ${i}`] });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	const conversation = await lab.conversation(bob);
	assert.equal(conversation.state, 'ALERTING');
	await lab.post(`conversations/${conversation.id}/expire`);
	await desktop.expect('failed', { text: /^408 / });
	assert.equal((await lab.request('POST', `conversations/${conversation.id}/expire`)).status, 404);

	const { endpoints: [phone] } = await lab.get(`endpoints?user=${bob.aor}`);
	assert.equal(phone.subscription.platform, 'windowsPhone');
	await lab.post(`phones/${phone.appId}/subscription/expire`);
	assert.equal((await lab.request('POST', `phones/${phone.appId}/subscription/expire`)).status, 409);
	assert.equal((await lab.get(`endpoints?user=${bob.aor}`)).endpoints[0].subscription, null);
	await lab.post(`phones/${phone.appId}/expire`);
	assert.equal((await lab.request('POST', `phones/${phone.appId}/expire`)).status, 404);
	assert.deepEqual((await lab.get(`endpoints?user=${bob.aor}`)).endpoints, []);

	const carol = await lab.user(`carol${i}`);
	await lab.desktop(carol).expect('registered');
	const { endpoints: [contact] } = await lab.get(`endpoints?user=${carol.aor}`);
	await lab.post(`contacts/${contact.id}/expire`);
	assert.equal((await lab.request('POST', `contacts/${contact.id}/expire`)).status, 404);
	await lab.wait('user', { user: carol, fields: { action: 'expired' } });
	await lab.wait('clock', { user: carol, fields: { action: 'expire', what: 'registration' } });
}

scenario('ten tests run at once on one daemon', { settings: { 'core.invite_timeout': '1h' } }, async (lab) => {
	// Somebody whose phone rings all the time.
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const invited = app.invitation();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi'] });

	await invited;
	await Promise.all(Array.from({ length: TESTS }, (_, i) => play(lab, i)));
	assert.equal((await lab.get('clock')).offsetMs, 0);
	const rings = await lab.conversation(bob);
	assert.equal(rings.state, 'ALERTING');
	// One that is answered does not ring, and has no timeout.
	await (await invited).accept();
	await desktop.expect('connected');
	assert.equal((await lab.request('POST', `conversations/${rings.id}/expire`)).status, 409);
});

// One that rings, one that is connected; each gives its place back.
scenario('a conversation is ended', { settings: { 'core.max_conversations': '1' } }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const ended = app.invitation();
	const first = lab.desktop(alice, { im: [bob, 'Hi'] });

	await ended;
	const rings = await lab.conversation(bob);
	assert.equal((await lab.ctl('conversation', 'end', 'last')).code, 0);
	await first.expect('failed', { text: /^480 / });
	assert.equal((await lab.get(`conversations/${rings.id}`)).reason, 'The lab has ended the conversation');
	assert.match((await lab.ctl('conversation', 'end', String(rings.id))).stderr, /No such conversation is under way/);
	await first.stop();

	const answered = app.invitation();
	const second = lab.desktop(alice, { im: [bob, 'Hi again'] });
	await (await answered).accept();
	await second.expect('connected');
	await lab.post(`conversations/${(await lab.conversation(bob)).id}/end`);
	await second.expect('ended');
	assert.equal((await lab.request('POST', 'conversations/77/end')).status, 404);
	assert.equal((await lab.ctl('conversation', 'stop', '1')).code, 2);
});

scenario('a frozen clock stands still while messages go on', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	const frozen = await lab.post('clock/freeze');

	assert.equal(frozen.frozen, true);
	const invited = app.invitation();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi'] });
	const invitation = await invited;
	assert.equal((await lab.get('clock')).labMs, frozen.labMs);
	const { deadline } = await lab.conversation(bob);
	assert.equal(new Date(deadline) - new Date(frozen.now), 60000);
	await invitation.accept();
	await desktop.expect('connected');
	const advanced = await lab.post('clock/advance', { ms: 1500 });
	assert.equal(advanced.labMs, frozen.labMs + 1500);
	assert.match((await lab.ctl('status')).stdout, /^clock .*, frozen$/m);
	assert.equal((await lab.ctl('clock', 'resume')).code, 0);
	assert.equal((await lab.get('clock')).frozen, false);
	await lab.wait('clock', { fields: { action: 'freeze' } });
	await lab.wait('clock', { fields: { action: 'resume' } });
	assert.match((await lab.ctl('clock', 'nonsense')).stderr, /^mcxctl: usage: mcxctl clock /);
	assert.match((await lab.ctl('expire', 'conversation', '77')).stderr, /No such conversation is under way/);
	assert.equal((await lab.ctl('expire', 'nonsense', '1')).code, 2);
});
