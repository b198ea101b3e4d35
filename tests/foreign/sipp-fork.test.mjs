// SIPp as a caller and as both endpoints of the callee: one answers, the other one is cancelled. The session and what is
// asked in the dialog pass from SIPp to SIPp. The .xml files say what each of them does.
import path from 'node:path';
import process from 'node:process';
import { scenario } from '../lab.mjs';
import { loopbackAddress, startPeer } from '../peer.mjs';
import { call, serve } from '../stunnel.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const file = (story) => path.join(here, `${story}.xml`);
const ROOT = '/Autodiscover/AutodiscoverService.svc/Root';

/** Bob's endpoint at SIPp, which plays the story. Resolves with its end as a promise in an array. */
async function endpoint(lab, bob, story, epid) {
	const contact = await loopbackAddress();
	const played = await serve(lab, file(story), { transport: 'tcp', accept: contact, keys: { contact } });

	await call(lab, file('register'), { transport: 'tcp', keys: { user: bob.aor, contact, epid } });
	return played;
}

scenario('SIPp calls SIPp in audio: one endpoint answers, the other one is cancelled', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const [answers] = await endpoint(lab, bob, 'forked-answers', '0000000001');
	const [cancelled] = await endpoint(lab, bob, 'forked-cancelled', '0000000002');

	await call(lab, file('forked-caller'), { transport: 'tcp', keys: { caller: alice.aor, callee: bob.aor } });
	await Promise.all([answers, cancelled]);
});

scenario('SIPp calls an app, which takes the call at another number', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');

	await lab.patch(`users/${encodeURIComponent(bob.aor)}`, { outsideVoiceNumber: '+1 555 0199' });
	const app = startPeer(lab, process.execPath,
		[path.join(here, 'fetch-client.mjs'), `${lab.ready.https}${ROOT}`, bob.aor, bob.password, 'be-phoned'],
		{ env: { NODE_EXTRA_CA_CERTS: lab.ready.ca } });

	await app.expect('signed-in');
	const calling = call(lab, file('redirected'), { transport: 'tcp', keys: { caller: alice.aor, callee: bob.aor } });

	await app.expect('phoned', { from: `sip:${alice.aor}` });
	await app.expect('completed', { status: 'Success', state: 'Connected' });
	await calling;
	await app.ended(0);
});
