// What the lab API says of the lab: phones and their screens, pushes hop by hop, timelines, settings, limits; and what it
// never says. Every answer here is held against the document as well (openapi.mjs).
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Hosted } from '../hosted.mjs';
import { scenario } from '../lab.mjs';
import { documentOf } from '../openapi.mjs';

const encode = (user) => encodeURIComponent(user.aor);

async function phoneOf(lab, user) {
	const { phones } = await lab.get(`phones?user=${encode(user)}`);

	assert.equal(phones.length, 1);
	return phones[0];
}

scenario('a phone asleep, its push hop by hop, its screen', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true });

	await lab.wait('user', { user: bob, fields: { action: 'subscribed' } });
	const before = await phoneOf(lab, bob);
	assert.deepEqual([before.foreground, before.heldRequest, before.tile, before.toasts], [false, null, null, []]);
	assert.equal(before.subscription.platform, 'windowsPhone');

	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	await lab.wait('toast', { user: bob });
	await lab.wait('tile', { user: bob });
	const after = await phoneOf(lab, bob);
	assert.equal(after.tile, 1);
	assert.deepEqual(after.toasts.map((toast) => toast.text), ['Hi Brendan']);

	const { pushes, notSent } = await lab.get(`pushes?user=${encode(bob)}`);
	assert.equal(pushes.length, 1);
	assert.deepEqual(notSent, []);
	const { hops, ...push } = await lab.get(`pushes/${pushes[0].id}`);
	assert.deepEqual(push, pushes[0]);
	const there = hops.filter((hop) => hop.label.startsWith('MESSAGE') || hop.label === 'POST toast');
	assert.deepEqual(there.map((hop) => `${hop.from} ${hop.to}`),
		['front-end edge', 'edge clearing-house', 'clearing-house push-service']);
	const back = hops.filter((hop) => hop.label === '200 OK');
	assert.deepEqual(back.map((hop) => `${hop.from} ${hop.to}`), ['clearing-house edge', 'edge front-end']);
	for (const hop of [...there, ...back])
		assert.ok(hop.sent && hop.sent <= hop.received, JSON.stringify(hop));
	const times = there.map((hop) => hop.sent);
	assert.deepEqual(times, [...times].sort());
	assert.equal((await lab.request('GET', 'pushes/4711')).status, 404);
	await phone.stop();
});

scenario('an app in the foreground holds a request', async (lab) => {
	const [bob] = await lab.users('bob');
	const app = await lab.app(bob);
	const polled = app.poll();

	await lab.wait('state', { user: bob, fields: { machine: 'phone', to_state: 'HELD' } });
	const phone = await phoneOf(lab, bob);
	assert.equal(phone.foreground, true);
	assert.equal(phone.state, 'HELD');
	assert.equal(new Date(phone.heldRequest.ends) - new Date(phone.heldRequest.began), 180000);
	await lab.advance(181000);
	await polled;
	assert.equal((await phoneOf(lab, bob)).heldRequest, null);
	assert.equal((await lab.request('GET', 'phones?user=nobody@lab.test')).status, 404);
});

scenario('why no push was sent, and a timeline with its deadline', { settings: { 'core.invite_timeout': '30s' } }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');

	await lab.app(bob);
	lab.desktop(alice, { im: [bob, 'Hi'] });
	await lab.wait('push', { user: bob, fields: { state: 'none' } });
	const { id } = await lab.conversation(bob);
	const { pushes, notSent } = await lab.get(`pushes?user=${encode(bob)}`);
	assert.deepEqual(pushes, []);
	assert.equal(notSent.length, 1);
	assert.equal(notSent[0].conversation, id);
	assert.equal(notSent[0].user, bob.aor);
	assert.match(notSent[0].reason, /No push subscription/);

	const ringing = await lab.get(`conversations/${id}`);
	assert.ok(Math.abs(new Date(ringing.deadline) - new Date(ringing.began) - 30000) < 1000);
	assert.ok(ringing.timeline.some((moment) => moment.label === 'push none'));
	await lab.advance(31000);
	await lab.wait('conversation', { user: bob, fields: { state: 'failed' } });
	await lab.wait('sip', { user: alice, fields: { method: 'INVITE', status: '408' } });
	const { timeline, deadline } = await lab.get(`conversations/${id}`);
	assert.equal(deadline, undefined);
	const labels = timeline.map((moment) => moment.label);
	assert.deepEqual(labels.filter((label) => /^(INVITE|180|408)/.test(label)), ['INVITE', '180 Ringing', '408 Request Timeout']);
	const numbers = timeline.map((moment) => moment.seq);
	assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
});

