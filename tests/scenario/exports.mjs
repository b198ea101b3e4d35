// A conversation as a file for other tools, by mcxctl and over HTTP.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { scenario } from '../lab.mjs';

async function talk(lab) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true });

	await phone.expect('background');
	const desktop = lab.desktop(alice, { im: [bob, 'Hi <b>Brendan</b>'] });

	await phone.expect('toast');
	phone.say('/accept');
	await desktop.expect('connected');
	phone.say('Hello back');
	await desktop.expect('message', { text: 'Hello back' });
	await lab.wait('event', { user: bob, fields: { kind: 'message', type: 'completed' }, count: 2 });
	return { alice, bob, id: (await lab.conversation(bob)).id };
}

function mcxctl(lab, ...args) {
	return lab.run('mcxctl', ['--socket', lab.ready.lab_socket, ...args], { maxBuffer: 1 << 24 });
}

scenario('the trace at the Edge is what one sees there', async (lab) => {
	const { id } = await talk(lab);
	const file = path.join(lab.dir, 'edge.log');

	assert.equal((await mcxctl(lab, 'export', String(id), '--format', 'sipstack', '--at', 'edge', '-o', file)).code, 0);
	const records = (await readFile(file, 'utf8')).split('$$end_record\n\n').filter(Boolean);
	const lines = records.map((r) => r.split('\n'));

	assert.deepEqual(lines.map((l) => [l[3], l[6]]), [
		['Direction: incoming;source="internal edge";destination="external edge"', 'Start-Line: MESSAGE sip:push@push.lync.com SIP/2.0'],
		['Direction: outgoing;source="internal edge";destination="external edge"', 'Start-Line: MESSAGE sip:push@push.lync.com SIP/2.0'],
		['Direction: incoming;source="external edge";destination="internal edge"', 'Start-Line: SIP/2.0 200 OK'],
		['Direction: outgoing;source="external edge";destination="internal edge"', 'Start-Line: SIP/2.0 200 OK'],
	]);
	for (const l of lines) {
		assert.match(l[0], /^TL_INFO\(TF_PROTOCOL\) \[0\](?!0000)[0-9A-F]{4,}\.(?!0000)[0-9A-F]{4,}::\d\d\/\d\d\/\d{4}-[\d:]{8}\.\d{3}\.[0-9a-f]{8} /);
		assert.match(l[4], /^Peer: \S+:\d+$/);
	}
	assert.equal(new Set(lines.map((l) => l[1])).size, 1, 'one correlation id');
	assert.match(records[3], /\nms-edge-proxy-message-trust: ms-source-type=DirectPartner;/);
});

scenario('JSON lines, ladders, and what there is not', async (lab) => {
	const { alice, bob, id } = await talk(lab);
	const ladder = await mcxctl(lab, 'export', 'last', '--width', '120');
	const { records } = await lab.get(`conversations/${id}/story`);
	const jsonl = await mcxctl(lab, 'export', String(id), '--format', 'jsonl');

	assert.equal(ladder.stdout, (await mcxctl(lab, 'ladder', String(id), '--width', '120')).stdout);
	assert.deepEqual(jsonl.stdout.trim().split('\n').map((line) => JSON.parse(line)), records);
	const svg = (await mcxctl(lab, 'export', String(id), '--format', 'svg')).stdout;

	assert.match(svg, /^<svg [^>]*role="img"/);
	assert.match(svg, /: INVITE\.\n/);
	assert.doesNotMatch(svg, /<b>/);
	assert.match((await mcxctl(lab, 'export', String(id), '--format', 'mermaid')).stdout, /^sequenceDiagram\n {2}title Conversation/);

	const ofAlice = await mcxctl(lab, 'export', 'journal', '--format', 'jsonl', '--user', alice.aor, '--kind', 'sip');
	const expected = (await lab.records({ user: alice })).filter((r) => r.kind === 'sip');

	assert.ok(expected.length > 4);
	assert.deepEqual(ofAlice.stdout.trim().split('\n').map((line) => JSON.parse(line).seq), expected.map((r) => r.seq));
	for (const [code, ...args] of [
		[2, 'export', String(id), '--format', 'pdf'], [2, 'export', String(id), '--user', bob.aor], [1, 'export', '999'],
		[2, 'export', 'x'], [2, 'export', String(id), '--at', 'nowhere'], [1, 'export', String(id), '--at', 'nowhere.test'], [1, 'export', String(id), '-o', path.join(lab.dir, 'no', 'file')],
	]) {
		const result = await mcxctl(lab, ...args);

		assert.equal(result.code, code, `${args}: ${result.stderr}`);
		assert.equal(result.stdout, '');
	}
});

