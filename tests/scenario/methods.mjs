// What can be done with a resource: a client asks OPTIONS of every link that it is told of, and finds the operations
// that Microsoft's reference lists.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { scenario } from '../lab.mjs';

const alice = { aor: 'alice@lab.test', displayName: 'Alice', password: 'secret' };
const bob = { aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' };

/** {rel: [method]}, as the reference pages have it. */
function documented() {
	const operations = new Map();
	let rel;

	for (const line of readFileSync(new URL('../unit/golden/ucwa_reference.txt', import.meta.url), 'utf8').split('\n')) {
		const [section, ...names] = line.trim().split(' ');

		if (line && line[0] !== '\t')
			rel = line;
		else if (section === 'operations')
			operations.set(rel, names);
	}
	return operations;
}

/** What a link offers besides what the page of its rel lists: pages of other rels have it, at the same place. */
const others = new Map(Object.entries({
	sendMessage: ['GET'], // messages
	messages: ['POST'], // sendMessage
	message: ['POST'], // a reply to it
	addToPresenceSubscription: ['GET'], // presenceSubscriptionMemberships
	subscribeToGroupPresence: ['GET'], // presenceSubscriptions
	immediateForwardSettings: ['PUT'], // the settings next to it
}));

/** Every [rel, href] in the _links and the references of what a client was told. */
function links(value, found = []) {
	if (!value || typeof value !== 'object')
		return found;
	if (value.rel && value.href)
		found.push([value.rel, value.href]);
	for (const [rel, link] of Object.entries(value._links ?? {}))
		for (const { href } of [link].flat())
			found.push([rel === 'self' ? value.rel : rel, href]);
	for (const member of Object.values(value))
		links(member, found);
	return found;
}

/** Remembers them. */
function listen(app) {
	const found = new Map();
	const request = app.request.bind(app);

	app.request = async (method, ...args) => {
		const answer = await request(method, ...args);

		for (const [rel, href] of links(answer.body))
			if (href.startsWith('/') && !found.has(`${rel} ${href}`))
				found.set(`${rel} ${href}`, { rel, href });
		return answer;
	};
	return found;
}

async function offered(app, href) {
	const { status, body } = await app.request('OPTIONS', href);

	assert.equal(status, 200, href);
	return body.metadata.map((m) => m.httpMethod).sort();
}

scenario('OPTIONS of a link has the operations of its page', async (lab) => {
	const [caller, callee] = await Promise.all([alice, bob].map((user) => lab.app(user)));
	const operations = documented();
	const wrong = [];
	const rels = new Set();
	const found = [caller, callee].map((app) => [app, listen(app)]);

	for (const [app] of found) {
		await app.must('GET', app.applications);
		await app.create();
	}
	await caller.must('POST', caller.application._embedded.people._links.presenceSubscriptions.href,
		{ body: { duration: 30, uris: [`sip:${bob.aor}`] } });
	await caller.call(bob, 'Hi Bob');
	const invitation = await callee.invitation();
	await invitation.accept();
	const [one, two] = [await caller.connected(), await callee.connected()];
	await one.say('Are you there?');
	await callee.message();
	await two.type();
	await caller.call(bob, 'Hi again');
	await callee.invitation();

	for (const [app, met] of found) {
		for (const { href } of [...met.values()])
			if (!href.includes('/events?'))
				await app.request('GET', href);
		for (const { rel, href } of met.values()) {
			const want = operations.get(rel)?.filter((m) => m !== 'OPTIONS').sort();

			if (!want)
				continue;
			const got = await offered(app, href);

			rels.add(rel);
			if (`${got.filter((m) => !others.get(rel)?.includes(m))}` !== `${want}`)
				wrong.push(`${rel}: ${got} at ${href}, and the page lists ${want}`);
		}
	}
	assert.deepEqual(wrong, []);
	assert.ok(rels.size > 50, `only ${rels.size} kinds of links`);
});
