// setup, build and test, run in a copy of this folder with stand-ins for what would take long.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
	chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));

// Records its arguments, then runs the rest of the script.
function standIn(file, script = '') {
	writeFileSync(file, `#!/bin/sh\necho "\${0##*/} $*" >>"$CALLS"\n${script}\n`);
	chmodSync(file, 0o755);
}

// A checkout with nothing in it but scripts/, and a folder of stand-ins that is searched first.
class Checkout {
	constructor(t) {
		this.top = mkdtempSync(path.join(os.tmpdir(), 'mcxd-scripts-'));
		this.root = path.join(this.top, 'one');
		this.bin = path.join(this.top, 'bin');
		this.calls = path.join(this.top, 'calls');
		this.path = `${this.bin}:${process.env.PATH}`;
		mkdirSync(this.bin);
		cpSync(here, path.join(this.root, 'scripts'), { recursive: true });
		t.after(() => rmSync(this.top, { recursive: true }));
	}

	standIn(name, script) {
		standIn(path.join(this.bin, name), script);
	}

	run(script, ...args) {
		const { status, stdout, stderr } = spawnSync(`scripts/${script}`, args, {
			cwd: this.root, encoding: 'utf8', env: { PATH: this.path, HOME: this.top, CALLS: this.calls },
		});

		return { status, stdout, stderr };
	}

	// The calls of stand-ins since this was last called.
	called() {
		const calls = existsSync(this.calls) ? readFileSync(this.calls, 'utf8').trim().split('\n') : [];

		rmSync(this.calls, { force: true });
		return calls;
	}
}

// Make PATH a single folder that has the programs of the real PATH except some names.
function hide(checkout, ...hidden) {
	const dir = path.join(checkout.top, 'path');

	mkdirSync(dir);
	for (const from of process.env.PATH.split(':').filter(existsSync)) {
		const names = execFileSync('ls', [from], { encoding: 'utf8' }).split('\n').filter(Boolean);

		for (const name of names) {
			if (!hidden.includes(name) && !existsSync(path.join(dir, name)))
				symlinkSync(path.join(from, name), path.join(dir, name));
		}
	}
	checkout.path = `${checkout.bin}:${dir}`;
}

test('setup runs neither apt nor dpkg if nothing is missing', (t) => {
	const checkout = new Checkout(t);

	for (const name of ['apt-get', 'dpkg', 'dpkg-query', 'sudo'])
		checkout.standIn(name, 'exit 1');
	assert.deepEqual(checkout.run('setup', '--test'), { status: 0, stdout: '', stderr: '' });
	assert.deepEqual(checkout.called(), []);
});

test('setup works where there is no apt and no dpkg', (t) => {
	const checkout = new Checkout(t);

	hide(checkout, 'apt-get', 'dpkg', 'dpkg-query', 'sudo');
	assert.deepEqual(checkout.run('setup', '--test'), { status: 0, stdout: '', stderr: '' });
});

test('setup installs from npm what the tests need, once', (t) => {
	const checkout = new Checkout(t);
	const lock = path.join(checkout.root, 'tests/package-lock.json');

	mkdirSync(path.dirname(lock));
	writeFileSync(lock, '{}');
	checkout.standIn('npm', 'mkdir -p tests/node_modules');
	assert.equal(checkout.run('setup').status, 0);
	assert.deepEqual(checkout.called(), []);
	for (const version of ['{}', '{ }']) {
		writeFileSync(lock, version);
		assert.equal(checkout.run('setup', '--test').status, 0);
		assert.deepEqual(checkout.called(), ['npm ci --prefix tests --no-audit --no-fund']);
		assert.equal(checkout.run('setup', '--test').status, 0);
		assert.deepEqual(checkout.called(), []);
	}
});

test('setup names what is missing as Debian does', (t) => {
	const checkout = new Checkout(t);

	hide(checkout, 'apt-get', 'sipp', 'ninja');
	const { status, stderr } = checkout.run('setup', '--test');

	assert.equal(status, 1);
	assert.match(stderr, /^setup: missing Debian packages: ninja-build sip-tester; /);
	assert.equal(checkout.run('setup', '--names').stdout, 'ninja-build\n');
});

test('setup installs what is missing, and nothing else', (t) => {
	const checkout = new Checkout(t);

	hide(checkout, 'sipp', 'sudo', 'dpkg');
	checkout.standIn('id', 'echo 0');
	checkout.standIn('dpkg');
	checkout.standIn('apt-get', `case $* in *install*) ln -s /bin/true "${checkout.bin}/sipp" ;; esac`);
	assert.equal(checkout.run('setup', '--test').status, 0);
	const installs = checkout.called().filter((call) => /^apt-get .* install /.test(call));

	assert.equal(installs.length, 1);
	assert.match(installs[0], / install sip-tester$/);
});

// meson and ninja that leave what the scripts look for.
function fakeTools(checkout) {
	checkout.standIn('meson', `case $1 in
--version) echo 1.0.1 ;;
setup) mkdir -p "$2/meson-info" && touch "$2/build.ninja" &&
	echo "\\"auto_features\\", \\"value\\": \\"\${3#*=}\\"" >"$2/meson-info/intro-buildoptions.json" ;;
configure) echo '"auto_features", "value": "enabled"' >"$2/meson-info/intro-buildoptions.json" ;;
esac`);
	checkout.standIn('ninja');
}

const PROGRAMS = 'ninja -C build/obj mcxd/mcxd mcxd/tools/mcxctl/mcxctl mcxd/tools/mcxsim/mcxsim';
const builds = (calls) => calls.filter((call) => !call.endsWith('--version'));