scenario('settings are those of the dump', { settings: { 'core.invite_timeout': '30s', 'edge.max_message': '32k', 'hosts.push.lab.test': '127.0.0.1' } },
	async (lab) => {
		const { settings } = await lab.get('settings');
		const value = (name) => settings.find((setting) => setting.name === name)?.value;
		const { stdout } = await lab.run('mcxd', ['--any-port', '--set', 'core.invite_timeout=30s', '--set', 'edge.max_message=32k',
			'--set', 'hosts.push.lab.test=127.0.0.1', '--dump']);
		const dumped = [];
		let section;

		for (const line of stdout.split('\n')) {
			section = line.match(/^\[(\w+)\]$/)?.[1] ?? section;
			const key = line.match(/^([^#\s]+) =/)?.[1];
			if (key)
				dumped.push(`${section}.${key}`);
		}
		assert.ok(dumped.length > 100);
		assert.deepEqual(settings.map(({ name }) => name).sort(), dumped.sort());
		assert.equal(value('core.invite_timeout'), '30s');
		assert.equal(settings.find(({ name }) => name === 'core.invite_timeout').default, '60s');
		assert.equal(value('edge.max_message'), '32k');
		assert.equal(value('hosts.push.lab.test'), '127.0.0.1');
	});

scenario('limits, what is used of them, and what they have refused',
	{ settings: { 'core.max_phones': '1', 'net.max_connections': '50', 'https.max_connections': '40', 'lab.max_waiting': '1' } }, async (lab) => {
		const limit = async (name) => (await lab.get('limits')).limits.find((l) => l.name === name);
		const [bob] = await lab.users('bob');
		const app = await lab.app(bob);
		const { metrics } = await lab.get('metrics');
		const { settings } = await lab.get('settings');
		const shared = settings.filter(({ name }) => name.startsWith('net.max_')).map(({ name }) => name.slice(4));

		// What only cuts, or drops the oldest, refuses nothing.
		const uncounted = (await lab.get('limits')).limits.filter((l) => !l.counter).map((l) => l.name);

		assert.deepEqual(uncounted.sort(), ['act.max_lines', 'clearing_house.max_dead', 'clearing_house.max_preview',
			'clearing_house.max_requests_per_host', 'core.max_history', 'core.max_missed',
			'https.max_contacts', 'https.max_guess_names', 'https.max_guess_pairs', 'https.max_recent', 'https.max_tokens_per_user',
			'journal.max_records', 'journal.max_size', 'lab.max_page', 'lab.max_page_size', 'push.max_preview', 'push_service.apns_max_tokens',
			'push_service.max_ended_tokens', 'push_service.max_name', 'sip.max_associations', 'sip.max_nonces']);
		// Every one is a setting, or one that a section shares; and what counts exists.
		for (const { name, counter, refused, use } of (await lab.get('limits')).limits) {
			assert.ok(settings.some((s) => s.name === name) || shared.includes(name.split('.')[1]), name);
			const counts = counter?.split(' ').map((one) => metrics.find((m) => m.name === one).value) ?? [null];

			assert.equal(refused, counts.reduce((sum, one) => sum + one), name);
			assert.ok(use === null || use >= 0, name);
		}
		assert.equal((await limit('https.max_connections')).value, 40);
		assert.ok((await limit('https.max_connections')).use >= 1);
		assert.equal((await limit('http.max_connections')).value, 50);
		assert.equal((await limit('core.max_phones')).refused, 0);
		await assert.rejects(lab.app(bob));
		assert.equal((await limit('core.max_phones')).refused, 1);

		const waiting = lab.request('POST', 'wait', { kind: 'clock' });
		while ((await limit('lab.max_waiting')).use === 0);
		assert.equal((await lab.request('POST', 'wait', { kind: 'clock' })).status, 429);
		await lab.request('POST', 'clock/advance', { ms: 1 });
		app.close();
		await waiting;
	});

scenario('no answer has a secret', async (lab) => {
	const token = 'the-token-of-the-lab-0123456789';
	const file = path.join(lab.dir, 'token');

	await writeFile(file, token);
	await lab.restart({ settings: { 'lab.token_file': file } });
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(bob);
	await app.subscribe();
	lab.desktop(alice, { im: [bob, 'Hi'] });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });

	const { json } = documentOf('lab_socket');
	const headers = { Authorization: `Bearer ${token}` };
	const routes = Object.entries(json.paths).filter(([, item]) => item.get).map(([where]) => where.replace('{id}', '1'))
		.filter((where) => !where.includes('{'));
	assert.ok(routes.length > 15);
	for (const where of routes) {
		const answer = await fetch(new URL(where, lab.ready.lab), { headers });
		const text = await answer.text();

		assert.ok(answer.status < 500, `${where}: ${answer.status}`);
		for (const secret of [token, alice.password, bob.password, app.token, 'PRIVATE KEY'])
			assert.ok(!text.includes(secret), `${where} has ${secret}`);
	}
});

scenario('whatever a record has can be asked for', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await Hosted.signIn(lab, 'phone', bob);
	const desktop = await Hosted.signIn(lab, 'desktop', alice);

	await phone.do('background');
	await lab.wait('state', { user: bob, fields: { to_state: 'AWAY' } });
	await lab.put('faults', { faults: [{ where: 'edge→clearing-house', what: 'delay', ms: 1 }] });
	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await lab.advance(1000);
	await phone.expect('toast');
	await phone.do('accept');
	await desktop.expect('connected');
	await desktop.do('bye');
	await phone.expect('ended');
	await desktop.do('send', { to: 'nobody@lab.test', text: 'Hi' });
	await desktop.expect('failed');
	await desktop.do('sign-out');
	await phone.do('sign-out');
	await lab.change({ 'core.invite_timeout': '7s' });

	const asked = new Set();
	const ask = async (query) => {
		if (asked.has(query))
			return;
		asked.add(query);
		assert.ok((await lab.get(`journal?limit=1&${query}`)).records.length, query);
	};
	for (const record of await lab.records()) {
		for (const name of ['conversation', 'phone', 'key'])
			if (record[name] !== undefined)
				await ask(`${name}=${encodeURIComponent(record[name])}`);
		for (const name of [...record.users.map((user) => `user=${encodeURIComponent(user)}`),
			...[record.from, record.to].filter(Boolean).map((hop) => `hop=${encodeURIComponent(hop)}`)])
			await ask(name);
		for (const [name, value] of Object.entries(record.fields)) {
			const question = JSON.stringify({ kind: record.kind, fields: { [name]: value } });

			if (!asked.has(question))
				assert.equal((await lab.request('POST', 'verify', JSON.parse(question))).status, 200, question);
			asked.add(question);
		}
	}
	assert.ok(asked.size > 100, `${asked.size}`);
});
