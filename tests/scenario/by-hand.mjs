// What a person types into the simulated clients.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { scenario } from '../lab.mjs';

async function complaint(actor, pattern) {
	while (!pattern.test(actor.errors))
		await once(actor.child.stderr, 'data', { signal: AbortSignal.timeout(20000) });
	actor.errors = '';
}

scenario('/accept opens an app that sleeps, and answers whoever rings', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

	await phone.expect('background');
	phone.say('/accept');
	await phone.expect('foreground');
	await complaint(phone, /^mcxsim: nobody is ringing$/m);
	phone.say('/away');
	await phone.expect('background');
	await lab.advance(60000); // it counts as awake for a while
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	await phone.expect('toast', { text: 'Hi Brendan' });
	phone.say('/accept');
	await phone.expect('foreground');
	await phone.expect('connected');
	await desktop.expect('connected');
	phone.say('Hi Alice');
	await desktop.expect('message', { text: 'Hi Alice' });
	phone.say('/accept');
	await complaint(phone, /^mcxsim: nobody is ringing; a conversation with Alice is open$/m);
});

scenario('/decline works from the background, too', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

	await phone.expect('background');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	await phone.expect('toast');
	phone.say('/decline');
	await desktop.expect('failed', { text: /^603 / });
	await desktop.ended(1);
});

scenario('a desktop is told what to do, and says why it cannot', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { onInvite: 'ignore' });
	const desktop = lab.desktop(alice);

	await phone.expect('signed-in');
	await desktop.expect('registered');
	for (const [command, why] of [['/cancel', 'nobody is ringing, and no conversation is open'],
		['/bye', 'nobody is ringing, and no conversation is open'], ['/accept', 'nobody is ringing, and no conversation is open']]) {
		desktop.say(command);
		await complaint(desktop, new RegExp(`^mcxsim: cannot [a-z ]+: ${why}$`, 'm'));
	}
	desktop.say(`/im ${bob.aor}`);
	await complaint(desktop, /^mcxsim: to whom, and what\? /m);
	desktop.say(`/im ${bob.aor} Hi Brendan`);
	await phone.expect('invited', { text: 'Hi Brendan' });
	await desktop.expect('window', { text: /^Waiting for a response/ });
	desktop.say('/bye');
	await complaint(desktop, /^mcxsim: cannot hang up: an invitation is ringing; \/cancel takes it back$/m);
	desktop.say('/cancel');
	await desktop.expect('failed', { text: /^487 / });
	await phone.expect('ended');
	desktop.say(`/im ${bob.aor.split('@')[0]} Are you there?`);
	await phone.expect('invited', { text: 'Are you there?' });
	phone.say('/accept');
	await desktop.expect('connected');
	desktop.say('/nonsense at all');
	await complaint(desktop, /^mcxsim: unknown command "\/nonsense at all"; \/help lists them$/m);
	desktop.say('/help');
	await complaint(desktop, /^\/im +USER TEXT: [^]*^\/quit .*\n\/help .*$/m);
	desktop.say('//help is a command');
	await phone.expect('message', { text: '/help is a command' });
	desktop.say('/bye');
	await phone.expect('ended');
	await desktop.expect('ended');
	assert.equal(phone.seen.filter((e) => e.event === 'message').length, 1);
	desktop.say('/quit');
	await desktop.ended(0);
});

// Were it kept, it would go to whoever comes next.
scenario('a line that is typed without a conversation goes to nobody, and the person reads so', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { onInvite: 'ignore' });
	const desktop = lab.desktop(alice);
	const toNobody = /^mcxsim: no conversation is open, so this goes to nobody; /m;

	await phone.expect('signed-in');
	await desktop.expect('registered');
	for (const actor of [desktop, phone]) {
		actor.say('Is anybody there?');
		await complaint(actor, toNobody);
	}
	desktop.say(`/im ${bob.aor} Hi Brendan`);
	await phone.expect('invited');
	desktop.say('Are you there?'); // waits for him, in vain
	phone.say('Yes');
	phone.say('/decline');
	await desktop.expect('failed', { text: /^603 / });
	await desktop.expect('not-sent', { text: 'Are you there?' });
	await phone.expect('not-sent', { text: 'Yes' });
	desktop.say(`/im ${bob.aor} Once more`);
	await phone.expect('invited', { text: 'Once more' });
	desktop.say('Lunch?');
	phone.say('Yes, at twelve');
	phone.say('/accept');
	await phone.expect('message', { text: 'Lunch?' });
	await desktop.expect('message', { text: 'Yes, at twelve' });
	desktop.say('/bye');
	await desktop.expect('ended');
	await phone.expect('ended');
	assert.deepEqual([...desktop.seen, ...phone.seen].filter((e) => e.event === 'message').map((e) => e.text).sort(),
		['Lunch?', 'Yes, at twelve']);
});

scenario('lines of a pipe wait for the invitation that a desktop was started for', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob);

	await phone.expect('signed-in');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	desktop.say('Lunch?'); // before it can have registered
	desktop.close();
	await phone.expect('message', { text: 'Lunch?' });
	await desktop.expect('ended');
	await desktop.ended(0);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
	scenario(`a desktop that ends by ${signal} while it rings cancels`, async (lab) => {
		const [alice, bob] = await lab.users('alice', 'bob');
		const phone = lab.phone(bob, { onInvite: 'ignore' });

		await phone.expect('signed-in');
		const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

		await phone.expect('invited');
		await desktop.expect('window');
		desktop.child.kill(signal);
		await desktop.ended(1);
		await phone.expect('ended');
		await lab.wait('sip', { user: alice, fields: { method: 'CANCEL' } });
		assert.deepEqual((await lab.get(`endpoints?user=${alice.aor}`)).endpoints, []);
	});
}

scenario('a desktop whose piped input ends waits for the answer', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { onInvite: 'ignore' });

	await phone.expect('signed-in');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	desktop.close();
	await phone.expect('invited');
	await desktop.expect('window');
	phone.say('/accept');
	await desktop.expect('ended');
	await desktop.ended(0);
});