test('build leaves the tests out, and configures them when they are asked for', (t) => {
	const checkout = new Checkout(t);

	fakeTools(checkout);
	assert.equal(checkout.run('build').status, 0);
	assert.deepEqual(builds(checkout.called()),
		['meson setup build/obj -Dauto_features=disabled -Dwerror=true', PROGRAMS]);
	assert.equal(checkout.run('build', '--tests', 'tests/unit/unit_x').status, 0);
	assert.deepEqual(builds(checkout.called()),
		['meson configure build/obj -Dauto_features=enabled', 'ninja -C build/obj tests/unit/unit_x']);
	assert.equal(checkout.run('build', '--tests').status, 0);
	assert.deepEqual(builds(checkout.called()), ['ninja -C build/obj']);
	assert.equal(checkout.run('build').status, 0);
	assert.deepEqual(builds(checkout.called()), [PROGRAMS]);
});

test('build notices a build folder that came with a copy', (t) => {
	const checkout = new Checkout(t);
	const two = path.join(checkout.top, 'two');

	fakeTools(checkout);
	assert.equal(checkout.run('build').status, 0);
	cpSync(checkout.root, two, { recursive: true, verbatimSymlinks: true });
	checkout.called();
	checkout.root = two;
	const { status, stdout } = checkout.run('build');

	assert.equal(status, 0);
	assert.match(stdout, /^build\/obj was configured for another checkout; configuring it again\n/);
	assert.deepEqual(builds(checkout.called()),
		['meson setup build/obj -Dauto_features=disabled -Dwerror=true', PROGRAMS]);
});

test('build says what is missing when it cannot be configured', (t) => {
	const checkout = new Checkout(t);

	hide(checkout, 'sipp');
	checkout.standIn('meson', '[ "$1" = --version ] && echo 1.0.1 && exit; echo "ERROR: no luck"; exit 1');
	const { status, stdout, stderr } = checkout.run('build');

	assert.equal(status, 1);
	assert.match(stdout, /ERROR: no luck\n\nMissing Debian packages: sip-tester\n$/);
	assert.match(stderr, /^build: configuring build failed; /);
});

// A checkout whose scenarios are these, and whose build is always done.
function withScenarios(t, scenarios) {
	const checkout = new Checkout(t);
	const dir = path.join(checkout.root, 'tests/scenario');

	standIn(path.join(checkout.root, 'scripts/build'));
	mkdirSync(dir, { recursive: true });
	for (const [name, tests] of Object.entries(scenarios))
		writeFileSync(path.join(dir, `${name}.mjs`), `import { test } from 'node:test';\n${tests}\n`);
	return checkout;
}

test('test ends with the name of every failure, and a line that counts', (t) => {
	const names = Array.from({ length: 200 }, (_, i) => `wrong ${i}`);
	const checkout = withScenarios(t, {
		good: "test('right', () => {});",
		bad: `for (let i = 0; i < 200; i++) test('wrong ' + i, () => { throw new Error('no'); });
test('not run', { skip: true }, () => {});`,
	});
	const { status, stdout } = checkout.run('test', 'scenario');
	const last = stdout.trimEnd().split('\n').slice(-203);

	assert.equal(status, 1);
	assert.equal(last.shift(), 'failed:');
	assert.equal(last.pop(), '1 passed, 201 failed, 0 skipped');
	assert.deepEqual(last.slice(0, 200), names.map((name) => `  scenario: ${name}`));
	assert.match(last[200], /^ {2}scenario: .*not run.*: skipped$/);
});

test('test runs one test by its name', (t) => {
	const checkout = withScenarios(t, {
		good: "test('right', () => {});",
		bad: "test('wrong', () => { throw new Error('no'); });",
	});
	const { status, stdout } = checkout.run('test', 'scenario', 'good');

	assert.equal(status, 0);
	assert.match(stdout, /\n1 passed, 0 failed, 0 skipped\n$/);
});

test('test refuses an unknown stage or test in one line', (t) => {
	const checkout = withScenarios(t, { good: "test('right', () => {});" });

	for (const [args, line] of [
		[['nonsense'], /^test: there is no stage nonsense; the stages are: setup .*\n$/],
		[['scenario', 'nonsense'], /^test: there is no test tests\/scenario\/nonsense\.mjs\n$/],
		[['unit', 'nonsense'], /^test: there is no test tests\/unit\/test_nonsense\.c\n$/],
	]) {
		const { status, stdout, stderr } = checkout.run('test', ...args);

		assert.deepEqual([status, stdout], [2, '']);
		assert.match(stderr, line);
	}
});

test('test says which stage could not be built', (t) => {
	const checkout = withScenarios(t, { good: "test('right', () => {});" });

	standIn(path.join(checkout.root, 'scripts/build'), 'exit 1');
	const { status, stdout } = checkout.run('test', 'scenario');

	assert.equal(status, 1);
	assert.match(stdout, /\nfailed:\n {2}scenario: the build failed\n0 passed, 1 failed, 0 skipped\n$/);
});

test('test and demo print how they are used', (t) => {
	const checkout = withScenarios(t, {});

	for (const script of ['test', 'demo']) {
		const { status, stdout, stderr } = checkout.run(script, '--help');

		assert.deepEqual([status, stderr], [0, '']);
		assert.match(stdout, new RegExp(`^[A-Z][^#]*\\n  scripts/${script}\\b[^#]*$`));
	}
	assert.equal(checkout.run('demo', '--nope').status, 2);
});

test('test counts as skipped what only --long runs', (t) => {
	const checkout = withScenarios(t, {});
	const { status, stdout } = checkout.run('test', 'tidy', 'buildtypes', 'soak');

	assert.equal(status, 0);
	assert.match(stdout, /\n0 passed, 0 failed, 3 skipped\n$/);
});
