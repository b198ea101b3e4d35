// What was said in a conversation, as each side knows it from the records that reached it.
import { firstLine, isPush } from './label.js';
import { indexFrom } from './order.js';

const MAX_LINES = 200; // of each side; earlier ones are only counted

const incoming = /^message completed \(incoming\): ([^]*)$/;
const offered = /^messagingInvitation started/;

class Side {
	constructor(aor) {
		Object.assign(this, { aor, lines: [], count: 0, typing: 0 });
	}

	add(record, who, text) {
		if (!text)
			return;
		this.count++;
		this.lines.push({ seq: record.seq, who, text, time: record.time });
		if (this.lines.length > MAX_LINES)
			this.lines.shift();
	}
}

export class Talk {
	constructor(conversation) {
		this.conversation = conversation;
	}

	/** {desktop, phone} of these two, each {lines, count, typing}. */
	of(desktop, phone) {
		const { records, version } = this.conversation;

		if (this.version !== version || this.desktop?.aor !== desktop || this.phone?.aor !== phone)
			Object.assign(this, { version, desktop: new Side(desktop), phone: new Side(phone), last: 0 });
		for (let i = indexFrom(records, this.last + 1); i < records.length; i++) {
			this.last = records[i].seq;
			this.#onDesktop(records[i]);
			this.#onPhone(records[i]);
		}
		return this;
	}

	// What its client sent and received.
	#onDesktop(record) {
		const { desktop: side, conversation } = this;
		const { method, status, from, text } = record.fields;

		if (record.kind !== 'sip' || record.sent || status || isPush(record) || (record.from !== side.aor && record.to !== side.aor))
			return;
		if (method === 'INVITE')
			side.add(record, from, firstLine(record) ?? conversation.firstLine ?? '');
		else if (method === 'MESSAGE')
			side.add(record, from, text);
		if (from !== side.aor)
			side.typing = method === 'INFO' ? record.labMs : 0;
	}

	// What its event requests were answered with, and what it has sent.
	#onPhone(record) {
		const { phone: side, conversation } = this;
		const said = record.kind === 'event' && record.to === `phone:${side.aor}` && incoming.exec(record.summary ?? '');

		// The invitation shows the first line, and the first message has it again once a phone has accepted.
		if (said && side.first === 'shown')
			side.first = 'told';
		else if (said)
			side.add(record, 'peer', said[1]);
		else if (record.kind === 'event' && !side.first && offered.test(record.summary ?? '') && conversation.callee === side.aor) {
			side.first = conversation.firstLine ? 'shown' : 'none';
			side.add(record, 'peer', conversation.firstLine);
		} else if (record.kind === 'sip' && !record.sent && record.from === 'front-end' && record.fields.from === side.aor &&
			record.fields.method === 'MESSAGE')
			side.add(record, side.aor, record.fields.text);
	}
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
	const last = conversation?.end ?? conversation?.turns[0];

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
