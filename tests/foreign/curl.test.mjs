// Plain curl as the phone: the whole HTTPS flow with the lab's own certificate authority, and the
// notification channel over the push service's HTTP. SIPp is the caller.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Curl } from '../curl.mjs';
import { scenario } from '../lab.mjs';

const here = path.dirname(new URL(import.meta.url).pathname);

function textOf(href) {
	return decodeURIComponent(href.slice(href.indexOf(',') + 1).replaceAll('+', '%20'));
}

scenario('curl signs in, is woken, accepts, chats and hangs up', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const curl = new Curl(lab);

	await curl.signIn(bob);
	await curl.subscribe();
	const called = lab.sipp(path.join(here, 'hung-up.xml'),
		{ transport: 'tcp', keys: { caller: alice.aor, callee: bob.aor } });
	const toast = (await curl.notifications()).find((n) => n.kind === 'toast');
	assert.equal(toast.text2, 'Hi Brendan');

	const started = await curl.event('messagingInvitation', 'started');
	const invitation = started._embedded.messagingInvitation;
	assert.equal(textOf(invitation._links.message.href), 'Hi Brendan');
	await curl.must(204, 'POST', invitation._links.accept.href, { data: '' });
	const completed = await curl.event('messagingInvitation', 'completed');
	assert.equal(completed.status, 'Success');

	const { _embedded: { messaging } } = await curl.event('messaging', 'updated');
	const first = (await curl.event('message', 'completed'))._embedded.message;
	assert.equal(textOf(first._links.plainMessage.href), 'Hi Brendan');
	const incoming = (await curl.event('message', 'completed'))._embedded.message;
	assert.equal(textOf(incoming._links.plainMessage.href), 'How are you?');
	await curl.must(201, 'POST', messaging._links.sendMessage.href, { type: 'text/plain', data: 'Fine' });
	const sent = await curl.event('message', 'completed');
	assert.equal(sent.status, 'Success');
	await curl.must(204, 'POST', messaging._links.stopMessaging.href, { data: '' });
	await called;
	await curl.event('conversation', 'deleted');
	await curl.must(204, 'DELETE', curl.application._links.self.href);
	await curl.must(404, 'GET', curl.application._links.self.href);
});

scenario('curl asks in other ways, and is understood', async (lab) => {
	const [bob] = await lab.users('bob');
	const curl = new Curl(lab);
	const packed = await lab.run('/bin/sh', ['-c', 'printf \'{"MESSAGE":"Packed"}\' | gzip -c | base64 -w 0']);
	const gzip = path.join(lab.dir, 'note.gz');

	await curl.signIn(bob);
	const self = curl.application._links.self.href;
	const note = `${self}/me/note`;

	// Paths in any case, with repeated slashes and with one at the end, as clients of IIS write them.
	const id = self.split('/').at(-1);
	for (const way of [`${self.slice(0, -id.length).toUpperCase()}${id}`, `/${self}`, self.replaceAll('/', '//'), `${self}/`])
		assert.equal((await curl.must(200, 'GET', lab.ready.https + way)).body._links.self.href, self);

	// Whatever the version, the connection and what is accepted, the answer is the same.
	const { body } = await curl.must(200, 'GET', self);
	for (const more of [['--http1.0'], ['--header', 'Accept:'], ['--header', 'Accept: */*;q=0.1'],
		['--header', 'Accept: application/xhtml+xml, text/*;q=0.5, */*'], ['--compressed'],
		['--header', 'Connection: close'], ['--header', 'Content-Type: text/plain', '--data-binary', 'x']])
		assert.deepEqual((await curl.must(200, 'GET', self, { more })).body, body, more.join(' '));
	const { head } = await curl.must(200, 'GET', self, { more: ['--compressed'] });
	assert.match(head, /^content-encoding: gzip\r$/im);
	assert.match(head, /^vary: .*accept-encoding/im);

	// Names in any case; bodies in chunks, after an invitation, packed.
	await curl.must(204, 'POST', note, { data: '{"mEsSaGe":"In chunks"}', more: ['--header', 'Transfer-Encoding: chunked'] });
	assert.equal((await curl.must(200, 'GET', note)).body.message, 'In chunks');
	const invited = await curl.request('POST', note, { data: '{"message":"Invited"}', more: ['--header', 'Expect: 100-continue'] });
	assert.match(invited.head, /^HTTP\/1.1 100 /);
	assert.equal((await curl.must(200, 'GET', note)).body.message, 'Invited');
	await writeFile(gzip, Buffer.from(packed.stdout, 'base64'));
	await curl.must(204, 'POST', note, { data: `@${gzip}`, more: ['--header', 'Content-Encoding: gzip'] });
	assert.equal((await curl.must(200, 'GET', note)).body.message, 'Packed');
	const wrong = await curl.must(400, 'POST', note, { data: '{}', more: ['--header', 'Content-Length: 2, 2'] });
	assert.equal(wrong.body.code, 'BadRequest');
	const unknown = await curl.must(415, 'POST', note, { data: '{}', more: ['--header', 'Content-Encoding: br'] });
	assert.match(unknown.head, /^accept-encoding: gzip\r$/im);
	assert.equal(unknown.body.code, 'UnsupportedMediaType');

	// One connection serves many requests.
	const many = await lab.run('/usr/bin/curl', ['--silent', '--show-error', '--cacert', lab.ready.ca,
		'--write-out', '%{num_connects} ', ...Array(5).fill(new URL('/health', lab.ready.https).href)]);
	assert.equal(many.stdout.match(/[01] (?=\{|$)/g).join(''), '1 0 0 0 0 ');
});

scenario('curl trusts only the lab\'s own certificate authority', async (lab) => {
	const { code } = await lab.run('/usr/bin/curl', ['--silent', `${lab.ready.https}/`]);

	assert.equal(code, 60); // CURLE_PEER_FAILED_VERIFICATION
});
