// Actors and channels in the lab's file: an actor comes back as after a power cut, a channel with what waits at it.
import assert from 'node:assert/strict';
import { Hosted } from '../hosted.mjs';
import { scenario, startLab } from '../lab.mjs';

async function put(lab, document) {
	const { status, text } = await lab.request('POST', 'import', document);

	assert.equal(status, 204, text);
}

const known = async (lab) => (await lab.get('actors')).actors.map(({ id, kind, user, name, state, on, lines, screen, tile, toast }) =>
	({ id, kind, user, name, state, on, lines, screen, tile, toast }));

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
		// They are back when the import is answered.
		assert.deepEqual((await known(other)).map((a) => a.state), before.map((a) => a.state));
		await other.wait('actor', { user: bob, fields: { event: 'background' }, from: file.journal.at(-1).seq });
		assert.deepEqual(await known(other), before);
		assert.deepEqual(before[1].toast, { from: 'Alice', text: 'Hi Brendan' });
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

scenario('a toast that has come back with its phone can be taken off', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await Hosted.signIn(lab, 'phone', bob);
	const desktop = await Hosted.signIn(lab, 'desktop', alice);
	const toast = async () => (await lab.get('export')).actors.find((a) => a.id === phone.id).toast;

	await phone.do('background');
	await lab.advance(60000);
	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await phone.expect('toast');
	const { push, ...shown } = await toast();
	const from = (await lab.get('export')).journal.at(-1).seq;

	await put(lab, await lab.get('export'));
	await lab.wait('actor', { user: bob, fields: { event: 'background' }, from });
	const again = await hosted(lab, phone.id);
	assert.deepEqual((await again.see()).toast, shown);
	assert.deepEqual(await toast(), { ...shown, push });
	const raw = (id) => fetch(phoneUri, {
		method: 'POST', headers: { 'X-NotificationClass': '3' }, body: `<withdrawal xmlns="urn:mcxd:withdrawal:1"><push>${id}</push></withdrawal>`,
	});
	const phoneUri = (await lab.get('phones')).phones.find((p) => p.user === bob.aor).subscription.notificationUri;

	// Another push is not its.
	await raw('00000000-0000-4000-8000-000000000000');
	const other = await lab.wait('actor', { user: bob, fields: { event: 'withdrawn' }, from });
	assert.deepEqual((await again.see()).toast, shown);
	await raw(push);
	await lab.wait('actor', { user: bob, fields: { event: 'withdrawn' }, from: other.seq + 1 });
	assert.equal((await again.see()).toast, null);
});

// Here and in another lab: what is connected goes on, in both directions, with what was said meanwhile.
for (const [where, begin] of [['the same lab', (lab) => lab], ['another one', () => startLab()]])
	scenario(`actors go on talking, in ${where}`, async (lab) => {
		const [alice, bob, carol] = await lab.users('alice', 'bob', 'carol');
		const desktop = await Hosted.signIn(lab, 'desktop', alice);
		const phone = await Hosted.signIn(lab, 'phone', bob);
		const other = await Hosted.signIn(lab, 'desktop', carol);
		const events = (target, user, event, from) => target.wait('actor', { user, fields: { event }, from });

		// Alice's desktop invites Bob's phone, and Bob's phone invites Carol's desktop.
		await desktop.do('send', { to: bob.aor, text: 'Hi' });
		await phone.expect('invited');
		await phone.do('accept');
		await desktop.expect('connected');
		await desktop.do('send', { text: 'One' });
		await phone.expect('message', { text: 'One' });
		await phone.do('send', { to: carol.aor, text: 'Hi Carol' });
		await other.expect('invited');
		await other.do('accept');
		await phone.expect('connected', { peer: carol.aor });
		await phone.do('background');
		await lab.advance(3000);
		await desktop.do('send', { text: 'While it sleeps' });
		await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
		const file = await lab.get('export'), from = file.journal.at(-1).seq + 1;
		const target = await begin(lab);

		try {
			await put(target, file);
			await events(target, bob, 'background', from);
			const [again, his, hers] = await Promise.all([desktop.id, phone.id, other.id].map((id) => hosted(target, id)));
			const talks = async (actor) => (await actor.see()).conversations.map((c) => c.state);

			assert.deepEqual([await talks(again), await talks(his), await talks(hers)], [['connected'], ['connected', 'connected'], ['connected']]);
			// What was said while the phone slept is there once it wakes up.
			await his.do('open');
			await target.wait('actor', { user: bob, fields: { event: 'message', text: 'While it sleeps' }, from });
			await again.do('send', { text: 'Still here' });
			await target.wait('actor', { user: bob, fields: { event: 'message', text: 'Still here' }, from });
			await his.do('send', { text: 'So is Carol' });
			await target.wait('actor', { user: carol, fields: { event: 'message', text: 'So is Carol' }, from });
			await hers.do('send', { text: 'Yes' });
			await target.wait('actor', { user: bob, fields: { event: 'message', text: 'Yes' }, from });
			await hers.do('bye');
			await his.expect('ended');
			// The newest is over: what Bob says goes to Alice.
			await his.do('send', { text: 'And you?' });
			await target.wait('actor', { user: alice, fields: { event: 'message', text: 'And you?' }, from });
			await again.do('bye');
			await target.wait('actor', { user: alice, fields: { event: 'ended' }, from });
			assert.ok((await target.get('conversations')).conversations.every((c) => !c.live));
		} finally {
			if (target !== lab)
				await target.stop();
		}
	});

