// Which header of ours declares what. The compiler's preprocessor expands all headers at once, so that
// what a list of rows turns into is seen as well; its line marks tell whose each declaration is.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Declarations } from './declarations.mjs';
import { tokenize } from './source.mjs';

const MARK = /^# (\d+) "((?:[^"\\]|\\.)*)"/;

/** Map of header to { declarations, macros }, for headers given as paths from the root. Throws if one of them
 *  includes what does not exist. */
export function indexHeaders(root, headers, flags) {
	const input = headers.map((h) => `#include "${h}"\n`).join('');
	const args = ['-E', '-dD', '-D_GNU_SOURCE', '-std=gnu17', '-I.', ...flags, '-x', 'c', '-'];
	const { status, stdout, stderr, error } = spawnSync('gcc', args,
		{ cwd: root, input, encoding: 'utf8', maxBuffer: 1 << 28 });

	if (error || status !== 0)
		throw new Error(`the headers cannot be preprocessed: ${error?.message ?? stderr}`);
	const texts = split(root, stdout);

	return new Map(headers.map((header) => [header, read(texts.get(header)?.join('\n') ?? '')]));
}

// The lines of each file below the root.
function split(root, text) {
	const texts = new Map();
	const prefix = `${path.resolve(root)}/`;
	let lines = [];

	for (const line of text.split('\n')) {
		const mark = MARK.exec(line);

		if (!mark) {
			lines.push(line);
			continue;
		}
		const file = path.resolve(root, mark[2]);
		const name = file.startsWith(prefix) ? file.slice(prefix.length) : file;

		if (!texts.has(name))
			texts.set(name, []);
		lines = texts.get(name);
	}
	return texts;
}

function read(text) {
	const source = tokenize(text);
	const macros = new Set();

	for (const { name, tokens } of source.directives) {
		if (name === 'define')
			macros.add(tokens[0]);
		else if (name === 'undef')
			macros.delete(tokens[0]);
	}
	return { declarations: new Declarations(source.tokens), macros };
}
