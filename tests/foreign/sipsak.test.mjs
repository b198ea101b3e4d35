// sipsak sends messages to a phone. Those of its own making (-M) end Debian 12's sipsak with a segmentation fault, so it gets
// one from a file.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lab.mjs';

scenario('sipsak writes to a phone', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob);
	const file = path.join(lab.dir, 'message.sip');
	const text = 'Hello from sipsak';

	await writeFile(file, [
		`MESSAGE sip:${bob.aor} SIP/2.0`, 'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKsipsak;rport', `From: <sip:${alice.aor}>;tag=sipsak`,
		`To: <sip:${bob.aor}>`, 'Call-ID: sipsak', 'CSeq: 1 MESSAGE', 'Max-Forwards: 70', 'Content-Type: text/plain',
		`Content-Length: ${text.length}`, '', text,
	].join('\r\n'));
	await phone.expect('signed-in');
	const { code, stdout } = await lab.run('/usr/bin/sipsak', ['-vv', '-f', file, '-s', `sip:bob@${lab.ready.sip.udp}`]);

	assert.equal(code, 0, stdout);
	assert.match(stdout, /SIP\/2\.0 20[02] /);
	await phone.expect('invited', { text });
	await phone.expect('connected');
});
