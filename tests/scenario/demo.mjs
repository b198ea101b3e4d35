// scripts/demo, step by step, without a person: each turn waits for Enter, and is told when it has happened.
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Actor, binary, PATIENCE_MS } from '../lab.mjs';
import { assertPublished, BACK, find, IN, OUT, recordsOf, UNPUBLISHED } from '../trace.mjs';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const story = JSON.parse(readFileSync(path.join(root, 'web/console/story.json'), 'utf8'));

// A checkout that is built already.
function checkout(t, script = story) {
	const top = mkdtempSync(path.join(os.tmpdir(), 'mcxd-demo-'));

	t.after(() => rmSync(top, { recursive: true }));
	cpSync(path.join(root, 'scripts'), path.join(top, 'scripts'), { recursive: true });
	writeFileSync(path.join(top, 'scripts/build'), '#!/bin/sh\n');
	chmodSync(path.join(top, 'scripts/build'), 0o755);
	mkdirSync(path.join(top, 'web/console'), { recursive: true });
	writeFileSync(path.join(top, 'web/console/story.json'), JSON.stringify(script));
	return top;
}

function demo(top, ...args) {
	const env = { BUILD_DIR: path.dirname(binary('mcxctl')), TMPDIR: top };

	return new Actor('the demo', path.join(top, 'scripts/demo'), args, { env });
}

test('demo: its trace of the Edge has the two published exchanges', { timeout: 9 * PATIENCE_MS }, async (t) => {
	const actor = demo(checkout(t));

	try {
		await actor.ended(0);
		const trace = recordsOf(readFileSync(path.join(path.dirname(binary('mcxctl')), 'demo-edge.log'), 'utf8'));
		const published = [
			['im-request', 'MESSAGE ', OUT, 'McxUser', UNPUBLISHED], ['im-answer', 'SIP/2.0 200', BACK, 'McxUser', UNPUBLISHED],
			['synthetic-request', 'MESSAGE ', OUT, ';transport=Tls>'], ['synthetic-answer', 'SIP/2.0 200', IN, '30007;Reason='],
		];

		for (const [name, start, way, has, leftOut] of published)
			await assertPublished(find(trace, start, way, has), name, leftOut);
	} finally {
		await actor.stop();
	}
});

const words = (sentence) => sentence.split(/\s+/).filter(Boolean);
const said = (actor) => actor.seen.map(({ text }) => text);

test('demo: step by step, a turn is told after Enter, when it has happened', { timeout: 9 * PATIENCE_MS }, async (t) => {
	const actor = demo(checkout(t), '--step');

	try {
		await actor.expect('text', { text: /^To watch it in a browser: http:\/\/127\.0\.0\.1:\d+\/console\/$/ });
		for (const attempt of [1, 2]) {
			await actor.expect('text', { text: `== Attempt ${attempt}` });
			for (const { step, say } of story.steps.filter((one) => one.attempt === attempt)) {
				const before = said(actor).filter((line) => line.startsWith(`${attempt}.${step} `));

				assert.deepEqual(before, []);
				actor.say('');
				const { text } = await actor.expect('text', { text: new RegExp(`^${attempt}\\.${step} `) });

				assert.deepEqual(words(text).slice(1), words(say).slice(0, words(text).length - 1));
			}
			actor.say('');
			await actor.expect('text', { text: `== Attempt ${attempt}, hop by hop` });
		}
		await actor.ended(0);
		const text = said(actor).join('\n');

		assert.match(text, /^ +alice │ window {2}This message may not have been delivered to Bob\.$/m);
		assert.match(text, /^ +bob │ message {2}Alice: Lunch at twelve\?$/m);
		for (const { say } of story.steps)
			assert.ok(words(text).join(' ').includes(words(say).join(' ')), say);
	} finally {
		await actor.stop();
	}
});

test('demo: what does not happen is not told', { timeout: 9 * PATIENCE_MS }, async (t) => {
	const steps = story.steps.map((step) => (step.attempt === 1 && step.step === 3
		? { ...step, when: { kind: 'sip', fields: { method: 'INVITE', status: '299' } } } : step));
	const top = checkout(t, { ...story, steps });
	const file = path.join(top, 'scripts/demo');

	writeFileSync(file, readFileSync(file, 'utf8').replace(/^patience=60 /m, 'patience=2 '));
	const actor = demo(top, '--step');

	try {
		for (let i = 0; i < 5; i++)
			actor.say('');
		await actor.ended(1);
		assert.equal(said(actor).filter((line) => /^1\.[12] /.test(line)).length, 2);
		assert.equal(said(actor).filter((line) => /^1\.3 /.test(line)).length, 0);
		assert.match(actor.errors, /demo: .*(closest|status)/i);
	} finally {
		await actor.stop();
	}
});

test('demo: slowly, nobody has to press a key', { timeout: 9 * PATIENCE_MS }, async (t) => {
	const top = checkout(t);
	const file = path.join(top, 'scripts/demo');

	writeFileSync(file, readFileSync(file, 'utf8').replace(/^pause=4 /m, 'pause=0.1 '));
	const actor = demo(top, '--slow');

	try {
		for (const heading of ['Attempt 1', 'Attempt 2', 'Attempt 2, hop by hop'])
			await actor.expect('text', { text: `== ${heading}` });
		await actor.ended(0);
		assert.equal(said(actor).filter((line) => /^[12]\.\d /.test(line)).length, story.steps.length);
	} finally {
		await actor.stop();
	}
});
