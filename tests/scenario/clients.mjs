// The modules that others copy: the README's first tests, by a lab of the environment and by one of their own; and that a test
// which fails says why.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Lab as Client } from '../clients/lab.mjs';
import { binary, PATIENCE_MS, scenario } from '../lab.mjs';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, page] = /\n## Writing tests\n(.*?)\n## /s.exec(readme);
const clients = new URL('../clients/', import.meta.url);
const mcxd = binary('mcxd');

function printed(language, text = page) {
	return new RegExp(`\n\`\`\`${language}\n(.*?)\`\`\`\n`, 's').exec(text)[1];
}

/** A folder with the module, and a file with this text. */
function inFolder(module, file, text, body) {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'clients-'));
	// A test runner within a test runner would report to this one.
	const { NODE_TEST_CONTEXT, MCXD_READY_FILE, MCXD_LAB, ...env } = process.env;
	const run = (command, ...args) => spawnSync(command, args,
		{ cwd: folder, encoding: 'utf8', timeout: 3 * PATIENCE_MS, env: { ...env, MCXD: mcxd } });

	try {
		if (module)
			cpSync(new URL(module, clients), path.join(folder, module));
		writeFileSync(path.join(folder, file), text);
		body(run, folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** What to write before a command so that the lab it starts notes its pid in the folder, and has its files there. */
function noted(folder) {
	writeFileSync(path.join(folder, 'noting'), `#!/bin/sh\necho $$ > pid\nexec ${mcxd} "$@"\n`, { mode: 0o755 });
	return ['env', `MCXD=${folder}/noting`, `TMPDIR=${folder}`];
}

/** That lab ends, and leaves nothing. */
function assertEnded(run, folder) {
	const pid = readFileSync(path.join(folder, 'pid'), 'utf8').trim();
	const { status, stderr } = run('timeout', PATIENCE_MS / 1000, 'tail', `--pid=${pid}`, '-s', '0.05', '-f', '/dev/null');

	assert.equal(status, 0, `mcxd ${pid} stays: ${stderr}`);
	assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('lab-')), []);
}

const calls = '\ntest_bob_takes_the_toast()\n';

