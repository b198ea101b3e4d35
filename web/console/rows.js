// The rows of a ladder, made of records as they come: arrows, turning points, notes, and time that passes.
import { diagnostics, labelOf, noteOf, styleOf } from './label.js';
import { seconds } from './dom.js';
import { indexFrom } from './order.js';

const FOLD_MS = 1000;
const MAX_PAST = 1000; // rows of a lab that is gone

/** What an answer to the INVITE of a conversation turns: 'ring', 'good', 'fail' or undefined. Only the caller's side counts. */
export function turnOf(record) {
	const { method, status } = record.fields;

	if (record.kind !== 'sip' || method !== 'INVITE' || !status || record.from !== 'front-end' || record.sent)
		return undefined;
	if (status.startsWith('1'))
		return status === '100' ? undefined : 'ring';
	return status.startsWith('2') ? 'good' : 'fail';
}

/** The INVITE that begins a conversation. */
export function isInvite(record) {
	return record.kind === 'sip' && record.fields.method === 'INVITE' && !record.fields.status && record.to === 'front-end';
}

function turnSays(record, turn, ms) {
	const { status, server = '' } = record.fields;
	const { reason } = diagnostics(record.fields.diagnostics);

	if (turn === 'good')
		return '“Waiting for a response…” goes away';
	if (turn === 'ring') {
		const words = server.split(/[ /]/).filter((word) => /^(McxService|WPLync|iPhoneLync|iPadLync|ACOMO)/i.test(word));

		return words.length ? `Server: … ${words.join(' … ')}` : server;
	}
	return status === '408' && ms !== undefined ? `Nobody came back in ${seconds(ms, 0)} s` : reason ?? '';
}

// What joints and names of the page show by themselves.
const beside = new Set(['break', 'mend', 'user-added', 'user-changed', 'user-removed', 'reload']);

// Told by other rows, or beside them: links, states, what a conversation made of messages, what is broken; the other end's record of
// the same message.
function isSilent(record) {
	return Boolean(record.sent) || (record.kind === 'lab' && beside.has(record.fields.action)) || ['link', 'state', 'conversation', 'user', 'clock', 'actor'].includes(record.kind) ||
		(record.kind === 'push' && record.fields.state === 'forwarded');
}

function isPoll(record) {
	return record.kind === 'http' && record.fields.method === 'GET' && record.fields.resource === 'events';
}

const told = /^messagingInvitation (started|completed)|^message completed \(incoming\)/;

// Of the events in one answer to the phone most only follow from the ones that are told.
function isAsideEvent(record) {
	return record.kind === 'event' && !told.test(record.summary ?? '');
}

// What the story can do without.
function isAside(record) {
	const { kind, fields } = record;

	if (kind === 'sip')
		return fields.status === '100' || fields.method === 'ACK' || fields.method === 'INFO' ||
			(fields.status?.startsWith('2') && fields.method !== 'INVITE' && !fields.diagnostics);
	if (kind === 'http')
		return (record.from === 'push-service' && fields.status === '200') || fields.resource === 'tile' || fields.resource === 'typing';
	return isAsideEvent(record);
}

function isBad(record) {
	const { kind, fields } = record;
	const status = Number(fields.status ?? 0);

	return kind === 'fault' || Boolean(record.fault) || (kind === 'push' && ['refused', 'unanswered'].includes(fields.state)) ||
		(status >= 400 && !turnOf(record));
}

/** Makes rows, all of them, or those of the story. Above them may stand those of a lab that was there before. */
export class Rows {
	constructor(store, { story = false, past = [] } = {}) {
		this.store = store;
		this.story = story;
		this.list = [...past];
		this.past = past.length; // how many rows are of another lab
	}

	// Where the next row goes: before the one that is always the last.
	get #end() {
		return this.list.length - (this.tail ? 1 : 0);
	}

	/** Take a record; index of the first row that is new or other because of it, or -1. */
	push(record) {
		if (isInvite(record))
			this.origin ??= record;
		if (record.sent && record.fault)
			return this.#strike(record);
		if (isSilent(record) || (this.story && isAside(record)))
			return -1;
		this.origin ??= record;
		const end = this.#end;
		const last = this.list[end - 1];

		if (last?.record && !last.isPast && this.#joins(last, record)) {
			last.times += 1;
			last.label = isPoll(record) ? `GET events ×${last.times}` : `${last.times} events: ${labelOf(last.record)} …`;
			return end - 1;
		}
		this.#fold(record);
		this.#add(this.#row(record));
		return end;
	}

	// A fault struck the message of a row that is there.
	#strike(record) {
		const index = this.find(record.sent);

		if (index >= 0)
			Object.assign(this.list[index], { fault: record.fault, bad: true });
		return index;
	}

	// Whether one row says it for both.
	#joins({ record: last }, record) {
		if (last.phone !== record.phone)
			return false;
		return (isPoll(last) && isPoll(record)) ||
			(isAsideEvent(last) && isAsideEvent(record) && last.fields.packet === record.fields.packet);
	}

	#add(row) {
		this.list.splice(this.#end, 0, row);
	}

	#fold(record) {
		const before = this.last ?? record;
		const passed = record.labMs - before.labMs;

		this.last = record;
		if (passed <= FOLD_MS)
			return;
		const { moved, times } = this.store.clockBetween(before.seq, record.seq);
		const how = moved ? `clock advanced${times > 1 ? ` × ${times}` : ''}` : 'real time';

		this.#add({ type: 'fold', seq: record.seq, key: `f${record.seq}`, label: `${seconds(passed, 1)} s pass · ${how}` });
	}

	#row(record) {
		const turn = turnOf(record);
		const at = record.labMs - this.origin.labMs;
		const row = { type: 'arrow', seq: record.seq, key: `r${record.seq}`, record, at, label: labelOf(record), note: noteOf(record), times: 1,
			style: styleOf(record), bad: isBad(record), fault: record.fault };

		if (turn)
			Object.assign(row, { type: 'turn', turn, note: turnSays(record, turn, at) });
		else if (!record.from || !record.to || record.from === record.to)
			row.type = 'pill';
		return row;
	}

	/** The row that is always the last, or undefined; index of the first row that is other because of it, or -1. */
	setTail(row) {
		if (row === this.tail)
			return -1;
		const end = this.#end;

		this.list.splice(end, 1, ...row ? [row] : []);
		this.tail = row;
		return end;
	}

	/** Drop the rows of records before this number, and those of another lab; how many were dropped. */
	drop(first) {
		const n = indexFrom(this.list, first, this.past, this.#end);

		this.list.splice(0, n);
		this.past = 0;
		return n;
	}

	/** Index of the first row of this record or a later one. */
	after(seq) {
		return indexFrom(this.list, seq, this.past, this.#end);
	}

	/** Index of the row of a record, or -1. */
	find(seq) {
		const at = this.after(seq);
		const found = [at, at + 1].find((index) => this.list[index]?.record?.seq === seq);

		return seq === undefined ? -1 : found ?? -1;
	}

	/** The rows, for a lab that comes after this one. */
	toPast() {
		const { generation } = this.store;
		const rows = this.list.slice(0, this.#end).filter((row) => row.record || row.type === 'fold').slice(-MAX_PAST)
			.map((row) => row.isPast ? row : { ...row, isPast: true, key: `past-${generation}-${row.key}` });

		return rows.length ? [...rows, { type: 'fold', isPast: true, key: `again-${generation}`, label: 'The lab was started again' }] : [];
	}
}
