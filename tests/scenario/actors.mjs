// Desktops and phones that the lab hosts: a test needs nothing but the lab API to play both attempts.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Hosted } from '../hosted.mjs';
import { scenario } from '../lab.mjs';

async function stage(lab) {
	const [alice, bob] = await lab.users('alice', 'bob');

	return { alice, bob, desktop: await Hosted.signIn(lab, 'desktop', alice), phone: await Hosted.signIn(lab, 'phone', bob) };
}

scenario('attempt 1 with hosted actors: the toast is ignored, and Alice reads the warning', async (lab) => {
	const { alice, bob, desktop, phone } = await stage(lab);

	assert.equal((await phone.see()).screen, 'app');
	await phone.do('background');
	await desktop.do('send', { to: bob.aor, text: 'Hi Brendan' });
	await phone.expect('toast', { text: 'Hi Brendan', peer: 'Alice' });
	await phone.expect('tile');
	await desktop.expect('window');
	let seen = await phone.see();
	assert.deepEqual([seen.screen, seen.toast, seen.tile, seen.server.state],
		['home', { from: 'Alice', text: 'Hi Brendan' }, 1, 'AWAY']);
	seen = await desktop.see();
	assert.equal(seen.window, 'Waiting for a response…');
	assert.deepEqual(seen.conversations.map((c) => c.state), ['inviting']);
	assert.deepEqual(seen.lines.map((l) => [l.state, l.text]), [['waiting', 'Hi Brendan']]);

	assert.equal((await phone.do('dismiss')).toast, null);
	await lab.advance(60000);
	await desktop.expect('failed');
	await desktop.expect('window');
	seen = await desktop.see();
	assert.equal(seen.window, 'This message may not have been delivered to Bob.');
	assert.deepEqual(seen.conversations, []);
	assert.deepEqual(seen.lines.map((l) => [l.state, l.text]), [['failed', 'Hi Brendan']]);
	await desktop.do('send', { to: bob.aor, text: 'Once more' });
	await phone.expect('toast', { text: 'Once more' });
	await lab.advance(60000);
	await desktop.expect('failed');

	// They are read in the order in which they were written.
	await phone.do('open');
	await phone.expect('missed', { text: 'Once more' });
	assert.deepEqual((await phone.see()).lines.map((l) => [l.state, l.peer, l.name, l.text]),
		['Hi Brendan', 'Once more'].map((text) => ['note', alice.aor, 'Alice', `Alice: ${text}`]));
});

scenario('a phone of a user without push is signed in all the same', async (lab) => {
	const [alice] = await lab.users('alice');
	const bob = await lab.user('bob', { enablePush: false });
	const phone = new Hosted(lab, await lab.post('actors', { kind: 'phone', user: bob.aor, signIn: true }));
	const desktop = await Hosted.signIn(lab, 'desktop', alice);

	await phone.expect('problem');
	await phone.expect('not-subscribed');
	const { state, problem, screen } = await phone.see();

	assert.deepEqual([state, screen], ['signed-in', 'app']);
	assert.match(problem, /^the push subscription was refused: 403 NotAllowed: Push notifications are not allowed for this user/);
	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await phone.expect('invited', { text: 'Hi' });
	await phone.do('accept');
	await desktop.expect('connected');
	await phone.do('sign-out');
});

scenario('attempt 2 with hosted actors: the toast is answered, and they talk', async (lab) => {
	const { alice, bob, desktop, phone } = await stage(lab);

	await phone.do('lock');
	await desktop.do('send', { to: bob.aor.split('@')[0], text: 'Hi Brendan' });
	await phone.expect('toast');
	assert.equal((await phone.see()).screen, 'lock');
	assert.equal((await phone.do('accept')).screen, 'app');
	await phone.expect('connected');
	await desktop.expect('connected');
	await desktop.do('type');
	await phone.expect('typing');
	assert.ok((await phone.see()).conversations[0].typing);
	await desktop.do('send', { text: 'How are you?' });
	await phone.expect('message', { text: 'How are you?' });
	assert.ok(!(await phone.see()).conversations[0].typing);
	await phone.do('send', { text: 'Fine, thanks' });
	await desktop.expect('message', { text: 'Fine, thanks' });
	await phone.do('type');
	await desktop.expect('typing');

	let seen = await desktop.see();
	assert.deepEqual(seen.lines.map((l) => [l.state, l.text]),
		[['sent', 'Hi Brendan'], ['sent', 'How are you?'], ['received', 'Fine, thanks']]);
	assert.deepEqual(seen.conversations, [{ peer: bob.aor, name: 'Bob', state: 'connected', typing: true, ignored: false }]);
	// Whoever the client names in between, a line is somebody's by the address.
	assert.deepEqual([...new Set(seen.lines.map((l) => l.peer))], [bob.aor]);
	assert.equal(seen.window, null);
	await phone.expect('sent', { text: 'Fine, thanks' });
	seen = await phone.see();
	assert.deepEqual(seen.lines.map((l) => [l.state, l.text]),
		[['received', 'Hi Brendan'], ['received', 'How are you?'], ['sent', 'Fine, thanks']]);
	assert.deepEqual([...new Set(seen.lines.map((l) => `${l.name} ${l.peer}`))], [`Alice ${alice.aor}`]);
	await phone.do('bye');
	await desktop.expect('ended');
	assert.deepEqual((await desktop.see()).conversations, []);
});

