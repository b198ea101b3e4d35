// "The test succeeds, but there is no notification on the phone": mcxctl explain says what stands in the way.
import assert from 'node:assert/strict';
import { Hosted } from '../hosted.mjs';
import { binary, scenario } from '../lab.mjs';

async function explain(lab, user, code) {
	const result = await lab.ctl('explain', user.aor);

	assert.equal(result.code, code, result.stdout + result.stderr);
	for (const line of result.stdout.split('\n'))
		assert.ok(line.length <= 80 || !line.trim().includes(' '), line);
	return result.stdout.replace(/\s+/g, ' ');
}

scenario('a user who is none, has no phone, or may have no push', async (lab) => {
	const bob = await lab.user('bob', { enablePush: false });
	const carol = await lab.user('carol', { enableMobility: false });

	assert.match((await lab.ctl('explain', 'nobody@lab.test')).stderr, /nobody@lab\.test is not a user of this server/);
	await explain(lab, { aor: 'nobody@lab.test' }, 1);
	assert.match(await explain(lab, bob, 1), /Policy Push notifications are not allowed for .* What to do Allow it: mcxctl user set bob-\w+@lab\.test push=yes, or enable_push = yes in the users file/);
	assert.match(await explain(lab, carol, 1), /Policy Mobility is not allowed .* What to do Allow it: mcxctl user set .* mobility=yes/);
	assert.match(await explain(lab, await lab.user('dave'), 1), /No phone of .* is signed in.* What to do Sign in with the app/);
});

scenario('a phone that has not subscribed, is in the foreground, gets its toast, or is off', async (lab) => {
	const [alice, bob, carol] = await lab.users('alice', 'bob', 'carol');
	const desktop = await Hosted.signIn(lab, 'desktop', alice);
	await lab.app(carol);

	assert.match(await explain(lab, carol, 1), /Subscription There is none: .* Obstacle No push subscription for target device\. What to do Let the app PUT/);
	const phone = await Hosted.signIn(lab, 'phone', bob);

	assert.match(await explain(lab, bob, 1), /Foreground The app is in the foreground.* What to do Send the app to the background.* Last push None has been sent\./);
	await phone.do('background');
	await lab.wait('state', { user: bob, fields: { to_state: 'AWAY' } });
	assert.match(await explain(lab, bob, 0), /Foreground The app is in the background.* What to do Nothing/);
	await desktop.do('send', { to: bob.aor, text: 'Hi\u202eBrendan\u0007' });
	await phone.expect('toast');
	const seen = await explain(lab, bob, 0);

	for (const words of ['Last push Push 1, at ', ': accepted', 'not that it reached the phone', 'front-end to edge: MESSAGE', 'Channel The last toast came to the phone at '])
		assert.ok(seen.includes(words), `${words}\n${seen}`);
	const json = JSON.parse((await lab.ctl('explain', bob.aor, '--json')).stdout);

	assert.equal(json.advice, null);
	const untimed = (o) => JSON.parse(JSON.stringify(o).replace(/for \d+ s more/g, 'for some time'));

	assert.deepEqual(untimed(json), untimed(await lab.get(`users/${bob.aor}/explanation`)));
	assert.ok(json.findings.length > 8);

	await desktop.do('cancel');
	await phone.do('switch-off');
	await desktop.do('send', { to: bob.aor, text: 'Are you there?' });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' }, count: 2 });
	assert.match(await explain(lab, bob, 1), /its toast has not come to the phone\. What to do The phone holds no connection to its channel/);
});

scenario('a fault of the lab that swallows the push', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await Hosted.signIn(lab, 'phone', bob);
	const desktop = await Hosted.signIn(lab, 'desktop', alice);
	const faults = (...list) => lab.put('faults', { faults: list });

	await phone.do('background');
	await lab.wait('state', { user: bob, fields: { to_state: 'AWAY' } });
	for (const [where, what, more] of [['front-end→edge', 'drop'], ['edge→clearing-house', 'silence'], ['clearing-house→push-service', 'delay', { ms: 60000 }],
		['push-service→phone', 'status', { status: 500 }], ['sip-peer→front-end', 'drop', { user: bob.aor }]]) {
		await faults({ where, what, ...more });
		const seen = await explain(lab, bob, 1);

		assert.match(seen, new RegExp(`Fault The lab is broken on purpose: ${what}.* at ${where}, for ${more?.user ?? 'everybody'}\\. It has struck 0 times\\.`));
		assert.match(seen, new RegExp(`What to do Mend ${where}: mcxctl faults clear`));
	}
	await faults({ where: 'front-end→edge', what: 'drop', user: alice.aor });
	await explain(lab, bob, 0);

	await faults({ where: 'front-end→edge', what: 'drop', times: 1 });
	await desktop.do('send', { to: bob.aor, text: 'Lost' });
	await lab.wait('fault', { user: bob, fields: { what: 'drop' } });
	let seen = await explain(lab, bob, 0);
	assert.match(seen, /It has struck 1 time, and does not strike again\./);
	assert.match(seen, /front-end to edge: MESSAGE.*, struck by Fault 1 of 1: drop\./);
	await desktop.do('cancel');

	// What it holds is not let go before it is mended.
	await faults({ where: 'front-end→edge', what: 'silence', times: 1 });
	await desktop.expect('failed');
	await desktop.do('send', { to: bob.aor, text: 'Held' });
	await lab.wait('fault', { user: bob, fields: { what: 'silence' } });
	seen = await explain(lab, bob, 1);
	assert.match(seen, /silence at front-end→edge.*It has struck 1 time\. What to do Mend front-end→edge/);
	await lab.delete('faults');
	await phone.expect('toast', { text: 'Held' });
	assert.doesNotMatch(await explain(lab, bob, 0), /Fault The lab/);
});

