// A list of which only the rows in view are elements: 10,000 rows cost as much as sixty.

import { Heights } from './heights.js';

const MARGIN = 12; // rows drawn beyond the edges

/** Draws rows into a scrolling element. make(row, index) gives an element; heights are measured when a row is drawn, and
 *  guess(row) says them in rem before. drawn(), if there is one, is called after each drawing. The array of rows is its owner's, who
 *  says what has changed in it. */
export class Window {
	constructor(scroller, inner, make, guess) {
		Object.assign(this, { scroller, inner, make, guess });
		this.rows = [];
		this.heights = new Heights();
		this.elements = new Map(); // index: element
		this.ends = true; // whether the reader is at the end
		scroller.addEventListener('scroll', () => {
			this.ends = this.isAtEnd();
			this.draw();
		}, { passive: true });
		new ResizeObserver(() => this.resized()).observe(scroller);
	}

	// Asked for once: for each of 10,000 rows it would cost more than the rows.
	#scale() {
		this.rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
	}

	/** Other rows, all of them. */
	set(rows) {
		for (const node of this.elements.values())
			node.remove();
		this.elements.clear();
		this.rows = rows;
		this.heights.truncate(0);
		this.#scale();
		this.changed(0);
	}

	/** Rows from this one on are new, or others. */
	changed(from) {
		for (const [index, node] of this.elements)
			if (index >= from) {
				node.remove();
				this.elements.delete(index);
			}
		this.heights.truncate(from);
		this.#guess();
	}

	#guess() {
		for (let i = this.heights.count; i < this.rows.length; i++)
			this.heights.push(this.guess(this.rows[i]) * this.rem);
		this.#stretch();
	}

	#stretch() {
		this.inner.style.height = `${this.heights.total}px`;
	}

	/** The first n rows are gone; what is in view stays where it is. */
	drop(n) {
		const height = this.heights.top(n);
		const { scrollTop } = this.scroller;
		const kept = new Map();

		for (const [index, node] of this.elements) {
			if (index < n)
				node.remove();
			else
				kept.set(index - n, node);
		}
		this.elements = kept;
		this.heights.drop(n);
		this.#stretch();
		this.#place();
		this.scroller.scrollTop = scrollTop - height;
	}

	#place() {
		for (const [index, node] of this.elements)
			node.style.transform = `translateY(${this.top(index)}px)`;
	}

	/** Where a row begins. */
	top(index) {
		return this.heights.top(index);
	}

	/** Index of the row at this height. */
	at(y) {
		return this.heights.at(y);
	}

	/** Whether the reader is at the end; of a list that is hidden, whether it was. */
	isAtEnd() {
		if (!this.scroller.clientHeight)
			return this.ends;
		return this.scroller.scrollTop + this.scroller.clientHeight >= this.heights.total - 24;
	}

	toEnd() {
		this.draw();
		this.scroller.scrollTop = this.heights.total;
		this.ends = true;
		this.draw();
	}

	/** Bring a row into view. */
	show(index) {
		const { scroller } = this;
		const [top, bottom] = [this.top(index), this.top(index + 1)];

		if (top < scroller.scrollTop)
			scroller.scrollTop = top;
		else if (bottom > scroller.scrollTop + scroller.clientHeight)
			scroller.scrollTop = bottom - scroller.clientHeight;
		this.draw();
	}

	draw() {
		const { scrollTop, clientHeight } = this.scroller;
		const first = Math.max(0, this.at(scrollTop) - MARGIN);
		const last = Math.min(this.rows.length, this.at(scrollTop + clientHeight) + MARGIN);

		for (const [index, node] of this.elements)
			if (index < first || index >= last) {
				node.remove();
				this.elements.delete(index);
			}
		for (let i = first; i < last; i++)
			if (!this.elements.has(i))
				this.#put(i);
		this.#measure(first, last);
		this.drawn?.();
	}

	#put(index) {
		const node = this.make(this.rows[index], index);

		node.style.transform = `translateY(${this.top(index)}px)`;
		this.elements.set(index, node);
		// Readers go by the order of the document.
		this.inner.insertBefore(node, this.elements.get(index + 1) ?? null);
	}

	#measure(first, last) {
		let changed = false;

		for (let i = first; i < last; i++) {
			const height = this.elements.get(i).offsetHeight;

			if (height && Math.abs(height - this.heights.all[i]) > .5) {
				this.heights.set(i, height);
				changed = true;
			}
		}
		if (!changed)
			return;
		this.#stretch();
		this.#place();
	}

	resized() {
		if (!this.scroller.clientHeight)
			return;
		const { ends } = this;

		this.#scale();
		this.heights.truncate(0);
		this.#guess();
		this.#place();
		if (ends)
			this.toEnd();
		else
			this.draw();
	}

	/** The element of a row, if it is drawn. */
	element(index) {
		return this.elements.get(index);
	}
}