for (const [module, file, text, ...command] of [
	['lab.mjs', 'first.test.mjs', printed('js'), process.execPath, '--test', 'first.test.mjs'],
	['lab.py', 'test_first.py', printed('python', readme) + calls, 'python3', 'test_first.py'],
]) {
	test(`clients: the README's first test with ${module}`, () => inFolder(module, file, text, (run) => {
		const body = text.replace(calls, '').split('\n').filter((line) => /^\s/.test(line) && line.trim());

		assert.ok(body.length <= 10, 'a first test is ten lines');
		for (const words of [[mcxd, 'exec', '--', ...command], command]) {
			const { status, stdout, stderr } = run(...words);

			assert.equal(status, 0, `${words.join(' ')}\n${stdout}${stderr}`);
		}
	}));

	test(`clients: a test with ${module} that fails says what came closest`, () => {
		const wrong = text.replace(/(expect\('toast', .*)'Hi Brendan'/, '$1\'Bye\'');
		const short = readFileSync(new URL(module, clients), 'utf8').replace('PATIENCE_MS = 20000', 'PATIENCE_MS = 3000')
			.replace('PATIENCE = 20', 'PATIENCE = 3');

		assert.notEqual(wrong, text);
		inFolder(null, file, wrong, (run, folder) => {
			run('sh', '-c', `cat > ${module} <<'END'\n${short}\nEND`);
			for (const words of [[mcxd, 'exec', '--', ...command], [...noted(folder), ...command]]) {
				const { status, stdout, stderr } = run(...words);

				assert.equal(status, 1, `${words.join(' ')}\n${stdout}${stderr}`);
				assert.match(stdout + stderr, /AssertionError|ERR_ASSERTION/);
				assert.match(stdout + stderr, /Closest: record \d+ has text "Hi Brendan", not "Bye"/);
			}
			assertEnded(run, folder);
		});
	});
}

test('clients: a program that forgets its lab and what it follows ends, and the lab with it', () => inFolder('lab.mjs', 'forgets.mjs', `
import { Lab } from './lab.mjs';
const lab = await Lab.open();
await lab.follow({ kind: 'toast' });
`, (run, folder) => {
	const { status, stderr } = run(...noted(folder), process.execPath, 'forgets.mjs');

	assert.equal(status, 0, stderr);
	assertEnded(run, folder);
}));

test('clients: neither module needs anything else', () => {
	const source = readFileSync(new URL('lab.mjs', clients), 'utf8');
	const imports = [...source.matchAll(/^import .* from '(.*)';$/gm)].map((m) => m[1]);

	assert.ok(imports.length > 5);
	for (const name of imports)
		assert.ok(name.startsWith('node:') && builtinModules.includes(name.slice(5)), name);
	const { status, stderr } = spawnSync('python3', ['-c', `
import ast, sys
tree = ast.parse(open(sys.argv[1]).read())
names = {n.name.split('.')[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for n in node.names}
names |= {node.module.split('.')[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
assert len(names) > 5 and names <= set(sys.stdlib_module_names), names`, new URL('lab.py', clients).pathname], { encoding: 'utf8' });

	assert.equal(status, 0, stderr);
});

test('clients: the README\'s curl lines', () => inFolder(null, 'lines.sh', printed('sh'), (run) => {
	const { status, stdout, stderr } = run(mcxd, 'exec', '--', 'bash', '-eo', 'pipefail', 'lines.sh');

	assert.equal(status, 0, stdout + stderr);
	assert.match(stdout, /"text1":"Alice"/);
	assert.match(stdout, /sequenceDiagram/);
}));

const token = 'a-token-of-this-test-alone';
const folder = mkdtempSync(path.join(os.tmpdir(), 'clients-'));

writeFileSync(path.join(folder, 'token'), `${token}\n`);
process.on('exit', () => rmSync(folder, { recursive: true }));

scenario('a client joins by TCP, with the token', { settings: { 'lab.token_file': path.join(folder, 'token') } }, async (lab) => {
	const url = lab.ready.lab;

	await assert.rejects(Client.join({ url }), { name: 'Error', status: 401 });
	const client = await Client.join({ url, token });

	assert.equal((await client.status()).pid, lab.ready.pid);
	await client.stop();
	assert.equal((await lab.status()).pid, lab.ready.pid);
	inFolder('lab.py', 'join.py', `
from lab import Lab, LabError
try:
    Lab.join(url='${url}')
    raise SystemExit('was let in')
except LabError as e:
    assert e.status == 401, e
assert Lab.join(url='${url}', token='${token}').status()['pid'] == ${lab.ready.pid}
`, (run) => assert.equal(run('python3', 'join.py').stderr, ''));
});

for (const [module, file, text, command] of [
	['lab.mjs', 'explicit.mjs', (url) => `
import { Lab } from './lab.mjs';
for (const how of ['join', 'open'])
	console.log((await (await Lab[how]({ url: '${url}' })).status()).pid);
const own = await Lab.open({ settings: { 'core.phone_linger': '7s' } });
console.log((await own.settings()).find(({ name }) => name === 'core.phone_linger').value);
await own.stop();
`, process.execPath],
	['lab.py', 'explicit.py', (url) => `
from lab import Lab
for how in (Lab.join, Lab.open):
    print(how(url='${url}').status()['pid'])
with Lab.open(settings={'core.phone_linger': '7s'}) as own:
    print(next(row['value'] for row in own.settings() if row['name'] == 'core.phone_linger'))
`, 'python3'],
])
	scenario(`what a call of ${module} says comes before the environment`, async ({ ready }) => {
		inFolder(module, file, text(ready.lab), (run) => {
			const { stdout, stderr } = run(mcxd, 'exec', '--', command, file);

			assert.equal(stdout, `${ready.pid}\n${ready.pid}\n7s\n`, stderr);
		});
	});

scenario('what is not text is exported as bytes', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const [desktop, phone] = [await Client.prototype.desktop.call(lab, alice), await Client.prototype.phone.call(lab, bob)];

	await desktop.send('Grüße', bob);
	await phone.expect('invited');
	await phone.decline();
	await desktop.expect('failed');
	await lab.wait('sip', { user: alice, fields: { method: 'ACK' } }); // the last of SIP; the phone's polls go on
	const { id } = await lab.conversation(bob);
	const where = `journal/export?format=pcapng&kind=sip&user=${alice.aor}`;
	const { stdout: wanted } = spawnSync('curl', ['-sSf', `${lab.ready.lab}/lab/v1/${where}`], { timeout: PATIENCE_MS });

	// pcapng draft, 4.1: a section header block, in the byte order of who wrote it.
	assert.equal(wanted.readUInt32LE(0), 0x0a0d0d0a);
	assert.ok([wanted.readUInt32LE(8), wanted.readUInt32BE(8)].includes(0x1a2b3c4d));
	assert.ok(wanted.includes('INVITE sip:'));
	assert.deepEqual(await lab.export('journal', 'pcapng', { kind: 'sip', user: alice }), wanted);
	assert.deepEqual(await lab.get(where), wanted);
	inFolder('lab.py', 'export.py', `
from lab import Lab
lab = Lab.join(url='${lab.ready.lab}')
print(lab.export('journal', 'pcapng', kind='sip', user='${alice.aor}').hex(), lab.get('${where}').hex())
assert lab.export(${id}, 'pcapng')[:4].hex() == '0a0d0d0a'
assert 'Grüße' in lab.export(${id}, 'text', width=200)
`, (run) => {
		const { stdout, stderr } = run('python3', 'export.py');

		assert.equal(stderr, '');
		assert.equal(stdout, `${wanted.toString('hex')} ${wanted.toString('hex')}\n`);
	});
});

scenario('a client asks for an order, for what is not there, and for what does not come', async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = await Client.prototype.phone.call(lab, bob);
	const desktop = await Client.prototype.desktop.call(lab, alice);
	const text = { kind: 'sip', fields: { method: 'INVITE' } };

	await lab.never('toast', { user: bob });
	await desktop.do('send', { to: bob.aor, text: 'Hi' });
	await phone.expect('invited');
	await phone.do('accept');
	await desktop.expect('connected');
	assert.equal((await lab.wait(undefined, { user: bob, order: [text, { kind: 'sip', fields: { status: /^20/ } }] })).length, 2);
	await assert.rejects(lab.verify('toast', { user: bob }), { name: 'AssertionError' });
	await assert.rejects(lab.never('sip', { user: bob, fields: { method: 'INVITE' } }), { name: 'AssertionError' });
	await Promise.all([lab.neverWithin(5000, 'toast', { user: bob }), lab.advance(6000)]);
	assert.match(await lab.export(await lab.conversation(bob), 'text'), /INVITE/);
	await assert.rejects(lab.post('actors', { kind: 'cook', user: bob.aor }), { name: 'Error', status: 400 });
});
