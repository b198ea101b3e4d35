// A number that changes: large, and as a line over the last minutes.
import { el, fill, setText } from './dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const CALM = 5; // samples before an axis gets smaller

function svg(name, attributes) {
	const element = document.createElementNS(SVG, name);

	for (const [key, value] of Object.entries(attributes))
		element.setAttribute(key, value);
	return element;
}

/** The round number that an axis can end with. */
export function roundUp(value) {
	const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));

	return [1, 1.5, 2, 2.5, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= value * 1.0000001) ?? 10 * power;
}

export function short(value, unit = '') {
	if (value === null || value === undefined || Number.isNaN(value))
		return '–';
	const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;

	return `${value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: 0 })}${unit ? ` ${unit}` : ''}`;
}

export class Plot {
	/** series: [[name, class, dashed]] */
	constructor({ name, unit = '', series, max, least = 1 }) {
		Object.assign(this, { name, unit, series, max, least });
		this.samples = [];
		this.top = least;
		this.calm = 0;
		this.number = el('b', {}, '–');
		this.lines = series.map(([, kind, dashed]) => svg('polyline', { class: `${kind}${dashed ? ' dashed' : ''}`, points: '' }));
		this.picture = svg('svg', { viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
		this.picture.append(...[0, 50, 100].map((y) => svg('line', { x1: 0, x2: 100, y1: y, y2: y })), ...this.lines);
		this.axes = [0, 1, 2].map(() => el('span', { class: 'axis', 'aria-hidden': 'true' }));
		this.plot = el('div', { class: 'plot', role: 'img' }, ...this.axes, this.picture,
			el('div', { class: 'span', 'aria-hidden': 'true' }, el('i', {}, '5 minutes ago'), el('i', {}, 'now')));
		this.table = el('div', { class: 'table', hidden: true, tabindex: '0', role: 'region', 'aria-label': `${name}, as a table` });
		this.button = el('button', { type: 'button', class: 'button', 'aria-pressed': 'false', 'aria-label': `${name} as a table`, onclick: () => this.#toggle() }, 'Table');
		this.root = el('section', { class: 'card', 'aria-label': name }, el('header', {}, el('h2', {}, name), this.number), this.plot, this.table,
			el('footer', {}, ...series.map(([words, kind, dashed]) => el('span', { class: `${kind}${dashed ? ' dashed' : ''}` }, words)), this.button));
	}

	#toggle() {
		const shows = this.table.hidden;

		this.table.hidden = !shows;
		this.plot.hidden = shows;
		this.button.setAttribute('aria-pressed', String(shows));
		this.draw();
	}

	/** A sample: a value a series, null where there is none. */
	add(at, values) {
		this.samples.push({ at, values });
		this.samples.splice(0, this.samples.length - this.max);
		const highest = Math.max(...this.samples.flatMap(({ values }) => values), 0);
		const wanted = Math.max(this.least, roundUp(highest));

		this.calm = wanted < this.top ? this.calm + 1 : 0;
		if (wanted > this.top || this.calm >= CALM)
			[this.top, this.calm] = [wanted, 0];
	}

	draw() {
		// Of a time that nothing was measured in, the number is the last that was.
		const last = this.series.map((_, i) => this.samples.findLast(({ values }) => values[i] !== null)?.values[i]);

		setText(this.number, short(last[0], this.unit));
		for (const [i, axis] of this.axes.entries())
			setText(axis, short(this.top * (1 - i / 2)));
		for (const [i, line] of this.lines.entries())
			line.setAttribute('points', this.#points(i));
		this.plot.setAttribute('aria-label', `${this.series.map(([name], i) => `${name}: ${short(last[i], this.unit)}`).join(', ')}; of at most ${short(this.top, this.unit)}, last 5 minutes`);
		if (!this.table.hidden)
			this.#tabulate();
	}

	#points(i) {
		const end = this.samples.at(-1)?.at ?? 0;

		return this.samples.filter(({ values }) => values[i] !== null && values[i] !== undefined).map(({ at, values }) =>
			`${(100 - (end - at) / 3000).toFixed(2)},${(100 - values[i] / this.top * 100).toFixed(2)}`).join(' ');
	}

	#tabulate() {
		const rows = this.samples.slice(-30).reverse();

		fill(this.table, String(this.samples.at(-1)?.at), () => el('table', {}, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Time'),
			...this.series.map(([name]) => el('th', { scope: 'col' }, name)))),
		el('tbody', {}, ...rows.map(({ at, values }) => el('tr', {}, el('td', { class: 'when' }, new Date(at).toTimeString().slice(0, 8)),
			...values.map((value) => el('td', {}, short(value, this.unit))))))));
	}
}
