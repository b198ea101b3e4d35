// Everything that the lab API tells of a lab is in the lab's file: another one that it is imported into tells the same, but for what
// README.md says.
import assert from 'node:assert/strict';
import { scenario, startLab } from '../lab.mjs';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const TIMES = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g; // in a sentence
const OF_THE_PROCESS = ['status', 'metrics', 'limits', 'clock', 'openapi.json', 'sign-in', 'page.css', 'fsm', 'export'];
// What a row of a list is read by, one by one.
const KEYS = { users: 'aor', conversations: 'id', pushes: 'id', actors: 'id' };

// Microseconds: Date knows milliseconds.
const moment = (s) => Date.parse(`${s.slice(0, 19)}Z`) * 1000 + Number(s.slice(19, -1).padEnd(7, '0').slice(1, 7));

// Moments count from now, so that a lab can be compared with one that is later.
function since(now, value) {
	if (typeof value === 'string' && TIME.test(value))
		return moment(value) - now;
	if (Array.isArray(value))
		return value.map((v) => since(now, v));
	if (value === null || typeof value !== 'object')
		return value;
	return Object.fromEntries(Object.entries(value).filter(([name]) => !['instance', 'labMs'].includes(name)).map(([name, v]) =>
		[name, name === 'text' ? v?.replace(TIMES, (s) => moment(s) - now) : since(now, v)]));
}

// Everything that can be read, as the document lists it.
async function readAll(lab) {
	const { paths } = await lab.get('openapi.json');
	const now = moment((await lab.get('clock')).now);
	const all = {};
	const read = async (where) => (all[where] = since(now - now % 1000, await lab.get(where))); // the file's moment is a millisecond

	for (const [name, operations] of Object.entries(paths)) {
		const [, where, tail] = /^\/lab\/v1\/([\w.-]+)(.*)$/.exec(name) ?? [];

		if (!operations.get || !where || OF_THE_PROCESS.includes(where) || tail.includes('export'))
			continue;
		if (!tail) {
			await read(where);
			continue;
		}
		assert.match(tail, /^\/\{(aor|id)\}(\/(explanation|story))?$/, name);
		for (const row of all[where][where])
			await read(where + tail.replace(/\{\w+\}/, encodeURIComponent(row[KEYS[where]])));
	}
	return all;
}

// Accepted and hung up, declined, missed with a push, missed without one, and one that goes on.
async function play(lab) {
	const [alice, bob, dave] = await lab.users('alice', 'bob', 'dave');
	const [hers, his] = [await lab.app(alice), await lab.app(bob)];
	const accept = async (line) => {
		const invited = his.invitation();

		await hers.call(bob, line);
		await (await invited).accept();
		return [await hers.connected(), await his.connected()];
	};
	const miss = async (user, line) => {
		const toast = user === bob ? his.toast() : undefined;

		await hers.call(user, line);
		await toast;
		await lab.advance(61000);
		await hers.event('messagingInvitation', 'completed');
	};

	await lab.app(dave);
	await his.subscribe();
	const [talk] = await accept('Hi Bob');
	await talk.say('How are you?');
	await his.message();
	await talk.stop();
	await his.event('messaging', 'updated', (e) => e._embedded.messaging.state === 'Disconnected');
	const invited = his.invitation();
	await hers.call(bob, 'And now?');
	await (await invited).decline();
	await hers.event('messagingInvitation', 'completed');
	await lab.advance(60000); // nobody looks at a phone
	await miss(bob, 'Where are you?');
	await miss(dave, 'Dave?');
	const [open] = await accept('Again');
	await open.say('One');
	await his.message();
	await lab.advance(60000);
	await lab.post('clock/freeze');
	return { hers, his, open };
}

// The notification URIs in the file lead to the push service of the first lab, which the second one has to allow.
const settings = { 'clearing_house.allow_hosts': '127.0.0.1:*' };

scenario('another lab tells the same', { settings }, async (lab) => {
	await play(lab);
	const before = await readAll(lab);
	const states = before.conversations.conversations.map((c) => c.status ?? c.state);

	assert.deepEqual(states, [200, 603, 408, 408, 'CONNECTED']);
	assert.equal(before.pushes.pushes[0].state, 'accepted');
	assert.ok(before.pushes.notSent.length > 0);
	const other = await startLab({ settings });

	try {
		const { status, text } = await other.request('POST', 'import', await lab.get('export'));
		assert.equal(status, 204, text);
		const after = await readAll(other);
		const { journal } = after;

		// All that has happened there is the import.
		assert.deepEqual(journal.records.pop().fields, { action: 'import' });
		assert.deepEqual([--journal.last, --journal.next], [before.journal.last, before.journal.next]);
		assert.deepEqual(Object.keys(after).sort(), Object.keys(before).sort());
		for (const where of Object.keys(before))
			assert.deepEqual(after[where], before[where], where);
	} finally {
		await other.stop();
	}
});
