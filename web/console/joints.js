// The joints between the lanes: a click breaks one, and mends it.
import * as api from './api.js';
import { el } from './dom.js';

/** What can happen at a joint, in words, and the field that it needs besides. Which of them a joint knows is the server's to say. */
const WHATS = {
	status: ['an answer with a status', 'status'],
	delay: ['a delay', 'ms'],
	drop: ['it is lost'],
	reset: ['the connection is reset'],
	close: ['the connection is closed'],
	slow: ['the answer comes slowly', 'ms'],
	garbage: ['the answer is garbage'],
	silence: ['it is held until this is mended'],
};

const OFTEN = {
	always: 'every time',
	times: 'n times',
	nth: 'the n-th time',
	probability: 'one time in n',
};

function nameOf(hop) {
	return hop.replace('-', ' ');
}

export class Joints {
	constructor(store, heads, lifelines) {
		Object.assign(this, { store, heads, lifelines });
		this.#dialog();
	}

	// ---- the row of joints ----

	/** The server's joints as pairs of lanes, from left to right: [[from, to, 'front-end→edge', is it the phone's HTTPS]]. */
	#places(lanes) {
		const phone = lanes.all.findIndex((lane) => lane.startsWith('phone'));
		const at = (hop) => hop === 'sip-peer' ? lanes.all.indexOf('front-end') - 1 : hop === 'phone' ? phone : lanes.all.indexOf(hop);

