// A whole lab as a file: what is imported is what was exported, here or in another lab, and nothing at all if there is
// anything wrong with it.
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { scenario, startLab } from '../lab.mjs';

// Alice's and Bob's phones talk, and Alice has not fetched what Bob said last; Dave's desktop is registered.
async function play(lab) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const [hers, his] = [await lab.app(alice), await lab.app(bob)];
	const invited = his.invitation();

	await his.subscribe();
	await hers.call(bob, 'Hi Bob');
	await (await invited).accept();
	const talks = [await hers.connected(), await his.connected()];
	await talks[1].say('Before');
	const dave = lab.desktop({ aor: 'dave@lab.test', displayName: 'Dave' });
	await dave.expect('registered');
	await lab.request('PATCH', 'users/carol@lab.test', { displayName: 'Caroline', enablePush: false });
	await lab.request('POST', 'users', { aor: 'zoe@lab.test', password: 'open', number: '+1 555 0199' });
	await lab.request('PATCH', 'settings', { 'core.invite_timeout': '7s' });
	await lab.request('PUT', 'faults', { seed: 7, faults: [{ where: 'front-end→edge', what: 'status', status: 503, nth: 3 }] });
	await lab.post('clock/advance', { ms: 5000 });
	await lab.post('clock/freeze');
	return { hers, his, talks };
}

// The rest of the conversation, after the import.
async function goOn({ hers, his, talks }) {
	assert.equal(await hers.message(), 'Before');
	await talks[0].say('After');
	assert.equal(await his.message(), 'After');
	await talks[1].say('Later');
	assert.equal(await hers.message(), 'Later');
}

// An app goes to another server: all that it knows from before is its token and its links.
async function move(app, lab) {
	app.close();
	Object.assign(app, { base: lab.ready.https, agent: new https.Agent({ ca: await readFile(lab.ready.ca), keepAlive: true }) });
}

async function put(lab, document) {
	const { status, text } = await lab.request('POST', 'import', document);

	assert.equal(status, 204, text);
}

// What is exported now is what was imported, and the journal goes on with the import.
async function assertSame(lab, imported) {
	const { journal, ...rest } = await lab.get('export');
	const { journal: records, ...others } = imported;

	assert.deepEqual(rest, others);
	assert.deepEqual(journal.slice(0, records.length), records);
	assert.deepEqual(journal[records.length].fields, { action: 'import' });
}

scenario('export, reset, import, export gives the same file, and the phones go on', async (lab) => {
	const story = await play(lab);
	const before = await lab.get('export');

	for (const kind of ['binding', 'phone', 'queue', 'event', 'token', 'conversation', 'phone_leg'])
		assert.ok(before.rows[kind].length, kind);
	await lab.post('reset', {});
	assert.equal((await story.hers.request('GET', story.hers.self)).status, 401);
	await put(lab, before);
	await assertSame(lab, before);
	await lab.wait('lab', { fields: { action: 'import' } });
	await put(lab, before); // over what is there
	await assertSame(lab, before);
	assert.equal((await lab.get('users/carol@lab.test')).displayName, 'Caroline');
	assert.equal((await lab.get('faults')).faults.length, 1);
	assert.equal((await lab.get('clock')).frozen, true);
	await lab.post('clock/resume');
	await goOn(story);
});

scenario('another lab goes on where this one was, also after its own restart', async (lab) => {
	const story = await play(lab);
	const file = path.join(lab.dir, 'lab.json');
	const other = await startLab({ ephemeral: false });

	try {
		assert.equal((await lab.ctl('export', 'lab', '-o', file)).code, 0);
		assert.equal((await stat(file)).mode & 0o777, 0o600);
		assert.equal((await other.ctl('import', file)).code, 0);
		const document = JSON.parse(await readFile(file));
		await assertSame(other, document);
		assert.ok((await other.get('clock')).offsetMs > 0);
		await move(story.hers, other);
		await move(story.his, other);
		await other.post('clock/resume');
		assert.equal(await story.hers.message(), 'Before');
		await story.talks[0].say('After');
		await other.restart();
		assert.equal(await story.his.message(), 'After');
		await story.talks[1].say('Later');
		assert.equal(await story.hers.message(), 'Later');
	} finally {
		await other.stop();
	}
});