scenario('hosted actors decline, ignore and cancel, at either end', async (lab) => {
	const { alice, bob, desktop, phone } = await stage(lab);

	await phone.do('background');
	await desktop.do('send', { to: bob.aor, text: 'One' });
	await phone.expect('toast');
	await phone.do('decline');
	await desktop.expect('failed', { text: /^603/ });
	assert.equal((await desktop.see()).lines.at(-1).state, 'failed');

	await desktop.do('send', { to: bob.aor, text: 'Two' });
	await phone.expect('invited');
	await phone.do('ignore');
	assert.equal((await phone.refused('accept')).status, 409);
	await desktop.do('cancel');
	await desktop.expect('failed', { text: /^487/ });
	await phone.expect('ended');

	await phone.do('send', { to: alice.aor, text: 'Three' });
	await desktop.expect('invited');
	await desktop.do('accept');
	await phone.expect('connected');
	await desktop.expect('message', { text: 'Three' });
	assert.equal((await phone.see()).lines.at(-1).state, 'sent');
	await desktop.do('bye');
	await phone.expect('ended');

	await phone.do('send', { to: alice.aor, text: 'Four' });
	await desktop.expect('invited');
	await desktop.do('decline');
	await phone.expect('failed');
	assert.equal((await phone.see()).lines.at(-1).state, 'failed');
	await phone.do('send', { to: alice.aor, text: 'Five' });
	await phone.expect('invite');
	await desktop.expect('invited');
	await phone.do('cancel');
	await desktop.expect('ended');
});

scenario('a hosted phone loses its network, and what was sent meanwhile arrives afterwards', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await phone.expect('invited');
	await phone.do('accept');
	await desktop.expect('connected');
	await phone.expect('connected');
	assert.equal((await phone.do('lose-network')).online, false);
	await phone.do('send', { text: 'Into the void' });
	await phone.expect('not-sent');
	assert.deepEqual((await phone.see()).lines.at(-1).state, 'failed');
	assert.match((await phone.see()).problem, /there is no network/);
	await desktop.do('send', { text: 'Still there?' });
	assert.equal((await phone.do('network-back')).online, true);
	await phone.expect('message', { text: 'Still there?' });
	await phone.do('send', { text: 'Back again' });
	await desktop.expect('message', { text: 'Back again' });
	await phone.expect('sent', { text: 'Back again' });
	assert.equal((await phone.see()).problem, null);
});

scenario('a hosted phone that is off gets its toast when it is switched on', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	const off = await phone.do('switch-off');
	assert.deepEqual([off.screen, off.on, off.online, off.state], ['off', false, false, 'signed-in']);
	assert.match((await phone.refused('open')).message, /is switched off/);
	// It stays with the server until that misses its event request.
	await desktop.do('send', { to: bob.aor, text: 'Anybody?' });
	await lab.wait('push', { user: bob });
	await phone.do('switch-on');
	await phone.expect('toast', { text: 'Anybody?' });
	assert.equal((await phone.see()).screen, 'lock');
	await phone.do('accept');
	await desktop.expect('connected');
});

