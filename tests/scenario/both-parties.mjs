// Who tells a story that two people are in: the journal finds it from either side, whoever began it.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

/** What goes over the wire in a conversation, each message once. */
function said(records, conversation) {
	return records.filter((r) => r.conversation === conversation && r.from && !r.sent).map((r) => r.label);
}

scenario('both of them are named, from the first record on', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true });

	await phone.expect('background');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	await phone.expect('toast');
	phone.say('/accept');
	await desktop.expect('connected');
	phone.say('Hello back');
	await desktop.expect('message', { text: 'Hello back' });
	await lab.wait('event', { user: bob, fields: { kind: 'message', type: 'completed' }, count: 2 });
	const { id } = await lab.conversation(bob);
	const { records } = await lab.get(`conversations/${id}/story`);

	for (const r of records) {
		assert.equal(r.conversation, id, JSON.stringify(r));
		assert.deepEqual(r.users.toSorted(), [alice.aor, bob.aor].toSorted(), JSON.stringify(r));
	}
	const labels = said(records, id);

	for (const label of ['INVITE', '180 Ringing', 'MESSAGE (push)', 'POST toast', 'toast', 'tile 1', 'event invitation started',
		'POST accept', '200 OK', 'ACK', 'MESSAGE'])
		assert.ok(labels.includes(label), `${label} is not in ${labels}`);
	for (const user of [alice, bob])
		assert.deepEqual(said(await lab.records({ user }), id), labels);
});

scenario('what two roles of one process say to each other is one message', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true });
	const roles = ['front-end', 'edge', 'clearing-house', 'push-service'];

	await phone.expect('background');
	lab.desktop(alice, { im: [bob, 'Hi'] });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	const records = await lab.records();
	const bySeq = new Map(records.map((r) => [r.seq, r]));
	const received = records.filter((r) => r.incoming && roles.includes(r.from));

	assert.ok(received.length >= 6);
	for (const r of received) {
		const sent = bySeq.get(r.sent);

		assert.ok(sent && sent.seq < r.seq && !sent.incoming, JSON.stringify(r));
		assert.deepEqual([sent.kind, sent.from, sent.to, sent.raw], [r.kind, r.from, r.to, r.raw]);
	}
	assert.equal(new Set(received.map((r) => r.sent)).size, received.length);
	for (const r of records.filter((each) => !received.includes(each)))
		assert.equal(r.sent, undefined, JSON.stringify(r));
});

scenario('the phone of several that a push was for', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phones = [lab.phone(bob, { background: true }), lab.phone(bob, { background: true })];

	for (const phone of phones)
		await phone.expect('background');
	lab.desktop(alice, { im: [bob, 'Hi'] });
	const toasts = await lab.wait('toast', { user: bob, count: 2 });
	const { endpoints } = await lab.get(`endpoints?user=${bob.aor}`);

	assert.deepEqual(toasts.map((r) => r.phone).toSorted(), endpoints.map((e) => e.appId).toSorted());
});

scenario('a held invitation says until when', { settings: { 'core.invite_timeout': '30s' } }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

	await phone.expect('background');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi'] });
	const ringing = await lab.wait('sip', { user: bob, fields: { status: '180' } });
	const { id, deadline } = await lab.conversation(bob);

	assert.equal(ringing.fields.deadline, deadline);
	assert.equal(ringing.conversation, id);
	const leftMs = Date.parse(deadline) - Date.parse(ringing.time);

	assert.ok(leftMs > 25000 && leftMs <= 30000, `${leftMs} ms`);
	await lab.advance(leftMs - 5000);
	assert.equal((await lab.get(`conversations/${id}`)).deadline, deadline);
	await lab.advance(6000);
	await desktop.expect('failed');
	const failed = await lab.wait('conversation', { user: alice, fields: { state: 'failed', status: '408' } });

	assert.ok(failed.time >= deadline, `${failed.time} is before ${deadline}`);
	assert.equal((await lab.get(`conversations/${id}`)).deadline, undefined);
});

scenario('a phone that calls is found from the other side', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = lab.desktop(alice);

	await desktop.expect('registered');
	lab.phone(bob, { im: [alice, 'Are you there?'] });
	await desktop.expect('message', { text: 'Are you there?' });
	await lab.wait('conversation', { user: alice, fields: { state: 'answered' } });
	const records = await lab.records({ user: alice });
	const { id } = await lab.conversation(alice);
	const labels = said(records, id);

	assert.ok(labels.includes('INVITE') && labels.includes('POST messagingInvitations'), labels.join());
});
