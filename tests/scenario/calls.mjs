// Every call of the client modules, in JavaScript and in Python: one that no line here uses fails the test.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Actor, Lab as Client } from '../clients/lab.mjs';
import { binary, scenario } from '../lab.mjs';

/** Have every call of these classes remember that it was used. */
function watch(...classes) {
	const unused = new Set();

	for (const of of classes)
		for (const [holder, separator] of [[of, '.'], [of.prototype, '#']])
			for (const name of Object.getOwnPropertyNames(holder)) {
				const original = holder[name];
				const label = of.name + separator + name;

				if (typeof original !== 'function' || name === 'constructor')
					continue;
				unused.add(label);
				Object.defineProperty(holder, name, { value(...args) {
					unused.delete(label);
					return original.apply(this, args);
				} });
			}
	return unused;
}

async function theLab(lab) {
	assert.ok((await lab.status()).pid);
	assert.ok((await lab.settings()).some(({ name }) => name === 'core.invite_timeout'));
	assert.equal((await lab.change({ 'core.invite_timeout': '50s' })).find(({ name }) => name === 'core.invite_timeout').value, '50s');
	assert.ok((await lab.limits()).length > 20);
	assert.equal(await lab.metric('core_conversations'), 0);
	assert.equal((await lab.testPush()).result, 'Success');
	assert.equal((await lab.clock()).frozen, false);
	assert.equal((await lab.advance(1000)).offsetMs, 1000);
	assert.equal((await lab.freeze()).frozen, true);
	assert.equal((await lab.resume()).frozen, false);
}

async function people(lab) {
	const carol = await lab.user('carol');

	assert.ok((await lab.everybody()).some(({ aor }) => aor === carol.aor));
	await lab.update(carol, { enablePush: false });
	assert.equal((await lab.find(carol)).enablePush, false);
	assert.match((await lab.explain(carol)).advice, /push=yes/);
	await lab.remove(carol);
	await assert.rejects(lab.find(carol), { status: 404 });
}

async function aTalk(lab, alice, bob) {
	const story = await lab.follow({ user: bob, kind: 'toast' });

	await bob.background();
	await lab.wait('state', { user: bob, from: bob.from, fields: { to_state: 'AWAY' } });
	await alice.send('Hi', bob);
	assert.equal((await story.next()).value.fields.text2, 'Hi');
	await story.return();
	await bob.expect('toast');
	await lab.wait('push', { user: bob, fields: { state: 'accepted' } });
	await lab.verify('toast', { user: bob });
	assert.equal((await lab.phones(bob))[0].toasts[0].text, 'Hi');
	assert.equal((await lab.push((await lab.pushes(bob)).pushes[0].id)).hops[0].from, 'front-end');
	await bob.accept();
	await alice.expect('connected');
	await bob.expect('connected');
	await bob.type();
	await alice.bye();
	await bob.expect('ended');
	const [conversation] = await lab.conversations({ user: bob });

	assert.deepEqual(await lab.conversation(bob), conversation);
	assert.ok((await lab.story(conversation)).length > 10);
	assert.match(await lab.export(conversation, 'text'), /INVITE/);
	assert.ok((await lab.records({ user: bob, kind: 'sip' })).length > 5);
}

async function refusals(lab, alice, bob) {
	assert.equal((await bob.refused('accept')).status, 409);
	for (const answer of ['decline', 'ignore']) {
		await alice.send(answer, bob);
		await bob.expect('invited');
		await bob[answer]();
		if (answer === 'ignore')
			await alice.cancel();
		await alice.expect('failed');
	}
	await alice.send('late', bob);
	await bob.expect('invited');
	await lab.expire('conversation', await lab.conversation(bob));
	await alice.expect('failed');
	await lab.never('raw', { user: alice });
	await Promise.all([lab.neverWithin(1000, 'raw', { user: alice }), lab.advance(1500)]);
}

async function aDay(bob) {
	await bob.lock();
	await bob.unlock();
	await bob.open();
	await bob.loseNetwork();
	await bob.networkBack();
	await assert.rejects(bob.dismiss(), { status: 409 });
	await bob.switchOff();
	assert.equal((await bob.see()).screen, 'off');
	await bob.switchOn();
}

