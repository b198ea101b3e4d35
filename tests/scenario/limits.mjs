// Limits that are settings of their own, each reached once.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';

const limit = async (lab, name) => (await lab.get('limits')).limits.find((l) => l.name === name);
const metric = async (lab, name) => (await lab.get('metrics')).metrics.find((m) => m.name === name).value;
const person = (name) => ({ aor: `${name}@open.test`, password: 'x' });

scenario('so many users can be added, and one goes before another comes',
	{ ephemeral: false, settings: { 'lab.max_users': 2, 'users.open': 'open.test' } }, async (lab) => {
		const add = (name) => lab.request('POST', 'users', person(name));
		const row = async () => {
			const { value, use, refused } = await limit(lab, 'lab.max_users');

			return { value, use, refused };
		};

		assert.equal((await add('ann')).status, 201);
		assert.equal((await add('ben')).status, 201);
		assert.deepEqual(await row(), { value: 2, use: 2, refused: 0 });
		// One who is there already is another error.
		assert.equal((await add('ben')).status, 409);
		const { status, body } = await add('cat');
		assert.equal(status, 429);
		assert.match(body.error.message, /2 users have been added, which is the limit \(lab\.max_users\)/);
		// Whoever is changed in the open domain is written down, too; one of the file has a place already.
		assert.equal((await lab.request('PATCH', 'users/dan@open.test', { displayName: 'Dan' })).status, 429);
		assert.equal((await lab.get('users/dan@open.test')).origin, 'open');
		assert.equal((await lab.request('PATCH', 'users/bob@lab.test', { displayName: 'Robert' })).status, 200);
		assert.equal((await lab.request('PATCH', 'users/ann@open.test', { displayName: 'Anna' })).status, 200);
		assert.deepEqual(await row(), { value: 2, use: 2, refused: 2 });

		// They are there after a restart, and so is their number, although fewer are allowed now.
		await lab.restart({ settings: { 'lab.max_users': 1 } });
		assert.deepEqual(await row(), { value: 1, use: 2, refused: 0 });
		assert.equal((await lab.request('DELETE', 'users/ann@open.test')).status, 204);
		assert.equal((await add('cat')).status, 429);
		assert.equal((await lab.request('DELETE', 'users/ben@open.test')).status, 204);
		assert.equal((await add('cat')).status, 201);
		await lab.post('reset', {});
		assert.deepEqual(await row(), { value: 1, use: 0, refused: 1 });
	});

scenario('an import adds as many users as it allows itself', { settings: { 'lab.max_users': 2 } }, async (lab) => {
	for (const name of ['ann', 'ben'])
		await lab.post('users', person(name));
	const whole = await lab.get('export');
	const third = { ...whole.users.find((u) => u.aor === 'ben@open.test'), aor: 'cat@open.test' };
	const more = { ...whole, users: [...whole.users, third] };
	const { status, body } = await lab.request('POST', 'import', more);

	assert.equal(status, 400);
	assert.match(body.error.message, /users: 3 would be added; lab\.max_users allows 2/);
	assert.equal((await limit(lab, 'lab.max_users')).use, 2);
	more.settings['lab.max_users'] = '3';
	assert.equal((await lab.request('POST', 'import', more)).status, 204);
	assert.equal((await limit(lab, 'lab.max_users')).use, 3);
});

scenario('an import over the socket is as large as lab.max_import says',
	{ settings: { 'lab.max_import': '64k', 'lab.max_body': '2k' } }, async (lab) => {
		const whole = await lab.get('export?journal=0');
		const people = (n) => Array.from({ length: n }, (_, i) => ({ ...whole.users[0], aor: `u${i}@lab.test` }));
		const size = (document) => JSON.stringify(document).length;
		const padded = { ...whole, users: people(50) }, tooLong = { ...whole, users: people(600) };

		// Over TCP it is lab.max_body.
		assert.ok(size(padded) > 2048 && size(padded) < 65536);
		const answer = await fetch(`${lab.ready.lab}/lab/v1/import`, {
			method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(padded),
		});
		assert.equal(answer.status, 413);
		assert.equal((await lab.request('POST', 'import', padded)).status, 204);

		assert.ok(size(tooLong) > 65536);
		assert.equal((await lab.request('POST', 'import', tooLong)).status, 413);
		assert.equal((await limit(lab, 'lab.max_import')).refused, 1);
		assert.equal((await limit(lab, 'lab.max_body')).refused, 1);
	});

scenario('a list of contacts is as long as https.max_contacts says', { settings: { 'https.max_contacts': 2 } }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = await lab.app(alice);
	const contacts = async () => (await app.must('GET', `${app.self}/people/contacts`))._embedded.contact;
	const named = async (word) => (await app.must('GET', `${app.self}/people/search?query=${encodeURIComponent(word)}`))._embedded.contact;

	assert.equal((await contacts()).length, 2);
	// The others are found by a search.
	const listed = (await contacts()).map((c) => c.name);
	const others = (await lab.get('users')).users.filter((u) => u.aor !== alice.aor && !listed.includes(u.displayName));
	assert.ok(others.length > 0 && bob);
	assert.equal((await named(others[0].displayName))[0].name, others[0].displayName);
	await lab.request('PATCH', 'settings', { 'https.max_contacts': '3' });
	assert.equal((await contacts()).length, 3);
});

// With one name of its own an address has one place for all others: a wrong password for one of them holds the next one.
for (const [names, held] of [[1, true], [3, false]])
	scenario(`wrong passwords for a second name ${held ? 'hold' : 'do not hold'} a third one with https.max_guess_names=${names}`,
		{ settings: { 'https.max_guess_names': names, 'https.guess_delay': '20s' } }, async (lab) => {
			const [ann, ben, cat] = await lab.users('ann', 'ben', 'cat');
			const app = await lab.app(ann);
			const ask = (user, password) => app.askToken({ grant_type: 'password', username: user.aor, password });
			const until = async (n) => {
				while (await metric(lab, 'guess_delayed_total') < n);
			};

			const wrong = [ask(ann, 'wrong')];
			await until(1);
			wrong.push(ask(ben, 'wrong'));
			await until(2);
			const right = ask(cat, cat.password);
			if (held)
				await until(3);
			else
				assert.equal((await right).status, 200);
			assert.equal(await metric(lab, 'guess_pairs'), 2);
			await lab.advance(60000);
			assert.equal((await right).status, 200);
			for (const answer of await Promise.all(wrong))
				assert.equal(answer.status, 400);
		});
