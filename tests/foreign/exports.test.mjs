// Exports, read by those who read such files: tshark, sngrep, and the schema of HTTP Archives.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import Ajv from 'ajv';
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import addFormats from 'ajv-formats';
import * as schemas from 'har-schema';
import { scenario } from '../lab.mjs';

const LONG = 'All work and no play. '.repeat(40);

async function play(lab, ...formats) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true });
	const files = {};

	await phone.expect('background');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });

	await phone.expect('toast');
	phone.say('/accept');
	await desktop.expect('connected');
	phone.say(LONG);
	await desktop.expect('message');
	await lab.wait('event', { user: bob, fields: { kind: 'message', type: 'completed' }, count: 2 });
	for (const what of ['last', 'journal'])
		for (const format of formats) {
			files[what] = path.join(lab.dir, `${what}.${format}`);
			const { code, stderr } = await lab.run('mcxctl', ['--socket', lab.ready.lab_socket, 'export', what, '--format', format, '-o', files[what]]);

			assert.equal(code, 0, stderr);
		}
	return { alice, bob, files };
}

function tshark(file, ...args) {
	const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });

	assert.equal(status, 0, stderr);
	return stdout.split('\n').filter(Boolean);
}

function fields(file, filter, ...names) {
	return tshark(file, '-Y', filter, '-T', 'fields', '-E', 'occurrence=f', ...names.flatMap((name) => ['-e', name]))
		.map((line) => line.split('\t'));
}

scenario('tshark reads every message, follows a stream, and knows who is who', async (lab) => {
	const { files, alice } = await play(lab, 'pcapng');

	for (const file of Object.values(files))
		assert.deepEqual(tshark(file, '-Y', '_ws.malformed || _ws.expert.severity >= "Warning" || tcp.analysis.flags'), []);
	const sip = fields(files.last, 'sip', 'sip.Method', 'sip.Status-Code').map((pair) => pair.filter(Boolean).join(''));

	assert.deepEqual(sip.filter((what) => !what.startsWith('MESSAGE') && what !== '200'), ['INVITE', '100', '180', 'ACK']);
	assert.equal(sip.filter((what) => what === 'MESSAGE').length, 3, 'two hops of the push, and the answer');
	const { records } = await lab.get(`conversations/${(await lab.conversation(alice)).id}/story`);

	assert.equal(sip.length, records.filter((r) => r.kind === 'sip' && !r.sent).length);
	const http = fields(files.last, 'http', 'http.request.method', 'http.request.uri', 'http.response.code').map(([method, uri, code]) =>
		code || `${method} ${uri.replace(/\?.*/, '').split('/').at(-1)}`);

	assert.ok(http.filter((what) => what === 'GET events').length >= 2, `${http}`);
	for (const what of ['POST accept', 'POST messages', '204', '201'])
		assert.equal(http.filter((each) => each === what).length, 1, `${what} in ${http}`);
	assert.equal(http.filter((what) => /^\d/.test(what)).length, http.filter((what) => /^[A-Z]/.test(what)).length);

	const [[stream]] = fields(files.last, 'sip.Method == "INVITE"', 'tcp.stream');
	const followed = tshark(files.last, '-q', '-z', `follow,tcp,ascii,${stream}`).join('\n');

	for (const words of [/^INVITE sip:/m, /^SIP\/2\.0 180 Ringing/m, /^SIP\/2\.0 200 OK/m, /^ACK /m, /All work and no play/])
		assert.match(followed, words);
	const names = tshark(files.last, '-N', 'n').join('\n');

	for (const name of ['front-end', 'edge', 'clearing-house', 'push-service', alice.aor.replace('@', '.')])
		assert.ok(names.includes(name), name);
	const comments = fields(files.last, 'frame.comment', 'frame.comment').flat();

	assert.equal(comments.filter((c) => /^record \d+, 180 Ringing: the callee is being looked for/.test(c)).length, 1);
	assert.equal(comments.filter((c) => /^record \d+, 200 OK: answered$/.test(c)).length, 1);
});

scenario('sngrep opens it and finds the dialogs', async (lab) => {
	const { files } = await play(lab, 'pcapng');
	const text = path.join(lab.dir, 'sngrep.pcap');
	const { status, stderr } = spawnSync('sngrep', ['-N', '-q', '-I', files.last, '-O', text], { encoding: 'utf8', timeout: 20000 });

	assert.equal(status, 0, stderr);
	const seen = fields(text, 'sip', 'sip.Method').flat();

	assert.ok(seen.includes('INVITE') && seen.includes('ACK'), `${seen}`);
});

scenario('an HTTP Archive is valid, and has no secrets', async (lab) => {
	const { files } = await play(lab, 'har');
	const ajv = new Ajv({ strict: false });

	ajv.addMetaSchema(draft6);
	addFormats(ajv);
	ajv.addSchema(Object.values(schemas.default));
	const validate = ajv.getSchema('har.json#') ?? ajv.getSchema('har.json');

	for (const file of Object.values(files)) {
		const text = await readFile(file, 'utf8');
		const har = JSON.parse(text);

		assert.ok(validate(har), ajv.errorsText(validate.errors));
		assert.doesNotMatch(text, /Bearer [^*"]|password=[^*"]|access_token\\"\s*:\s*\\"[^*]/);
	}
	const { log } = JSON.parse(await readFile(files.journal, 'utf8'));
	const token = log.entries.find((e) => e.request.url.endsWith('/oauthtoken'));
	const events = log.entries.filter((e) => /\/events\?/.test(e.request.url));

	assert.match(token.request.postData.text, /^grant_type=password&.*password=\*+$/);
	assert.equal(token.response.status, 200);
	assert.match(token.response.content.text, /"access_token":"\*+"/);
	assert.ok(events.some((e) => JSON.parse(e.response.content.text).sender));
	assert.ok(events.some((e) => e.time > 1), 'a held request takes its time');
	assert.deepEqual(log.entries.filter((e) => e.response.status === 0), []);
});