async function faults(lab) {
	const [fault] = await lab.breakDown({ where: 'edge→clearing-house', what: 'status', status: 503, times: 1 }, 7);

	assert.equal(fault.times, 1);
	assert.equal((await lab.testPush()).result, 'Failure');
	assert.equal((await lab.faults())[0].struck, 1);
	await lab.mend();
	assert.deepEqual(await lab.faults(), []);
}

async function ends(lab, alice, bob) {
	await lab.expire('subscription', bob);
	await lab.expire('session', bob);
	assert.deepEqual(await lab.endpoints(bob), []);
	await assert.rejects(lab.expire('session', bob), { name: 'AssertionError' });
	await lab.expire('registration', alice);
	const other = await Actor.make(lab, 'desktop', alice);

	await other.signIn();
	await other.expect('registered');
	await other.signOut();
	await other.remove();
	assert.deepEqual((await lab.actors()).map(({ id }) => id), [alice.id, bob.id]);
	await lab.reset(bob);
	const whole = await lab.exportLab();

	await lab.reset();
	assert.deepEqual(await lab.actors(), []);
	await assert.rejects(lab.find(bob), { status: 404 });
	await lab.importLab(whole);
	assert.equal((await lab.find(bob)).aor, bob.user);
}

const orders = Object.getOwnPropertyNames(Actor.prototype).filter((name) => /this\.do\(order\)/.test(Actor.prototype[name]));
const python = { PYTHONPATH: fileURLToPath(new URL('../clients', import.meta.url)), PYTHONDONTWRITEBYTECODE: '1' };
const settings = { 'core.phone_linger': '100ms' };

scenario('every call in JavaScript is one of the lab\'s, and does what it says', async ({ ready }) => {
	const unused = watch(Client, Actor);
	const own = await Client.open({ mcxd: binary('mcxd'), settings });
	const joined = await Client.join({ url: ready.lab });

	assert.equal((await joined.status()).pid, ready.pid);
	await joined.stop();
	try {
		const [a, b] = await own.users('alice', 'bob');
		const [alice, bob] = [await own.desktop(a), await own.phone(b)];

		await theLab(own);
		await people(own);
		await aTalk(own, alice, bob);
		await refusals(own, alice, bob);
		await aDay(bob);
		await faults(own);
		await ends(own, alice, bob);
	} finally {
		await own.stop();
	}
	assert.deepEqual([...unused], []);
});

test('calls: the README lists every call', async () => {
	const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
	const [, page] = /\n## Writing tests\n(.*?)\n## /s.exec(readme);
	const names = [Client, Actor].flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype))
		.filter((name) => !orders.includes(name) && !['constructor', 'launch'].includes(name));

	assert.ok(names.length > 40);
	for (const name of names)
		assert.match(page, new RegExp(`\\b${name}[(\`]`), name);
});

test('calls: both modules have the same', () => {
	const names = (of) => [of, of.prototype].flatMap((holder) => Object.getOwnPropertyNames(holder)
		.filter((name) => typeof holder[name] === 'function' && !['constructor', 'launch'].includes(name)));
	const list = 'import lab, json; print(json.dumps([[n for n in vars(c) if n[0] != "_"] for c in (lab.Lab, lab.Actor)]))';
	const { stdout, stderr } = spawnSync('python3', ['-c', list], { encoding: 'utf8', env: { ...process.env, ...python } });
	const [pythonLab, pythonActor] = JSON.parse(stdout || `"${stderr}"`);
	const inSnake = (of) => [...new Set(names(of).map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)))];

	assert.deepEqual(pythonLab.sort(), inSnake(Client).sort());
	// The class's own signIn, which makes one that has signed in, cannot be called like the order there.
	assert.deepEqual(pythonActor.filter((name) => name !== 'signed_in').sort(), inSnake(Actor).sort());
});

scenario('what follows says when nothing comes, and what is wrong', async (lab) => {
	const records = await lab.follow({ kind: 'toast', timeoutMs: 100 });

	await assert.rejects(records.next(), /No record came/);
	await assert.rejects(lab.follow({ kind: 'toasts' }), { status: 400 });
});

scenario('every call in Python', async (lab) => {
	const { code, stdout, stderr } = await lab.run('/usr/bin/env', ['python3', fileURLToPath(new URL('calls.py', import.meta.url))], {
		env: {
			...process.env, ...python,
			MCXD: path.resolve(binary('mcxd')), MCXD_LAB: '', MCXD_READY_FILE: '', OTHER: lab.ready.lab,
		},
	});

	assert.equal(code, 0, stdout + stderr);
});
