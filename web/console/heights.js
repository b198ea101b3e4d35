// Heights of rows one below the other, and how far down each begins: sums in a binary indexed tree, so that a row more, or one
// that is higher than it was thought, costs the logarithm of how many there are.

export class Heights {
	constructor() {
		this.all = [];
		this.tree = [0]; // [i]: the sum of the last i & -i of the first i heights
	}

	get count() {
		return this.all.length;
	}

	get total() {
		return this.top(this.count);
	}

	push(height) {
		const i = this.all.push(height);

		this.tree[i] = height;
		for (let step = 1; step < (i & -i); step <<= 1)
			this.tree[i] += this.tree[i - step];
	}

	set(index, height) {
		const more = height - this.all[index];

		this.all[index] = height;
		for (let i = index + 1; i <= this.count; i += i & -i)
			this.tree[i] += more;
	}

	/** Keep the first n. */
	truncate(n) {
		if (n >= this.count)
			return;
		this.all.length = n;
		this.tree.length = n + 1;
	}

	/** Drop the first n. */
	drop(n) {
		const rest = this.all.slice(n);

		this.truncate(0);
		for (const height of rest)
			this.push(height);
	}

	/** Where a row begins; of one behind the last, where that one ends. */
	top(index) {
		let sum = 0;

		for (let i = Math.min(index, this.count); i > 0; i -= i & -i)
			sum += this.tree[i];
		return sum;
	}

	/** Index of the row at this height; behind the last, their number. */
	at(y) {
		let index = 0;

		for (let step = 1 << 24; step; step >>= 1)
			if (index + step <= this.count && this.tree[index + step] <= y) {
				index += step;
				y -= this.tree[index];
			}
		return index;
	}
}
