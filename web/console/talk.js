// What was said in a conversation, as each side knows it from the records that reached it.
import { firstLine, isPush } from './label.js';

function line(record, who, text) {
	return { seq: record.seq, who, text, time: record.time };
}

const incoming = /^message completed \(incoming\): ([^]*)$/;
const offered = /^messagingInvitation started/;

/** {lines, typing} of the caller or callee on a SIP desktop. */
export function desktopTalk(conversation, aor) {
	const lines = [];
	let typing = 0;

	for (const record of conversation?.records ?? []) {
		const { method, status, from, text } = record.fields;

		if (record.kind !== 'sip' || record.sent || status || isPush(record) || (record.from !== aor && record.to !== aor))
			continue;
		if (method === 'INVITE')
			lines.push(line(record, from, firstLine(record) ?? conversation.firstLine ?? ''));
		else if (method === 'MESSAGE' && text !== undefined)
			lines.push(line(record, from, text));
		if (method === 'INFO' && from !== aor)
			typing = record.labMs;
		else if (from !== aor)
			typing = 0;
	}
	return { lines: lines.filter(({ text }) => text), typing };
}

/** Lines on a phone: what its event requests were answered with, and what it has sent. */
export function phoneTalk(conversation, aor) {
	const lines = [];

	for (const record of conversation?.records ?? []) {
		const said = record.kind === 'event' && record.to === `phone:${aor}` && incoming.exec(record.summary ?? '');

		if (said)
			lines.push(line(record, 'peer', said[1]));
		else if (record.kind === 'event' && offered.test(record.summary ?? '') && conversation.callee === aor)
			lines.push(line(record, 'peer', conversation.firstLine ?? ''));
		else if (record.kind === 'sip' && !record.sent && record.from === 'front-end' && record.fields.from === aor &&
			record.fields.method === 'MESSAGE' && record.fields.text !== undefined)
			lines.push(line(record, aor, record.fields.text));
	}
	return lines.filter(({ text }) => text);
}

const failures = {
	408: (name) => `This message may not have been delivered to ${name}.`,
	404: (name) => `This message was not delivered to ${name} because this person is offline.`,
	480: (name) => `This message was not delivered to ${name} because this person is offline.`,
	486: (name) => `${name} does not want to be disturbed.`,
	487: () => '',
	415: (name) => `${name} cannot receive this type of message.`,
	488: (name) => `${name} cannot receive this type of message.`,
};

/** What the caller's window says: {kind: 'waiting' | 'warning' | 'typing' | 'connected' | 'over' | '', text}. */
export function status(conversation, name, typing, store) {
	const last = conversation?.turns.at(-1);

	if (!last)
		return { kind: '', text: '' };
	if (last.turn === 'fail') {
		const of = failures[last.record.fields.status] ??
			((who) => `This message was not delivered to ${who} because the service is not available.`);

		return { kind: of(name) ? 'warning' : '', text: of(name) };
	}
	if (last.turn === 'ring')
		return { kind: 'waiting', text: 'Waiting for a response…' };
	if (conversation.state === 'ended')
		return { kind: 'over', text: 'The conversation is over.' };
	if (typing && store.latest.labMs - typing < 30000)
		return { kind: 'typing', text: `${name} is typing…` };
	return { kind: 'connected', text: `Connected to ${name}` };
}

