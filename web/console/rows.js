// The rows of a ladder, made of records as they come: arrows, turning points, notes, and time that passes.
import { diagnostics, labelOf, noteOf, styleOf } from './label.js';
import { seconds } from './dom.js';

const FOLD_MS = 1000;

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

// Told by other rows: links, states, what a conversation made of messages; the other end's record of the same message.
function isSilent(record) {
	return Boolean(record.sent) || ['link', 'state', 'conversation', 'user', 'clock', 'actor'].includes(record.kind) ||
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

/** Makes rows, all of them, and those of the story. */
export class Rows {
	constructor(store, { story = false, polls = true } = {}) {
		this.store = store;
		this.story = story;
		this.polls = polls;
		this.list = [];
	}

	/** Where the time of the rows begins. */
	get began() {
		return this.origin?.labMs;
	}

	/** Take a record; true: there is a row more, or the last one has changed. */
	push(record) {
		if (isInvite(record))
			this.origin ??= record;
		if (record.sent && record.fault)
			return this.#strike(record);
		if (isSilent(record) || (this.story && isAside(record)))
			return false;
		this.origin ??= record;
		const last = this.list.at(-1);

		if (last?.record && isPoll(record) && isPoll(last.record) && last.record.phone === record.phone) {
			last.times += 1;
			last.label = `GET events ×${last.times}`;
			return true;
		}
		if (last?.record && isAsideEvent(record) && isAsideEvent(last.record) && last.record.phone === record.phone &&
			last.record.fields.packet === record.fields.packet) {
			last.times += 1;
			last.label = `${last.times} events: ${labelOf(last.record)} …`;
			return true;
		}
		this.#fold(record);
		this.list.push(this.#row(record));
		return true;
	}

	// A fault struck the message of a row that is there.
	#strike(record) {
		const row = this.list.findLast((one) => one.record?.seq === record.sent);

		if (row)
			Object.assign(row, { fault: record.fault, bad: true });
		return Boolean(row);
	}

	#fold(record) {
		const before = this.last ?? record;
		const passed = record.labMs - before.labMs;

		this.last = record;
		if (passed <= FOLD_MS)
			return;
		const { moved, times } = this.store.clockBetween(before.seq, record.seq);
		const how = moved ? `clock advanced${times > 1 ? ` × ${times}` : ''}` : 'real time';

		this.list.push({ type: 'fold', seq: record.seq, key: `f${record.seq}`, label: `${seconds(passed, 1)} s pass · ${how}` });
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
}