scenario('a hosted desktop that is switched off is not missed by its server, and signs in again', async (lab) => {
	const { alice, desktop } = await stage(lab);
	const count = async () => (await lab.get(`endpoints?user=${alice.aor}`)).endpoints.length;

	assert.equal(await count(), 1);
	const off = await desktop.do('switch-off');
	assert.deepEqual([off.on, off.state], [false, 'signed-out']);
	assert.equal(await count(), 1);
	await desktop.do('switch-on');
	await desktop.do('sign-in');
	await desktop.expect('registered');
	await desktop.do('sign-out');
	await desktop.expect('signed-out');
	assert.equal((await desktop.see()).state, 'signed-out');
	// The second contact; the first is left to expire.
	assert.equal(await count(), 1);
});

scenario('a hosted desktop stays registered when the clock is advanced', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	await lab.advance(4 * 3600 * 1000);
	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await phone.expect('invited');
	await phone.do('accept');
	await desktop.expect('connected');
});

scenario('orders that make no sense are refused with the reason', { settings: { 'act.max_actors': 2, 'act.max_lines': 3 } }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = await Hosted.make(lab, 'desktop', alice, { name: 'Front desk' });

	for (const [command, body, status, message] of [
		['send', { text: 'x' }, 409, 'Front desk is not signed in.'],
		['fly', undefined, 404, /A desktop does not know "fly". It knows: sign-in, sign-out, send, /],
		['open', undefined, 404, /A desktop does not know "open"/],
		['switch-on', undefined, 409, 'Front desk is switched on already.'],
		['sign-in', { address: '192.0.2.1' }, 400, /Unknown member "address"/],
	]) {
		const refused = await desktop.refused(command, body);

		assert.equal(refused.status, status, command);
		assert.match(refused.message, message instanceof RegExp ? message : new RegExp(`^${message}$`));
	}
	await desktop.do('sign-in');
	await desktop.expect('registered');
	for (const [command, body, status, message] of [
		['sign-in', undefined, 409, /has signed in already/],
		['send', {}, 400, /"text" is missing/],
		['send', { text: '' }, 400, /must not be empty/],
		['send', { text: 'x' }, 409, /has no conversation; say whom to write to/],
		['send', { text: 'x', to: 'b b' }, 400, /must be an address/],
		['type', undefined, 409, /no conversation that is connected/],
		['accept', undefined, 409, /no invitation to answer/],
		['decline', undefined, 409, /no invitation to answer/],
		['ignore', undefined, 409, /no invitation to ignore/],
		['cancel', undefined, 409, /no invitation under way/],
		['bye', undefined, 409, /no conversation to end/],
	]) {
		const refused = await desktop.refused(command, body);

		assert.equal(refused.status, status, command);
		assert.match(refused.message, message);
	}

	const phone = await Hosted.signIn(lab, 'phone', bob);
	for (const [command, message] of [
		['open', /has the app open already/], ['unlock', /is not locked/], ['dismiss', /shows no toast/],
		['accept', /shows no invitation/], ['network-back', /has its network/], ['cancel', /no invitation/], ['bye', /no conversation/],
		['type', /no conversation/], ['ignore', /no invitation to ignore/], ['switch-on', /is switched on already/],
	]) {
		const refused = await phone.refused(command);

		assert.equal(refused.status, 409, command);
		assert.match(refused.message, message);
	}
	await phone.do('background');
	assert.match((await phone.refused('background')).message, /does not have the app open/);
	await phone.do('lock');
	assert.match((await phone.refused('lock')).message, /is locked already/);
	await phone.do('unlock');
	await phone.do('lose-network');
	assert.match((await phone.refused('lose-network')).message, /no network already/);

	const third = await lab.request('POST', 'actors', { kind: 'phone', user: bob.aor });
	assert.equal(third.status, 429);
	assert.match(third.body.error.message, /2 actors already, which is the limit \(act.max_actors\)/);
	assert.equal(await lab.metric('act_refused_total'), 1);
	assert.equal((await lab.get('actors')).actors.length, 2);

	await phone.remove();
	await desktop.remove();
	await desktop.expect('signed-out');
	assert.deepEqual(await lab.get('actors'), { actors: [] });
	assert.equal((await lab.request('GET', `actors/${phone.id}`)).status, 404);
	assert.equal((await lab.request('GET', 'actors/x')).status, 404);
	for (const [body, status] of [
		[{ kind: 'tablet', user: bob.aor }, 400], [{ kind: 'phone', user: 'nobody@lab.test' }, 404], [{ kind: 'phone' }, 400],
		[{ kind: 'phone', user: bob.aor, server: 'https://192.0.2.1' }, 400],
	])
		assert.equal((await lab.request('POST', 'actors', body)).status, status);
});