scenario('nothing that a peer sent reaches the terminal as a control', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const hostile = 'Hi\u202eBrendan\u009b31m\u2066';
	const phone = await Hosted.signIn(lab, 'phone', bob);
	const desktop = await Hosted.signIn(lab, 'desktop', alice);

	await phone.do('background');
	await desktop.do('send', { to: bob.aor, text: hostile });
	await phone.expect('toast');
	const onTerminal = async (command) => (await lab.run('/usr/bin/script', ['-qec',
		`stty cols 80; '${binary('mcxctl')}' --socket '${lab.ready.lab_socket}' ${command}; true`, '/dev/null'])).stdout.replaceAll('\r\n', '\n');
	const colors = /\u001b\[\d+m/;

	for (const command of ['trace', 'trace --json', 'journal', 'conversations', 'pushes', 'ladder last', 'export last --format sipstack', `explain ${bob.aor}`]) {
		const seen = (await onTerminal(command)).replaceAll(new RegExp(colors, 'g'), '');

		assert.match(seen, /Hi.?Brendan/, command);
		assert.doesNotMatch(seen, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/, command);
	}
	assert.ok((await lab.ctl('trace')).stdout.includes('\u202e'), 'a file gets the bytes');

	for (const [command, isColored] of [
		['ladder last', true], ['pushes', true], ['ladder last --color never', false], ['pushes --color=never', false],
	])
		assert.equal(colors.test(await onTerminal(command)), isColored, command);
	process.env.NO_COLOR = '1';
	try {
		assert.doesNotMatch(await onTerminal('ladder last'), /\u001b/);
		assert.match(await onTerminal('ladder last --color always'), /\u001b\[33m/);
	} finally {
		delete process.env.NO_COLOR;
	}
	assert.doesNotMatch((await lab.ctl('ladder', 'last')).stdout, /\u001b/);
	assert.match((await lab.ctl('ladder', 'last', '--color', 'always')).stdout, /\u001b\[/);
});

// ---- two phones of one user ----

const joint = 'clearing-house→push-service';
const subscription = (app) => app.application._links.pushSubscription.href;

async function ask(lab, user) {
	const told = await lab.get(`users/${user.aor}/explanation`);
	const of = (app) => told.findings.filter((f) => f.phone && app.self.endsWith(f.phone));

	return { ...told, of, causesOf: (app) => of(app).flatMap((f) => f.cause ?? []) };
}

async function refuse(app, body, reason) {
	const answer = await app.request('PUT', subscription(app), { body });

	assert.equal(answer.status, 403, answer.text);
	assert.match(answer.text, reason);
}

const windowsPhone = (notificationUri) => ({ platform: 'windowsPhone', notificationUri });
const apple = { platform: 'apple', deviceToken: 'ab'.repeat(32) };
const elsewhere = windowsPhone('http://elsewhere.example/x');

// What is wrong with the first phone while the second one is all right: [cause, what happens to it, settings].
const subscriptions = [
	['no-uri', async () => {}],
	['no-uri', async (app) => {
		await app.subscribe();
		await app.must('DELETE', subscription(app));
	}],
	['site-policy', async (app, lab) => {
		await lab.request('PATCH', 'settings', { 'push.apple': 'no' });
		await refuse(app, apple, /Apple push notifications are turned off \(push\.apple\)/);
	}],
	['site-policy', async (app, lab) => {
		await app.must('PUT', subscription(app), { body: apple });
		await lab.request('PATCH', 'settings', { 'push.apple': 'no' });
	}],
	['host-not-allowed', (app) => refuse(app, elsewhere, /push\.allow_hosts/)],
	['apple-not-configured', (app) => refuse(app, apple, /no connection to the Apple push service/), { 'push_service.apns': '' }],
	['foreground', (app) => {
		void app.fetch().catch(() => {});
	}],
];

for (const [i, [cause, happen, settings]] of subscriptions.entries())
	scenario(`one of two phones, ${cause} (${i})`, { settings }, async (lab) => {
		const bob = await lab.user('bob');
		const [bad, good] = [await lab.app(bob), await lab.app(bob)];

		await good.subscribe();
		if (cause === 'foreground')
			await bad.subscribe();
		await happen(bad, lab);
		if (cause === 'foreground')
			await lab.wait('state', { user: bob, fields: { to_state: 'HELD' } });
		const told = await ask(lab, bob);

		assert.equal(told.cause, cause);
		assert.deepEqual(told.causesOf(bad), [cause]);
		assert.deepEqual(told.causesOf(good), []);
	});

scenario('a subscription that was refused may be asked for again', async (lab) => {
	const bob = await lab.user('bob');
	const app = await lab.app(bob);

	await lab.request('PATCH', 'settings', { 'push.microsoft': 'no' });
	await refuse(app, windowsPhone('http://127.0.0.1:1/x'), /turned off \(push\.microsoft\)/);
	let told = await ask(lab, bob);
	assert.equal(told.cause, 'site-policy');
	assert.ok(told.findings.some((f) => f.topic === 'Policy' && /push\.microsoft/.test(f.text)));
	assert.ok(told.of(app).some((f) => /the app asked for pushes by windowsPhone to http:\/\/127.0.0.1:1\/x, and was refused/.test(f.text)));
	await lab.request('PATCH', 'settings', { 'push.microsoft': 'yes' });
	await refuse(app, elsewhere, /push\.allow_hosts/);
	told = await ask(lab, bob);
	assert.equal(told.cause, 'host-not-allowed');
	await lab.request('PATCH', `users/${bob.aor}`, { enablePush: false });
	assert.equal((await ask(lab, bob)).cause, 'user-policy');
	await lab.request('PATCH', `users/${bob.aor}`, { enablePush: true });
	await app.subscribe();
	assert.equal((await ask(lab, bob)).cause, null);
});

// What the last push to the first phone met: [cause, fault, settings, the time that who waits for it gives it]. The push service takes that to the second one, which nobody holds.
const struck = [
	['dead-channel', { where: joint, what: 'status', status: 404 }],
	['throttled', { where: joint, what: 'status', status: 406 }],
	['phone-away', { where: joint, what: 'status', status: 412 }],
	['platform-down', { where: joint, what: 'status', status: 503 }, { 'clearing_house.max_attempts': 1 }],
	['platform-down', { where: joint, what: 'drop' }, { 'clearing_house.max_attempts': 1 }, 5000],
	['unreachable', { where: 'front-end→edge', what: 'drop' }, {}, 10000],
	['unreachable', { where: 'edge→clearing-house', what: 'drop' }, {}, 8000],
];

for (const [i, [cause, fault, settings, patienceMs]] of struck.entries())
	scenario(`a push to one of two phones, ${cause} (${i})`, { settings }, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const [bad, good] = [await lab.app(bob), await lab.app(bob)];

		await bad.subscribe();
		await good.subscribe();
		await lab.put('faults', { faults: [{ ...fault, times: 1 }] });
		lab.desktop(alice, { im: [bob, 'Hi'] });
		await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
		if (patienceMs) {
			await lab.wait('fault', { fields: { what: fault.what } });
			await lab.advance(patienceMs);
		}
		await lab.wait('push', { user: bob, fields: { state: /refused|unanswered/ } });
		const told = await ask(lab, bob);

		assert.equal(told.cause, cause, JSON.stringify(told.findings, null, 1));
		assert.ok(told.causesOf(bad).includes(cause));
		if (fault.what === 'status')
			assert.ok(told.of(bad).every((f) => !/nobody of this process/.test(f.text)), JSON.stringify(told.findings, null, 1));
		assert.deepEqual(told.causesOf(good).filter((c) => c !== 'phone-away'), []);
		assert.ok(told.of(good).some((f) => f.topic === 'Last push' && /accepted/.test(f.text)));
	});

// What breaks for both is seen by the phone that was there; one that has signed in since has had no push.
for (const [cause, changes] of [
	['edge-domain', () => ({ 'edge.allowed_domains': '' })],
	['certificate', (lab) => ({ 'push.next_hop': `sip:${lab.ready.clearing_house.tls};transport=tls` })],
])
	scenario(`one of two phones was there, ${cause}`, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const bad = await lab.app(bob);

		await bad.subscribe();
		await lab.request('PATCH', 'settings', changes(lab));
		lab.desktop(alice, { im: [bob, 'Hi'] });
		await lab.wait('push', { user: bob, fields: { state: /refused|unanswered/ } });
		const good = await lab.app(bob);

		await good.subscribe();
		const told = await ask(lab, bob);

		assert.equal(told.cause, cause, JSON.stringify(told.findings, null, 1));
		assert.deepEqual(told.causesOf(bad), [cause]);
	});
