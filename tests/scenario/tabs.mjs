// Bob has the web client open in two tabs of one browser (UCWA, "Multi-Tab Support").
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const endpoint = { endpointId: 'browser', userAgent: 'Tabs/1.0' };

scenario('each tab has its own events, and one can be closed', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const [one, two] = await Promise.all(['one', 'two'].map((instanceId) => lab.app(bob, { ...endpoint, instanceId })));
	const caller = await lab.app(alice);

	assert.equal(one.application.instanceId, 'one');
	assert.notEqual(one.next, two.next);
	const list = await one.must('GET', one.applications);
	assert.deepEqual(list._embedded.application.map((a) => a.instanceId).sort(), ['one', 'two']);

	await caller.call(bob, 'Hi Bob');
	const [here, there] = [await one.invitation(), await two.invitation()];
	assert.deepEqual([here.text, there.text], ['Hi Bob', 'Hi Bob']);
	await here.accept();
	const { status, reason } = await two.event('messagingInvitation', 'completed');
	assert.deepEqual([status, reason.subcode], ['Failure', 'ConnectedElsewhere']);
	const chat = await one.connected();

	await two.signOut();
	assert.equal((await two.request('GET', two.self)).body.subcode, 'ApplicationNotFound');
	await (await caller.connected()).say('Which tab?');
	assert.equal(await one.message(), 'Which tab?');
	await chat.stop();
	await caller.event('conversation', 'deleted');
});

scenario('a client of another version or language is another application, also over a restart', { ephemeral: false }, async (lab) => {
	const [bob] = await lab.users('bob');
	const first = await lab.app(bob, { ...endpoint, instanceId: 'one' });
	const create = (more) => first.request('POST', first.applications, {
		body: { UserAgent: endpoint.userAgent, EndpointId: endpoint.endpointId, Culture: 'en-US', instanceId: 'one', ...more },
	});
	const others = [{ UserAgent: 'Tabs/2.0' }, { Culture: 'de-DE' }];
	const paths = [first.self];

	for (const other of others) {
		const answer = await create(other);

		assert.equal(answer.status, 201);
		for (const [name, value] of Object.entries(other))
			assert.equal(answer.body[`${name[0].toLowerCase()}${name.slice(1)}`], value);
		assert.ok(!paths.includes(answer.body._links.self.href));
		paths.push(answer.body._links.self.href);
	}
	await lab.restart();
	for (const [i, same] of [{ Culture: 'EN-us' }, ...others].entries()) {
		const answer = await create(same);

		assert.equal(answer.status, 200);
		assert.equal(answer.body._links.self.href, paths[i]);
	}
});

scenario('a tab that signs in again gets its events again', async (lab) => {
	const [bob] = await lab.users('bob');
	const tab = await lab.app(bob, { ...endpoint, instanceId: 'one' });
	const again = (instanceId) => tab.request('POST', tab.applications, {
		body: { UserAgent: endpoint.userAgent, EndpointId: endpoint.endpointId, Culture: 'en-US', instanceId },
		headers: { 'X-MS-RequiresMinResourceVersion': '2' },
	});
	const same = await again('one');

	assert.equal(same.status, 200);
	assert.equal(same.headers['x-ms-ucwaversion'], '2');
	assert.equal(same.body._links.self.href, tab.self);
	for (const other of ['two', undefined]) {
		const answer = await again(other);

		assert.equal(answer.status, 201);
		assert.notEqual(answer.body._links.self.href, tab.self);
	}
});