scenario('an export is limited', { settings: { 'lab.max_export': 3 } }, async (lab) => {
	await talk(lab);
	const { status, body } = await lab.request('GET', 'journal/export?format=jsonl');

	assert.equal(status, 409);
	assert.match(body.error.message, /more than 3 records/);
	assert.equal((await lab.get('limits')).limits.find((l) => l.name === 'lab.max_export').refused, 1);
	assert.equal((await lab.request('GET', 'journal/export?format=jsonl&kind=conversation')).status, 200);
});

scenario('so are the story of a conversation and its timeline', { settings: { 'lab.max_export': 3, 'lab.max_page': 5 } }, async (lab) => {
	const { id } = await talk(lab);
	const { status, body } = await lab.request('GET', `conversations/${id}/story`);

	assert.equal(status, 409);
	assert.match(body.error.message, /more than 3 records.*lab\.max_export/);
	const short = await lab.get(`conversations/${id}`);

	assert.equal(short.timeline.length, 5);
	assert.match((await mcxctl(lab, 'conversation', String(id))).stdout, new RegExp(`${short.earlier} earlier moments are not shown`));
	await lab.request('PATCH', 'settings', { 'lab.max_export': 1000, 'lab.max_page': 1000 });
	const whole = await lab.get(`conversations/${id}`);

	assert.equal(whole.earlier, undefined);
	assert.equal(whole.timeline.length, 5 + short.earlier);
	assert.deepEqual(whole.timeline.slice(-5), short.timeline);
	assert.ok((await lab.get(`conversations/${id}/story`)).records.length > 3);
	await lab.request('PATCH', 'settings', { 'lab.max_export_size': 4096 });
	assert.equal((await lab.request('GET', `conversations/${id}/story`)).status, 409);
});

const small = { 'lab.max_export_size': '4k', 'lab.max_page_size': '4k' };

scenario('so is its size, and that of a page', { settings: small }, async (lab) => {
	await talk(lab);
	assert.equal((await lab.request('GET', 'journal/export?format=jsonl')).status, 409);
	const pages = [];

	for (let page = { next: 1, last: 1 }; page.next <= page.last; pages.push(page)) page = await lab.get(`journal?from=${page.next}`);
	assert.ok(pages.length > 3, `${pages.length} pages`);
	assert.ok(pages.every((page) => page.records.length > 0 || page.next > page.last));
	const numbers = pages.flatMap((page) => page.records).map((record) => record.seq);

	assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
	assert.equal(numbers.at(-1), pages.at(-1).last);
});

scenario('credentials do not leave by TCP', async (lab) => {
	const [host, port] = lab.ready.sip.udp.split(':');
	const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
	const get = async (where) => (await fetch(`${lab.ready.lab}/lab/v1/${where}`)).text();

	socket.send(['OPTIONS sip:lab.test SIP/2.0', 'Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK1', 'From: <sip:alice@lab.test>;tag=1',
		'To: <sip:lab.test>', 'Call-ID: covered', 'CSeq: 1 OPTIONS', 'Max-Forwards: 70',
		'Authorization: Digest username="alice", response="5ec4e75"', 'Content-Length: 0', '', ''].join('\r\n'), port, host);
	await lab.wait('sip', { fields: { call_id: 'covered', method: 'OPTIONS' } });
	socket.close();
	for (const where of ['journal/export?format=jsonl', 'journal/export?format=sipstack', 'journal?kind=sip']) {
		assert.match((await lab.request('GET', where)).text, /Authorization: Digest username=.{1,3}alice.{1,4} response=.{1,2}5ec4e75/);
		const text = await get(where);

		assert.match(text, /Authorization: Digest \*{36}/);
		assert.doesNotMatch(text, /5ec4e75/);
	}
	const question = { kind: 'sip', headers: { authorization: { matches: '5ec' } } };
	const asked = await fetch(`${lab.ready.lab}/lab/v1/verify`,
		{ method: 'POST', body: JSON.stringify(question), headers: { 'Content-Type': 'application/json' } });

	assert.equal(asked.status, 400);
	assert.match(await asked.text(), /is covered/);
	assert.equal((await lab.request('POST', 'verify', question)).status, 200);
	const stream = await fetch(`${lab.ready.lab}/lab/v1/journal?follow=1&from=1&kind=sip`);
	let seen = '';

	for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
		seen += piece;
		if (/Authorization: Digest \*{36}/.test(seen))
			break;
	}
	assert.doesNotMatch(seen, /5ec4e75/);
});
