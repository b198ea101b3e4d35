// Python's requests as a phone app (requests-client.py), and another app whose presence it follows.
import path from 'node:path';
import { scenario } from '../lab.mjs';
import { startPeer } from '../peer.mjs';

const program = path.join(path.dirname(new URL(import.meta.url).pathname), 'requests-client.py');
const ROOT = '/Autodiscover/AutodiscoverService.svc/Root';

scenario('requests searches, sends a batch and follows a presence', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const client = startPeer(lab, 'python3',
		[program, `${lab.ready.https}${ROOT}`, bob.aor, bob.password, alice.aor],
		{ env: { REQUESTS_CA_BUNDLE: lab.ready.ca } });

	await client.expect('signed-in');
	await client.expect('found', { uri: `sip:${alice.aor}`, name: alice.displayName, more: false });
	await client.expect('contacts', { other: true });
	await client.expect('part', { status: 200, rel: 'me' });
	await client.expect('part', { status: 200, rel: 'myGroups' });
	await client.expect('part', { status: 404 });
	await client.expect('kept');
	await client.expect('watching');
	await client.expect('presence', { availability: 'Offline', device: 'Unknown' });

	const app = await lab.app(alice);
	const { presence, note } = app.application._embedded.me._links;
	await client.expect('presence', { availability: 'Online', device: 'Mobile' });
	await app.must('POST', presence.href, { body: { availability: 'DoNotDisturb' } });
	await client.expect('presence', { availability: 'DoNotDisturb' });
	await app.must('POST', note.href, { body: { message: 'In a meeting' } });
	await client.expect('note', { message: 'In a meeting' });
	await app.must('DELETE', app.self);
	await client.expect('presence', { availability: 'Offline' });
	await client.expect('signed-out');
	await client.ended(0);
});
