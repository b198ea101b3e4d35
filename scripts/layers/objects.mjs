// What the compiler made of our files, by nm: which symbols an object defines, and which it takes from others.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

// nm's letters for what can be written to at run time; read-only tables with addresses are among them, in a
// section of their own.
const WRITABLE = /^[bBdDCsSgG]$/;
const READ_ONLY = /^\.data\.rel\.ro/;

/** The objects of a build folder, by compile_commands.json: Map of file (from the root) to
 *  { defined, undefined, writable }, Sets of symbols. files: those that count. */
export function readObjects(root, folder, files) {
	const commands = JSON.parse(readFileSync(path.join(folder, 'compile_commands.json'), 'utf8'));
	const fileOf = new Map(); // absolute path of the object: file

	for (const { directory, file, output } of commands) {
		const name = path.relative(root, path.resolve(directory, file));
		const object = path.resolve(directory, output);

		if (files.includes(name) && existsSync(object) && ![...fileOf.values()].includes(name))
			fileOf.set(object, name);
	}
	const missing = files.filter((file) => ![...fileOf.values()].includes(file));

	return { objects: fileOf.size === 0 ? new Map() : parse(fileOf), missing };
}

function parse(fileOf) {
	const objects = new Map([...fileOf.values()].map((file) =>
		[file, { defined: new Set(), undefined: new Set(), writable: new Set() }]));

	for (const [object, name, type, section] of rows([...fileOf.keys()])) {
		const symbols = objects.get(fileOf.get(object));

		if (type === 'U' || type === 'w')
			symbols.undefined.add(name);
		else if (/^[A-Z]$/.test(type))
			symbols.defined.add(name);
		if (WRITABLE.test(type) && !READ_ONLY.test(section))
			symbols.writable.add(name.replace(/\.\d+$/, '')); // a static of a function has a number
	}
	return objects;
}

// nm's table: "object:name |value| type |kind|size|line|section".
function* rows(objects) {
	const text = execFileSync('nm', ['-A', '--format=sysv', ...objects], { encoding: 'utf8', maxBuffer: 1 << 28 });

	for (const line of text.split('\n')) {
		const [first, , type, , , , section] = line.split('|');
		const colon = first.lastIndexOf(':');

		if (type !== undefined)
			yield [first.slice(0, colon), first.slice(colon + 1).trim(), type.trim(), (section ?? '').trim()];
	}
}

/** Names that the libraries of some programs define, libc included: Map of symbol to library. */
export function readLibraries(programs) {
	const libraries = new Set();
	const names = new Map();

	for (const program of programs) {
		const text = execFileSync('ldd', [program], { encoding: 'utf8' });

		for (const match of text.matchAll(/(?:=> )?(\/\S+) \(0x/g))
			libraries.add(match[1]);
	}
	const text = execFileSync('nm', ['-A', '-D', '--defined-only', ...libraries],
		{ encoding: 'utf8', maxBuffer: 1 << 28 });

	for (const line of text.split('\n')) {
		const [, library, , name] = /^(\S+):(\S*) [A-Za-z] (.*)$/.exec(line) ?? [];

		if (name)
			names.set(name.replace(/@.*$/, ''), path.basename(library));
	}
	return names;
}

/** Who takes what from whom: Map of file to Map of file to Set of symbols. */
export function linksOf(objects) {
	const home = new Map();
	const links = new Map();

	for (const [file, { defined }] of objects)
		defined.forEach((symbol) => home.set(symbol, file));
	for (const [file, symbols] of objects) {
		const to = new Map();

		for (const symbol of symbols.undefined) {
			const other = home.get(symbol);

			if (other && other !== file)
				to.set(other, (to.get(other) ?? new Set()).add(symbol));
		}
		links.set(file, to);
	}
	return links;
}

/** The circles among some files, each as a sorted list: Tarjan's strongly connected components. */
export function circlesOf(files, links) {
	const state = new Map(); // file: { index, low }
	const stack = [];
	const circles = [];
	const visit = (file) => {
		const own = { index: state.size, low: state.size };

		state.set(file, own);
		stack.push(file);
		for (const other of links.get(file)?.keys() ?? []) {
			if (!files.has(other))
				continue;
			if (!state.has(other))
				own.low = Math.min(own.low, visit(other).low);
			else if (stack.includes(other))
				own.low = Math.min(own.low, state.get(other).index);
		}
		if (own.low === own.index) {
			const circle = stack.splice(stack.indexOf(file));

			if (circle.length > 1)
				circles.push(circle.sort());
		}
		return own;
	};

	for (const file of files)
		state.has(file) || visit(file);
	return circles;
}
