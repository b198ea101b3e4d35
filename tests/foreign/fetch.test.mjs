// node's fetch as a phone app (fetch-client.mjs), and mcxsim at the other end.
import assert from 'node:assert/strict';
import path from 'node:path';
import process from 'node:process';
import { scenario } from '../lab.mjs';
import { startPeer } from '../peer.mjs';

const program = path.join(path.dirname(new URL(import.meta.url).pathname), 'fetch-client.mjs');
const ROOT = '/Autodiscover/AutodiscoverService.svc/Root';

function client(lab, user, ...story) {
	return startPeer(lab, process.execPath, [program, `${lab.ready.https}${ROOT}`, user.aor, user.password, ...story],
		{ env: { NODE_EXTRA_CA_CERTS: lab.ready.ca } });
}

scenario('fetch is called, and answers a message at its own URL', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const app = client(lab, bob, 'be-called');

	await app.expect('signed-in');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	const invited = await app.expect('invited', { text: 'Hi Brendan', from: `sip:${alice.aor}`, name: alice.displayName });

	assert.ok(invited.threadId);
	await app.expect('completed', { status: 'Success', state: 'Connected' });
	await desktop.expect('connected');
	await app.expect('message', { text: 'Hi Brendan' });
	desktop.say('How are you?');
	await app.expect('message', { text: 'How are you?' });
	await desktop.expect('message', { text: 'Fine' });
	await app.expect('delivered', { status: 'Success' });
	desktop.close();
	await app.expect('ended');
	await app.ended(0);
});

scenario('fetch calls a desktop', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const desktop = lab.desktop(alice);

	await desktop.expect('registered');
	const app = client(lab, bob, 'call', alice.aor, 'Grüße');

	await app.expect('started', { state: 'Connecting' });
	await app.expect('completed', { status: 'Success', state: 'Connected', by: `sip:${alice.aor}` });
	await desktop.expect('message', { text: 'Grüße' });
	await desktop.expect('message', { text: 'What\'s up?' });
	await app.expect('delivered', { status: 'Success', operationId: '1' });
	desktop.say('Not much');
	await app.expect('message', { text: 'Not much' });
	await desktop.expect('ended');
	await app.ended(0);
});

scenario('fetch calls a phone', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(alice, { say: 'Not much' });

	await phone.expect('signed-in');
	const app = client(lab, bob, 'call', alice.aor, 'Hi');

	await phone.expect('invited', { text: 'Hi' });
	await app.expect('completed', { status: 'Success' });
	await phone.expect('message', { text: 'What\'s up?' });
	await app.expect('message', { text: 'Not much' });
	await phone.expect('ended');
	await app.ended(0);
});

scenario('fetch gives up waiting', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(alice, { onInvite: 'ignore' });

	await phone.expect('signed-in');
	const app = client(lab, bob, 'give-up', alice.aor, 'Hi');

	await app.expect('completed', { status: 'Failure', state: 'Cancelled', subcode: 'Canceled' });
	await app.ended(0);
});
