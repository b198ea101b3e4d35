// What people and things are called: what a name may be is one rule at every door, and whatever was taken at one can be
// exported, imported and exported again as it was.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Hosted } from '../hosted.mjs';
import { scenario, startLab } from '../lab.mjs';

// Pieces of which names are made, some of them of no good.
const pieces = ['a', 'Bob', ' ', '"', '\\', '<', '>', ';x=y', '%0d%0a', 'é', '名前', 'علي', '👩\u200D👩', '\u202E', '\u2066', '\u200F', '\uFEFF', '\t', '\n',
	'\r\nX: y', '\u0007', '\u001b[31m', '\u007f', '\u0085', '\u009b', '\u2028', 'x'.repeat(100)];

// Numbers that are the same in every run (Numerical Recipes, 7.1).
function* random(seed) {
	for (let n = seed; ;) {
		n = (Math.imul(n, 1664525) + 1013904223) >>> 0;
		yield n;
	}
}

function* texts(count) {
	const numbers = random(1);
	const next = (below) => Math.floor(numbers.next().value / 2 ** 32 * below);

	yield* pieces;
	for (let i = 0; i < count; i++)
		yield Array.from({ length: 1 + next(4) }, () => pieces[next(pieces.length)]).join('');
}

// The journal goes on with the import.
async function comesBack(lab, what) {
	await lab.post('clock/freeze');
	const before = await lab.get('export');
	const { status, text } = await lab.request('POST', 'import', before);

	assert.equal(status, 204, `${JSON.stringify(what)}: ${text}`);
	const after = await lab.get('export');
	assert.deepEqual({ ...after, journal: after.journal.slice(0, before.journal.length) }, before, JSON.stringify(what));
	return before;
}

const steers = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

scenario('a user whom the lab API takes can be exported and imported', async (lab) => {
	let taken = 0, refused = 0;

	for (const text of texts(60)) {
		const aor = `user-${taken + refused}@lab.test`;
		const made = await lab.request('POST', 'users', { aor, password: text, displayName: text });

		if (made.status === 400) {
			refused++;
			assert.match(made.body.error.message, /^"(displayName|password)" must /);
			assert.ok(steers.test(text) || !text.trim() || [...text].length > 256, JSON.stringify(text));
			const changed = await lab.request('PATCH', 'users/bob@lab.test', { displayName: text });
			assert.match(changed.body.error.message, /^"displayName" must /);
			continue;
		}
		taken++;
		assert.equal(made.status, 201, made.text);
		assert.equal((await lab.get(`users/${aor}`)).displayName, text);
		assert.equal((await lab.request('PATCH', 'users/bob@lab.test', { displayName: text })).status, 200);
	}
	assert.ok(taken > 20 && refused > 20, `${taken} ${refused}`);
	const { users } = await comesBack(lab, 'users');
	assert.equal(users.length, 5 + taken);
});

scenario('an address that a user can have can be exported and imported', async (lab) => {
	const aors = ['Zoe@LAB.test', 'sip:e10@lab.test;x=y', 'sips:e11@lab.test', '"N" <sip:e12@lab.test:5060>', 'q"q@lab.test', 'é@lab.test', 'e/9?x#y%41@lab.test',
		'*@lab.test', 'a%07b@lab.test', 'q\u202e@lab.test', 'a\u009bb@lab.test', 'a b@lab.test', `${'a'.repeat(128)}@lab.test`, `${'a'.repeat(129)}@lab.test`];
	const made = [];

	for (const aor of aors) {
		const answer = await lab.request('POST', 'users', { aor, password: 'x' });

		assert.ok([201, 400].includes(answer.status), answer.text);
		if (answer.status === 400)
			assert.match(answer.body.error.message, /^"aor" must be an address such as bob@lab.test/);
		else
			made.push(answer.body);
	}
	assert.ok(made.length > 6);
	assert.deepEqual(made.slice(0, 3).map((user) => [user.aor, user.displayName]),
		[['zoe@lab.test', 'Zoe'], ['e10@lab.test', 'e10'], ['e11@lab.test', 'e11']]);
	await comesBack(lab, made);
});

scenario('users without a name, of a file and of an open domain, can be exported and imported', async (lab) => {
	const file = path.join(lab.dir, 'users.ini');

	await writeFile(file, '[user frank@lab.test]\npassword = x\n[user Grace@lab.test]\n');
	const other = await startLab({ settings: { 'users.file': file, 'users.open': 'open.test' } });

	try {
		assert.equal((await other.get('users/frank@lab.test')).displayName, 'frank');
		assert.equal((await other.request('PATCH', 'users/sip:Heidi@open.test', { enablePush: false })).body.displayName, 'Heidi');
		assert.equal((await comesBack(other, file)).users.length, 3);
	} finally {
		await other.stop();
	}
});

// What is refused with controls is sent without them. Resolves with the last answer.
async function insist(app, method, href, body) {
	for (const c of ['\u0007', '\u009b31m', '\t', '']) {
		const replaced = JSON.parse(JSON.stringify(body).replaceAll('CONTROL', JSON.stringify(c).slice(1, -1)));
		const answer = await app.request(method, href, { body: replaced });

		if (answer.status < 400)
			return answer;
		assert.equal(answer.status, 400, answer.text);
	}
	assert.fail(`${method} ${href} takes none of it`);
}

