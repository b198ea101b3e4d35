// What meson install puts where, into a folder of its own: it runs from there, the manual and the sample configuration say
// what the programs do, and what the operator has changed stays.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
	appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const BUILD_MS = 600_000;
const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const objects = path.join(process.env.MCXD_BUILD ?? path.join(root, 'build'), 'obj');
let top, prefix;

function install() {
	execFileSync('ninja', ['-C', objects, 'installable'], { stdio: 'pipe', timeout: BUILD_MS });
	execFileSync('meson', ['install', '-C', objects, '--no-rebuild', '--quiet', '--destdir', top], { stdio: 'pipe', timeout: BUILD_MS });
}

function option(name) {
	const options = JSON.parse(readFileSync(path.join(objects, 'meson-info/intro-buildoptions.json'), 'utf8'));

	return options.find((o) => o.name === name).value;
}

// Where a file of the prefix is in the folder of this test.
const at = (...names) => path.join(top, prefix, ...names);
const etc = (name) => path.join(top, path.resolve(prefix, option('sysconfdir')), 'mcxd', name);
const run = (program, ...args) => execFileSync(at('bin', program), args, { encoding: 'utf8' });

before(() => {
	top = mkdtempSync(path.join(os.tmpdir(), 'mcxd-install-'));
	prefix = option('prefix');
	install();
});

after(() => rmSync(top, { recursive: true }));

test('everything is where a system looks for it', () => {
	const files = readdirSync(at(), { recursive: true, withFileTypes: true });

	for (const name of ['mcxd', 'mcxctl', 'mcxsim'])
		assert.match(run(name, '--version'), /^\w+ \d+\.\d+/);
	for (const name of [
		'share/man/man8/mcxd.8', 'share/man/man1/mcxctl.1', 'share/man/man1/mcxsim.1', 'share/man/man5/mcxd.conf.5',
		'share/bash-completion/completions/mcxd', 'share/bash-completion/completions/mcxctl',
		'share/bash-completion/completions/mcxsim', 'share/doc/mcxd/mcxd.conf', 'share/doc/mcxd/users.ini',
		'share/doc/mcxd/prometheus.yml', 'lib/systemd/system/mcxd.service', 'lib/sysusers.d/mcxd.conf', 'lib/tmpfiles.d/mcxd.conf',
	])
		assert.ok(existsSync(at(name)), name);
	assert.ok(files.length > 0);
	assert.equal(statSync(etc('mcxd.conf')).mode & 0o777, 0o644);
	assert.equal(statSync(etc('users.ini')).mode & 0o777, 0o640);
});

