// pidgin-sipe signs in as it comes from Debian, and talks: by TLS and NTLM with one that uses TCP and Digest. With --long each
// pair of transport and authentication with each side as the caller.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { hear, say, startPidgin } from '../pidgin.mjs';
import { isLong } from '../peer.mjs';

const settingsOf = (tcp, tls) => ({ settings: { 'sip.tcp_authentication': tcp, 'sip.tls_authentication': tls, 'https.guess_delay': '100ms' } });

/** Two of them talk: the first one invites. */
async function talk(lab, [alice, one], [bob, two]) {
	say(one, bob, 'Hi Brendan');
	await hear(two, alice, 'Hi Brendan');
	say(two, alice, 'Hello back');
	await hear(one, bob, 'Hello back');
	say(one, bob, 'How are you?');
	await hear(two, alice, 'How are you?');
	one.child.stdin.end();
	await lab.wait('sip', { user: alice, fields: { method: 'BYE' } }); // one that is challenged for it leaves all the same
}

async function signIn(lab, user, options) {
	const pidgin = await startPidgin(lab, user, options);

	await pidgin.expect('text', { text: 'signed on' });
	return [user, pidgin];
}

async function nothingWentWrong(lab) {
	for (const what of ['malformed', 'forbidden', 'wrong', 'signatures_wrong', 'replayed'])
		assert.equal(await lab.metric(`sip_auth_${what}_total`), 0, what);
}

scenario('pidgin-sipe signs in by NTLM over TLS, and talks with one that has shown Digest over TCP', settingsOf('digest', 'ntlm'), async (lab) => {
	const [alice, bob, carol] = await lab.users('alice', 'bob', 'carol');
	const refused = await startPidgin(lab, carol, { transport: 'tls', authentication: 'ntlm', password: 'guess' });

	await talk(lab, await signIn(lab, alice, { transport: 'tls', authentication: 'ntlm' }), await signIn(lab, bob, { transport: 'tcp' }));
	assert.equal(await lab.metric('sip_auth_associations'), 1);
	// All that went to the one who signs was signed, but for challenges and the 100 of a hop.
	const records = (await lab.records({ kind: 'sip', user: alice })).filter((r) => r.to === alice.aor);
	const unsigned = records.filter((r) => !/^Authentication-Info: NTLM rspauth=/m.test(r.raw)).map((r) => r.fields.status);

	assert.ok(records.some((r) => r.fields.method === 'MESSAGE' && !r.fields.status));
	assert.deepEqual([...new Set(unsigned)].sort(), ['100', '401']);
	await refused.expect('text', { text: /^refused / });
	assert.equal(await lab.metric('sip_auth_wrong_total'), 1);
	for (const what of ['malformed', 'forbidden', 'signatures_wrong', 'replayed'])
		assert.equal(await lab.metric(`sip_auth_${what}_total`), 0, what);
});

const ways = [['tcp', 'none'], ['tcp', 'digest'], ['tcp', 'ntlm'], ['tls', 'none'], ['tls', 'digest'], ['tls', 'ntlm']];

for (const [transport, scheme] of isLong ? ways : []) {
	for (const isCaller of [true, false]) {
		scenario(`pidgin-sipe ${isCaller ? 'calls' : 'is called'} over ${transport} with ${scheme}`, settingsOf(scheme, scheme), async (lab) => {
			const [alice, bob] = await lab.users('alice', 'bob');
			const one = await signIn(lab, alice, { transport });
			const two = await signIn(lab, bob, { transport: transport === 'tls' ? 'tcp' : 'tls' });

			await talk(lab, ...(isCaller ? [one, two] : [two, one]));
			await nothingWentWrong(lab);
		});
	}
}
