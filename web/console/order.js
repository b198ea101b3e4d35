// Records, and what is made of them, stand in the order of their numbers.

/** Index of the first one with this number or a later one, in list[low] to list[high - 1]. */
export function indexFrom(list, seq, low = 0, high = list.length) {
	while (low < high) {
		const middle = (low + high) >> 1;

		if (list[middle].seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
