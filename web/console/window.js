// A list of which only the rows in view are elements: 10,000 rows cost as much as sixty.

const MARGIN = 12; // rows drawn beyond the edges

/** Draws rows into a scrolling element. make(row, index) gives an element; heights are measured when a row is drawn and
 *  guessed by its type before. drawn(), if there is one, is called after each drawing. */
export class Window {
	constructor(scroller, inner, make, guess) {
		Object.assign(this, { scroller, inner, make, guess });
		this.rows = [];
		this.heights = [];
		this.tops = [0];
		this.elements = new Map();
		scroller.addEventListener('scroll', () => this.draw(), { passive: true });
		new ResizeObserver(() => this.resized()).observe(scroller);
	}

	/** Other rows. Those with the same key keep their elements and heights, unless `fresh`. */
	set(rows, fresh = false) {
		const known = fresh ? 0 : this.#same(rows);

		if (fresh)
			this.clear();
		for (const [key, element] of this.elements)
			if (element.index >= known) {
				element.node.remove();
				this.elements.delete(key);
			}
		this.rows = rows;
		this.heights.length = known;
		for (let i = known; i < rows.length; i++)
			this.heights.push(this.guess(rows[i]));
		this.#sum(known);
	}

	// How many rows at the beginning are what they were.
	#same(rows) {
		let n = Math.min(rows.length, this.rows.length, this.heights.length);

		// Rows are only added at the end, where the last ones may change.
		for (let i = Math.max(0, n - 8); i < n; i++)
			if (rows[i] !== this.rows[i] || rows[i].times !== this.elements.get(i)?.times)
				n = i;
		return rows[0] === this.rows[0] ? n : 0;
	}

	clear() {
		for (const { node } of this.elements.values())
			node.remove();
		this.elements.clear();
		this.heights = [];
		this.rows = [];
	}

	#sum(from) {
		this.tops.length = from + 1;
		for (let i = from; i < this.rows.length; i++)
			this.tops.push(this.tops[i] + this.heights[i]);
		this.inner.style.height = `${this.tops.at(-1)}px`;
	}

	#at(y) {
		let [low, high] = [0, this.rows.length];

		while (low < high) {
			const middle = (low + high) >> 1;

			if (this.tops[middle + 1] <= y)
				low = middle + 1;
			else
				high = middle;
		}
		return low;
	}

	isAtEnd() {
		return this.scroller.scrollTop + this.scroller.clientHeight >= this.tops.at(-1) - 24;
	}

	toEnd() {
		this.draw();
		this.scroller.scrollTop = this.tops.at(-1);
		this.draw();
	}

	/** Bring a row into view. */
	show(index) {
		const { scroller } = this;
		const [top, bottom] = [this.tops[index], this.tops[index + 1]];

		if (top < scroller.scrollTop)
			scroller.scrollTop = top;
		else if (bottom > scroller.scrollTop + scroller.clientHeight)
			scroller.scrollTop = bottom - scroller.clientHeight;
		this.draw();
	}

	draw() {
		const { scrollTop, clientHeight } = this.scroller;
		const first = Math.max(0, this.#at(scrollTop) - MARGIN);
		const last = Math.min(this.rows.length, this.#at(scrollTop + clientHeight) + MARGIN);

		for (const [index, { node }] of this.elements)
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
		const row = this.rows[index];
		const node = this.make(row, index);

		node.style.transform = `translateY(${this.tops[index]}px)`;
		this.elements.set(index, { node, index, times: row.times });
		// Readers go by the order of the document.
		this.inner.insertBefore(node, this.elements.get(index + 1)?.node ?? null);
	}

	#measure(first, last) {
		let changed = last;

		for (let i = first; i < last; i++) {
			const height = this.elements.get(i).node.offsetHeight;

			if (height && Math.abs(height - this.heights[i]) > .5) {
				this.heights[i] = height;
				changed = Math.min(changed, i);
			}
		}
		if (changed === last)
			return;
		this.#sum(changed);
		for (const [index, { node }] of this.elements)
			node.style.transform = `translateY(${this.tops[index]}px)`;
	}

	resized() {
		if (!this.scroller.clientHeight)
			return;
		const atEnd = this.isAtEnd();

		this.heights = this.rows.map((row) => this.guess(row));
		this.#sum(0);
		for (const [index, { node }] of this.elements)
			node.style.transform = `translateY(${this.tops[index]}px)`;
		if (atEnd && this.follows)
			this.toEnd();
		else
			this.draw();
	}

	/** The element of a row, if it is drawn. */
	element(index) {
		return this.elements.get(index)?.node;
	}
}
