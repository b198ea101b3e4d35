// The page: what is there is put together here, and told what has changed.
import * as api from './api.js';
import { el, sayable, setText } from './dom.js';
import { soon } from './soon.js';
import { Store } from './store.js';
import { Route } from './route.js';
import { Theme } from './theme.js';
import { Clock } from './clock.js';
import { Cast } from './cast.js';
import { Ladder } from './ladder.js';
import { Desktop } from './desktop.js';
import { Phones } from './phones.js';
import { Story } from './story.js';
import { Load } from './load.js';
import { Lists } from './lists.js';
import { takeKeys } from './keys.js';
import { Announcer } from './announce.js';

const $ = (id) => document.getElementById(id);
const BEFORE = 2000; // records of the past that are read at the start

const store = new Store();
const route = new Route((at) => show(at));
const theme = new Theme($('theme'));
const fail = (error) => story.tell(error.message);
const held = () => [ladder.conversation, store.newest()].find((one) => store.isHeld(one));
const clock = new Clock(store, held, fail);
const cast = new Cast(store, (ms) => clock.advance(ms));
const ladder = new Ladder(store, route, fail);
const desktop = new Desktop(store, cast, fail);
const phone = new Phones(store, cast, fail);
const load = new Load(store);
const lists = new Lists(store);
const announcer = new Announcer(store, $('told'));
const story = new Story(store, cast, clock, {
	begin: () => {
		ladder.setStory(true);
		route.go('#/stage');
	},
	told: (record) => {
		if (record.conversation)
			ladder.show(undefined);
		ladder.tell(record.seq);
	},
});
const stage = el('div', { class: 'stage' }, desktop.root, ladder.root, phone.root);
const views = { stage: { root: stage }, load, lists };

// ---- views ----

function show(at) {
	const view = views[at.view];

	document.body.dataset.view = at.view;
	for (const link of document.querySelectorAll('.views a')) {
		if (link.dataset.view === at.view)
			link.setAttribute('aria-current', 'page');
		else
			link.removeAttribute('aria-current');
	}
	if ($('main').firstChild !== view.root)
		$('main').replaceChildren(view.root);
	document.title = `${at.view === 'stage' ? '' : `${at.view === 'load' ? 'Load' : 'Lists'} · `}mcxd console`;
	load.isOn = at.view === 'load';
	lists.isOn = at.view === 'lists';
	if (at.view === 'stage')
		showStage(at);
	else
		view.show(at.rest);
}

function showStage(at) {
	story.show();
	ladder.show(at.conversation, at.record);
	cast.choose(story.isPlaying ? undefined : ladder.conversation);
	store.changed('route');
}

function part(name) {
	document.body.dataset.part = name;
	for (const button of document.querySelectorAll('.parts button'))
		button.setAttribute('aria-current', String(button.dataset.part === name));
}

for (const button of document.querySelectorAll('.parts button'))
	button.addEventListener('click', () => part(button.dataset.part));

// ---- what has changed ----

store.subscribe((topics) => {
	if (document.body.dataset.view === 'stage') {
		ladder.update(topics);
		cast.choose(story.isPlaying ? undefined : ladder.conversation);
		desktop.update(ladder.conversation);
		phone.update(ladder.conversation);
	}
	if (topics.has('actors'))
		cast.update();
	for (const [name, aor] of [['desktop', store.cast.desktop], ['phone', store.cast.phone]])
		setText(document.querySelector(`.parts [data-part="${name}"]`), sayable(store.name(aor) || name));
	story.update();
	clock.tick();
	if (topics.has('records') || topics.has('reset'))
		lists.changed();
});

setInterval(() => {
	store.tick();
	clock.tick();
	if (document.body.dataset.view === 'stage') {
		ladder.tick();
		desktop.tick(ladder.conversation);
		phone.update(ladder.conversation);
	}
}, 1000);

// ---- the server ----

function link(state) {
	if (store.link === state)
		return;
	const was = store.link;

	store.link = state;
	$('link').classList.toggle('lost', state !== 'live');
	$('link').querySelector('span').textContent = state === 'live' ? 'Live' : 'No server: trying again';
	store.changed('faults');
	if (state === 'lost')
		story.restart();
	if (was !== 'connecting' && state === 'live')
		read().catch(fail);
}

async function readFaults(seq) {
	store.takeFaults(api.has('faults') ? await api.get('faults') : { faults: [], joints: [] }, seq);
}

function hint({ listeners, roles, counts }) {
	store.roles = roles;
	store.hasPeople = Boolean(counts);
	store.hints = [['SIP over TCP', listeners['sip.tcp']], ['SIP over UDP', listeners['sip.udp']], ['HTTPS of the phone', listeners.https]]
		.filter(([, where]) => where);
}

