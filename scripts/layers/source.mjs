// C sources as tokens: comments are gone, a string stays one token, directives stand apart.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const TOKEN = new RegExp([
	/\/\*[^]*?\*\/|\/\/[^\n]*/, // a comment
	/"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?/, // a string or a character
	/[A-Za-z_]\w*|\.?\d(?:[eEpP][+-]|[\w.])*/, // a word or a number
	/\.\.\.|->|##|[^\s]|\n/,
].map((r) => r.source).join('|'), 'g');
const WORD = /^[A-Za-z_]/;

export const isWord = (token) => WORD.test(token);

/** The tokens of a text, and its lines "#name rest". A token is a string; lines[i] is the line of tokens[i]. */
export function tokenize(text) {
	const source = { tokens: [], lines: [], directives: [] };
	const joined = text.replaceAll('\\\n', ' \v'); // offsets stay, and lines can still be counted
	let line = 1;
	let directive = null;
	let fresh = true; // nothing but blanks on this line so far
	let end = 0;

	for (const match of joined.matchAll(TOKEN)) {
		const token = match[0];

		line += countLines(joined, end, match.index);
		end = match.index;
		if (token === '\n') {
			directive = null;
			fresh = true;
		} else if (token === '#' && fresh) {
			directive = { line, tokens: [] };
			source.directives.push(directive);
			fresh = false;
		} else if (!token.startsWith('/*') && !token.startsWith('//')) {
			fresh = false;
			if (directive) {
				directive.tokens.push(token);
			} else {
				source.tokens.push(token);
				source.lines.push(line);
			}
		}
	}
	for (const d of source.directives)
		d.name = d.tokens.shift() ?? '';
	return source;
}

function countLines(text, from, to) {
	let n = 0;

	for (let i = from; i < to; i++) {
		if (text[i] === '\n' || text[i] === '\v')
			n++;
	}
	return n;
}

/** A checkout: its files and their tokens, read once. */
export class Tree {
	#files = new Map();
	#sources = new Map();

	constructor(root) {
		this.root = root;
	}

	text(file) {
		if (!this.#files.has(file))
			this.#files.set(file, readFileSync(path.join(this.root, file), 'utf8'));
		return this.#files.get(file);
	}

	exists(file) {
		return existsSync(path.join(this.root, file));
	}

	names(dir = '.') {
		return this.exists(dir) ? readdirSync(path.join(this.root, dir)).sort() : [];
	}

	/** Paths of all files below some folders whose names match, sorted. */
	list(dirs, pattern) {
		const found = [];
		const walk = (dir) => {
			for (const entry of readdirSync(path.join(this.root, dir), { withFileTypes: true })) {
				const file = `${dir}/${entry.name}`;

				if (entry.isDirectory() && entry.name !== 'node_modules')
					walk(file);
				else if (pattern.test(entry.name))
					found.push(file);
			}
		};

		dirs.filter((dir) => this.exists(dir)).forEach(walk);
		return found.sort();
	}

	source(file) {
		if (!this.#sources.has(file)) {
			const source = tokenize(this.text(file));

			source.includes = source.directives.filter((d) => d.name === 'include')
				.map((d) => this.#include(file, d));
			this.#sources.set(file, source);
		}
		return this.#sources.get(file);
	}

	// What an include means: file is a path from the root if it is one of ours, else null.
	#include(from, { line, tokens }) {
		const name = tokens[0] === '<' ? tokens.slice(1, -1).join('') : (tokens[0] ?? '').slice(1, -1);
		const near = path.posix.join(path.posix.dirname(from), name);

		if (tokens[0] === '<')
			return { line, name, file: null };
		return { line, name, file: this.exists(near) ? near : path.posix.normalize(name) };
	}
}

/** Every word of the code and of directives, with its line; strings and the names of includes are none. */
export function* words(source) {
	for (let i = 0; i < source.tokens.length; i++) {
		if (isWord(source.tokens[i]))
			yield { word: source.tokens[i], line: source.lines[i] };
	}
	for (const d of source.directives) {
		if (d.name !== 'include') {
			for (const token of d.tokens.filter(isWord))
				yield { word: token, line: d.line };
		}
	}
}
