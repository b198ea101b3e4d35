// SIPp as the caller, mcxsim phone as the phone, over UDP and TCP, and with
// --long over TLS. The .xml file of the same name says what
// the caller does.
import assert from 'node:assert/strict';
import path from 'node:path';
import { scenario } from '../lab.mjs';
import { isLong } from '../peer.mjs';
import { call as callBy } from '../stunnel.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const RETRANSMISSION_MS = 500; // T1 of RFC 3261
const FINAL = /^[2-6]/;

function everyWay(name, options, play = options) {
	for (const transport of ['udp', 'tcp', ...(isLong ? ['tls'] : [])])
		scenario(`${name} (${transport})`, options === play ? {} : options, (lab) => play(lab, transport));
}

async function callerAndPhone(lab, phoneOptions) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, ...phoneOptions });

	await phone.expect('background');
	return { alice, bob, phone };
}

function call(lab, story, transport, alice, callee, args = []) {
	return callBy(lab, path.join(here, `${story}.xml`),
		{ transport, args, keys: { caller: alice.aor, callee: callee.aor ?? callee } });
}

// A phone in the foreground, which holds an event request open. The test types in what it does with an
// invitation.
async function phoneInHand(lab, bob) {
	const phone = lab.phone(bob, { onInvite: 'ignore' });
	const { application } = await phone.expect('signed-in');
	const key = `app:${path.basename(application)}`;

	await lab.wait('state', { key, fields: { machine: 'phone', to_state: 'HELD' } });
	return phone;
}

// The final responses to this user's INVITE, repetitions included, as {status, to}.
async function finalsTo(lab, user) {
	const records = await lab.records({ kind: 'sip', user });

	return records.filter((r) => r.from === 'front-end' && r.to === user.aor &&
		r.fields.method === 'INVITE' && FINAL.test(r.fields.status ?? ''));
}

async function conversationsOf(lab, user) {
	const { conversations } = await lab.get(`conversations?user=${encodeURIComponent(user.aor)}`);

	return conversations;
}

async function assertOneConversation(lab, { alice, bob }, status) {
	const finals = await finalsTo(lab, alice);

	assert.equal((await conversationsOf(lab, bob)).length, 1);
	assert.deepEqual([...new Set(finals.map((r) => r.fields.status))], [status]);
	return finals;
}

everyWay('accepted: a message each way, then BYE', async (lab, transport) => {
	const people = await callerAndPhone(lab, { onToast: 'accept' });
	const { alice, bob, phone } = people;
	const called = call(lab, 'accepted', transport, alice, bob);

	await phone.expect('invited', { text: 'Hi Brendan' });
	await phone.expect('message', { text: 'How are you?' });
	phone.say('Fine');
	await phone.expect('ended');
	await called;
	assert.equal((await assertOneConversation(lab, people, '200')).length, 1);
});

// The lab's clock brings the refresh.
everyWay('refreshed: the session, and where the caller is', async (lab, transport) => {
	const people = await callerAndPhone(lab, { onToast: 'accept' });
	const { alice, bob, phone } = people;
	const called = call(lab, 'refreshed', transport, alice, bob);

	await phone.expect('connected');
	await lab.wait('sip', { user: alice, fields: { method: 'ACK' } });
	await lab.advance(45000);
	await lab.wait('sip', { user: alice, fields: { method: 'INVITE', status: '200' }, headers: { CSeq: '2 INVITE' } });
	await lab.wait('sip', { user: alice, fields: { method: 'ACK' }, headers: { CSeq: '2 ACK' } });
	phone.say('Fine');
	await phone.expect('ended');
	await called;
});

everyWay('formats: each side gets what it can show', async (lab, transport) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob, { formats: ['Plain', 'Html'] });
	const called = call(lab, 'formats', transport, alice, bob);

	await (await app.invitation()).accept();
	const talk = await app.connected();
	assert.deepEqual(talk.resource.negotiatedMessageFormats, ['Plain']);
	assert.equal(await app.message('html'), '<p>How are <b>you</b>?</p>');
	assert.equal(await app.message(), 'Grüß dich');
	await lab.wait('sip', { user: alice, fields: { method: 'MESSAGE', status: '415' } });
	await talk.say('<i>Fine &amp; well</i>', 'text/html');
	await called;
});