scenario('what phones say of themselves and of a conversation can be exported and imported', async (lab) => {
	const name = '\u202Eevil\u2066 "<b>\\';
	const [alice, bob] = await lab.users('alice', 'bob');
	const hers = await lab.app(alice, { userAgent: name, endpointId: name, instanceId: name });
	const his = await lab.app(bob);

	await his.subscribe();
	await insist(his, 'PUT', his.application._links.pushSubscription.href, {
		platform: 'windowsPhone', notificationUri: his.channel.notificationUri, deviceName: `${name}CONTROL`, userAgent: `${name}CONTROL` });
	const { me, communication } = hers.application._embedded;
	await insist(hers, 'POST', me._links.note.href, { message: `${name}CONTROL` });
	await insist(hers, 'POST', me._links.location.href, { location: `${name}CONTROL` });
	const invited = his.invitation();
	await insist(hers, 'POST', communication._links.startMessaging.href, {
		operationId: `${name}CONTROL`, to: `sip:${bob.aor}`, subject: `${name}CONTROL`, threadId: 'CONTROLthread',
		_links: { message: { href: `data:text/plain;charset=utf-8,${encodeURIComponent(`${name}\u0007\u001b[31m\u009b`)}` } } });
	await (await invited).accept();
	const { rows } = await comesBack(lab, 'phones');
	assert.ok(rows.conversation.some((row) => row.first_line?.includes(name) && row.subject.includes(name)), JSON.stringify(rows.conversation));
});

// As a SIP client sends it: the name in the From, and words in the header that carries the first line.
scenario('what a SIP client is called can be exported and imported', async (lab) => {
	const socket = dgram.createSocket('udp4');
	const [host, port] = lab.ready.sip.udp.split(':');

	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	const { port: own } = socket.address();
	const send = (...lines) => socket.send(Buffer.from([...lines, 'Content-Length: 0', '', ''].join('\r\n')), Number(port), host);

	try {
		for (const [i, name] of ['\u202Eevil', 'a\\\u0007b', 'a\\\u001b[31mb', 'a\\\tb', '\u009b31m', 'x'.repeat(700)].entries()) {
			const aor = ['alice', 'bob', 'carol', 'dave', 'erin'][i % 5];

			send('REGISTER sip:lab.test SIP/2.0', `Via: SIP/2.0/UDP 127.0.0.1:${own};rport;branch=z9hG4bK${i}`, 'Max-Forwards: 70',
				`From: "${name}" <sip:${aor}@lab.test>;tag=${i};epid=e${i}`, `To: "${name}" <sip:${aor}@lab.test>`, `Call-ID: names-${i}`, 'CSeq: 1 REGISTER',
				`Contact: "${name}" <sip:${aor}@127.0.0.1:${own}>;+sip.instance="<urn:uuid:${name}>"`, `User-Agent: ${name}`, 'Expires: 600');
			await lab.wait('sip', { fields: { call_id: `names-${i}`, start_line: /^SIP.2.0 / } });
			await comesBack(lab, name);
		}
	} finally {
		socket.close();
	}
});

scenario('an actor has a name of its own', async (lab) => {
	const [bob] = await lab.users('bob');
	const make = (name) => lab.request('POST', 'actors', { kind: 'phone', user: bob.aor, name });
	const names = async (count) => {
		const made = [];

		for (let i = 0; i < count; i++)
			made.push((await Hosted.make(lab, 'phone', bob)).id);
		return Promise.all(made.map(async (id) => (await lab.get(`actors/${id}`)).name));
	};

	assert.deepEqual(await names(3), ['Bob\'s phone', 'Bob\'s phone 2', 'Bob\'s phone 3']);
	for (const text of texts(30)) {
		const { status, body } = await make(text);

		if (status === 400)
			assert.match(body.error.message, /^"name" must /);
		else
			assert.ok(status === 201 && !steers.test(text), JSON.stringify(text));
		if (status === 201)
			await lab.request('DELETE', `actors/${body.id}`);
	}
	assert.match((await make('')).body.error.message, /"name" must not be empty/);
	assert.match((await make('x'.repeat(257))).body.error.message, /"name" must not be longer than 256 characters/);
	assert.equal((await make('x'.repeat(256))).status, 201);
	const again = await make('Bob\'s phone 2');
	assert.equal(again.status, 409);
	assert.match(again.body.error.message, /Actor \d+ has this name already/);
	assert.equal((await lab.request('POST', 'actors', { kind: 'phone', user: 'nobody@lab.test' })).body.error.message,
		'nobody@lab.test is not a user of this server.');

	// What a long name becomes is a name, too.
	await lab.request('PATCH', `users/${bob.aor}`, { displayName: '名'.repeat(256) });
	const [long, second] = await names(2);
	assert.match(long, /^名+'s phone$/);
	assert.equal(second, `${long} 2`);
	assert.ok([...second].length <= 256);
	await Hosted.signIn(lab, 'phone', bob, { name: '名'.repeat(256) });
});

scenario('a phone is a hop by its owner, whatever it is called', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await Hosted.signIn(lab, 'phone', bob, { name: 'Front desk' });
	const app = await lab.app(alice); // it does not tell the push service whose it is

	await app.subscribe();
	await phone.do('background');
	await (await Hosted.signIn(lab, 'desktop', alice)).do('send', { to: bob.aor, text: 'Hi' });
	for (const kind of ['toast', 'tile'])
		assert.equal((await lab.wait(kind, { user: bob, hop: `phone:${bob.aor}` })).to, `phone:${bob.aor}`);
	await (await Hosted.signIn(lab, 'desktop', bob)).do('send', { to: alice.aor, text: 'Hi' });
	await app.toast();
	assert.equal((await lab.wait('toast', { user: alice, hop: `phone:${alice.aor}` })).to, `phone:${alice.aor}`);
});
