// Puts includes and forward declarations into a file, each where the sorted block of its kind is.
import path from 'node:path';
import { ownHeader } from './includes.mjs';

const OURS = /^#include "([^"]+)"/;
const SYSTEM = /^#include <[^>]+>/;
const INCLUDE = /^#\s*include\b/;
const FORWARD = /^(struct|union) \w+;$/;

/** Brings files in line. includes: an Includes; libraries: a Libraries. Returns Map of file to its new text.
 *  A file that saw something through an include that was removed may need a new one: call it until nothing
 *  changes. */
export function fix(includes, libraries, files) {
	const found = new Map(files.map((file) => [file, includes.check(file)]));
	const removed = (file) => found.get(file)?.unused.map((u) => u.file) ?? [];
	const added = (file) => found.get(file)?.missing.map((m) => m.header).filter(Boolean) ?? [];
	const direct = (file) => [...includes.direct(file).filter((h) => !removed(file).includes(h)), ...added(file)];
	const texts = new Map();

	for (const file of files) {
		const { missing, unused } = found.get(file);
		const add = added(file).map((header) => `"${header}"`);
		const before = librariesOf(includes, file, (f) => includes.direct(f));
		const system = libraries.needed(includes.tree.source(file), before, librariesOf(includes, file, direct));
		// Forward declarations are added once the includes are right, since an include may bring them.
		const types = add.length + unused.length > 0 ? [] : missing.map((m) => m.what);

		if (add.length + unused.length + types.length + system.length > 0) {
			texts.set(file, fixText(file, includes.tree.text(file), {
				add: [...add, ...system.map((header) => `<${header}>`)], remove: unused.map((u) => u.name), types,
			}));
		}
	}
	return texts;
}

// The library headers that a file sees, itself or through ours.
function librariesOf(includes, file, direct) {
	const seen = new Set([file]);
	const found = new Set();

	for (const f of seen) {
		for (const include of includes.tree.source(f).includes)
			include.file === null && found.add(include.name);
		direct(f).forEach((header) => seen.add(header));
	}
	return [...found];
}

/** The text of a file with includes added (as <x> or "x") and removed (as x), and forward declarations of types. */
export function fixText(file, text, { add, remove, types }) {
	let lines = text.split('\n');

	lines = lines.filter((line) => !remove.includes(OURS.exec(line)?.[1]));
	for (const header of [...new Set(add)].sort())
		lines = header[0] === '<' ? addSystem(lines, header) : addInclude(file, lines, header.slice(1, -1));
	for (const type of [...new Set(types)].sort())
		lines = addForward(lines, `${type};`);
	return lines.join('\n').replace(/\n{3,}/g, '\n\n');
}

const insert = (lines, i, ...more) => [...lines.slice(0, i), ...more, ...lines.slice(i)];

// The blocks of includes that fit a pattern, as [from, to) in lines.
function blocksOf(lines, pattern = OURS) {
	const blocks = [];

	lines.forEach((line, i) => {
		if (!pattern.test(line))
			return;
		if (blocks.at(-1)?.to === i)
			blocks.at(-1).to++;
		else
			blocks.push({ from: i, to: i + 1 });
	});
	return blocks;
}

function intoBlock(lines, block, line) {
	let i = block.from;

	while (i < block.to && lines[i] < line)
		i++;
	return insert(lines, i, line);
}

// Behind our headers, where the libraries' stand.
function addSystem(lines, header) {
	const line = `#include ${header}`;
	const block = blocksOf(lines, SYSTEM).at(-1);
	const ours = blocksOf(lines).at(-1);

	if (block)
		return intoBlock(lines, block, line);
	return ours ? insert(lines, ours.to, '', line) : startBlock(lines, line);
}

// A .c file's first block is for what it implements, if that is alone in it: its own header, or its room's.
function isForOwn(file, lines, { from, to }) {
	return file.endsWith('.c') && to === from + 1 &&
		path.dirname(OURS.exec(lines[from])[1]) === path.dirname(file);
}

function addInclude(file, lines, header) {
	const line = `#include "${header}"`;
	const [first, ...others] = blocksOf(lines);
	let block = others.at(-1) ?? first;

	if (!first)
		return startBlock(lines, line);
	if (header === ownHeader(file))
		block = first;
	else if (block === first && isForOwn(file, lines, first))
		return insert(lines, first.to, '', line);
	return intoBlock(lines, block, line);
}

// Before the libraries' headers, or else behind what opens the file.
function startBlock(lines, line) {
	const first = lines.findIndex((l) => INCLUDE.test(l));

	if (first !== -1)
		return insert(lines, first, line, '');
	const start = lines.findIndex((l) => l === '#pragma once');

	return start !== -1 ? insert(lines, start + 1, '', line) : insert(lines, afterTitle(lines), line, '');
}

function afterTitle(lines) {
	return lines[0]?.startsWith('/*') ? lines.findIndex((l) => l.endsWith('*/')) + 1 : 0;
}

// Into the first block of forward declarations, or into one behind the includes.
function addForward(lines, line) {
	const last = lines.findLastIndex((l) => INCLUDE.test(l) || l === '#pragma once');
	let i = last + 1;

	while (lines[i] === '')
		i++;
	if (!FORWARD.test(lines[i] ?? ''))
		return insert(lines, last + 1, '', line, ...(lines[last + 1] === '' ? [] : ['']));
	while (FORWARD.test(lines[i] ?? '') && lines[i] < line)
		i++;
	return insert(lines, i, line);
}
