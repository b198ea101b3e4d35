// Counts single tests in what a runner left behind, and prints "PASSED FAILED SKIPPED".
//   node tally.mjs tap FAILURES FILE…       TAP, as node's test runner writes it
//   node tally.mjs meson FAILURES TESTLOG…  meson's testlog.json, of programs that print TAP
// Writes the names of the failed tests to the file FAILURES, a line each. A file or a program that ran
// no test counts as failed, and so does one that exits with an error although none of its tests failed. A
// skipped test counts as failed as well: it proved nothing.
import { readFileSync, writeFileSync } from 'node:fs';

const RESULT = /^( *)(not )?ok \d+(?: -)?(?: (.*))?$/;
const PLAN = /^( *)1\.\.(\d+)/;
const INDENT = 4;

// The results of a TAP text that have no results below them, as {name, state}, and the failed parents
// none of whose children failed. planned is what the plans of the outermost level add up to.
export function parseTap(text) {
	const open = []; // open[depth]: what the results seen at that depth amount to
	const leaves = [];
	let planned = 0;
	let yamlEnd = null;
	let nTop = 0;

	for (const line of text.split(/\r?\n/)) {
		if (yamlEnd !== null) {
			if (line === yamlEnd)
				yamlEnd = null;
			continue;
		}
		const yaml = /^( *)---$/.exec(line);
		if (yaml) {
			yamlEnd = `${yaml[1]}...`;
			continue;
		}
		const plan = PLAN.exec(line);
		if (plan && plan[1] === '') {
			planned += Number(plan[2]);
			continue;
		}
		const match = RESULT.exec(line);
		if (!match)
			continue;
		const depth = Math.floor(match[1].length / INDENT);
		const failed = Boolean(match[2]);
		const name = match[3] ?? '';
		const below = open[depth + 1] ?? { n: 0, nFailed: 0 };
		const directive = /#\s*(skip|todo)\b/i.test(name);

		open.length = Math.min(open.length, depth + 1);
		open[depth] ??= { n: 0, nFailed: 0 };
		open[depth].n++;
		if (depth === 0)
			nTop++;
		if (below.n === 0 || directive)
			leaves.push({ name, state: directive ? 'skipped' : failed ? 'failed' : 'passed' });
		else if (failed && below.nFailed === 0)
			leaves.push({ name: `${name} (around its tests)`, state: 'failed' });
		if (failed && !directive)
			open[depth].nFailed++;
	}
	return { leaves, nTop, planned };
}

// node reports a file that has no test, or that could not be run, as one test named after the file.
function isFile(name) {
	return /\/[^ ]*\.m?js$/.test(name);
}

export function tallyTap(text) {
	const { leaves, nTop, planned } = parseTap(text);

	for (const leaf of leaves) {
		if (isFile(leaf.name) && leaf.state !== 'failed') {
			leaf.state = 'failed';
			leaf.name += ': ran no test';
		}
	}
	if (leaves.length === 0)
		leaves.push({ name: 'ran no test', state: 'failed' });
	else if (planned !== nTop)
		leaves.push({ name: `announced ${planned} tests and ran ${nTop}`, state: 'failed' });
	return leaves;
}

// One program of ours under meson.
function tallyProgram(row) {
	const { leaves, nTop, planned } = parseTap(row.stdout ?? '');
	const output = `${row.stdout ?? ''}${row.stderr ?? ''}`;
	const program = row.name.replace(/^.* \/ /, ''); // meson says "mcxd:unit / phone"

	for (const leaf of leaves) {
		leaf.name = `${program}: ${leaf.name}`;
		leaf.output = output;
	}
	if (row.result !== 'OK' && !leaves.some((leaf) => leaf.state === 'failed'))
		leaves.push({ name: `${program}: ended ${row.result} (${row.returncode})`, state: 'failed', output });
	else if (leaves.length === 0)
		leaves.push({ name: `${program}: ran no test`, state: 'failed', output });
	else if (planned !== nTop)
		leaves.push({ name: `${program}: announced ${planned} tests and ran ${nTop}`, state: 'failed', output });
	return leaves;
}

export function tallyMeson(text) {
	const leaves = [];

	for (const line of text.split('\n')) {
		if (line.trim() !== '')
			leaves.push(...tallyProgram(JSON.parse(line)));
	}
	if (leaves.length === 0)
		leaves.push({ name: 'ran no test', state: 'failed' });
	return leaves;
}

// A name is one line, whatever a test is called.
function nameOf(leaf) {
	const name = leaf.name.replace(/\s+/g, ' ');

	return leaf.state === 'skipped' ? `${name}: skipped` : name;
}

/** What to report of all tests: counts, the names of what failed, and the output to show for it. */
export function summarize(leaves) {
	const bad = leaves.filter((leaf) => leaf.state !== 'passed');

	return {
		passed: leaves.length - bad.length,
		failed: bad.length,
		skipped: 0,
		names: bad.map(nameOf),
		outputs: new Set(bad.map((leaf) => leaf.output).filter(Boolean)),
	};
}

function main(format, failures, files) {
	const tally = { tap: tallyTap, meson: tallyMeson }[format];

	if (!tally || files.length === 0) {
		console.error('usage: node tally.mjs tap|meson FAILURES FILE…');
		process.exit(2);
	}
	const sum = summarize(files.flatMap((file) => tally(readFileSync(file, 'utf8'))));

	for (const output of sum.outputs)
		console.error(output);
	for (const name of sum.names)
		console.error(`failed: ${name}`);
	writeFileSync(failures, sum.names.map((name) => `${name}\n`).join(''));
	console.log(`${sum.passed} ${sum.failed} ${sum.skipped}`);
}

if (process.argv[1] === new URL(import.meta.url).pathname)
	main(process.argv[2], process.argv[3], process.argv.slice(4));