test('what the operator has changed stays, and what is missing comes back', () => {
	appendFileSync(etc('users.ini'), '[user carol@lab.test]\n');
	appendFileSync(etc('mcxd.conf'), '# mine\n');
	install();
	assert.match(readFileSync(etc('users.ini'), 'utf8'), /\[user carol@lab\.test\]\n$/);
	assert.match(readFileSync(etc('mcxd.conf'), 'utf8'), /# mine\n$/);
	rmSync(etc('users.ini'));
	install();
	assert.match(readFileSync(etc('users.ini'), 'utf8'), /^\[user alice@lab\.test\]$/m);
});

test('the sample configuration shows every setting and changes two paths', () => {
	const sample = readFileSync(at('share/doc/mcxd/mcxd.conf'), 'utf8');
	const mine = path.join(top, 'mine.conf');
	const users = at('share/doc/mcxd/users.ini');
	const defaults = run('mcxd', '--dump');

	writeFileSync(mine, sample.replace(/^file = .*users\.ini$/m, `file = ${users}`));
	assert.equal(run('mcxd', '-c', mine, '--dump'),
		defaults.replace(/^directory =$/m, 'directory = /var/lib/mcxd').replace(/^file =$/m, `file = ${users}`));
	// Every default behind a "#" is one: taken in, it changes nothing either.
	writeFileSync(mine, sample.replace(/^#(?=\w+ =)/gm, '').replace(/^(directory|file) = .*$/gm, '$1 ='));
	assert.equal(run('mcxd', '-c', mine, '--dump'), defaults);
});

test('the manual has every setting, option and command, and neither groff nor mandoc has anything to say against it', () => {
	const page = (name) => execFileSync('man', ['-l', at('share/man', name)],
		{ encoding: 'utf8', env: { ...process.env, MANWIDTH: '200', LC_ALL: 'C.UTF-8', MAN_KEEP_FORMATTING: '' } });
	const settings = page('man5/mcxd.conf.5');

	for (const [, name] of run('mcxd', '--settings').matchAll(/^\| `\w+\.([\w.]+)`/gm))
		assert.match(settings, new RegExp(`^ +${name}\\b`, 'm'));
	for (const [program, name] of [['mcxd', 'man8/mcxd.8'], ['mcxctl', 'man1/mcxctl.1'], ['mcxsim', 'man1/mcxsim.1']]) {
		const text = page(name);

		for (const [, word] of run(program, '--help').matchAll(/^ {2}([a-z-][\w-]*)/gm))
			assert.ok(text.includes(word), `${name} has no ${word}`);
	}
	for (const name of ['man8/mcxd.8', 'man1/mcxctl.1', 'man1/mcxsim.1', 'man5/mcxd.conf.5']) {
		const { status, stderr } = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', at('share/man', name)],
			{ encoding: 'utf8', env: { ...process.env, MANROFFSEQ: '', LC_ALL: 'C.UTF-8' } });

		assert.deepEqual({ name, status, stderr }, { name, status: 0, stderr: '' });
		const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', at('share/man', name)], { encoding: 'utf8' });

		assert.deepEqual([lint.status, lint.stdout + lint.stderr], [0, '']);
	}
});

function complete(...words) {
	const [program, ...rest] = words;
	const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE=$*; COMP_POINT=\${#COMP_LINE}
		_${program === 'mcxctl' ? program : 'mcxd'} "$1" "\${@: -1}" "\${@: -2:1}"
		printf '%s\\n' "\${COMPREPLY[@]}"`;

	return execFileSync('bash', ['-c', script, 'complete', at('share/bash-completion/completions', program), at('bin', program), ...rest],
		{ encoding: 'utf8', cwd: top }).trim().split('\n');
}

test('bash completes commands, options, settings and files', () => {
	assert.deepEqual(complete('mcxctl', 'la'), ['ladder']);
	assert.deepEqual(complete('mcxctl', 'ladder', '--wi'), ['--width']);
	assert.ok(complete('mcxctl', '--socket', '/x', 'ladder', '--').includes('--ascii'));
	assert.ok(!complete('mcxctl', 'users', '--').includes('--width'));
	assert.deepEqual(complete('mcxctl', 'ladder', '--color='), ['auto', 'always', 'never'].map((when) => `--color=${when}`));
	assert.deepEqual(complete('mcxctl', 'export', 'last', '--format', 'p'), ['pcapng']);
	assert.deepEqual(complete('mcxctl', 'wait', 'conversation', 'state=ended', 'then', 'toa'), ['toast']);
	assert.deepEqual(complete('mcxctl', 'clock', ''), ['advance', 'freeze', 'resume']);
	assert.deepEqual(complete('mcxsim', 'pho'), ['phone']);
	assert.deepEqual(complete('mcxsim', 'desktop', '--transport', 'u'), ['udp']);
	assert.deepEqual(complete('mcxd', '--rol'), ['--roles']);
	assert.deepEqual(complete('mcxd', '--set', 'core.invite'), ['core.invite_timeout=']);
	assert.deepEqual(complete('mcxd', '-c', 'mine'), ['mine.conf']);
	assert.deepEqual(complete('mcxd', '--state', `.${prefix}/b`), [`.${prefix}/bin`]);
});

// In tenths of systemd's scale, on which 10 is a service without any protection.
const EXPOSURE = '15';

test('the unit starts what is installed, and is hardened', () => {
	const unit = at('lib/systemd/system/mcxd.service');
	const text = readFileSync(unit, 'utf8');
	const { status, stdout } = spawnSync('systemd-analyze',
		['security', '--offline=true', '--no-pager', `--threshold=${EXPOSURE}`, unit], { encoding: 'utf8' });
	const [, program, config] = text.match(/^ExecStart=(\S+) -c (\S+)$/m);

	assert.equal(status, 0, stdout);
	assert.ok(existsSync(path.join(top, program)), program);
	assert.ok(existsSync(path.join(top, config)), config);
	// As installed, but for the program, which is in the folder of this test.
	const copy = path.join(top, 'mcxd.service');

	writeFileSync(copy, text.replace(program, path.join(top, program)));
	const verified = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });

	assert.deepEqual([verified.status, verified.stdout + verified.stderr], [0, '']);
	assert.match(text, /^Type=notify$/m);
	assert.match(text, /^ExecReload=/m);
});

// What stands in the README's block of code behind this comment.
function printed(mark) {
	return readFileSync(path.join(root, 'README.md'), 'utf8').match(new RegExp(`<!-- ${mark} -->\\n\`\`\`\\w+\\n([^]*?)\`\`\``))[1];
}

test('the README prints the configuration for Prometheus that is installed', () => {
	assert.equal(printed('prometheus'), readFileSync(at('share/doc/mcxd/prometheus.yml'), 'utf8'));
});

test('the container has the libraries that the programs are linked to', () => {
	const [, image] = printed('containerfile').split(/^FROM /m).slice(1);
	const needed = new Set(['mcxd', 'mcxctl', 'mcxsim'].flatMap((name) =>
		[...execFileSync('readelf', ['-d', at('bin', name)], { encoding: 'utf8' }).matchAll(/\(NEEDED\).*\[(.*)\]/g)]
			.map(([, library]) => library)));
	const packages = execFileSync('dpkg', ['-S', ...[...needed].map((library) => `*/${library}`)], { encoding: 'utf8' })
		.trim().split('\n').map((line) => line.split(':')[0]);

	assert.ok(packages.includes('libmicrohttpd12'));
	for (const name of packages.filter((name) => !name.startsWith('libc6')))
		assert.ok(image.split(/\s+/).includes(name), name);
	assert.match(image, /^ENTRYPOINT \["\/usr\/bin\/mcxd"/m);
});