/** The commands that README.md lists for this kind of actor, in its order. */
async function documented(kind) {
	const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
	const table = readme.match(/<!-- commands -->(.*)<!-- \/commands -->/s)[1];

	return [...table.matchAll(/^\| `([a-z-]+)` \| (\w+) \|/gm)].filter(([, , of]) => of === 'both' || of === kind).map(([, name]) => name);
}

scenario('README.md lists the commands of both kinds', async (lab) => {
	const alice = await lab.user('alice');

	for (const kind of ['desktop', 'phone']) {
		const actor = await Hosted.make(lab, kind, alice);
		const { message } = await actor.refused('x');

		assert.deepEqual(message.match(/It knows: (.*)\.$/)[1].split(', '), await documented(kind));
	}
});

scenario('what hosted actors show belongs to the story of the conversation', async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await phone.expect('invited');
	await phone.do('accept');
	await phone.expect('connected');
	await desktop.expect('connected');
	const { id } = await lab.conversation(bob);
	const { records } = await lab.get(`conversations/${id}/story`);
	const shown = records.filter((r) => r.kind === 'actor').map((r) => [r.users[0], r.fields.event]);
	for (const [user, event] of [[desktop.user, 'invite'], [desktop.user, 'window'], [phone.user, 'invited'],
		[phone.user, 'connected'], [desktop.user, 'connected']])
		assert.ok(shown.some(([u, e]) => u === user && e === event), `${user} ${event}`);
});

for (const [kind, settings, message] of [
	['phone', { 'https.listen': '', 'http.listen': '' }, /needs the front end's HTTPS listener/],
	['desktop', { 'sip.tcp': '', 'sip.udp': '' }, /needs the front end's SIP listener/],
])
	scenario(`without its listener there is no ${kind}`, { settings }, async (lab) => {
		const alice = await lab.user('alice');
		const refused = await lab.request('POST', 'actors', { kind, user: alice.aor });

		assert.equal(refused.status, 409);
		assert.match(refused.body.error.message, message);
		assert.deepEqual(await lab.get('actors'), { actors: [] });
		assert.equal(await lab.metric('act_hosted'), 0);
	});

scenario('a desktop without TCP uses UDP', { settings: { 'sip.tcp': '' } }, async (lab) => {
	const { desktop, bob, phone } = await stage(lab);

	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await phone.expect('invited');
	await lab.wait('sip', { user: desktop.user, fields: { method: 'INVITE', transport: 'udp' } });
});

scenario('a hosted phone that may not sign in says why', async (lab) => {
	const dave = await lab.user('dave', { enableMobility: false });
	const phone = await Hosted.make(lab, 'phone', dave);

	await phone.do('sign-in');
	await phone.expect('signed-out');
	const seen = await phone.see();
	assert.equal(seen.state, 'signed-out');
	assert.match(seen.problem, /40[13]|not accept|mobility/i);
});

scenario('lines beyond the limit are dropped, the oldest first', { settings: { 'act.max_lines': 3 } }, async (lab) => {
	const { bob, desktop, phone } = await stage(lab);

	await desktop.do('send', { to: bob.aor, text: '0' });
	await phone.expect('invited');
	await phone.do('accept');
	await desktop.expect('connected');
	for (const text of ['1', '2', '3', '4']) {
		await desktop.do('send', { text });
		await phone.expect('message', { text });
	}
	assert.deepEqual((await phone.see()).lines.map((l) => l.text), ['2', '3', '4']);
});

scenario('without a listener for it, a kind of actor is refused', { roles: ['edge', 'clearing-house'] }, async (lab) => {
	const refused = await lab.request('POST', 'actors', { kind: 'phone', user: 'bob@lab.test' });

	assert.equal(refused.status, 404);
	assert.match(refused.body.error.message, /does not run a front end/);
});

scenario('without a push service, a hosted phone cannot close its app', { roles: ['front-end', 'edge', 'clearing-house'] }, async (lab) => {
	const bob = await lab.user('bob');
	const phone = await Hosted.make(lab, 'phone', bob);

	await phone.do('sign-in');
	await phone.expect('signed-in');
	assert.match((await phone.refused('background')).message, /no push channel to wake it/);
	assert.equal((await phone.see()).screen, 'app');
});