		return this.store.joints.map(({ where }) => [...where.split('→').map(at).sort((a, b) => a - b), where, where.startsWith('phone→')])
			.filter(([from, to]) => from >= 0 && to > from)
			.sort(([a, , , aside], [b, , , bside]) => aside - bside || a - b);
	}

	draw(lanes) {
		this.lanes = lanes;
		this.drawn = this.store.joints;
		for (const node of this.heads.querySelectorAll('.joint, .wire'))
			node.remove();
		const last = lanes.all.length - 1;
		const wire = el('i', { class: 'wire', 'aria-hidden': 'true' });

		wire.style.gridColumn = `3 / ${2 * last + 3}`;
		this.heads.append(wire);
		for (const [from, to, where, https] of this.#places(lanes)) {
			const joint = el('button', { type: 'button', class: `joint${https ? ' https' : ''}`, 'data-where': where, onclick: () => this.#open(where) });

			joint.style.gridColumn = `${2 * from + 3} / ${2 * to + 3}`;
			if (https) {
				const dashed = el('i', { class: 'wire https', 'aria-hidden': 'true' });

				dashed.style.gridColumn = joint.style.gridColumn;
				this.heads.append(dashed);
			}
			this.heads.append(joint);
		}
		this.update();
	}

	// {where, can} of a joint that the server knows.
	#joint(where) {
		return this.store.joints.find((joint) => joint.where === where);
	}

	#fault(where) {
		return this.store.faults.find((fault) => fault.where === where);
	}

	/** What is broken. */
	update() {
		if (this.drawn !== this.store.joints) {
			this.draw(this.lanes);
			return;
		}
		for (const strip of this.lifelines.querySelectorAll('.hot'))
			strip.remove();
		for (const joint of this.heads.querySelectorAll('.joint')) {
			const { where } = joint.dataset;
			const fault = this.#fault(where);
			const words = fault && [fault.status ?? fault.what, fault.struck ? `${fault.struck}${fault.times ? ` of ${fault.times}` : ''}` : ''].filter(Boolean).join(' · ');

			joint.classList.toggle('broken', Boolean(fault));
			joint.disabled = !this.#joint(where)?.can.length || this.store.link !== 'live';
			joint.replaceChildren(...fault ? [el('span', {}, words)] : []);
			joint.setAttribute('aria-label', fault ? `Mend ${nameOf(where)}: ${words}` : `Break ${nameOf(where)}`);
			this.#strips(joint);
		}
	}

	#strips(joint) {
		for (const one of this.store.breaks.filter(({ where }) => where === joint.dataset.where)) {
			const strip = el('i', { class: joint.matches('.https') ? 'hot https' : 'hot', 'data-where': one.where });

			strip.style.gridColumn = joint.style.gridColumn;
			strip.broken = one;
			this.lifelines.append(strip);
		}
	}

	/** Lay each strip from where its joint was broken to where it was mended. topAfter(seq): where the rows after a record begin. */
	place(topAfter) {
		for (const strip of this.lifelines.querySelectorAll('.hot')) {
			const { from, to } = strip.broken;

			strip.style.top = `${topAfter(from)}px`;
			strip.style.height = to === undefined ? '' : `${topAfter(to) - topAfter(from)}px`;
		}
	}

	/** To the first joint. */
	focus() {
		this.heads.querySelector('.joint')?.focus();
	}

	// ---- the dialog ----

	#dialog() {
		this.heading = el('h2', { id: 'break-heading' });
		this.what = el('select', { class: 'field', onchange: () => this.#fit() });
		this.status = el('input', { class: 'field', type: 'number', min: '400', max: '699', value: '503' });
		this.ms = el('input', { class: 'field', type: 'number', min: '1', max: '600000', value: '2000' });
		this.often = el('select', { class: 'field', onchange: () => this.#fit() }, Object.entries(OFTEN).map(([value, words]) => el('option', { value }, words)));
		this.n = el('input', { class: 'field', type: 'number', min: '1', max: '1000000', value: '3' });
		this.user = el('select', { class: 'field' });
		this.wrong = el('p', { class: 'wrong', role: 'alert' });
		const pair = (words, field) => {
			const id = `break-${words.replace(/\W+/g, '-')}`;

			field.id = id;
			return el('div', { class: 'unbox' }, el('label', { for: id }, words), field);
		};

		this.rows = { what: pair('What happens', this.what), status: pair('Status', this.status), ms: pair('Milliseconds', this.ms),
			often: pair('How often', this.often), n: pair('n', this.n), user: pair('For whom', this.user) };
		this.breaks = el('button', { class: 'button primary', type: 'submit' }, 'Break it');
		this.dialog = el('dialog', { 'aria-labelledby': 'break-heading', id: 'break' }, this.heading,
			el('form', { onsubmit: (event) => this.#break(event) }, el('div', { class: 'fields' }, Object.values(this.rows)), this.wrong,
				el('div', { class: 'ends' }, el('button', { type: 'button', class: 'button', onclick: () => this.#leave() }, 'Leave it whole'), this.breaks)));
		document.body.append(this.dialog);
	}

	#fit() {
		const needs = WHATS[this.what.value]?.[1];

		this.rows.status.hidden = needs !== 'status';
		this.rows.ms.hidden = needs !== 'ms';
		this.rows.n.hidden = this.often.value === 'always';
	}

	async #open(where) {
		const fault = this.#fault(where);

		if (fault) {
			try {
				await this.#set(this.store.faults.filter((one) => one !== fault));
			} catch {
				// The connection says it.
			}
			return;
		}
		this.where = where;
		this.heading.textContent = `Break ${nameOf(where.split('→')[0])} → ${nameOf(where.split('→')[1])}`;
		const { can } = this.#joint(where);

		this.what.replaceChildren(...can.map((what) => el('option', { value: what }, WHATS[what]?.[0] ?? what)));
		this.user.replaceChildren(el('option', { value: '' }, 'everybody'), ...[...this.store.users.keys()].slice(0, 200).map((aor) => el('option', { value: aor }, aor)));
		this.wrong.textContent = '';
		this.#fit();
		this.dialog.showModal();
	}

	#leave() {
		this.dialog.close();
	}

	async #break(event) {
		event.preventDefault();
		const needs = WHATS[this.what.value]?.[1];
		const fault = { where: this.where, what: this.what.value };

		if (needs)
			fault[needs] = Number(this[needs].value);
		if (this.often.value !== 'always')
			fault[this.often.value] = Number(this.n.value);
		if (this.user.value)
			fault.user = this.user.value;
		try {
			await this.#set([...this.store.faults, fault]);
			this.dialog.close();
		} catch (error) {
			this.wrong.textContent = error.message;
		}
	}

	async #set(faults) {
		this.store.takeFaults(await api.put('faults', { faults, seed: this.store.seed }));
	}
}