async function read() {
	const [status] = await Promise.all([api.get('status'), api.learn()]);

	hint(status);
	await Promise.all([clock.read(), cast.read(), readFaults()]);
	return status;
}

const quietly = (work) => (...args) => work(...args).catch(() => {}); // the link says what is wrong
const readFaultsSoon = soon(quietly(readFaults), 200);
// Somebody else, or this page, has changed the lab: what of it is not in the record itself is asked for.
const readChangesSoon = soon(quietly((seq) => Promise.all([readFaults(seq), cast.read(), clock.read()])), 30);
const readPeopleSoon = soon(quietly(() => cast.read()), 500);
const refreshSoon = soon(() => cast.refresh(), 30);

function take(record) {
	store.add(record);
	load.take(record);
	announcer.take(record);
	story.take(record);
	if (record.kind === 'clock')
		clock.follow(record).catch(() => {});
	if (record.kind === 'fault')
		readFaultsSoon(record.seq);
	if (record.kind === 'lab') {
		readChangesSoon(record.seq);
		const isOurs = !record.users.length || record.users.some((aor) => [store.cast.desktop, store.cast.phone].includes(aor));

		if (record.fields.action === 'reset' && isOurs && store.link === 'live' && story.isPlaying)
			story.restart('The lab was reset while the attempt was played.');
	}
	if (record.kind === 'user')
		readPeopleSoon();
	if (store.actors.some(({ user }) => record.users.includes(user)) || record.kind === 'actor')
		refreshSoon();
}

let instance;

// Another lab than the one that this page knows: its numbers mean something else.
function startAgain(journal, begin) {
	ladder.restarted();
	store.forget();
	Object.assign(store, { breaks: [], actors: [] });
	announcer.say('The lab was started again.');
	story.restart('The lab was started again.');
	journal.restart(begin.first || 1);
}

async function start() {
	await story.load();
	const status = await read().catch(() => undefined);
	const from = status ? Math.max(1, status.journal.first, status.journal.last - BEFORE + 1) : 1;
	const journal = api.follow(from, {
		link: (up) => link(up ? 'live' : 'lost'),
		begin: (begin) => {
			const isOther = instance && instance !== begin.instance;

			instance = begin.instance;
			store.journalFirst = begin.first || 1;
			if (isOther)
				startAgain(journal, begin);
		},
		lost: () => {},
		record: take,
	});
}

takeKeys([
	[[' '], 'Next step', () => story.next()],
	[['Shift+ '], 'Play to the end', () => story.toEnd()],
	[['1'], 'Attempt 1', () => story.play(1)],
	[['2'], 'Attempt 2', () => story.play(2)],
	[['ArrowDown', 'ArrowUp'], 'Rows of the ladder', (event) => ladder.choice.onKey(event.key)],
	[['PageDown', 'PageUp'], 'A page on or back', (event) => ladder.choice.onKey(event.key)],
	[['Home', 'End'], 'First and last row', (event) => ladder.choice.onKey(event.key)],
	[['Enter'], 'The message of the row', () => ladder.choice.open()],
	[['Escape'], 'Close it', () => ladder.sheet.close(true)],
	[['[', ']'], 'Turning points', (event) => ladder.choice.turn(event.key === ']' ? 1 : -1)],
	[['s'], 'Story or every hop', () => ladder.setStory(!ladder.story)],
	[['t'], 'Since the INVITE, since the record before, the clock', () => ladder.cycleTime()],
	[['f'], 'Freeze the clock, let it run', () => clock.freeze()],
	[['j'], 'To the timeout', () => clock.toTimeout()],
	[['+'], 'Ten seconds on', () => clock.advance(10000)],
	[['b'], 'The joints', () => ladder.joints.focus()],
	[['a'], 'Write as the first', () => (part('desktop'), desktop.input.focus())],
	[['l'], 'The ladder', () => (part('ladder'), ladder.inner.focus())],
	[['o'], 'The phone', () => (part('phone'), phone.focus())],
	[['e'], 'Export', () => $('export')?.click()],
	[['/'], 'Search', () => (route.go('#/lists'), lists.search.focus())],
	[['g s', 'g l', 'g c'], 'Stage, Load, Lists (conversations)', (event) => route.go({ s: '#/stage', l: '#/load', c: '#/lists' }[event.key])],
	[['d'], 'Dark or light', () => theme.toggle()],
	[['p'], 'Larger, for the back row', () => theme.presenter()],
]);
part('ladder');
show(route.read());
start();
