// What files are called, how long they are, and that nothing is left untested.
import path from 'node:path';
import { logRooms, longFiles, maxLines, maxSources } from './table.mjs';
import { SOURCES } from './arrows.mjs';
import { closing } from './declarations.mjs';
import { words } from './source.mjs';

export function* checkLength(tree) {
	for (const file of tree.list([...SOURCES, 'tests', 'scripts'], /\.([ch]|mjs)$/)) {
		const n = tree.text(file).split('\n').length - 1;

		if (n > (longFiles[file] ?? maxLines))
			yield [file, `has ${n} lines, over ${longFiles[file] ?? maxLines}`];
		else if (longFiles[file] && n <= maxLines)
			yield [file, 'is not long and needs no exception'];
	}
}

export function* checkNames(tree, files) {
	for (const file of files) {
		const folder = path.basename(path.dirname(file));

		if (path.basename(file).startsWith(`${folder}_`))
			yield [file, 'repeats the name of its folder'];
	}
	for (const folder of new Set(files.map((file) => path.dirname(file)))) {
		const n = new Set(files.filter((file) => path.dirname(file) === folder).map(withoutEnding)).size;

		if (n > maxSources)
			yield [folder, `has ${n} sources, over ${maxSources}`];
	}
}

const withoutEnding = (file) => file.replace(/\.[ch]$/, '');

/** Every decoder of proto is named in a unit test and in a fuzz target. */
export function* checkDecoders(tree, files) {
	const named = (dir, pattern) => new Set(tree.list([dir], pattern)
		.flatMap((file) => [...words(tree.source(file))].map(({ word }) => word)));
	const tested = named('tests/unit', /^test_.*\.c$/);
	const fuzzed = named('tests/fuzz', /^fuzz_.*\.c$/);

	for (const file of files.filter((f) => f.startsWith('proto/') && f.endsWith('.h'))) {
		const decoders = new Set([...words(tree.source(file))].map(({ word }) => word)
			.filter((word) => /^[a-z0-9_]+_decode$/.test(word)));

		for (const decoder of decoders) {
			if (!tested.has(decoder))
				yield [file, `${decoder} has no unit test`];
			if (!fuzzed.has(decoder))
				yield [file, `${decoder} has no fuzz target`];
		}
	}
}

/** A test that no list names would never run, and a fuzz target starts from a corpus. */
export function* checkRegistered(tree) {
	for (const kind of ['unit', 'loop', 'fuzz']) {
		const list = `tests/${kind}/meson.build`;

		for (const file of tree.list([`tests/${kind}`], /^(test|fuzz)_.*\.c$/)) {
			const name = path.basename(file, '.c').replace(/^[a-z]+_/, '');

			if (!tree.text(list).includes(`'${name}'`))
				yield [file, `is not in ${list}`];
			if (kind === 'fuzz' && tree.names(`tests/fuzz/corpus/${name}`).length === 0)
				yield [file, 'has no corpus'];
		}
	}
}

const LOGGERS = new Map([
	['log_error', 0], ['log_warn', 0], ['log_info', 0], ['log_debug', 0], ['log_at', 1], ['log_enabled', 1],
	['log_write', 1],
]);

/** Every category that log lines use is on the list of rooms, and the other way round. */
export function* checkCategories(tree, files) {
	const listed = stringsOf(tree, logRooms);
	const used = new Set();

	if (listed.length === 0)
		yield [logRooms.file, `has no array ${logRooms.array} of the rooms that log`];
	for (const file of files.filter((f) => f.endsWith('.c'))) {
		for (const { category, line } of categoriesOf(tree.source(file))) {
			used.add(category);
			if (!listed.includes(category))
				yield [`${file}:${line}`, `logs under "${category}", which ${logRooms.file} does not list`];
		}
	}
	for (const category of listed.filter((c) => !used.has(c)))
		yield [logRooms.file, `lists "${category}", under which nothing is logged`];
}

const unquote = (token) => token.slice(1, -1);

function stringsOf(tree, { file, array }) {
	const { tokens } = tree.source(file);
	const start = tokens.findIndex((t, i) => t === array && tokens[i + 1] === '[');
	const brace = tokens.indexOf('{', start);

	return start === -1 ? [] : tokens.slice(brace, closing(tokens, brace)).filter((t) => t[0] === '"').map(unquote);
}

// Categories are string constants, or macros of the file for one.
function categoriesOf(source) {
	const macros = new Map(source.directives.filter((d) => d.name === 'define' && d.tokens.length === 2)
		.map((d) => d.tokens));
	const found = [];

	source.tokens.forEach((token, i) => {
		if (!LOGGERS.has(token) || source.tokens[i + 1] !== '(')
			return;
		const argument = argumentsOf(source.tokens, i + 1)[LOGGERS.get(token)] ?? [];
		const category = argument.length === 1 ? macros.get(argument[0]) ?? argument[0] : '';

		if (category[0] === '"')
			found.push({ category: unquote(category), line: source.lines[i] });
	});
	return found;
}

// The arguments of the call whose bracket opens at i, each as tokens.
function argumentsOf(tokens, i) {
	const end = closing(tokens, i);
	const list = [[]];

	for (let j = i + 1; j < end; j++) {
		if ('([{'.includes(tokens[j])) {
			const to = closing(tokens, j);

			list.at(-1).push(...tokens.slice(j, to + 1));
			j = to;
		} else if (tokens[j] === ',') {
			list.push([]);
		} else {
			list.at(-1).push(tokens[j]);
		}
	}
	return list;
}