scenario('a desktop goes on with a lab that began anew where the old one was', async (lab) => {
	const [alice, bob] = [{ aor: 'alice@lab.test', displayName: 'Alice' }, { aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' }];
	const [app, carols] = [await lab.app(bob), await lab.app({ aor: 'carol@lab.test', displayName: 'Carol', password: 'secret' })];
	const invited = app.invitation();
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Bob'] });

	await (await invited).accept();
	await desktop.expect('connected');
	const talk = await app.connected();
	await talk.say('Before');
	await desktop.expect('message', { text: 'Before' });
	// One that still rings has been missed when the lab comes back.
	const ringing = carols.invitation();
	const vain = lab.desktop({ aor: 'dave@lab.test', displayName: 'Dave' }, { im: ['carol@lab.test', 'Hi Carol'] });
	await ringing;

	const file = await lab.get('export');
	assert.equal(file.rows.dialog.length, 1);
	assert.equal(file.rows.conversation.length, 2);
	await vain.stop();
	await lab.restart(); // it keeps nothing
	await put(lab, file);
	assert.deepEqual((await lab.get('conversations')).conversations.map((c) => [c.from, c.live]), [['alice@lab.test', true], ['dave@lab.test', false]]);
	await move(app, lab);
	await move(carols, lab);
	await talk.say('After');
	await desktop.expect('message', { text: 'After' });
	desktop.say('Later');
	assert.equal(await app.message(), 'Later');
	const missed = await carols.must('GET', carols.application._embedded.communication._links.missedItems.href);
	assert.equal(missed.missedConversationsCount, 1);
});

scenario('secrets are on the UNIX socket only', async (lab) => {
	await play(lab);
	const answer = await fetch(`${lab.ready.lab}/lab/v1/export`);
	const text = await answer.text();
	const { users, rows } = JSON.parse(text);

	assert.equal(answer.status, 200);
	assert.ok(users.every((u) => u.password === null));
	assert.deepEqual(rows.token, []);
	assert.doesNotMatch(text, /"secret"|"open"/);
	assert.ok((await lab.get('export')).users.some((u) => u.password === 'secret'));
});

scenario('what is wrong is refused with the reason, and nothing changes', async (lab) => {
	await play(lab);
	const good = await lab.get('export');
	const refuse = async (change, why) => {
		const document = structuredClone(good);
		const changed = change(document) ?? document;
		const { status, body } = await lab.request('POST', 'import', changed);

		assert.equal(status, 400, `${why} ${JSON.stringify(body)}`);
		assert.match(body.error.message, why);
	};
	const edit = (kind, members) => (d) => void Object.assign(d.rows[kind][0], members);

	await refuse((d) => void (d.version = 1), /"version" is 1; this mcxd reads version 2/);
	await refuse((d) => void (d.format = 'other'), /"format" is other/);
	await refuse((d) => void delete d.rows, /"rows" is missing/);
	await refuse((d) => void (d.more = 1), /Unknown member "more"/);
	await refuse((d) => void delete d.rows.phone, /rows: "phone" is missing/);
	await refuse((d) => void (d.rows.fax = []), /Unknown member "fax"/);
	await refuse((d) => void (d.rows.phone = {}), /"phone" must be of type array/);
	await refuse((d) => void (d.rows.phone[0] = 7), /rows.phone\[0\]: a row is an object/);
	await refuse(edit('phone', { id: -1 }), /rows.phone\[0\]: "id" must be a number/);
	await refuse(edit('phone', { id: 2 ** 60 }), /"id" must be a number/);
	await refuse(edit('phone', { user: null }), /"user" must be set/);
	await refuse(edit('phone', { user: 7 }), /"user" must be a string/);
	await refuse(edit('phone', { user: 'nobody@lab.test' }), /rows.phone, id \d+: refers to what is not there/);
	await refuse(edit('phone', { epid: 'a\r\nb' }), /"epid" must be a string .* without line ends/);
	await refuse(edit('phone', { colour: 'red' }), /"colour" is not a column/);
	await refuse(edit('phone', { available: 'yes' }), /"available" must be true or false/);
	await refuse(edit('phone', { modalities: 1.5 }), /"modalities" must be a number/);
	await refuse(edit('phone', { expires_wall_us: -1 }), /rows.phone, id/);
	await refuse(edit('phone', { expires_wall_us: 9e15 }), /at most 20 years/);
	await refuse(edit('phone', { device_token: 'x'.repeat(70000) }), /at most 64k/);
	await refuse((d) => void d.rows.phone.push(d.rows.phone[0]), /rises from row to row/);
	await refuse((d) => void (d.rows.phone[1].app_id = d.rows.phone[0].app_id), /there are two of application/);
	await refuse((d) => void (d.rows.phone = []), /rows.queue, id \d+: refers/);
	await refuse((d) => void (d.rows.conversation = []), /rows.phone_leg, id \d+: refers/);
	await refuse(edit('phone_leg', { caller: false }), /there are two of callee of conversation/);
	await refuse(edit('event', { kind: 'party' }), /rows.event, id \d+/);
	await refuse((d) => void d.users.push(d.users[0]), /users\[\d+\]: there are two of user/);
	await refuse((d) => void (d.users[0].aor = 'alice'), /users\[0\]: "aor" must be an address/);
	await refuse((d) => void (d.settings['core.max_phones'] = 'many'), /core.max_phones: "many" is not/);
	await refuse((d) => void (d.settings['sip.tcp'] = '127.0.0.1:1'), /sip.tcp: cannot change/);
	await refuse((d) => void (d.settings['core.max_endpoints'] = '0'), /core.max_endpoints: must be/);
	await refuse((d) => {
		d.settings['journal.max_records'] = '1';
		d.rows.phone = [];
	}, /rows.queue, id \d+: refers/);
	await refuse((d) => void (d.faults.faults[0].where = 'roof'), /Unknown joint "roof"/);
	await refuse((d) => void (d.clock.advancedMs = -1), /"advancedMs" must be/);
	await refuse((d) => void d.journal.splice(1, 1), /journal\[1\]: "seq" must be a number that rises/);
	await refuse((d) => void (d.journal[2].kind = 'rumour'), /journal\[2\]: Unknown kind "rumour"/);
	await refuse((d) => void (d.journal[2].time = '2011-07-25T12:00:00.000000Z'), /journal\[2\]: Unknown member "time"/);
	await refuse((d) => void delete d.journal[0].atUs, /journal\[0\]: "atUs" must be microseconds/);
	await refuse((d) => void (d.journal[0].sent = d.journal[0].seq), /journal\[0\]: "sent" must be/);
	await refuse((d) => void (d.journal[0].users = 'bob'), /journal\[0\]: "users" must be an array/);
	await refuse((d) => void (d.journal[0] = 7), /journal\[0\]: A record must be an object/);
	await refuse((d) => void (d.rows.phone = [[[[[[[[]]]]]]]]), /nested|JSON/);
	const { journal, ...rest } = good;
	assert.deepEqual(await lab.get('export?journal=0'), rest);
	assert.deepEqual((await lab.get('export')).journal, journal);
	assert.equal((await lab.get('settings')).settings.find((s) => s.name === 'core.max_phones').value, '12');
	const { code, stderr } = await lab.ctl('import', path.join(lab.dir, 'none.json'));
	assert.equal(code, 1);
	assert.match(stderr, /cannot read/);
	await writeFile(path.join(lab.dir, 'bad.json'), '{"format":"mcxd-lab"}');
	assert.equal((await lab.ctl('import', path.join(lab.dir, 'bad.json'))).code, 2);
});

scenario('who follows the journal connects again, and who waits is answered', async (lab) => {
	await play(lab);
	const file = await lab.get('export');
	const { instance } = await lab.get('status');
	const waiting = lab.request('POST', 'wait', { kind: 'fault' });
	const stream = await fetch(`${lab.ready.lab}/lab/v1/journal?follow=1`);

	while (!(await lab.limits()).find(({ name }) => name === 'lab.max_waiting').use)
		await lab.get('clock');
	await put(lab, file);
	const answer = await waiting;
	assert.equal(answer.status, 409);
	assert.match(answer.body.error.message, /^The lab was imported/);
	assert.match(await stream.text(), /event: begin/); // it has ended
	assert.notEqual((await lab.get('status')).instance, instance);
	const { first, last } = (await lab.get('status')).journal;
	assert.deepEqual([first, last], [file.journal[0].seq, file.journal.at(-1).seq + 1]);
	const { journal, ...rest } = file;
	assert.ok(journal.length);
	await put(lab, rest); // without one, the lab's goes on
	assert.ok((await lab.get('status')).journal.last > last);
});
