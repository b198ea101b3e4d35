// Runs every rule. See scripts/check-layers.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as arrows from './arrows.mjs';
import * as named from './files.mjs';
import { fix } from './fix.mjs';
import { Includes } from './includes.mjs';
import { indexHeaders } from './index.mjs';
import { Libraries } from './library.mjs';
import * as linked from './linked.mjs';
import { linksOf, readLibraries, readObjects } from './objects.mjs';
import { Tree } from './source.mjs';

const CODE = [...arrows.SOURCES, 'tests'];
const PROGRAMS = ['mcxd/mcxd', 'mcxd/tools/mcxctl/mcxctl', 'mcxd/tools/mcxsim/mcxsim'];
const MAX_ROUNDS = 10;

// The compiler's options for headers of libraries.
function includeFlags(objects) {
	const text = readFileSync(path.join(objects, 'compile_commands.json'), 'utf8');

	return [...new Set(text.match(/-isystem\s*[^\s"]+/g) ?? [])];
}

function readIncludes(root, flags) {
	const tree = new Tree(root);
	const files = tree.list(CODE, /\.[ch]$/);
	const index = indexHeaders(root, files.filter((file) => file.endsWith('.h')), flags);

	return { files, includes: new Includes(tree, index, files) };
}

function* checkUses(root, flags) {
	let files, includes;

	try {
		({ files, includes } = readIncludes(root, flags));
	} catch (e) {
		yield ['headers', e.message]; // one includes what does not exist
		return;
	}
	for (const file of files) {
		const { missing, unused } = includes.check(file);

		for (const { header, what, line } of missing)
			yield [`${file}:${line}`, header ? `uses ${what} and does not include ${header}` : `does not declare ${what}`];
		for (const { line, name } of unused)
			yield [`${file}:${line}`, `includes ${name} and uses nothing of it`];
	}
}

// objects, programs: build folders; the self-test has objects of its own.
function* checkAll({ root, objects, programs }) {
	const tree = new Tree(root);
	const files = tree.list(arrows.SOURCES, /\.[ch]$/);
	const compiled = readObjects(root, objects, files.filter((file) => file.endsWith('.c')));
	const links = linksOf(compiled.objects);

	for (const file of compiled.missing)
		yield [file, `is not compiled in ${objects}`];
	yield* arrows.checkTopLevel(tree);
	yield* arrows.checkRows(tree, files);
	yield* arrows.checkIncludes(tree, files);
	yield* arrows.checkLinks(links);
	yield* arrows.checkLibraries(tree, files);
	yield* checkUses(root, includeFlags(programs));
	yield* linked.checkCircles(links);
	yield* linked.checkOrders(links);
	yield* linked.checkReplaced(compiled.objects, readLibraries(PROGRAMS.map((p) => path.join(programs, p))));
	yield* linked.checkStatics(compiled.objects);
	yield* named.checkLength(tree);
	yield* named.checkNames(tree, files);
	yield* named.checkDecoders(tree, files);
	yield* named.checkRegistered(tree);
	yield* named.checkCategories(tree, files);
}

// Includes are added and removed, and what that changes for others is looked at again.
function fixAll({ root, programs }) {
	const flags = includeFlags(programs);
	const changed = new Set();

	for (let round = 0; round < MAX_ROUNDS; round++) {
		const { files, includes } = readIncludes(root, flags);
		const texts = fix(includes, new Libraries(flags), files);

		if (texts.size === 0)
			break;
		for (const [file, text] of texts) {
			writeFileSync(path.join(root, file), text);
			changed.add(file);
		}
	}
	if (changed.size > 0)
		spawnSync('clang-format', ['--style=file', '-i', ...changed], { cwd: root, stdio: 'inherit' });
	for (const file of [...changed].sort())
		console.log(file);
	console.log(`files changed: ${changed.size}`);
}

const { values: options } = parseArgs({
	options: {
		root: { type: 'string' }, objects: { type: 'string' }, programs: { type: 'string' },
		fix: { type: 'boolean', default: false },
	},
});

if (options.fix) {
	fixAll(options);
} else {
	let n = 0;

	for (const [where, what] of checkAll(options)) {
		console.log(`${where}: ${what}`);
		n++;
	}
	if (n > 0) {
		console.error(`check-layers: ${n} violations`);
		process.exitCode = 1;
	}
}
