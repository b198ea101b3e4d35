// Actors and channels in the lab's file: an actor comes back as after a power cut, a channel with what waits at it.
import assert from 'node:assert/strict';
import { Hosted } from '../hosted.mjs';
import { scenario, startLab } from '../lab.mjs';

async function put(lab, document) {
	const { status, text } = await lab.request('POST', 'import', document);

	assert.equal(status, 204, text);
}

const known = async (lab) => (await lab.get('actors')).actors.map(({ id, kind, user, name, state, on, lines, screen, tile }) =>
	({ id, kind, user, name, state, on, lines, screen, tile }));

const hosted = async (lab, id) => new Hosted(lab, await lab.get(`actors/${id}`));

scenario('actors sign in again, where they were', async (lab) => {
	const [alice, bob, carol] = await lab.users('alice', 'bob', 'carol');
	const desktop = await Hosted.signIn(lab, 'desktop', alice);
	const phone = await Hosted.signIn(lab, 'phone', bob);

	await phone.do('lock');
	await desktop.do('send', { to: bob.aor, text: 'Hi Brendan' });
	await phone.expect('toast');
	await lab.advance(60000);
	await desktop.expect('failed');
	await phone.expect('tile');
	await Hosted.make(lab, 'phone', carol);
	const before = await known(lab);
	const { appId } = (await phone.see()).server;
	const file = await lab.get('export');

	assert.deepEqual(before.map((a) => [a.state, a.screen]), [['signed-in', undefined], ['signed-in', 'lock'], ['signed-out', 'home']]);
	assert.deepEqual(file.rows.binding, []); // the desktop will register again
	const other = await startLab();

	try {
		await put(other, file);
		await other.wait('actor', { user: alice, fields: { event: 'registered' }, from: file.journal.at(-1).seq });
		await other.wait('actor', { user: bob, fields: { event: 'background' }, from: file.journal.at(-1).seq });
		assert.deepEqual(await known(other), before);
		const [again, his] = [await hosted(other, desktop.id), await hosted(other, phone.id)];

		// It is the same application, and nobody else is registered.
		assert.equal((await his.see()).server.appId, appId);
		assert.equal((await other.get(`endpoints?user=${alice.aor}`)).endpoints.length, 1);
		await again.do('send', { to: bob.aor, text: 'And now?' });
		await his.expect('toast', { text: 'And now?' });
		await his.do('accept');
		await again.expect('connected');
		await again.do('send', { text: 'There you are' });
		await his.expect('message', { text: 'There you are' });
		const fresh = await other.request('POST', 'actors', { kind: 'desktop', user: carol.aor });
		assert.equal(fresh.body.id, before.at(-1).id + 1);
	} finally {
		await other.stop();
	}
});

scenario('channels come back with what waits at them', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const [hers, his] = [await lab.app(alice), await lab.app(bob)];

	await his.subscribe();
	await lab.advance(60000);
	await hers.call(bob, 'Hi Bob');
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	const file = await lab.get('export');

	assert.deepEqual(file.channels[0].notices.map((n) => n.kind).sort(), ['tile', 'toast']);
	await put(lab, { ...file, channels: [] });
	await assert.rejects(his.toast(), /404/);
	await put(lab, file);
	assert.equal((await his.toast()).text2, 'Hi Bob');
	assert.deepEqual((await lab.get('export')).channels[0].id, file.channels[0].id);
	// The next invitation is pushed to the same channel.
	await hers.event('messagingInvitation', 'completed');
	await lab.advance(60000);
	await hers.call(bob, 'Once more');
	await lab.wait('toast', { user: bob, fields: { text2: 'Once more' } }).catch(() => {});
	assert.equal((await his.toast()).text2, 'Hi Bob'); // not acknowledged
});

scenario('a bad actor or channel is refused by name', async (lab) => {
	const [bob] = await lab.users('bob');

	await (await lab.app(bob)).subscribe();
	await Hosted.make(lab, 'phone', bob);
	await Hosted.make(lab, 'desktop', bob);
	await lab.post('clock/freeze');
	const good = await lab.get('export?journal=0');
	const refuse = async (change, why) => {
		const document = structuredClone(good);

		change(document);
		const { status, body } = await lab.request('POST', 'import', document);

		assert.equal(status, 400, String(why));
		assert.match(body.error.message, why);
	};
	const edit = (i, members) => (d) => void Object.assign(d.actors[i], members);

	await refuse((d) => void delete d.actors, /"actors" is missing/);
	await refuse((d) => void (d.actors[0] = 7), /actors\[0\]: An actor is an object/);
	await refuse(edit(0, { kind: 'pager' }), /actors\[0\]: "\w+" /);
	await refuse(edit(0, { id: 0 }), /actors\[0\]: "id" must be/);
	await refuse(edit(1, { id: 1 }), /actors\[1\]: "id" must be/);
	await refuse(edit(0, { user: 'nobody@lab.test' }), /actors\[0\]: Unknown user "nobody@lab.test"/);
	await refuse(edit(0, { name: '' }), /actors\[0\]: "name" must not be empty/);
	await refuse((d) => void (d.actors[1].name = d.actors[0].name), /actors\[1\]: There are two with this "name"/);
	await refuse(edit(0, { screen: 'attic' }), /actors\[0\]: "screen" must be/);
	await refuse(edit(0, { tile: -1 }), /actors\[0\]: "tile" must be/);
	await refuse((d) => void delete d.actors[0].endpointId, /actors\[0\]: "endpointId" is missing/);
	await refuse(edit(1, { tile: 1 }), /actors\[1\]: "tile" is what only a phone has/);
	await refuse(edit(0, { lines: [{ peer: null, text: 'Hi', state: 'lost' }] }), /actors\[0\]: lines\[0\]: Unknown state "lost"/);
	await refuse(edit(0, { lines: [{ state: 'sent' }] }), /actors\[0\]: lines\[0\]: "text" is missing/);
	await refuse((d) => void (d.settings['act.max_actors'] = '1'), /actors: there can be 1 \(act.max_actors\)/);
	await refuse((d) => void (d.channels[0].id = 'x'), /channels\[0\]: "id" must be/);
	await refuse((d) => void d.channels.push(d.channels[0]), /channels\[1\]: There are two with this "id"/);
	assert.deepEqual(await lab.get('export?journal=0'), good);
});
