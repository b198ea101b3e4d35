// Who may include, link to and name what.
import { libraries, rooms, topLevel } from './table.mjs';
import { words } from './source.mjs';

export const SOURCES = ['mcxd', 'proto', 'web'];

/** The row of the table that applies to a file: the longest that fits. */
export function roomOf(file) {
	return Object.keys(rooms).filter((room) => file.startsWith(room)).sort((a, b) => b.length - a.length)[0];
}

/** Whether a file may know another: its own room, or one on the room's row. */
export function mayKnow(file, other) {
	const room = roomOf(file);

	return roomOf(other) === room || other.startsWith(room) || (rooms[room] ?? []).some((may) => other.startsWith(may));
}

/** Every folder of sources has a row, and every row a file. */
export function* checkRows(tree, files) {
	for (const room of Object.keys(rooms)) {
		if (!files.some((file) => roomOf(file) === room))
			yield [room, 'has a row in the table but no file'];
	}
	for (const file of files) {
		const rest = file.slice((roomOf(file) ?? '').length);

		if (['mcxd/', 'proto/', undefined].includes(roomOf(file)) && rest.includes('/'))
			yield [file, 'is in a folder that has no row in the table'];
	}
}

export function* checkIncludes(tree, files) {
	for (const file of files) {
		for (const { line, name, file: other } of tree.source(file).includes) {
			if (other === null)
				continue;
			if (!tree.exists(other))
				yield [`${file}:${line}`, `includes ${name}, which does not exist`];
			else if (!mayKnow(file, other))
				yield [`${file}:${line}`, `includes ${other}, against the arrows`];
		}
	}
}

/** The same by link symbols, which also finds functions that a file declares by hand. */
export function* checkLinks(links) {
	for (const [file, to] of links) {
		for (const [other, symbols] of to) {
			if (!mayKnow(file, other.replace(/\.c$/, '.h')))
				yield [file, `links to ${[...symbols].join(', ')} in ${other}, against the arrows`];
		}
	}
}

export function* checkLibraries(tree, files) {
	for (const library of libraries) {
		const also = Object.keys(library.also ?? {});
		const needed = new Set();

		for (const file of files) {
			const use = usesLibrary(tree.source(file), library);

			if (!use || library.places.some((place) => file.startsWith(place)))
				continue;
			const place = also.find((p) => file.startsWith(p));

			if (place)
				needed.add(place);
			else
				yield [`${file}:${use.line}`, `names ${library.name} (${use.word})`];
		}
		for (const place of also.filter((p) => !needed.has(p)))
			yield [place, `is on the list of those that may name ${library.name} but does not`];
	}
}

function usesLibrary(source, library) {
	const include = source.includes.find(({ file, name }) => file === null && library.headers.test(name));

	if (include)
		return { word: include.name, line: include.line };
	for (const { word, line } of words(source)) {
		if (library.words.test(word))
			return { word, line };
	}
	return null;
}

export function* checkTopLevel(tree) {
	for (const name of tree.names()) {
		if (!topLevel.includes(name) && !name.startsWith('.') && !/^build(-|$)/.test(name))
			yield [name, 'is outside the fixed top level'];
	}
}