scenario('the faults of an import do not strike the actors that come back', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = await Hosted.signIn(lab, 'desktop', alice);
	const phone = await Hosted.signIn(lab, 'phone', bob);

	await phone.do('background');
	const file = await lab.get('export');

	file.faults = { seed: 0, faults: [{ where: 'phone→front-end', what: 'status', status: 503, times: 3 }] };
	await put(lab, file);
	const [again, his] = await Promise.all([desktop.id, phone.id].map((id) => hosted(lab, id)));

	assert.deepEqual([(await again.see()).state, (await his.see()).state], ['signed-in', 'signed-in']);
	assert.deepEqual((await lab.get('faults')).faults.map((f) => f.struck), [0]);
});

scenario('an import does not wait for ever for an actor that cannot sign in', async (lab) => {
	const [bob] = await lab.users('bob');

	await Hosted.signIn(lab, 'phone', bob);
	const file = await lab.get('export');

	file.users.find((u) => u.aor === bob.aor).enable_mobility = false;
	file.rows = Object.fromEntries(Object.keys(file.rows).map((kind) => [kind, []]));
	await put(lab, file);
	assert.match((await lab.get('actors')).actors[0].problem, /mobility|not enabled/);
});

scenario('a desktop whose conversation is not in the file hangs up', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = await Hosted.signIn(lab, 'desktop', alice);
	const phone = await Hosted.signIn(lab, 'phone', bob);

	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await phone.expect('invited');
	await phone.do('accept');
	await desktop.expect('connected');
	const file = await lab.get('export'), from = file.journal.at(-1).seq + 1;

	for (const kind of ['conversation', 'phone_leg', 'dialog', 'cseq', 'said', 'sending', 'queue', 'event', 'missed'])
		file.rows[kind] = [];
	await put(lab, file);
	await lab.wait('actor', { user: alice, fields: { event: 'ended' }, from });
	assert.deepEqual((await (await hosted(lab, desktop.id)).see()).conversations, []);
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
	const dialog = { peer: bob.aor, name: 'Bob', callId: 'c', local: `<sip:${bob.aor}>;tag=1`, remote: `<sip:${bob.aor}>;tag=2`, target: null,
		localCSeq: 1, remoteCSeq: 1 };

	await refuse(edit(0, { dialog }), /actors\[0\]: "dialog" is what only a desktop has/);
	await refuse(edit(1, { dialog: { ...dialog, remote: `<sip:${bob.aor}>` } }), /actors\[1\]: dialog: This cannot be a SIP dialog/);
	await refuse(edit(1, { dialog: { ...dialog, callId: 'c d' } }), /actors\[1\]: dialog: This cannot be a SIP dialog/);
	await refuse(edit(1, { dialog: { ...dialog, target: '<sip:x' } }), /actors\[1\]: dialog: This cannot be a SIP dialog/);
	await refuse(edit(1, { dialog: { ...dialog, localCSeq: 2 ** 31 } }), /actors\[1\]: dialog: "localCSeq" must be from 0/);
	await refuse(edit(1, { dialog: { ...dialog, name: 'a\r\nb' } }), /actors\[1\]: dialog: "name" must be a line/);
	await refuse(edit(0, { lines: [{ peer: null, text: 'Hi', state: 'lost' }] }), /actors\[0\]: lines\[0\]: Unknown state "lost"/);
	await refuse(edit(1, { toast: { from: 'a', text: 'b' } }), /actors\[1\]: "toast" is what only a phone has/);
	await refuse(edit(0, { toast: { from: 'a' } }), /actors\[0\]: "text" is missing/);
	await refuse(edit(0, { lines: [{ state: 'sent' }] }), /actors\[0\]: lines\[0\]: "text" is missing/);
	await refuse((d) => void (d.settings['act.max_actors'] = '1'), /actors: there can be 1 \(act.max_actors\)/);
	await refuse((d) => void (d.channels[0].id = 'x'), /channels\[0\]: "id" must be/);
	await refuse((d) => void d.channels.push(d.channels[0]), /channels\[1\]: There are two with this "id"/);
	assert.deepEqual(await lab.get('export?journal=0'), good);
});
