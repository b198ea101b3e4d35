// The lab API: requests, and the journal as it goes on.

const BASE = '/lab/v1/';

/** An answer that is an error; message is the server's sentence. */
export class ApiError extends Error {
	constructor(status, message) {
		super(message);
		this.status = status;
	}
}

async function call(method, where, body) {
	const answer = await fetch(BASE + where, {
		method,
		headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	const text = await answer.text();
	let json;

	try {
		json = text ? JSON.parse(text) : null;
	} catch {
		json = null;
	}
	if (answer.status === 401)
		location.assign(`${BASE}sign-in?to=/console/`);
	if (!answer.ok)
		throw new ApiError(answer.status, json?.error?.message ?? `${method} ${where}: ${answer.status}`);
	return json;
}

export const get = (where) => call('GET', where);
export const post = (where, body = {}) => call('POST', where, body);
export const put = (where, body = {}) => call('PUT', where, body);
export const remove = (where) => call('DELETE', where);

let paths = {};

/** Learn what there is. */
export async function learn() {
	({ paths } = await get('openapi.json'));
}

/** Whether there is such a part of the API. */
export function has(where) {
	return Object.hasOwn(paths, BASE + where);
}

/** The values that a parameter of a GET may have. */
export function choices(where, name) {
	return paths[BASE + where]?.get.parameters?.find((one) => one.name === name)?.schema.enum ?? [];
}

/** The address of a part of the API, for links. */
export function addressOf(where) {
	return BASE + where;
}

/** Follow the journal from a record on. on.begin({instance, first, last, next}) comes first and after every
 *  reconnection, on.record for each record, on.lost({from, to}) for what was dropped, on.link(true | false) when the
 *  connection comes and goes. The browser connects again by itself and says which record was the last; where it gives up,
 *  because the answer was an error, we ask why and go on. */
export function follow(from, on) {
	let source;
	let last = from - 1;
	let timer;

	function open() {
		source = new EventSource(`${BASE}journal?follow=1&from=${last + 1}`);
		source.addEventListener('begin', (event) => {
			on.link(true);
			on.begin(JSON.parse(event.data));
		});
		source.addEventListener('lost', (event) => on.lost(JSON.parse(event.data)));
		source.addEventListener('message', (event) => {
			const record = JSON.parse(event.data);

			last = record.seq;
			on.record(record);
		});
		source.addEventListener('error', () => {
			on.link(false);
			if (source.readyState === EventSource.CLOSED)
				later();
		});
	}

	function later() {
		clearTimeout(timer);
		timer = setTimeout(async () => {
			try {
				const { journal } = await get('status');

				// A server that has started again counts from 1.
				last = journal.last < last ? 0 : Math.max(last, journal.first - 1);
				open();
			} catch {
				later();
			}
		}, 1000);
	}

	open();
	return {
		/** Begin again at a record. */
		restart(at) {
			source.close();
			clearTimeout(timer);
			last = at - 1;
			open();
		},
	};
}
