// Counts single tests in what a runner left behind, and prints "PASSED FAILED SKIPPED".
//   node tally.mjs tap FILE…          TAP, as node's test runner writes it
//   node tally.mjs meson TESTLOG…     meson's testlog.json, of programs that print TAP
// What failed goes to standard error. A file or a program that ran no test counts as failed, and so
// does one that ended badly although none of its tests says so.
import { readFileSync } from 'node:fs';

const RESULT = /^( *)(not )?ok \d+(?: -)?(?: (.*))?$/;
const PLAN = /^( *)1\.\.(\d+)/;
const INDENT = 4;

// The results of a TAP text that have no results below them, as {name, state}; and the failed
// parents of which no child failed. planned counts the promises of the outermost level.
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

// node reports a file that holds no test, or that could not be run, as one test by the file's name.
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

	for (const leaf of leaves) {
		leaf.name = `${row.name}: ${leaf.name}`;
		leaf.output = output;
	}
	if (row.result !== 'OK' && !leaves.some((leaf) => leaf.state === 'failed'))
		leaves.push({ name: `${row.name}: ended ${row.result} (${row.returncode})`, state: 'failed', output });
	else if (leaves.length === 0)
		leaves.push({ name: `${row.name}: ran no test`, state: 'failed', output });
	else if (planned !== nTop)
		leaves.push({ name: `${row.name}: announced ${planned} tests and ran ${nTop}`, state: 'failed', output });
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

function main(format, files) {
	const tally = { tap: tallyTap, meson: tallyMeson }[format];
	const n = { passed: 0, failed: 0, skipped: 0 };
	const shown = new Set();

	if (!tally || files.length === 0) {
		console.error('usage: node tally.mjs tap|meson FILE…');
		process.exit(2);
	}
	for (const leaf of files.flatMap((file) => tally(readFileSync(file, 'utf8')))) {
		n[leaf.state]++;
		if (leaf.state !== 'failed')
			continue;
		if (leaf.output && !shown.has(leaf.output))
			console.error(leaf.output);
		shown.add(leaf.output);
		console.error(`failed: ${leaf.name}`);
	}
	console.log(`${n.passed} ${n.failed} ${n.skipped}`);
}

if (process.argv[1] === new URL(import.meta.url).pathname)
	main(process.argv[2], process.argv.slice(3));
