// What has been decided: INVITE, 180, and then 408 or 200. Always in sight; each station leads to its row.
import { el, fill, seconds, setText } from './dom.js';

export class Rail {
	constructor(store, list, go) {
		Object.assign(this, { store, list, go });
	}

	#station(kind, name, at, seq) {
		return el('li', {}, el('button', { type: 'button', class: kind, disabled: seq === undefined, onclick: () => this.go(seq) },
			el('b', {}, name), at === undefined ? null : el('small', {}, at)));
	}

	update(conversation) {
		const invite = conversation?.invite;
		const turns = conversation?.turns ?? [];
		const ring = turns.find(({ turn }) => turn === 'ring');
		const end = conversation?.end;
		const key = [conversation?.id, invite?.seq, ring?.record.seq, end?.record.seq].join();

		fill(this.list, key, () => {
			if (!invite)
				return el('li', {}, el('p', {}, 'INVITE, 180, and then 408 or 200'));
			const at = (record) => seconds(record.labMs - invite.labMs);
			const name = ({ fields }) => fields.status === '408' ? '408 Timeout' : (fields.start_line ?? fields.status).replace('SIP/2.0 ', '');

			return [
				this.#station('sip-begin', 'INVITE', undefined, invite.seq),
				ring && this.#station('ring', name(ring.record), at(ring.record), ring.record.seq),
				end ? this.#station(end.turn, name(end.record), at(end.record), end === conversation.lost ? undefined : end.record.seq)
					: this.#station('undecided', ring ? '408 or 200?' : '180?', '', undefined),
			];
		});
		this.tick(conversation);
	}

	tick(conversation) {
		const left = this.list.querySelector('.undecided small');

		if (left)
			setText(left, this.store.isHeld(conversation)
				? `${this.store.secondsLeft(conversation)} s left` : '');
	}
}
