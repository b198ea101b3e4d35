// The daemon is ended in good order, again and again, while people talk. What it has said holds after the restart: a message
// that was answered with success arrives once, one that was answered with a failure does not, and no conversation ends.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Dialog } from '../dialog.mjs';
import { scenario } from '../lab.mjs';
import { SteadyPhone } from '../steady.mjs';

const RESTARTS = 4;
const CALLERS = 6;
const LONGEST_LIFE_MS = 300;
const bob = { aor: 'bob@lab.test', displayName: 'Bob', password: 'secret' };

const callers = Array.from({ length: CALLERS }, (_, i) => ({ aor: `caller-${i}@lab.test` }));

/** What one side has said, by what it was told of it. */
class Told {
	constructor() {
		Object.assign(this, { delivered: [], refused: [] });
	}

	/** heard: by the other side, in order. What nobody was told of may be there or not. */
	check(heard, who) {
		const confirmed = new Set(this.delivered);

		assert.equal(new Set(heard).size, heard.length, `${who}: a message came twice`);
		assert.deepEqual(heard.filter((words) => confirmed.has(words)), this.delivered, `${who}: not what was confirmed`);
		assert.deepEqual(this.refused.filter((words) => heard.includes(words)), [], `${who}: was refused, and delivered`);
		assert.ok(this.delivered.length > RESTARTS, `${who}: only ${this.delivered.length} messages were delivered`);
	}
}

/** say resolves with a status, or 0 if there was no answer. A server that is busy is given the time to come back. */
async function talk(say, name, told, phone, isOver) {
	for (let n = 1; !isOver(); n++) {
		const words = `${name} ${n}`;
		const status = await say(words);

		assert.ok(status < 300 || status === 503, `${words}: ${status}`);
		if (status === 503)
			told.refused.push(words);
		else if (status)
			told.delivered.push(words);
		if (status === 503 || !status)
			await phone.up;
	}
}

/** The phone's side of a conversation. */
async function post(app, href, words) {
	const { status } = await app.request('POST', href, { body: words, type: 'text/plain' }).catch((e) => {
		if (e instanceof assert.AssertionError)
			throw e;
		return { status: 0 };
	});

	return status;
}

scenario(`nobody is told the wrong thing in ${RESTARTS} restarts`, { ephemeral: false }, async (lab) => {
	const app = await lab.app(bob);
	const phone = new SteadyPhone(lab, app);
	const dialogs = await Promise.all(callers.map((u) => new Dialog(u, bob, lab.ready.sip.udp).open()));
	const told = callers.map(() => new Told());
	const bobs = new Told();
	let over = false;

	try {
		const polling = phone.run();

		await Promise.race([polling, phone.takeAll(dialogs)]);
		await Promise.race([polling, phone.until(() => phone.sendMessage)]);
		const talking = dialogs.map((dialog, i) => talk((words) => dialog.say(words), callers[i].aor, told[i], phone, () => over));

		talking.push(talk((words) => post(app, phone.sendMessage, words), bob.aor, bobs, phone, () => over));
		for (let n = 0; n < RESTARTS; n++) {
			await Promise.race([delay(Math.random() * LONGEST_LIFE_MS), ...talking]);
			phone.up = lab.restart({ signal: 'SIGTERM' });
			await Promise.race([phone.up, ...talking]);
		}
		await delay(LONGEST_LIFE_MS);
		over = true;
		await Promise.all(talking);
		for (const [i, dialog] of dialogs.entries()) {
			const last = `${callers[i].aor} at last`;

			assert.equal(await dialog.say(last), 200);
			told[i].delivered.push(last);
			await Promise.race([polling, phone.until(() => [...phone.messages.values()].includes(last))]);
		}
		for (const [i, { aor }] of callers.entries())
			told[i].check([...phone.messages.values()].filter((words) => words.startsWith(`${aor} `)), aor);
		bobs.check(dialogs.flatMap(({ heard }) => heard), bob.aor);
		assert.ok(told.some(({ refused }) => refused.length > 0), 'no message came while the server was shutting down');
	} finally {
		phone.stopped = true;
		for (const dialog of dialogs)
			dialog.close();
	}
});
