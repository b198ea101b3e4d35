// SIPp as a registered endpoint that a phone calls, over UDP and TCP. The .xml file of the same name says what it does.
import assert from 'node:assert/strict';
import path from 'node:path';
import { scenario } from '../lab.mjs';
import { loopbackAddress } from '../peer.mjs';
import { call, serve } from '../stunnel.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);
const file = (story) => path.join(here, `${story}.xml`);

function everyWay(name, play) {
	for (const transport of ['udp', 'tcp'])
		scenario(`${name} (${transport})`, (lab) => play(lab, transport));
}

/** Bob is registered at SIPp, which plays the story, and Alice's phone writes to him. */
async function phoneCalls(lab, story, transport) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const contact = await loopbackAddress();
	const [ended] = await serve(lab, file(story), { transport, accept: contact, keys: { contact } });

	await call(lab, file('register'), { transport, keys: { user: bob.aor, contact, epid: '5f2f0b1a7c' } });
	return { alice, bob, ended, phone: lab.phone(alice, { im: [bob, 'Hi Brendan'] }) };
}

everyWay('a phone calls SIPp: a message each way', async (lab, transport) => {
	const { phone, ended } = await phoneCalls(lab, 'endpoint', transport);

	await phone.expect('connected');
	phone.say('How are you?');
	await phone.expect('message', { text: 'Fine' });
	phone.say('/end');
	await ended;
	assert.deepEqual(phone.seen.filter((e) => e.event === 'not-delivered'), []);
});

everyWay('SIPp is busy, and the phone is told so', async (lab, transport) => {
	const { phone, ended } = await phoneCalls(lab, 'endpoint-busy', transport);

	await phone.expect('failed', { reason: 'Busy' });
	await ended;
});

everyWay('the phone gives up waiting, and SIPp is cancelled', async (lab, transport) => {
	const { alice, bob, phone, ended } = await phoneCalls(lab, 'endpoint-cancelled', transport);

	await phone.expect('invite');
	await lab.wait('sip', { user: bob, fields: { method: 'INVITE', status: '180' } });
	phone.say('/end');
	await phone.expect('failed', { reason: 'Canceled' });
	await ended;
	await lab.wait('conversation', { user: alice, fields: { state: 'failed', status: '487' } });
});
