// What stands above the rows and behind them: the lanes' names, their lifelines, and the joints between them.
import { el, label, sayable } from './dom.js';
import { Joints } from './joints.js';
import { HOPS } from './label.js';

export class Heads {
	constructor(store, timeButton) {
		Object.assign(this, { store, timeButton });
		this.root = el('div', { class: 'heads' });
		this.lifelines = el('div', { class: 'lifelines', 'aria-hidden': 'true' });
		this.joints = new Joints(store, this.root, this.lifelines);
	}

	/** Draw the lanes, above rows that are to have as many columns. */
	draw(lanes, rows) {
		const { all } = lanes;
		const heads = all.map((_, i) => lanes.head(i));

		for (const element of [this.root, rows])
			element.style.setProperty('--cols', all.length * 2);
		this.root.replaceChildren(this.timeButton);
		this.lifelines.replaceChildren();
		for (const [i, lane] of all.entries())
			this.#lane(i, heads[i], Boolean(HOPS[lane] && this.store.roles && !this.store.roles.includes(lane)));
		this.root.append(el('p', { class: 'legend-of-lanes', 'aria-hidden': 'true' },
			label(heads.map(({ name, short }) => `${short} ${name}`).join(' · '))));
		this.joints.draw(lanes);
	}

	#lane(i, { name, short }, isAway) {
		const head = el('div', { class: isAway ? 'head away' : 'head', title: isAway ? 'Not a role of this process' : null },
			el('span', {}, label(name)), el('abbr', { title: sayable(name), 'aria-hidden': 'true' }, short));
		const drop = el('i', { class: 'drop', 'aria-hidden': 'true' });
		const life = el('i');

		for (const node of [head, drop, life])
			node.style.gridColumn = `${2 * i + 2} / ${2 * i + 4}`;
		this.root.append(head, drop);
		this.lifelines.append(life);
	}
}
