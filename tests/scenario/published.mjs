// The trace of the Edge against the published one: the push of an instant message and the synthetic transaction, request and answer
// each. The clearing house has the name and the port of the real one here.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { hostOf, loopbackAddress } from '../peer.mjs';
import { assertPublished, BACK, find, IN, INSIDE_OUT, OUT, recordsOf, UNPUBLISHED, valueOf } from '../trace.mjs';

const NAME = 'sipfed.online.lync.com';
const address = hostOf(await loopbackAddress());
const settings = {
	[`hosts.${NAME}`]: address, 'clearing_house.tls': `${address}:5061`, 'edge.next_hop': `sip:${NAME}:5061;transport=tls`,
};

async function traceOf(lab) {
	const { code, stdout, stderr } = await lab.ctl('export', 'journal', '--format', 'sipstack', '--at', 'edge', '--bodies=no');

	assert.equal(code, 0, stderr);
	return recordsOf(stdout);
}

// A test that accepts everything shows nothing: two lines the other way round, a line in another case, with a space more or one less.
async function assertExact(record, name, leftOut = []) {
	const lines = record.filter((line) => !leftOut.some((start) => line.startsWith(`${start}: `)));
	const otherCase = (line) => line.replace(/[a-z]/gi, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()));
	const changed = (i, ...others) => [...lines.slice(0, i), ...others, ...lines.slice(i + others.length)];

	for (const [i, line] of lines.entries()) {
		const wrong = [`${line} `, otherCase(line), line.replace(': ', ':')].map((other) => changed(i, other));

		if (i + 1 < lines.length)
			wrong.push(changed(i, lines[i + 1], line));
		for (const copy of wrong.filter((other) => other.join() !== lines.join()))
			await assert.rejects(assertPublished(copy, name), assert.AssertionError, `${name}: ${line}`);
	}
}

scenario('a push is traced at the Edge as it was published', { settings }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

	await phone.expect('background');
	lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
	await phone.expect('toast', { text: 'Hi Brendan' });
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	const trace = await traceOf(lab);
	const request = await assertPublished(find(trace, 'MESSAGE ', OUT), 'im-request', UNPUBLISHED);
	const answer = await assertPublished(find(trace, 'SIP/2.0 200', BACK), 'im-answer', UNPUBLISHED);

	await assertExact(find(trace, 'MESSAGE ', OUT), 'im-request', UNPUBLISHED);
	await assertExact(find(trace, 'SIP/2.0 200', BACK), 'im-answer', UNPUBLISHED);
	assert.equal(answer.port_A, request.port_A);
	assert.equal(answer.port_B, request.port_B);
	assert.equal(answer.edge_fqdn, request.edge_fqdn);
	assert.equal(valueOf(find(trace, 'MESSAGE ', INSIDE_OUT), 'Max-Forwards'), '69');
	assert.equal(valueOf(find(trace, 'SIP/2.0 200', IN), 'Peer'), `${NAME}:5061`);
	// What one sees without a word to the contrary is the body itself.
	assert.match((await lab.ctl('trace', '--hop', 'edge')).stdout, /^Message-Body: <\?xml .*Hi Brendan/m);
});

scenario('the synthetic transaction is traced at the Edge as it was published', { settings }, async (lab) => {
	assert.match((await lab.ctl('test-push')).stdout, /^Result +: Success$/m);
	const trace = await traceOf(lab);
	const [out, back] = [find(trace, 'MESSAGE ', OUT), find(trace, 'SIP/2.0 200', IN)];
	const request = await assertPublished(out, 'synthetic-request');
	const answer = await assertPublished(back, 'synthetic-answer');

	await assertExact(out, 'synthetic-request');
	await assertExact(back, 'synthetic-answer');
	assert.equal(valueOf(back, 'Trace-Correlation-Id'), valueOf(out, 'Trace-Correlation-Id'));
	assert.equal(Number.parseInt(valueOf(back, 'Instance-Id'), 16), Number.parseInt(valueOf(out, 'Instance-Id'), 16) + 1);
	assert.equal(answer.port, request.port);
	assert.equal(answer.port_C, request.port_C);
	assert.equal(valueOf(find(trace, 'MESSAGE ', INSIDE_OUT), 'Max-Forwards'), '70');
});

scenario('a domain that is not allowed: 504, and a diagnostic in the trace of the Edge',
	{ settings: { ...settings, 'edge.allowed_domains': '' } }, async (lab) => {
		const { stdout } = await lab.ctl('test-push');

		assert.match(stdout, /A 504 \(Server time-out\) response was received from the network and the operation failed\./);
		const record = (await traceOf(lab)).find((r) => r[0] === 'LogType: diagnostic');

		assert.equal(record.pop(), '$$end_record');
		assert.match(record.join('\n'), new RegExp([
			'^LogType: diagnostic', 'Severity: error',
			'Text: The domain of the message is not configured and does not appear to belong to a federated partner',
			'Result-Code: 0xc3e93c5e SIPPROXY_E_ROUTING', 'SIP-Start-Line: MESSAGE sip:push@push\\.lync\\.com SIP/2\\.0',
			'SIP-Call-ID: [0-9a-f]{32}', 'SIP-CSeq: 1 MESSAGE', `Peer: ${NAME}:5061`,
			`Data: domain="push\\.lync\\.com";fqdn1="${NAME}:5061";reason="The domain of the message .* federated partner"$`,
		].join('\n')));
		// The same with mcxctl trace, next to the messages; and it belongs to the story.
		assert.match((await lab.ctl('trace')).stdout, /^LogType: diagnostic$/m);
	});
