// Who is on the stage, and the desktops and phones that the lab hosts for them.
import * as api from './api.js';

const PATIENCE_MS = 20000;
const MAX_LINGER_S = 120; // core.phone_linger is 10 s by default

export class Cast {
	/** advance(ms): move the lab's clock. */
	constructor(store, advance) {
		Object.assign(this, { store, advance });
		store.cast = { desktop: undefined, phone: undefined };
	}

	/** People and actors, from the server. */
	async read() {
		const { hasPeople } = this.store;

		this.store.hosts = hasPeople && api.has('actors');
		const [{ users }, { actors }] = await Promise.all([hasPeople ? api.get('users') : { users: [] },
			this.store.hosts ? api.get('actors') : { actors: [] }]);

		this.store.users = new Map(users.map((user) => [user.aor, user]));
		this.#take(actors);
		this.choose();
		this.store.changed('users');
	}

	#take(actors) {
		this.store.actors = actors;
		this.store.changed('actors');
	}

	/** The actors again: something has happened to one. Calls that come meanwhile are one more call. */
	async refresh() {
		if (!this.store.hosts)
			return;
		if (this.reading) {
			this.again = true;
			return;
		}
		this.reading = true;
		try {
			do {
				this.again = false;
				this.#take((await api.get('actors')).actors);
			} while (this.again);
		} catch {
			// The link says that the server has gone, and everything is read when it is back.
		} finally {
			this.reading = false;
		}
	}

	/** The two of a conversation; without one alice and bob, or whoever is there. */
	choose(conversation) {
		const { store } = this;
		const aors = [...store.users.keys()];
		const called = (name) => aors.find((aor) => aor.startsWith(`${name}@`));
		const desktop = conversation?.caller ?? called('alice') ?? aors[0];
		const phone = conversation?.callee ?? called('bob') ?? aors.find((aor) => aor !== desktop);

		if (desktop === store.cast.desktop && phone === store.cast.phone)
			return;
		store.cast = { desktop, phone };
		store.changed('cast');
	}

	#all(kind, aor) {
		return this.store.actors.filter((actor) => actor.kind === kind && actor.user === aor);
	}

	/** The first actor of this kind for a user. */
	actor(kind, aor) {
		return this.#all(kind, aor)[0];
	}

	get desktop() {
		return this.actor('desktop', this.store.cast.desktop);
	}

	get phone() {
		return this.phones[0];
	}

	/** All phones of the one who is called. */
	get phones() {
		return this.#all('phone', this.store.cast.phone);
	}

	/** One phone more, signed in and asleep. */
	async another() {
		const { phone: aor } = this.store.cast;
		const { id } = await api.post('actors', { kind: 'phone', user: aor, signIn: true });
		const find = () => this.#find(id);

		await this.refresh();
		await this.#until(find, ({ state }) => state === 'signed-in');
		await this.order(find(), 'lock');
	}

	/** Take a phone away. */
	async remove(actor) {
		await api.remove(`actors/${actor.id}`);
		this.#take(this.store.actors.filter(({ id }) => id !== actor.id));
	}

	/** Until an actor knows that it is connected: the server knows it before. */
	connected(actor) {
		return this.#until(() => this.#find(actor.id), ({ conversations }) => conversations.some(({ state }) => state === 'connected'));
	}

	/** Have an actor do something. */
	async order(actor, command, body) {
		const after = await api.post(`actors/${actor.id}/${command}`, body);

		this.#take(this.store.actors.map((one) => one.id === after.id ? after : one));
		return after;
	}

	// Until an actor is as it should be. Its records make the store ask for it again.
	#until(find, is, patience = PATIENCE_MS) {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => done(() => reject(new Error(find()?.problem ?? 'The actor did not become ready.'))), patience);
			const check = () => {
				const actor = find();

				if (actor && is(actor))
					done(() => resolve(actor));
			};
			const done = (then) => {
				clearTimeout(timer);
				this.waiting = this.waiting.filter((one) => one !== check);
				then();
			};

			this.waiting = [...this.waiting ?? [], check];
			check();
		});
	}

	/** Something about the actors is new. */
	update() {
		for (const check of this.waiting ?? [])
			check();
	}

	/** An actor of this kind for a user, switched on and signed in. */
	async host(kind, aor) {
		let actor = this.actor(kind, aor);

		if (!actor) {
			actor = await api.post('actors', { kind, user: aor, signIn: true });
			this.#take([...this.store.actors, actor]);
		} else if (!actor.on) {
			actor = await this.order(actor, 'switch-on');
		}
		if (actor.state === 'signed-out')
			actor = await this.order(actor, 'sign-in');
		await this.refresh();
		return this.#until(() => this.actor(kind, aor), ({ state, on }) => on && state === 'signed-in');
	}

	/** Both signed in, the phones locked and their apps asleep, and nobody in a conversation. */
	async ready() {
		const { desktop, phone } = this.store.cast;

		if (!this.store.hosts)
			throw new Error('This lab does not host desktops and phones.');
		const [alice] = await Promise.all([this.host('desktop', desktop), this.host('phone', phone)]);
		const awake = this.phones.filter(({ on, state }) => on && state === 'signed-in');

		await this.#quiet(alice.id);
		for (const { id } of awake) {
			await this.#quiet(id);
			if (this.#find(id).online === false)
				await this.order(this.#find(id), 'network-back');
			if (this.#find(id).screen !== 'lock')
				await this.order(this.#find(id), 'lock');
		}
		for (const { id } of awake)
			await this.#asleep(id);
	}

	#find(id) {
		return this.store.actors.find((actor) => actor.id === id);
	}

	// For a while after its last event request an app counts as open, and is not pushed to. The lab's clock makes it short.
	async #asleep(id) {
		for (let i = 0; i < MAX_LINGER_S / 10; i++) {
			await this.refresh();
			if (this.#find(id)?.server?.state !== 'LINGERING')
				break;
			await this.advance(10000);
		}
		await this.#until(() => this.#find(id), ({ server }) => !server || server.state === 'AWAY');
	}

	// Ends what the actor is in. A conversation of the two is over for both.
	async #quiet(id) {
		const find = () => this.#find(id);
		const busy = () => find()?.conversations.find(({ state }) => state !== 'invited');

		await this.refresh();
		if (!busy())
			return;
		await this.order(find(), busy().state === 'inviting' ? 'cancel' : 'bye');
		await this.#until(find, () => !busy());
		await this.#until(() => this.phone, ({ conversations }) => conversations.every(({ state }) => state === 'invited'), 2000).catch(() => {});
	}
}
