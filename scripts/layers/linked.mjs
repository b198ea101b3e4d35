// What the objects show: circles of files, an order of files, names of libraries, state that outlives a call.
import path from 'node:path';
import { circles, orders, rooms, statics } from './table.mjs';
import { roomOf } from './arrows.mjs';
import { circlesOf } from './objects.mjs';

const nameIn = (room, file) => path.relative(room, file).replace(/\.c$/, '');

/** No circle of files in a room, except those on the list. */
export function* checkCircles(links) {
	const needed = new Map(circles.map((entry) => [entry, new Set()]));

	for (const room of Object.keys(rooms)) {
		const files = new Set([...links.keys()].filter((file) => roomOf(file) === room));

		for (const circle of circlesOf(files, links)) {
			const names = circle.map((file) => nameIn(room, file));
			const entry = circles.find((e) => e.room === room && names.every((name) => e.files.includes(name)));

			if (entry)
				names.forEach((name) => needed.get(entry).add(name));
			else
				yield [room, `has a circle of files: ${names.join(' ')} (${steps(circle, links)})`];
		}
	}
	for (const [entry, names] of needed) {
		for (const name of entry.files.filter((f) => !names.has(f)))
			yield [`${entry.room}${name}.c`, 'is on the list of circles but in none'];
	}
}

// One way around: "a calls f of b, b calls g of a".
function steps(circle, links) {
	const start = circle[0];
	const from = new Map([[start, null]]);
	const queue = [start];

	for (const file of queue) {
		for (const other of links.get(file).keys()) {
			if (other === start)
				return wayTo(file, from, start, links);
			if (circle.includes(other) && !from.has(other)) {
				from.set(other, file);
				queue.push(other);
			}
		}
	}
	return '';
}

function wayTo(file, from, start, links) {
	const way = [start];

	for (let f = file; f !== null; f = from.get(f))
		way.unshift(f);
	return way.slice(0, -1).map((f, i) => {
		const [symbol] = links.get(f).get(way[i + 1]);

		return `${path.basename(f)} needs ${symbol} of ${path.basename(way[i + 1])}`;
	}).join(', ');
}

/** In an ordered room a file links only to what stands before it. */
export function* checkOrders(links) {
	for (const [room, order] of Object.entries(orders)) {
		const files = [...links.keys()].filter((file) => roomOf(file) === room);
		const rank = (file) => order.indexOf(nameIn(room, file));

		for (const file of files.filter((f) => rank(f) === -1))
			yield [file, `has no place in the order of ${room}`];
		for (const name of order.filter((n) => !files.some((file) => nameIn(room, file) === n)))
			yield [`${room}${name}.c`, `has a place in the order of ${room} but does not exist`];
		for (const file of files) {
			for (const [other, symbols] of links.get(file)) {
				if (roomOf(other) === room && rank(other) >= rank(file))
					yield [file, `needs ${[...symbols].join(', ')} of ${nameIn(room, other)}, which stands after it`];
			}
		}
	}
}

/** No function of ours has a library's name. libraries: Map of name to library. */
export function* checkReplaced(objects, libraries) {
	for (const [file, { defined }] of objects) {
		for (const name of [...defined].filter((n) => libraries.has(n)))
			yield [file, `defines ${name}, a name of ${libraries.get(name)}`];
	}
}

/** Nothing of ours keeps state between calls, except what is on the list. */
export function* checkStatics(objects) {
	for (const [file, { writable }] of objects) {
		for (const name of [...writable].filter((n) => !statics[file]?.names.includes(n)))
			yield [file, `keeps state in ${name}, outside of every object`];
	}
	yield* checkEntries(statics, 'the list of state', (file, name) => objects.get(file)?.writable.has(name));
}

function* checkEntries(list, what, isNeeded) {
	for (const [file, { names }] of Object.entries(list)) {
		for (const name of names.filter((n) => !isNeeded(file, n)))
			yield [file, `has ${name} on ${what} but not in the code`];
	}
}
