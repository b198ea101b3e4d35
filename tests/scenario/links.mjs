// The daemon is killed and started again: whatever a phone was told to look at is still there, and says the same.
import assert from 'node:assert/strict';
import { Dialog } from '../dialog.mjs';
import { scenario } from '../lab.mjs';

const bob = { aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' };
const alice = { aor: 'alice@lab.test', displayName: 'Alice', password: 'secret' };

/** All paths that are links in what a client was told. */
function links(value, found = new Set()) {
	if (value && typeof value === 'object') {
		if (typeof value.href === 'string' && value.href.startsWith('/'))
			found.add(value.href);
		for (const member of Object.values(value))
			links(member, found);
	}
	return found;
}

/** GET every link, and every link in the answers: {href: {status, body}}. An event request would be held open. */
async function walk(app, seeds) {
	const met = new Map();
	const open = [...seeds];

	while (open.length) {
		const href = open.pop();

		if (met.has(href) || href.includes('/events?'))
			continue;
		const { status, body } = await app.request('GET', href);

		met.set(href, { status, body });
		open.push(...links(body));
	}
	return met;
}

/** When somebody was last active is not written down with every request. */
function lasting(body) {
	const { lastActive, ...rest } = body ?? {};

	return rest;
}

/** Everything that the phone has seen, acknowledged: the next event request is held open, until the daemon is killed. */
async function acknowledge(lab, app) {
	app.poll().catch(() => {});
	while (await lab.metric('ucwa_polls') < 1)
		;
}

/** Remembers the links of everything that the app is told. */
function listen(app) {
	const seeds = new Set();
	const request = app.request.bind(app);

	app.request = async (...args) => {
		const answer = await request(...args);

		links(answer.body, seeds);
		if (answer.headers.location)
			seeds.add(answer.headers.location);
		return answer;
	};
	return seeds;
}

async function talk(app, dialog) {
	const connected = dialog.invite();

	await (await app.invitation()).accept();
	await connected;
	const chat = await app.connected();
	assert.equal(await dialog.say('from the desktop'), 200);
	assert.equal(await app.message(), 'from the desktop');
	const sent = await app.request('POST', `${chat.resource._links.sendMessage.href}?operationId=op-1`,
		{ body: 'from the phone', type: 'text/plain' });
	await app.event('message', 'completed', (e) => e.link.href === sent.headers.location);
	return { chat, sent: sent.headers.location };
}

scenario('every link leads where it led before', { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const seeds = listen(app);
	const [one, two, three] = await Promise.all([0, 1, 2].map(() => new Dialog(alice, bob, lab.ready.sip.udp).open()));

	try {
		await app.create();
		await app.subscribe();
		await app.must('POST', app.application._embedded.people._links.presenceSubscriptions.href,
			{ body: { duration: 30, uris: [`sip:${alice.aor}`] } });
		const { sent } = await talk(app, one);
		const over = await talk(app, two);
		await over.chat.stop();
		await app.event('conversation', 'deleted');
		three.invite().catch(() => {}); // it is declined
		await (await app.invitation()).decline();
		await app.event('messagingInvitation', 'completed', (e) => e.status === 'Failure');
		await acknowledge(lab, app);
		const before = await walk(app, new Set(seeds));

		assert.equal(before.get(sent).status, 200);
		assert.equal(before.get(sent).body.operationId, 'op-1');
		assert.equal(before.get(over.sent).status, 200);
		assert.ok(before.size > 60, `only ${before.size} links`);
		await lab.restart();
		const after = await walk(app, before.keys());

		for (const [href, { status, body }] of before) {
			assert.equal(after.get(href).status, status, href);
			assert.deepEqual(lasting(after.get(href).body), lasting(body), href);
		}
		assert.equal(await one.say('after it'), 200);
		assert.equal(await app.message(), 'after it');
	} finally {
		for (const dialog of [one, two, three])
			dialog.close();
	}
});