everyWay('nobody answers: 408 when the clock of the lab reaches the timeout, not before', async (lab, transport) => {
	const people = await callerAndPhone(lab, { onToast: 'ignore' });
	const { alice, bob, phone } = people;
	const called = call(lab, 'timed-out', transport, alice, bob);

	await phone.expect('toast', { text: /Hi Brendan/ });
	await lab.advance(59000);
	assert.equal((await finalsTo(lab, alice)).length, 0);
	await lab.advance(1000);
	await called;
	await assertOneConversation(lab, people, '408');
});

everyWay('CANCEL while it rings: 487, and the phone is told', async (lab, transport) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await phoneInHand(lab, bob);

	await Promise.all([phone.expect('ended'), call(lab, 'cancelled', transport, alice, bob)]);
	await assertOneConversation(lab, { alice, bob }, '487');
});

everyWay('declined from the toast: 603', async (lab, transport) => {
	const people = await callerAndPhone(lab, { onToast: 'decline' });

	await Promise.all([people.phone.expect('ended', { reason: 'Declined' }),
		call(lab, 'declined', transport, people.alice, people.bob)]);
	await assertOneConversation(lab, people, '603');
});

everyWay('an unknown user: 404', async (lab, transport) => {
	const { alice, bob } = await callerAndPhone(lab, { onToast: 'accept' });

	await call(lab, 'unknown', transport, alice, `nobody-${bob.aor}`);
	assert.deepEqual((await finalsTo(lab, alice)).map((r) => r.fields.status), ['404']);
	assert.equal((await conversationsOf(lab, bob)).length, 0);
});

everyWay('the INVITE arrives three times: one conversation, one final response', async (lab, transport) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await phoneInHand(lab, bob);
	const called = call(lab, 'retransmitted', transport, alice, bob, ['-nr']);

	await lab.wait('sip', { user: alice, fields: { method: 'INVITE', status: '180' }, count: 3 });
	phone.say('/accept');
	await Promise.all([phone.expect('ended'), called]);
	assert.equal(phone.seen.filter((e) => e.event === 'invited').length, 1);
	assert.equal((await assertOneConversation(lab, { alice, bob }, '200')).length, 1);
});

everyWay('the ACK is lost: the 200 is repeated, and there is one conversation', async (lab, transport) => {
	const people = await callerAndPhone(lab, { onToast: 'accept' });
	const { alice, bob, phone } = people;
	const called = call(lab, 'lost-ack', transport, alice, bob);
	const fields = { method: 'INVITE', status: '200' };

	await phone.expect('connected');
	await lab.wait('sip', { user: alice, fields });
	await lab.advance(RETRANSMISSION_MS);
	const again = await lab.wait('sip', { user: alice, fields, count: 2 });
	assert.equal(again[0].raw, again[1].raw);
	phone.say('go');
	await Promise.all([phone.expect('ended'), called]);
	await assertOneConversation(lab, people, '200');
});

everyWay('the first line is repeated as a message: the phone sees it once', async (lab, transport) => {
	const { alice, bob, phone } = await callerAndPhone(lab, { onToast: 'accept' });

	await Promise.all([phone.expect('ended'), call(lab, 'first-line-again', transport, alice, bob)]);
	assert.deepEqual(linesOf(phone), ['Hi Brendan', 'Are you there?']);
});

everyWay('the first line comes only as a message: the phone sees it once', async (lab, transport) => {
	const { alice, bob, phone } = await callerAndPhone(lab, { onToast: 'accept' });

	await Promise.all([phone.expect('ended'), call(lab, 'first-line-after', transport, alice, bob)]);
	assert.deepEqual(linesOf(phone), ['Hi Brendan']);
});

// All messages to the phone, the first line included.
function linesOf(phone) {
	return phone.seen.filter((e) => ['invited', 'message'].includes(e.event) && e.text).map((e) => e.text);
}
